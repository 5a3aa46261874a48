"""Every layer is searched by its geometry's index, whoever reads it: EXPLAIN says so."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from layers.catalogue import Entry, Rows
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.reading.tiles.matrix_sets import TILE_MATRIX_SETS, address_of
from layers.reading.tiles.statement import tile_statement, tile_values
from layers.roles import Role
from liveonly import BEGIN_EMPTY
from spatial.database import Principal, become

# Below so many rows a table is read faster from its one or two pages than by any index.
SMALL = 500
READERS = [
    pytest.param(entry, role, id=f"{entry.id}-{role.short_name}")
    for entry in CATALOGUE.entries
    for role in Role
    if entry.readable_by(role)
]


@pytest.fixture(scope="module")
def demo(demo_database: str) -> Iterator[psycopg.Connection]:
    """The demo town with statistics as autovacuum would have made them."""
    with psycopg.connect(demo_database) as connection:
        connection.execute("ANALYZE")
        yield connection
        connection.rollback()


@pytest.fixture
def reader(demo: psycopg.Connection):
    """`with` the rights of a role, as the least of its kind: one department, one grid."""

    def become_role(role: Role) -> psycopg.Connection:
        grid = demo.execute(
            "SELECT unit_id FROM grids.version JOIN grids.unit ON unit.id = unit_id"
            " WHERE level = 3 ORDER BY 1 LIMIT 1"
        ).fetchone()[0]
        layers = tuple(entry.id for entry in CATALOGUE.entries)
        principal = Principal(role, 1, department="police", grid_id=grid, layers=layers)
        become(demo, principal)
        return demo

    with demo.transaction(force_rollback=True):
        yield become_role


def is_small(connection: psycopg.Connection, entry: Entry) -> bool:
    rows = connection.execute(
        "SELECT reltuples FROM pg_class WHERE oid = %s::regclass", (entry.source,)
    ).fetchone()[0]
    return rows < SMALL


def plan_of(connection: psycopg.Connection, statement: sql.Composed, values: dict) -> str:
    explained = connection.execute(sql.SQL("EXPLAIN ") + statement, values).fetchall()
    return "\n".join(line for (line,) in explained)


def statement_of(entry: Entry, role: Role, kind: str) -> tuple[sql.Composed, dict]:
    if kind == "tile":
        tile = address_of(TILE_MATRIX_SETS[0], 17, 120.02, 29.2)
        return tile_statement(entry, role, tile.matrix_set, tile.depth), tile_values(tile)
    box = "ST_MakeEnvelope(120.02, 29.2, 120.022, 29.202, 4326)"
    statement = sql.SQL(
        f"SELECT id, ST_AsGeoJSON(geom) FROM {{}}"
        f" WHERE geom && {box} AND ST_Intersects(geom, {box})"
    )
    return statement.format(view_of(entry, role)), {}


@pytest.mark.parametrize("kind", ["box", "tile"])
@pytest.mark.parametrize(("entry", "role"), READERS)
def test_a_box_is_searched_by_the_index(reader, demo, entry: Entry, role: Role, kind: str):
    if entry.id in BEGIN_EMPTY - {"place-aliases"}:
        pytest.skip("it has no rows, and its tables no statistics")
    small = is_small(demo, entry)
    connection = reader(role)
    if small:  # prove that the index can be used at all behind the view
        connection.execute("SET LOCAL enable_seqscan = off")
    plan = plan_of(connection, *statement_of(entry, role, kind))
    assert f"Seq Scan on {_table(entry)} " not in plan, plan
    if not is_found_by_key(entry, role):
        box_of = f"({entry.geometry_column.rpartition('.')[2]} && "
        conditions = [line.replace(f"{_table(entry)}.", "") for line in plan.splitlines()]
        assert any("Index Cond" in line and box_of in line for line in conditions), plan


def is_found_by_key(entry: Entry, role: Role) -> bool:
    """Whether a role's rows are so few that the index of what makes them its own is better.

    Micro-grids of high-rises stand on polygons of another table, each of which is fetched by key.
    Responders move every second: an index on where they are would cost each move more than a look
    at all of a town's saves.
    """
    few = entry.id in ("town", "micro-grid-shares", "closures", "responders")
    return few or entry.rows_for(role) is Rows.OWN_GRID


def _table(entry: Entry) -> str:
    return entry.source.rpartition(".")[2]
