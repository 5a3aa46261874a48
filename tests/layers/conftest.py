"""What the tests of layers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pytest
from psycopg_pool import ConnectionPool

from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries.arc_store import store_missing_arcs
from layers.boundaries.cache import DraftCache
from layers.boundaries.desk import Desk
from layers.boundaries.draft_rows import Draft, Order, open_draft
from layers.importing.batches import ImportReport
from layers.importing.grids import GridOptions, import_grids
from layers.importing.options import ImportOptions
from layers.roles import Role
from spatial.database import Principal, transaction
from spatial.town import Town, read_town


@pytest.fixture
def bring(
    connection: psycopg.Connection, town: Town, tmp_path: Path
) -> Callable[..., ImportReport]:
    """`bring(features, level, ...)`: an import of grids from a file, into the module's town."""

    def run(features: gpd.GeoDataFrame, level: str | None = None, **said: Any) -> ImportReport:
        path = tmp_path / "grids.gpkg"
        path.unlink(missing_ok=True)
        features.to_file(path)
        file = ImportOptions(path=path, rejects_path=tmp_path / "none")
        with connection.transaction():
            return import_grids(connection, GridOptions(file, level, **said))

    return run


_PEOPLE = {
    "anna": Role.GIS_EDITOR,
    "bert": Role.GIS_EDITOR,
    "chef": Role.ADMINISTRATOR,
    "planner": Role.PLANNER,
}


@dataclass
class Office:
    """A town with two editors and an administrator, and the desk of one process."""

    conninfo: str
    pool: ConnectionPool[Any]
    desk: Desk
    town: Town
    ids: dict[str, int]
    people: dict[str, Principal]

    def open(self, name: str = "草案", by: str = "anna") -> Draft:
        with transaction(self.pool, self.people[by]) as connection:
            return open_draft(connection, self.town, name)

    def operate(
        self,
        draft: Draft,
        kind: str,
        /,
        by: str = "anna",
        revision: int | None = None,
        **given: Any,
    ) -> Any:
        at = (draft.id, self.revision(draft) if revision is None else revision)
        return self.desk.operate(self.people[by], self.town, at, Order(kind, given))

    def revision(self, draft: Draft) -> int:
        return int(self.execute("SELECT revision FROM grids.draft WHERE id = %s", draft.id)[0][0])

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.conninfo) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class _Furnished:
    """A town that offices are opened in: its database, whom each name is, and units by code."""

    conninfo: str
    people: dict[str, Principal]
    ids: dict[str, int]


def _furnish(
    conninfo: str, add_square_grids: Callable[..., dict[str, int]], as_of: str | None = None
) -> _Furnished:
    """Squares, their arcs, and who works with them."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE spatial.town SET as_of = %s", (as_of,))
        ids = add_square_grids(connection, 1)
        assert store_missing_arcs(connection, read_town(connection))
        accounts = {
            name: add_account(connection, 1, AccountPlan(name, role))
            for name, role in _PEOPLE.items()
        }
    people = {
        name: Principal(_PEOPLE[name], 1, account_id=account) for name, account in accounts.items()
    }
    return _Furnished(conninfo, people, ids)


@contextmanager
def _opened(conninfo: str, furnished: _Furnished) -> Iterator[Office]:
    with psycopg.connect(conninfo) as connection:
        town = read_town(connection)
    with ConnectionPool(conninfo, min_size=1, max_size=4) as pool:
        desk = Desk(pool, DraftCache())
        yield Office(conninfo, pool, desk, town, furnished.ids, furnished.people)


@pytest.fixture(scope="session")
def furnished(
    small_town: Callable[..., AbstractContextManager[str]],
    add_square_grids: Callable[..., dict[str, int]],
) -> Iterator[_Furnished]:
    """A real town, of which each test gets a clone."""
    with small_town() as conninfo:
        yield _furnish(conninfo, add_square_grids)


@pytest.fixture
def office(
    furnished: _Furnished, new_database: Callable[..., AbstractContextManager[str]]
) -> Iterator[Office]:
    """In a real town."""
    with new_database(like=furnished.conninfo) as conninfo, _opened(conninfo, furnished) as office:
        yield office


@pytest.fixture
def open_office(
    small_town: Callable[..., AbstractContextManager[str]],
    add_square_grids: Callable[..., dict[str, int]],
) -> Callable[..., AbstractContextManager[Office]]:
    """`with open_office(as_of=...) as office`: in a synthetic town, at that moment."""

    @contextmanager
    def run(as_of: str) -> Iterator[Office]:
        with small_town(synthetic=True) as conninfo:
            furnished = _furnish(conninfo, add_square_grids, as_of)
            with _opened(conninfo, furnished) as office:
                yield office

    return run


_TOWERS = """
INSERT INTO layers.building (town_id, key, name, floors, households, geom, inside, batch_id)
SELECT 1, key, key, floors, households,
       ST_Multi(ST_Expand(ST_Point(lon, 29.01, 4326), 0.0002)), true, min(batch.id)
FROM spatial.batch, (VALUES ('tower', 18, 180, 120.01), ('slab', 6, 60, 120.015))
    AS it (key, floors, households, lon)
GROUP BY key, floors, households, lon RETURNING key, id
"""


@pytest.fixture
def towers(office: Office) -> dict[str, int]:
    """A tower of 18 floors and a slab of 6 on the polygon of t10100 of the office; ids by key."""
    return dict(office.execute(_TOWERS))


@pytest.fixture
def low_and_high(towers: dict[str, int]) -> list[dict[str, Any]]:
    """Two micro-grids of these: the tower's lower half, and all else."""
    tower, slab = towers["tower"], towers["slab"]
    return [
        {"code": "L1", "name": "低区", "parts": [{"building": tower, "floors": [1, 9]}]},
        {
            "code": "L2",
            "name": "高区",
            "parts": [
                {"building": tower, "floors": [10, 18]},
                {"building": slab, "entrances": ["1单元", "2单元"]},
            ],
        },
    ]
