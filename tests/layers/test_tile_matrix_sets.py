"""Where tiles lie: against morecantile's numbers written down, PostGIS's, and by properties."""

from __future__ import annotations

import math

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.reading.tiles.matrix_sets import (
    GCJ02_SET,
    SHIFT_DEG,
    TILE_MATRIX_SETS,
    address_of,
    find_tile,
    find_tile_matrix_set,
    limits_of,
    stored_box,
    tile_matrix_sets,
)
from spatial.datum import wgs84_to_gcj02
from spatial.errors import NotFoundError

MERCATOR, CRS84, CGCS2000 = TILE_MATRIX_SETS
ALL_SETS = tile_matrix_sets(gcj02=True)
LON = st.floats(-179.9, 179.9)
LAT = st.floats(-84, 84)


@pytest.mark.parametrize(
    ("matrix_set", "level", "size", "bounds"),
    [
        (MERCATOR, 0, (1, 1), (-20037508.342789244, -20037508.342789244)),
        (CRS84, 0, (2, 1), (-180, -90)),
        (CGCS2000, 1, (2, 1), (-180, -90)),
        (CGCS2000, 18, (2**18, 2**17), (-180, 90 - 180 / 2**17)),
    ],
)
def test_the_first_tile_of_a_level(matrix_set, level, size, bounds):
    assert matrix_set.size_of(level) == size
    assert find_tile(matrix_set, level, 0, 0).bounds()[:2] == pytest.approx(bounds)


def test_levels_of_one_depth_show_the_same_ground():
    """天地图 counts from 1 what CRS84 counts from 0."""
    for level in range(18):
        ours = find_tile(CRS84, level, 2**level // 3, 2**level // 2)
        theirs = find_tile(CGCS2000, level + 1, ours.row, ours.column)
        assert ours.bounds() == theirs.bounds()
        assert ours.depth == theirs.depth


@pytest.mark.parametrize(
    ("matrix_set", "level", "row", "column"),
    [
        (MERCATOR, 19, 0, 0),
        (MERCATOR, -1, 0, 0),
        (MERCATOR, 3, 8, 0),
        (CGCS2000, 0, 0, 0),
        (CGCS2000, 19, 0, 0),
        (CGCS2000, 1, 1, 0),
        (CRS84, 18, 0, 0),
        (CRS84, 0, 0, 2),
        (CRS84, 0, -1, 0),
    ],
)
def test_tiles_that_are_none(matrix_set, level, row, column):
    with pytest.raises(NotFoundError):
        find_tile(matrix_set, level, row, column)


def test_the_shifted_set_is_there_only_where_it_is_offered():
    assert find_tile_matrix_set("WebMercatorQuadGCJ02", gcj02=True) is GCJ02_SET
    with pytest.raises(NotFoundError):
        find_tile_matrix_set("WebMercatorQuadGCJ02", gcj02=False)


@given(LON, LAT, st.integers(1, 18), st.sampled_from(TILE_MATRIX_SETS))
def test_a_place_lies_in_its_tile_and_neighbours_share_edges(lon, lat, depth, matrix_set):
    level = matrix_set.level_of(depth)
    tile = address_of(matrix_set, level, lon, lat)
    west, south, east, north = stored_box(tile, 0.0)
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    columns, rows = matrix_set.size_of(level)
    if tile.column + 1 < columns:
        assert (
            find_tile(matrix_set, level, tile.row, tile.column + 1).bounds()[0] == tile.bounds()[2]
        )
    if tile.row + 1 < rows:
        assert (
            find_tile(matrix_set, level, tile.row + 1, tile.column).bounds()[3] == tile.bounds()[1]
        )


@given(st.floats(72.1, 137.7), st.floats(0.9, 55.7))
def test_a_shifted_place_is_found_by_the_box_of_its_tile(lon, lat):
    moved_lon, moved_lat = wgs84_to_gcj02(lon, lat)
    assert abs(moved_lon - lon) < SHIFT_DEG[0]
    assert abs(moved_lat - lat) < SHIFT_DEG[1]
    tile = address_of(GCJ02_SET, 18, float(moved_lon), float(moved_lat))
    west, south, east, north = stored_box(tile, 0.0)
    assert west <= lon <= east
    assert south <= lat <= north


@given(LON, LAT, st.floats(0, 1), st.floats(0, 1), st.sampled_from(ALL_SETS))
def test_limits_hold_the_corners_of_an_extent(lon, lat, width, height, matrix_set):
    extent = (lon, lat, min(lon + width, 180.0), min(lat + height, 85.0))
    for limits in limits_of(matrix_set, extent):
        corner = address_of(matrix_set, limits.level, extent[2], extent[1])
        assert limits.min_row <= corner.row <= limits.max_row
        assert limits.min_column <= corner.column <= limits.max_column


@pytest.mark.parametrize("matrix_set", TILE_MATRIX_SETS, ids=lambda each: each.id)
def test_bounds_are_those_of_postgis(connection: psycopg.Connection, matrix_set):
    west, north = matrix_set.north_west
    square = (west, north - matrix_set.span, west + matrix_set.span, north, matrix_set.srid)
    for depth in (1, 5, 11, 18):
        tile = address_of(matrix_set, matrix_set.level_of(depth), 120.02, 29.2)
        bounds = connection.execute(
            "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM"
            " ST_TileEnvelope(%s, %s, %s, ST_MakeEnvelope(%s, %s, %s, %s, %s)) AS e",
            (depth, tile.column, tile.row, *square),
        ).fetchone()
        assert tile.bounds() == pytest.approx(bounds, rel=1e-12, abs=1e-9)


def test_mercator_is_that_of_the_earth():
    tile = find_tile(MERCATOR, 0, 0, 0)
    assert stored_box(tile, 0.0) == pytest.approx(
        (-180, -math.degrees(math.atan(math.sinh(math.pi))), 180, 85.05112877980659)
    )
