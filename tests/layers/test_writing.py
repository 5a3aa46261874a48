"""Rows that editors write: whose rights they need, and what is true of them afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import h3
import psycopg
import pytest
import shapely
from psycopg_pool import AsyncConnectionPool

from layers.entries import CATALOGUE
from layers.roles import Role
from layers.writing.change import Change
from layers.writing.edits import create, remove, write
from layers.writing.refusals import in_words
from layers.writing.versions import Expectation, version_of
from spatial.database import AnyConnection, Principal, async_transaction, become
from spatial.errors import AccessError, ConflictError, InputError, NotFoundError, StaleError
from spatial.web_login import web_conninfo

PREMISES = CATALOGUE.entry("premises")
SENSORS = CATALOGUE.entry("sensors")
EDITOR = Principal(Role.GIS_EDITOR, 1)
INSIDE = shapely.Point(120.05, 29.05)
OUTSIDE = shapely.Point(120.5, 29.5)
SHOP = Change({"name": "店", "kind": "shop"}, INSIDE)
ANY = Expectation()


@pytest.fixture
def town(database: str) -> str:
    """Conninfo of a database with two towns; the first is a square."""
    with psycopg.connect(database) as connection:
        connection.execute(
            """
            INSERT INTO spatial.town (code, name, name_en, outline, time_zone, synthetic) VALUES
                ('a', '甲', 'A', 'SRID=4326;MULTIPOLYGON(((120 29,120.1 29,120.1 29.1,120 29.1,
                 120 29)))', 'Asia/Shanghai', true), ('b', '乙', 'B', NULL, 'UTC', true)
            """
        )
    return database


@pytest.fixture
def owner(town: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(town, autocommit=True) as connection:
        yield connection


def as_somebody(town: str, principal: Principal, work: Any) -> Any:
    """What `work(connection)` gives, in one transaction of the web's."""

    async def run() -> Any:
        async with AsyncConnectionPool(web_conninfo(town), min_size=1, open=False) as pool:
            with in_words():
                async with async_transaction(pool, principal) as connection:
                    return await work(connection)

    return asyncio.run(run())


def add(town: str, change: Change = SHOP, principal: Principal = EDITOR, entry=PREMISES) -> int:
    return as_somebody(
        town, principal, lambda connection: create(connection, entry, principal, change)
    )


def edit(town: str, feature_id: int, change: Change, expected=ANY, principal=EDITOR) -> None:
    def work(connection: AnyConnection):
        return write(connection, PREMISES, principal, feature_id, change, expected)

    as_somebody(town, principal, work)


def row(owner: psycopg.Connection, feature_id: int, table: str = "premises") -> dict[str, Any]:
    found = owner.execute(f"SELECT to_jsonb(t) FROM layers.{table} t WHERE id = %s", (feature_id,))
    return found.fetchone()[0]


def test_a_new_row_is_completed(town: str, owner):
    stored = row(owner, add(town))
    assert stored["town_id"] == 1
    assert stored["inside"] is True
    assert len(stored["key"]) == 36
    assert stored["batch_id"] is None
    assert stored["cell"] == int(h3.latlng_to_cell(29.05, 120.05, 11), 16)
    assert row(owner, add(town, Change(SHOP.values, OUTSIDE)))["inside"] is False
    sensor = add(town, Change({"name": "x", "kind": "air"}, INSIDE), entry=SENSORS)
    assert row(owner, sensor, "sensor")["status"] == "unknown"


def test_a_moved_row_has_its_new_cell_and_side(town: str, owner):
    feature_id = add(town)
    before = row(owner, feature_id)
    edit(town, feature_id, Change({}, OUTSIDE))
    after = row(owner, feature_id)
    assert (after["inside"], after["key"]) == (False, before["key"])
    assert after["cell"] == int(h3.latlng_to_cell(29.5, 120.5, 11), 16)
    assert after["updated"] > before["updated"]


def test_what_must_be_there_stays_when_it_is_unset(town: str, owner):
    feature_id = add(town, Change({**SHOP.values, "key": "k", "floor": "2"}, INSIDE))
    edit(town, feature_id, Change({"key": None, "floor": None}))
    assert (row(owner, feature_id)["key"], row(owner, feature_id)["floor"]) == ("k", None)


def test_a_cell_never_lies(town: str, owner):
    feature_id = add(town)
    cell = row(owner, feature_id)["cell"]
    near = "SRID=4326;POINT(120.0500001 29.05)"
    told = "UPDATE layers.premises SET geom = %s, cell = %s WHERE id = %s"
    owner.execute(told, (near, cell, feature_id))
    assert row(owner, feature_id)["cell"] == cell  # told again: still in it
    owner.execute("UPDATE layers.premises SET geom = geom, name = 'x'")
    assert row(owner, feature_id)["cell"] == cell  # not moved
    owner.execute("UPDATE layers.premises SET geom = ST_Translate(geom, 0.1, 0)")
    assert row(owner, feature_id)["cell"] is None  # moved, and nobody said where to
    owner.execute(told, (near, cell, feature_id))
    assert row(owner, feature_id)["cell"] == cell


def test_an_unknown_feature_is_not_made(town: str, owner):
    with pytest.raises(NotFoundError):
        edit(town, 99, SHOP)
    with pytest.raises(NotFoundError):
        as_somebody(town, EDITOR, lambda each: remove(each, PREMISES, EDITOR, 99, ANY))
    assert owner.execute("SELECT count(*) FROM layers.premises").fetchone() == (0,)


def test_what_contradicts_the_tables_is_said_in_words(town: str, owner):
    feature_id = add(town, Change({**SHOP.values, "key": "k"}, INSIDE))
    with pytest.raises(ConflictError, match="another feature has this key"):
        add(town, Change({**SHOP.values, "key": "k"}, INSIDE))
    with pytest.raises(InputError, match="name is required"):
        edit(town, feature_id, Change({"name": None}))
    with pytest.raises(InputError):
        edit(town, feature_id, Change({"name": "\0"}))
    owner.execute("INSERT INTO layers.category (code, name, name_en) VALUES ('c', 'c', 'c')")
    owner.execute(
        "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)"
        " VALUES (1, true, 'incidents', 'x')"
    )
    owner.execute(
        "INSERT INTO layers.incident (town_id, key, category, occurred_at, cell, geom, inside,"
        " batch_id, premises_id) SELECT 1, 'i', 'c', now(), 1, geom, true, 1, id"
        " FROM layers.premises"
    )
    with pytest.raises(ConflictError, match="other records refer"):
        as_somebody(town, EDITOR, lambda each: remove(each, PREMISES, EDITOR, feature_id, ANY))
    assert row(owner, feature_id)["name"] == "店"


@pytest.mark.parametrize("role", [role for role in Role if role not in PREMISES.editors])
def test_nobody_else_writes_whatever_the_web_believes(town: str, role: Role):
    feature_id = add(town)
    somebody = Principal(role, 1, department="*")
    with pytest.raises(AccessError):
        add(town, principal=somebody)
    with pytest.raises(AccessError):
        edit(town, feature_id, SHOP, principal=somebody)
    with pytest.raises(AccessError):
        as_somebody(town, somebody, lambda each: remove(each, PREMISES, somebody, feature_id, ANY))


def test_another_towns_rows_are_out_of_reach(town: str, owner):
    feature_id = add(town)
    neighbour = Principal(Role.GIS_EDITOR, 2)
    with pytest.raises(NotFoundError):
        edit(town, feature_id, SHOP, principal=neighbour)
    theirs = (
        "INSERT INTO gis_editor.premises (town_id, name, kind, geom)"
        " VALUES (1, 'x', 'shop', 'SRID=4326;POINT(0 0)')"
    )
    with psycopg.connect(web_conninfo(town)) as connection:
        become(connection, neighbour)
        with pytest.raises(psycopg.errors.WithCheckOptionViolation):
            connection.execute(theirs)


@pytest.mark.parametrize("column", ["id", "town_id", "inside", "updated"])
def test_what_the_house_sets_nobody_changes(town: str, column: str):
    add(town)
    with psycopg.connect(web_conninfo(town)) as connection:
        become(connection, EDITOR)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"UPDATE gis_editor.premises SET {column} = {column}")


def test_a_login_of_its_own_adds_rows_as_the_web_does(town: str, owner):
    """QGIS names every column of a row that it adds, and knows no H3."""
    owner.execute(
        "INSERT INTO layers.account (town_id, name, display_name, role, database_login)"
        " VALUES (1, 'eddy', 'Eddy', 'gridwhistle_gis_editor', 'eddy_of_tests')"
    )
    owner.execute("CREATE ROLE eddy_of_tests LOGIN IN ROLE gridwhistle_gis_editor")
    try:
        with psycopg.connect(town, user="eddy_of_tests") as connection:
            connection.execute(
                """
                INSERT INTO gis_editor.premises
                    (id, town_id, cell, name, kind, address, floor, inside, key, updated, geom)
                VALUES (77, NULL, 5, '新', 'shop', NULL, NULL, NULL, NULL, '2001-01-01',
                        'SRID=4326;POINT(120.05 29.05)')
                """
            )
        stored = owner.execute("SELECT to_jsonb(p) FROM layers.premises p").fetchone()[0]
        assert stored["id"] != 77
        assert (stored["town_id"], stored["inside"], stored["cell"]) == (1, True, None)
        assert stored["key"]
        assert stored["updated"] > "2026"
    finally:
        owner.execute("DROP ROLE eddy_of_tests")


def test_what_was_changed_meanwhile_is_not_written_over(town: str, owner):
    feature_id = add(town)
    read = owner.execute("SELECT updated FROM layers.premises").fetchone()[0]
    expected = Expectation(versions=frozenset({version_of(read)}))
    edit(town, feature_id, Change({"name": "first"}), expected)
    with pytest.raises(StaleError):
        edit(town, feature_id, Change({"name": "second"}), expected)
    with pytest.raises(StaleError):
        as_somebody(town, EDITOR, lambda each: remove(each, PREMISES, EDITOR, feature_id, expected))
    assert row(owner, feature_id)["name"] == "first"


def test_of_editors_who_race_nobody_loses_a_change(town: str, owner):
    """Each adds one to a number, reading again when it was told that it came too late."""
    editors, additions, stale = 6, 4, 0
    feature_id = add(town, Change({**SHOP.values, "floor": "0"}, INSIDE))

    async def add_one(pool: AsyncConnectionPool) -> int:
        refused = 0
        while True:
            async with async_transaction(pool, EDITOR) as connection:
                cursor = await connection.execute("SELECT floor, updated FROM gis_editor.premises")
                floor, updated = await cursor.fetchone()
            expected = Expectation(versions=frozenset({version_of(updated)}))
            change = Change({"floor": str(int(floor) + 1)})
            try:
                async with async_transaction(pool, EDITOR) as connection:
                    await write(connection, PREMISES, EDITOR, feature_id, change, expected)
            except StaleError:
                refused += 1
                continue
            return refused

    async def race() -> int:
        async with AsyncConnectionPool(
            web_conninfo(town), min_size=editors, max_size=editors, open=False
        ) as pool:
            await pool.wait()
            refused = 0
            for _ in range(additions):
                refused += sum(await asyncio.gather(*(add_one(pool) for _ in range(editors))))
            return refused

    stale = asyncio.run(race())
    assert row(owner, feature_id)["floor"] == str(editors * additions)
    assert stale > 0  # they did race
