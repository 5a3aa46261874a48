"""Tilings that hold, and each way in which one can fail."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from grids.coverage import (
    FaultKind,
    Level,
    check_tiling,
    coverage_faults,
    ring_edges,
    union_equals_parent,
    union_fault,
)

SIZE = 8


def square(column: int, row: int) -> shapely.Polygon:
    return shapely.box(10 * column, 10 * row, 10 * column + 10, 10 * row + 10)


@pytest.fixture
def squares() -> np.ndarray:
    """SIZE x SIZE squares of 10 m."""
    return np.array([square(column, row) for column in range(SIZE) for row in range(SIZE)])


@pytest.fixture
def quarters() -> np.ndarray:
    """To which of four districts each square belongs."""
    half = SIZE // 2
    return np.array([(c // half) * 2 + r // half for c in range(SIZE) for r in range(SIZE)])


def levels(squares: np.ndarray, quarters: np.ndarray) -> list[Level]:
    districts = [shapely.coverage_union_all(squares[quarters == index]) for index in range(4)]
    town = shapely.coverage_union_all(squares)
    return [
        Level("town", [town], [-1]),
        Level("districts", districts, [0, 0, 0, 0]),
        Level("grids", squares, quarters),
    ]


def kinds(faults: list) -> set[FaultKind]:
    return {fault.kind for fault in faults}


def test_a_sound_town_has_no_faults(squares: np.ndarray, quarters: np.ndarray) -> None:
    assert check_tiling(levels(squares, quarters)) == {"town": [], "districts": [], "grids": []}


@pytest.mark.parametrize("gap_width_m", [0, 1])
def test_an_overlap_is_found_at_any_width(squares: np.ndarray, gap_width_m: float) -> None:
    squares[20] = shapely.box(19.9, 40, 30, 50)
    faults = coverage_faults(squares, gap_width_m)
    assert FaultKind.OVERLAP in kinds(faults)
    assert 20 in {fault.index for fault in faults}


def test_a_vertex_that_the_neighbour_lacks_is_a_fault(squares: np.ndarray) -> None:
    squares[9] = shapely.segmentize(squares[9], 5)
    assert kinds(coverage_faults(squares, 0)) == {FaultKind.OVERLAP}


@pytest.mark.parametrize(("width_m", "found"), [(0.005, True), (0.5, True), (1.5, False)])
def test_a_gap_narrower_than_the_width_is_found(width_m: float, *, found: bool) -> None:
    """Two polygons that touch at the ends of a slit between them."""
    left = shapely.Polygon([(0, 0), (10, 0), (10 - width_m, 5), (10, 10), (0, 10)])
    right = shapely.box(10, 0, 20, 10)
    assert bool(coverage_faults([left, right], 1)) == found


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Polygon(),
        shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
        shapely.Point(0, 0),
        None,
    ],
    ids=["empty", "bow tie", "point", "missing"],
)
def test_what_is_no_sound_polygon_is_named(squares: np.ndarray, shape: shapely.Geometry) -> None:
    squares[3] = shape
    (fault,) = coverage_faults(squares, 0)
    assert (fault.kind, fault.index) == (FaultKind.INVALID, 3)


def test_a_hole_with_matching_edges_only_shows_against_the_parent(
    squares: np.ndarray, quarters: np.ndarray
) -> None:
    sound = levels(squares, quarters)
    kept = np.arange(len(squares)) != 27
    holed = Level("grids", squares[kept], quarters[kept])
    assert not coverage_faults(holed.polygons, 1)
    (fault,) = check_tiling([*sound[:2], holed])["grids"]
    assert (fault.kind, fault.index) == (FaultKind.NOT_ITS_PARENT, quarters[27])
    assert fault.where.bounds == squares[27].bounds


def test_a_moved_outer_vertex_only_shows_against_the_parent(
    squares: np.ndarray, quarters: np.ndarray
) -> None:
    sound = levels(squares, quarters)
    squares[0] = shapely.Polygon([(-0.3, -0.3), (10, 0), (10, 10), (0, 10)])
    assert not coverage_faults(squares, 1)
    faults = check_tiling([*sound[:2], Level("grids", squares, quarters)])["grids"]
    assert kinds(faults) == {FaultKind.NOT_ITS_PARENT}


def test_a_child_under_the_wrong_parent_is_found(squares: np.ndarray, quarters: np.ndarray) -> None:
    sound = levels(squares, quarters)
    moved = quarters.copy()
    moved[0] = 3
    faults = check_tiling([*sound[:2], Level("grids", squares, moved)])["grids"]
    assert {fault.index for fault in faults} == {0, 3}


def test_orphans_and_childless_parents_are_named(squares: np.ndarray, quarters: np.ndarray) -> None:
    sound = levels(squares, quarters)
    lost = np.where(quarters == 2, -1, quarters)
    faults = check_tiling([*sound[:2], Level("grids", squares, lost)])["grids"]
    assert kinds(faults) == {FaultKind.ORPHAN, FaultKind.CHILDLESS}


def test_no_polygons_are_no_fault() -> None:
    assert coverage_faults([], 1) == []


@given(st.integers(0, 7), st.booleans())
def test_rings_are_compared_without_their_start_and_direction(start: int, turned: bool) -> None:
    ring = np.array(shapely.segmentize(shapely.box(0, 0, 2, 2), 1).exterior.coords)[:-1]
    rolled = np.roll(ring, start, axis=0)
    other = shapely.Polygon(rolled[::-1] if turned else rolled)
    np.testing.assert_array_equal(ring_edges(shapely.Polygon(ring)), ring_edges(other))


def test_a_parent_without_a_childs_vertex_is_not_the_union(squares: np.ndarray) -> None:
    town = shapely.box(0, 0, 10 * SIZE, 10 * SIZE)
    assert not union_equals_parent(squares, town)
    assert union_equals_parent(squares, shapely.coverage_union_all(squares))
    assert union_fault(squares, shapely.coverage_union_all(squares)) is None


def test_an_island_and_a_hole_are_rings_too() -> None:
    frame = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    island = shapely.box(50, 0, 60, 10)
    parent = shapely.MultiPolygon([frame, island])
    assert union_equals_parent([frame, island], parent)
    assert not union_equals_parent([frame], parent)
    assert not union_equals_parent([shapely.box(0, 0, 30, 30), island], parent)
