"""H3 cells as integers, against the library."""

from __future__ import annotations

import h3
import numpy as np
import pytest
import shapely
from h3.api import basic_int
from hypothesis import given
from hypothesis import strategies as st

from grids.cells import (
    cell_boundaries,
    cell_id,
    cell_to_parent,
    cells_beside,
    cells_in_outline,
    cells_of_points,
    children_range,
    common_resolution,
    estimated_cells,
    parent_sql,
    parse_cell,
    resolution_of,
)
from spatial.errors import InputError

longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)
resolutions = st.integers(0, 15)


@given(longitudes, latitudes, resolutions, resolutions)
def test_a_parent_by_mask_is_the_librarys(lon: float, lat: float, one: int, other: int) -> None:
    coarse, fine = sorted((one, other))
    cell = basic_int.latlng_to_cell(lat, lon, fine)
    assert cells_of_points([lon], [lat], fine).tolist() == [cell]
    assert cell_to_parent([cell], coarse).tolist() == [basic_int.cell_to_parent(cell, coarse)]
    assert resolution_of([cell]).tolist() == [fine]


@given(longitudes, latitudes, st.integers(0, 12), st.integers(0, 3))
def test_descendants_are_one_range(lon: float, lat: float, resolution: int, deeper: int) -> None:
    cell = basic_int.latlng_to_cell(lat, lon, resolution)
    first, last = children_range(cell, resolution + deeper)
    children = sorted(basic_int.cell_to_children(cell, resolution + deeper))
    assert first == children[0]
    assert last == children[-1]
    neighbours = set(basic_int.grid_disk(cell, 1)) - {cell}
    for neighbour in neighbours:
        strangers = np.array(basic_int.cell_to_children(neighbour, resolution + deeper))
        assert not ((strangers >= first) & (strangers <= last)).any()


def test_pentagons_too_have_one_range() -> None:
    for cell in basic_int.get_pentagons(3):
        first, last = children_range(cell, 5)
        assert all(first <= child <= last for child in basic_int.cell_to_children(cell, 5))


def test_what_is_coarser_has_no_such_parent() -> None:
    cell = basic_int.latlng_to_cell(29.2, 120.0, 7)
    with pytest.raises(ValueError, match="coarser than resolution 9"):
        cell_to_parent([cell], 9)
    with pytest.raises(ValueError, match="finer than 5"):
        children_range(cell, 5)


def test_the_database_makes_the_same_parents(connection) -> None:  # type: ignore[no-untyped-def]
    cells = cells_of_points(np.linspace(119, 121, 50), np.linspace(29, 30, 50), 11)
    for resolution in range(12):
        rows = connection.execute(
            f"SELECT {parent_sql('cell', resolution)} FROM unnest(%s::bigint[]) AS cell",
            (cells.tolist(),),
        ).fetchall()
        assert [row[0] for row in rows] == cell_to_parent(cells, resolution).tolist()


@pytest.mark.parametrize(
    ("lon", "lat"), [(0.0, 91.0), (float("nan"), 0.0), (0.0, float("inf")), (1e9, 0.0)]
)
def test_a_point_that_is_no_place_is_refused(lon: float, lat: float) -> None:
    with pytest.raises(InputError, match="point 2 is no place on earth"):
        cells_of_points([0.0, lon], [0.0, lat], 9)


RING = shapely.Point(120.05, 29.2).buffer(0.1)
OUTLINES = {
    "hole": RING.difference(shapely.Point(120.05, 29.2).buffer(0.04)),
    "two parts": shapely.MultiPolygon(
        [shapely.box(119.9, 29.1, 120.0, 29.15), shapely.box(120.1, 29.2, 120.2, 29.3)]
    ),
    "thin": shapely.LineString([(119.9, 29.1), (120.2, 29.3)]).buffer(0.001),
    "smaller than a cell": shapely.box(120.0, 29.1, 120.0001, 29.1001),
    "south and west": shapely.box(-70.3, -33.5, -70.1, -33.4),
}


@pytest.mark.parametrize("outline", OUTLINES.values(), ids=OUTLINES)
@pytest.mark.parametrize("resolution", [6, 8, 9])
def test_the_centre_decides_which_cells_an_outline_holds(
    outline: shapely.Polygon, resolution: int
) -> None:
    found = cells_in_outline(outline, resolution)
    west, south, east, north = outline.buffer(0.1).bounds
    lon, lat = np.meshgrid(np.linspace(west, east, 400), np.linspace(south, north, 400))
    around = np.unique(cells_of_points(lon.ravel(), lat.ravel(), resolution))
    centres = [basic_int.cell_to_latlng(cell) for cell in around.tolist()]
    inside = [outline.contains(shapely.Point(x, y)) for y, x in centres]
    assert found.tolist() == around[inside].tolist()


def test_an_outline_across_the_antimeridian() -> None:
    split = shapely.MultiPolygon(
        [shapely.box(179.8, -17.0, 180, -16.7), shapely.box(-180, -17.0, -179.8, -16.7)]
    )
    onward = shapely.box(179.8, -17.0, 180.2, -16.7)
    assert cells_in_outline(split, 7).tolist() == cells_in_outline(onward, 7).tolist()
    widths = shapely.bounds(cell_boundaries(cells_in_outline(split, 7)))
    assert (widths[:, 2] - widths[:, 0] < 1).all()


def test_an_outline_that_holds_too_much_is_refused() -> None:
    with pytest.raises(InputError, match="more than 2,000,000"):
        cells_in_outline(shapely.box(100, 20, 120, 40), 11)
    with pytest.raises(InputError, match="empty"):
        cells_in_outline(shapely.Polygon(), 9)


def test_the_estimate_is_near() -> None:
    found = len(cells_in_outline(RING, 9))
    assert found * 0.7 < estimated_cells(RING, 9) < found * 1.4


def test_boundaries_are_the_librarys() -> None:
    cells = [*basic_int.grid_disk(basic_int.latlng_to_cell(29.2, 120.0, 9), 3)]
    cells += basic_int.get_pentagons(9)[:2]
    for cell, polygon in zip(cells, cell_boundaries(cells), strict=True):
        expected = [(lon, lat) for lat, lon in basic_int.cell_to_boundary(cell)]
        assert list(polygon.exterior.coords)[:-1] == expected
    assert len(cell_boundaries([])) == 0


@pytest.mark.parametrize("write", [str, cell_id, lambda cell: f" 0x{cell:X} ", lambda c: f"0{c:x}"])
def test_cells_are_read_as_they_are_written(write) -> None:  # type: ignore[no-untyped-def]
    cell = basic_int.latlng_to_cell(29.2, 120.0, 9)
    assert parse_cell(write(cell)) == cell
    assert cell_id(cell) == h3.int_to_str(cell)


@pytest.mark.parametrize("text", ["", "zz", "120", "8928308280fffffff", "8928308280ffff0", "1e17"])
def test_what_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no H3 cell"):
        parse_cell(text)


@pytest.mark.parametrize("text", ["618146999237345280", "6.181469992373453e+17"])
def test_a_number_that_a_spreadsheet_rounded_is_explained(text: str) -> None:
    with pytest.raises(InputError, match="hexadecimal"):
        parse_cell(text)


def test_mixed_resolutions_have_none_in_common() -> None:
    fine = basic_int.latlng_to_cell(29.2, 120.0, 9)
    assert common_resolution([fine, fine]) == 9
    with pytest.raises(InputError, match="8, 9"):
        common_resolution([fine, basic_int.cell_to_parent(fine, 8)])


def test_cells_beside_others_are_their_neighbours_counted() -> None:
    middle = basic_int.latlng_to_cell(29.2, 120.0, 9)
    ring = [cell for cell in basic_int.grid_disk(middle, 1) if cell != middle]
    assert cells_beside(ring, 6).tolist() == [middle]
    assert set(cells_beside([middle], 1).tolist()) == set(ring)
    assert cells_beside([middle], 2).tolist() == []
