"""A copy that is fed by changes alone is equal to the layer, whatever happened meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from layers.changes.log import number_changes, read_features
from layers.changes.pull import read_changes_page
from layers.entries import CATALOGUE
from layers.facts.store import save_facts
from layers.published import view_of
from layers.roles import Role
from spatial.database import AnyConnection, Principal, async_transaction
from spatial.web_login import web_conninfo

WRITERS = 3
SET_UP = """
INSERT INTO spatial.town (id, code, name, name_en, time_zone, synthetic)
OVERRIDING SYSTEM VALUE VALUES (1, 't', '小镇', 'Small', 'Asia/Shanghai', false);
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name) VALUES (1, false, 'i', 'a');
INSERT INTO grids.unit (id, town_id, code, level) VALUES (1, 1, 't', 1);
INSERT INTO grids.unit (id, town_id, code, level, parent_id)
VALUES (2, 1, 'v', 2, 1), (3, 1, 'g', 3, 2), (4, 1, 'g2', 3, 2), (5, 1, 'm', 4, 3),
       (6, 1, 'm2', 4, 4);
INSERT INTO grids.version (town_id, unit_id, name, geom, valid, batch_id)
SELECT 1, unit.id, 'n', 'SRID=4326;MULTIPOLYGON(((120 29,121 29,121 30,120 29)))', '[2020-01-01,)',
       batch.id
FROM grids.unit, spatial.batch WHERE level > 1;
"""
POINT = "ST_SetSRID(ST_MakePoint(120 + random(), 29 + random()), 4326)"
VIEW_OF_CAMERA = (
    "CASE WHEN random() < 0.5 THEN 'SRID=4326;POLYGON((120 29,121 29,121 30,120 29))'::geometry END"
)
GRID = "(SELECT id FROM grids.version WHERE unit_id > 4 ORDER BY random() LIMIT 1)"
CATEGORY = "(SELECT code FROM layers.category ORDER BY random() LIMIT 1)"
# Each writer keeps to rows whose key begins with its own number: nobody waits for anybody.
OPERATIONS = {
    "INSERT INTO layers.sensor (town_id, key, kind, name, field_of_view, geom, inside) VALUES "
    f"(1, %(mine)s || gen_random_uuid(), 'camera', 'c', {VIEW_OF_CAMERA}, {POINT}, true)": 4,
    "INSERT INTO layers.incident"
    " (town_id, key, category, occurred_at, cell, geom, inside, batch_id, grid_version_id)"
    f" SELECT 1, %(mine)s || gen_random_uuid(), {CATEGORY}, now(), 1, {POINT}, true, id, {GRID}"
    " FROM spatial.batch": 4,
    "UPDATE layers.sensor SET value = random(), bearing_deg = 90 WHERE id = {sensor}": 6,
    f"UPDATE layers.sensor SET field_of_view = {VIEW_OF_CAMERA} WHERE id = {{sensor}}": 4,
    f"UPDATE layers.incident SET category = {CATEGORY} WHERE id = {{incident}}": 6,
    f"UPDATE layers.incident SET grid_version_id = {GRID} WHERE id = {{incident}}": 4,
    "UPDATE layers.incident SET state = state WHERE key LIKE %(mine)s || '%%'": 1,
    "DELETE FROM layers.sensor WHERE id = {sensor}": 3,
    "DELETE FROM layers.incident WHERE id = {incident}": 3,
}
ANY = "(SELECT id FROM layers.{0} WHERE key LIKE %(mine)s || '%%' ORDER BY random() LIMIT 1)"
# What joins others, when nobody is in the middle of anything.
MOVE_CATEGORY = (
    "UPDATE layers.category SET department = (SELECT code FROM layers.department ORDER BY random()"
    f" LIMIT 1) WHERE code = {CATEGORY}"
)
MOVE_GRID = "UPDATE grids.unit SET parent_id = 7 - parent_id WHERE level = 4"

MIRRORED = [
    (Principal(Role.ANONYMOUS, 1), "sensors"),
    (Principal(Role.OFFICER, 1, department="police"), "sensors"),
    (Principal(Role.OFFICER, 1, department="police"), "fields-of-view"),
    (Principal(Role.OFFICER, 1, department="police"), "incidents"),
    (Principal(Role.DISPATCHER, 1, department="*"), "incidents"),
    (Principal(Role.GRID_MEMBER, 1, grid_id=3), "incidents"),
    (Principal(Role.PLANNER, 1), "incidents"),
    (Principal(Role.PLANNER, 1), "micro-grids"),
    (Principal(Role.SYSTEM, 1, layers=("incidents",)), "incidents"),
]


@dataclass
class Mirror:
    """A copy of a layer as somebody sees it."""

    principal: Principal
    layer: str
    token: int | None = None
    to_download: list[int] = field(default_factory=list)
    rows: dict[int, str] = field(default_factory=dict)


class Mirrors:
    """Copies that are begun and fed at any time, over the web's own login."""

    def __init__(self, pool: AsyncConnectionPool[AnyConnection], chance: random.Random) -> None:
        self._pool = pool
        self._chance = chance
        self.all = [Mirror(*each) for each in MIRRORED]

    async def advance(self, mirror: Mirror, limit: int) -> bool:
        """Begin, download a part, or pull a page; whether there was something to do."""
        if mirror.token is None:
            mirror.token = await self._last()
            mirror.to_download = list(await self._read(mirror))
        elif mirror.to_download:
            some, mirror.to_download = mirror.to_download[:20], mirror.to_download[20:]
            there = await self._read(mirror)
            mirror.rows |= {number: there[number] for number in some if number in there}
        else:
            return await self._pull(mirror, limit)
        return True

    async def check(self, mirror: Mirror) -> None:
        """The copy, once it has caught up, and the layer are equal."""
        while await self.advance(mirror, limit=10_000):
            pass
        assert mirror.rows == await self._read(mirror), (mirror.principal, mirror.layer)

    async def _pull(self, mirror: Mirror, limit: int) -> bool:
        assert mirror.token is not None
        span = (mirror.token, await self._last())
        async with async_transaction(self._pool, mirror.principal) as connection:
            page = await read_changes_page(connection, mirror.principal, mirror.layer, span, limit)
        for feature in page.features:
            change, rest = feature.split(",", 1)
            assert change in {'{"change":"insert"', '{"change":"update"'}
            number = int(rest.split('"id":', 1)[1].split(",", 1)[0])
            mirror.rows[number] = "{" + rest
        for number in page.deleted:
            mirror.rows.pop(number, None)
        mirror.token = page.following
        return not page.is_last

    async def _last(self) -> int:
        async with self._pool.connection() as connection:
            return (await number_changes(connection)).last

    async def _read(self, mirror: Mirror) -> dict[int, str]:
        """Everything, as it stands now."""
        view = view_of(CATALOGUE.entry(mirror.layer), Role(mirror.principal.role)).as_string()
        async with async_transaction(self._pool, mirror.principal) as connection:
            rows = await (await connection.execute(f"SELECT id FROM {view}".encode())).fetchall()
            ids = [row[0] for row in rows]
            return await read_features(connection, mirror.principal, mirror.layer, ids)


class Writers:
    """Transactions that overlap, and commit or give up in any order."""

    def __init__(self, connections: list[psycopg.Connection], chance: random.Random) -> None:
        self._connections = connections
        self._chance = chance
        self.changes = 0

    def act(self) -> None:
        number = self._chance.randrange(WRITERS)
        if self._chance.random() < 0.3:
            connection = self._connections[number]
            connection.rollback() if self._chance.random() < 0.2 else connection.commit()
            return
        statement = self._chance.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
        text = statement.format(sensor=ANY.format("sensor"), incident=ANY.format("incident"))
        done = self._connections[number].execute(text, {"mine": f"w{number}-"})
        self.changes += done.rowcount

    def move_joined(self) -> None:
        self.commit()
        statement = self._chance.choice([MOVE_CATEGORY, MOVE_GRID])
        self.changes += self._connections[0].execute(statement).rowcount
        self._connections[0].commit()

    def commit(self) -> None:
        for connection in self._connections:
            connection.commit()


@asynccontextmanager
async def opened(database: str) -> AsyncIterator[AsyncConnectionPool[AnyConnection]]:
    async with AsyncConnectionPool(web_conninfo(database), min_size=1, open=False) as pool:
        yield pool


async def live(database: str, wanted: int, chance: random.Random) -> None:
    with ExitStack() as stack:
        connections = [stack.enter_context(psycopg.connect(database)) for _ in range(WRITERS)]
        connections[0].execute(SET_UP)
        save_facts(connections[0])
        connections[0].execute("SELECT setseed(%s)", (chance.random(),))
        connections[0].commit()
        writers = Writers(connections, chance)
        async with opened(database) as pool:
            mirrors = Mirrors(pool, chance)
            while writers.changes < wanted:
                for _ in range(chance.randrange(1, 12)):
                    writers.act()
                if chance.random() < 0.05:
                    writers.move_joined()
                await mirrors.advance(chance.choice(mirrors.all), limit=chance.randrange(1, 40))
            writers.commit()
            for mirror in mirrors.all:
                await mirrors.check(mirror)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_copy_fed_by_changes_is_equal(database, seed):
    asyncio.run(live(database, 400, random.Random(seed)))


@pytest.mark.long
def test_a_copy_fed_by_ten_thousand_changes_is_equal(database):
    asyncio.run(live(database, 10_000, random.Random(3)))
