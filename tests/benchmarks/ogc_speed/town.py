"""The data that all servers publish: a town of points and polygons, evenly strewn."""

from __future__ import annotations

import math

import psycopg

from layers.accounts.administration import AccountPlan, add_account, find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.facts.store import save_facts
from layers.roles import Role
from spatial.database import Principal

# Tiles of level 12 from this one on, so many in each direction.
LEVEL, FIRST_COLUMN, FIRST_ROW, COLUMNS, ROWS = 12, 3413, 1704, 6, 4
POINTS_IN_TILE = 1_904  # of level 12; 119 in one of level 14
POLYGONS = 2_000
DEPARTMENT = "police"
OFFICER = Principal(Role.OFFICER, 1, department=DEPARTMENT, time_zone="Asia/Shanghai")
ANONYMOUS = Principal(Role.ANONYMOUS, 1, time_zone="Asia/Shanghai")

_TOWN = """
INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic)
VALUES ('bench', '测试镇', 'Bench', ST_Multi(ST_MakeEnvelope({box}, 4326)), 'Asia/Shanghai', 4549,
        true);
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
VALUES (1, true, 'premises', 'benchmark')
"""
_PLACES = """
SELECT n, ST_SetSRID(
    ST_Point({west} + random() * {width}, {south} + random() * {height}), 4326
) AS geom
FROM generate_series(1, {number}) AS n
"""
_PREMISES = """
INSERT INTO layers.premises (town_id, key, kind, name, address, floor, geom, inside, batch_id)
SELECT 1, n::text, (ARRAY['shop', 'firm', 'school'])[n % 3 + 1], '店 ' || n,
       '佛堂大道 ' || n % 500 || ' 号', (n % 7)::text, geom, true, 1
FROM ({places}) AS place
"""
_INCIDENTS = """
INSERT INTO layers.incident
    (town_id, key, category, state, source, occurred_at, cell, geom, inside, batch_id)
SELECT 1, n::text, (ARRAY[{categories}])[n % {kinds} + 1], 'closed', '12345',
       timestamptz '2026-01-01' + n * interval '1 min', 626740321835323391, geom, true, 1
FROM ({places}) AS place
"""
_BUILDINGS = """
INSERT INTO layers.building (town_id, key, name, use, floors, height_m, address, households, geom,
                             inside, batch_id)
SELECT 1, n::text, '楼 ' || n, 'residential', n % 30, 3.1 * (n % 30), '稠州路 ' || n, n % 90,
       ST_Multi(ST_Buffer(geom, 0.0002, 5)), true, 1
FROM ({places}) AS place
"""


def tile_box(level: int, column: int, row: int) -> tuple[float, float, float, float]:
    """West, south, east and north of a tile of WebMercatorQuad."""

    def lat(northing: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * northing / 2**level))))

    def lon(easting: float) -> float:
        return easting / 2**level * 360 - 180

    return lon(column), lat(row + 1), lon(column + 1), lat(row)


def town_box() -> tuple[float, float, float, float]:
    """West, south, east and north of everything."""
    west, _, _, north = tile_box(LEVEL, FIRST_COLUMN, FIRST_ROW)
    _, south, east, _ = tile_box(LEVEL, FIRST_COLUMN + COLUMNS - 1, FIRST_ROW + ROWS - 1)
    return west, south, east, north


def fill_town(conninfo: str, points_in_tile: int = POINTS_IN_TILE) -> str:
    """The whole town in a migrated database; a key of its officer's."""
    points = points_in_tile * COLUMNS * ROWS
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT setseed(0.5)")
        _begin(connection)
        _run(connection, _PREMISES.format(places=_places(points)))
        kinds = _categories(connection)
        categories = ", ".join(f"'{code}'" for code in kinds)
        # Every other one is of the officer's department.
        incidents = _INCIDENTS.format(
            places=_places(2 * points), categories=categories, kinds=len(kinds)
        )
        _run(connection, incidents)
        _run(connection, _BUILDINGS.format(places=_places(POLYGONS)))
        plan = AccountPlan("officer", Role.OFFICER, department=DEPARTMENT)
        add_account(connection, 1, plan)
        key = add_key(connection, find_account(connection, 1, "officer"), KeyPlan("benchmark"))
    _analyse(conninfo)
    return str(key)


def fill_with_premises(conninfo: str, rows: int) -> None:
    """Another town, of premises alone: as many as `rows`."""
    with psycopg.connect(conninfo) as connection:
        _begin(connection)
        _run(connection, _PREMISES.format(places=_places(rows)))
    _analyse(conninfo)


def _begin(connection: psycopg.Connection) -> None:
    # What is generated is no change that anybody follows.
    _run(connection, "SET LOCAL session_replication_role = replica")
    save_facts(connection)
    _run(connection, _TOWN.format(box=", ".join(map(repr, town_box()))))


def _categories(connection: psycopg.Connection) -> list[str]:
    """Two codes: one of the officer's department, one of another."""
    return [
        row[0]
        for condition in ("=", "<>")
        for row in connection.execute(
            f"SELECT code FROM layers.category WHERE department {condition} %s LIMIT 1",
            (DEPARTMENT,),
        ).fetchall()
    ]


def _places(number: int) -> str:
    west, south, east, north = town_box()
    return _PLACES.format(
        west=west, south=south, width=east - west, height=north - south, number=number
    )


def _run(connection: psycopg.Connection, statements: str) -> None:
    connection.execute(statements.encode())


def _analyse(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
