"""Tiles hold everything that lies in them, at every level, once where it is counted."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace

import mapbox_vector_tile
import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from grids.cells import cell_id, cell_to_parent, cells_of_points
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.reading.tiles.bins import bins_resolution, counted_codes
from layers.reading.tiles.matrix_sets import Tile, address_of, limits_of, tile_matrix_sets
from layers.reading.tiles.statement import tile_statement, tile_values
from layers.roles import Role
from liveonly import BEGIN_EMPTY
from spatial.database import Principal, become
from spatial.datum import wgs84_to_gcj02

SETS = tile_matrix_sets(gcj02=True)
MERCATOR, CRS84, CGCS2000, GCJ02 = SETS
SQUARE = "SRID=4326;MULTIPOLYGON(((120 29,120.1 29,120.1 29.1,120 29.1,120 29)))"
ADMINISTRATOR = Role.ADMINISTRATOR


@pytest.fixture
def town(connection: psycopg.Connection) -> int:
    """A town that is a square, in a transaction that is rolled back."""
    return connection.execute(
        "INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic)"
        " VALUES ('t', '小镇', 'Small', %s, 'Asia/Shanghai', 4549, false) RETURNING id",
        (SQUARE,),
    ).fetchone()[0]


@contextmanager
def acting(connection: psycopg.Connection, town: int, role: Role = ADMINISTRATOR):
    """As somebody, inside a savepoint that is undone."""
    with connection.transaction(force_rollback=True):
        become(connection, Principal(role, town, department="*"))
        yield


def read_bytes(connection, entry, tile: Tile, role: Role = ADMINISTRATOR) -> bytes:
    statement = tile_statement(entry, role, tile.matrix_set, tile.depth)
    return connection.execute(statement, tile_values(tile), binary=True).fetchone()[0]


def read(connection, entry, tile: Tile, role: Role = ADMINISTRATOR) -> list[dict]:
    content = read_bytes(connection, entry, tile, role)
    layers = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    return layers[entry.id]["features"] if layers else []


def tiles_over(matrix_set, level: int, extent) -> list[Tile]:
    limits = next(each for each in limits_of(matrix_set, extent) if each.level == level)
    return [
        Tile(matrix_set, level, row, column)
        for row in range(limits.min_row, limits.max_row + 1)
        for column in range(limits.min_column, limits.max_column + 1)
    ]


def add_premises(connection, town, lon, lat, kinds, *, has_cell=None) -> None:
    """Premises at places, with their cell or without."""
    cells = cells_of_points(lon, lat, 11).tolist()
    known = has_cell or [True] * len(cells)
    rows = zip(kinds, lon, lat, cells, known, strict=True)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO layers.premises (town_id, key, kind, name, geom, cell, inside)"
            " VALUES (%s, %s, %s, 'x', ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, true)",
            [
                (town, str(number), kind, x, y, cell if knows else None)
                for number, (kind, x, y, cell, knows) in enumerate(rows)
            ],
        )


PREMISES = CATALOGUE.entry("premises")
# Some on the very edges of tiles, where a place could be counted twice or not at all.
EDGES = st.sampled_from([120.0, 119.53125, 120.05859375, 120.146484375])
PLACES = st.tuples(
    EDGES | st.floats(119.4, 120.6),
    st.sampled_from([29.0, 29.1796875, 29.091796875]) | st.floats(28.6, 29.6),
    st.sampled_from(["shop", "firm", "other"]),
    st.booleans(),
)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(PLACES, min_size=1, max_size=60), st.sampled_from(SETS))
def test_bins_of_all_tiles_add_up_to_the_features(connection, town, places, matrix_set):
    lon, lat, kinds, has_cell = map(list, zip(*places, strict=True))
    with connection.transaction(force_rollback=True):
        add_premises(connection, town, lon, lat, kinds, has_cell=has_cell)
        extent = (min(lon), min(lat), max(lon), max(lat))
        with acting(connection, town):
            for depth in (1, 6, 8, 10):
                tiles = tiles_over(matrix_set, matrix_set.level_of(depth), extent)
                found = [
                    each["properties"]
                    for tile in tiles
                    for each in read(connection, PREMISES, tile)
                ]
                assert sum(each["count"] for each in found) == len(lon)
                for kind in ("shop", "firm", "other"):
                    counted = sum(each.get(f"kind_{kind}", 0) for each in found)
                    assert counted == kinds.count(kind)


def test_bins_are_cells_at_the_mean_of_their_members(connection, town):
    """Against a plain reference: H3's library, and sums in Python."""
    generator = np.random.default_rng(7)
    lon, lat = generator.uniform(119.9, 120.1, 500), generator.uniform(29.0, 29.2, 500)
    add_premises(connection, town, lon.tolist(), lat.tolist(), ["shop"] * 500)
    level = 10
    parents = cell_to_parent(cells_of_points(lon, lat, 11), bins_resolution(level))
    with acting(connection, town):
        for tile in tiles_over(CRS84, level - 1, (119.9, 29.0, 120.1, 29.2)):
            west, south, east, north = tile.bounds()
            here = (lon >= west) & (lon < east) & (lat > south) & (lat <= north)
            expected = Counter(map(cell_id, parents[here].tolist()))
            bins = read(connection, PREMISES, tile)
            assert {b["properties"]["h3"]: b["properties"]["count"] for b in bins} == expected
            for each in bins:
                members = here & (parents == int(each["properties"]["h3"], 16))
                x, y = each["geometry"]["coordinates"]
                assert x == pytest.approx(
                    (lon[members].mean() - west) / (east - west) * 4096, abs=2
                )
                assert y == pytest.approx(
                    (north - lat[members].mean()) / (north - south) * 4096, abs=2
                )
                assert 0 <= x < 4096
                assert 0 <= y < 4096


@pytest.mark.parametrize("depth", range(12))
def test_bins_are_some_ten_pixels_apart(depth):
    resolutions = [bins_resolution(each) for each in range(12)]
    assert resolutions == sorted(resolutions)
    assert resolutions[depth] <= 11


def test_near_by_every_point_is_itself(connection, town):
    add_premises(connection, town, [120.01, 120.02], [29.01, 29.02], ["shop", "firm"])
    with acting(connection, town):
        tile = address_of(MERCATOR, 12, 120.01, 29.01)
        found = read(connection, PREMISES, tile)
        assert sorted(each["properties"]["kind"] for each in found) == ["firm", "shop"]
        assert all(each["id"] for each in found)
        assert all("count" not in each["properties"] for each in found)


def test_a_shifted_point_lies_where_the_formula_puts_it(connection, town):
    add_premises(connection, town, [120.01], [29.01], ["shop"])
    lon, lat = map(float, wgs84_to_gcj02(120.01, 29.01))
    tile = address_of(GCJ02, 18, lon, lat)
    plain = address_of(MERCATOR, 18, lon, lat)
    with acting(connection, town):
        (found,) = read(connection, PREMISES, tile)
        assert not read(connection, PREMISES, plain)
    x, y = found["geometry"]["coordinates"]
    west, south, east, north = tile.bounds()
    mercator = connection.execute(
        "SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_Point(%s, %s, 4326), 3857) AS p", (lon, lat)
    ).fetchone()
    assert x == pytest.approx((mercator[0] - west) / (east - west) * 4096, abs=1)
    assert y == pytest.approx((north - mercator[1]) / (north - south) * 4096, abs=1)


def test_a_role_sees_only_its_rows_in_bins(connection, town):
    """The bins are made of the role's view, so nothing of other rows is counted."""
    add_premises(connection, town, [120.01], [29.01], ["shop"])
    other = town + 1000
    with acting(connection, other):
        assert not read(connection, PREMISES, address_of(MERCATOR, 4, 120.01, 29.01))


def test_counted_codes_are_those_that_the_role_sees():
    for entry in CATALOGUE.entries:
        for role in Role:
            if entry.readable_by(role):
                names = {field.name for _name, field, _code in counted_codes(entry, role)}
                assert names <= {each.name for each in entry.fields_for(role)}


def test_names_of_counts_are_no_properties():
    for entry in CATALOGUE.entries:
        counts = {name for name, _, _ in counted_codes(entry, ADMINISTRATOR)}
        counts |= {"count", "h3"} if entry.cell else {"merged"}
        # A bin's own cell stands where near by the point's does.
        assert not counts - {"h3"} & {each.name for each in entry.fields}


@pytest.fixture(scope="module")
def demo(demo_database: str):
    """The demo town as its administrator sees it."""
    with psycopg.connect(demo_database) as connection:
        become(connection, Principal(ADMINISTRATOR, 1, department="*"))
        yield connection
        connection.rollback()


def demo_extent(connection) -> tuple[float, float, float, float]:
    return connection.execute(
        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
        " FROM (SELECT ST_Extent(geom) AS e FROM published.town) AS t"
    ).fetchone()


@pytest.mark.parametrize("layer", ["town", "villages", "grids", "micro-grids"])
@pytest.mark.parametrize("matrix_set", [MERCATOR, CGCS2000], ids=lambda each: each.id)
def test_no_polygon_of_a_coverage_disappears(demo, layer, matrix_set):
    entry = CATALOGUE.entry(layer)
    total = demo.execute(
        sql.SQL("SELECT count(*) FROM {}").format(view_of(entry, ADMINISTRATOR))
    ).fetchone()[0]
    for depth in (1, 5, 8, 10, 12):
        ids, merged = set(), 0
        for tile in tiles_over(matrix_set, matrix_set.level_of(depth), demo_extent(demo)):
            for each in read(demo, entry, tile):
                count = each["properties"].get("merged")
                ids |= set() if count else {each["id"]}
                merged += count or 0
        assert len(ids) + merged == total, depth


@pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda each: each.id)
def test_every_layer_has_tiles_of_every_level(demo, entry):
    west, south = demo_extent(demo)[:2]
    for level in sorted({0, 3, 7, entry.min_zoom - 1, entry.min_zoom + 1} & set(range(15))):
        tile = address_of(MERCATOR, level, west + 0.08, south + 0.05)
        assert bool(read_bytes(demo, entry, tile)) == (entry.id not in BEGIN_EMPTY), level
    assert read_bytes(demo, entry, address_of(MERCATOR, 18, west, south)) is not None


def test_lines_and_ponds_smaller_than_a_pixel_are_counted(demo):
    for layer in ("streets", "buildings", "water"):
        entry = CATALOGUE.entry(layer)
        total = demo.execute(
            sql.SQL("SELECT count(*) FROM {}").format(view_of(entry, ADMINISTRATOR))
        ).fetchone()[0]
        found = read(demo, entry, address_of(MERCATOR, 0, 120.0, 29.2))
        assert sum(each["properties"].get("merged", 0) for each in found) == total
        codes = [name for name, _, _ in counted_codes(entry, ADMINISTRATOR)]
        if codes:
            by_code = sum(each["properties"].get(name, 0) for each in found for name in codes)
            assert by_code == total


def test_a_shape_smaller_than_a_step_is_still_drawn(connection, town):
    """A coverage's polygon at a level where every feature is itself."""
    entry = replace(CATALOGUE.entry("water"), min_zoom=0)
    shapes = {
        "square": "POLYGON((120 29,120.00001 29,120.00001 29.00001,120 29.00001,120 29))",
        "sliver": "POLYGON((120 29,120.2 29,120.2 29.0000001,120 29.0000001,120 29))",
        "line": "LINESTRING(120 29,120.000001 29.000001)",
    }
    batch = connection.execute(
        "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)"
        " VALUES (%s, false, 'water', 'by hand') RETURNING id",
        (town,),
    ).fetchone()[0]
    for name, shape in shapes.items():
        connection.execute(
            "INSERT INTO layers.water (town_id, batch_id, kind, name, geom)"
            " VALUES (%s, %s, 'pond', %s, ST_GeomFromText(%s, 4326))",
            (town, batch, name, shape),
        )
    with acting(connection, town):
        for depth in (0, 3, 6, 9):
            drawn = {
                each["properties"]["name"]
                for tile in tiles_over(MERCATOR, depth, (120, 29, 120.2, 29.1))
                for each in read(connection, entry, tile)
            }
            assert drawn == set(shapes)
