"""Workloads of given points: each counted once, and recounted only where something changed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from grids.workload import (
    NOWHERE,
    Points,
    Streets,
    Workload,
    compactness,
    patrol_lengths_m,
    totals,
    units_after,
    units_of_points,
    workloads,
)
from spatial.errors import InputError

SIDE = 4


def units_from(of_cell: np.ndarray) -> dict[int, shapely.Geometry]:
    """Units made of the unit squares of a lattice, in no particular order of their ids."""
    squares = np.array([shapely.box(x, y, x + 1, y + 1) for y in range(SIDE) for x in range(SIDE)])
    return {
        int(unit): shapely.coverage_union_all(squares[of_cell == unit])
        for unit in dict.fromkeys(of_cell.tolist())
    }


def unit_of_point_slowly(x: float, y: float, units: dict[int, shapely.Geometry]) -> int:
    point = shapely.Point(x, y)
    return min((unit for unit, shape in units.items() if shape.intersects(point)), default=NOWHERE)


# Many of these lie on edges and corners, some outside.
places = st.lists(
    st.tuples(st.integers(-1, 4 * SIDE + 1), st.integers(-1, 4 * SIDE + 1)), min_size=1, max_size=40
).map(lambda quarters: np.array(quarters) / 4.0)
coverages = st.integers(0, 10**6).map(
    lambda seed: default_rng(seed).integers(1, 7, SIDE * SIDE) * 5 % 13
)


@given(places, coverages)
def test_each_point_is_counted_once_and_on_an_edge_by_the_lowest_id(
    xy: np.ndarray, of_cell: np.ndarray
) -> None:
    units = units_from(of_cell)
    found = units_of_points(Points(xy), units)
    assert found.tolist() == [unit_of_point_slowly(x, y, units) for x, y in xy]


@given(places, coverages, st.lists(st.tuples(st.integers(0, 15), st.integers(0, 20)), max_size=4))
@settings(max_examples=200)
def test_a_recount_of_what_changed_is_a_full_recount(
    xy: np.ndarray, of_cell: np.ndarray, changes: list[tuple[int, int]]
) -> None:
    points = Points(xy)
    before = units_of_points(points, units_from(of_cell))
    for cell, taker in changes:  # a transfer; a split where the taker is new; a merge at the last
        touched = {int(of_cell[cell]), taker}
        of_cell = of_cell.copy()
        of_cell[cell] = taker
        units = units_from(of_cell)
        changed = {unit: shape for unit, shape in units.items() if unit in touched}
        beside = {
            unit: shape
            for unit, shape in units.items()
            if unit not in touched and any(shape.intersects(other) for other in changed.values())
        }
        before = units_after(points, before, touched, changed, beside)
        assert before.tolist() == units_of_points(points, units).tolist()


@given(places, coverages)
def test_totals_are_sums_by_kind_in_the_order_that_was_asked_for(
    xy: np.ndarray, of_cell: np.ndarray
) -> None:
    households = np.arange(len(xy)) + 1
    points = Points(xy, {"households": households, "area": households / 3})
    units = units_from(of_cell)
    holder = units_of_points(points, units)
    ids = np.array([*units, 99])
    counted = totals(points, holder, ids)
    assert counted["households"].dtype == np.int64
    assert counted["households"].tolist() == [households[holder == unit].sum() for unit in ids]
    assert counted["area"] == pytest.approx(
        [(households / 3)[holder == unit].sum() for unit in ids]
    )
    assert totals(points, holder, ids[:1])["households"][0] == counted["households"][0]


def test_nothing_is_asked_for() -> None:
    points = Points(np.zeros((2, 2)), {"households": np.array([1, 2])})
    none = np.array([], dtype=np.int64)
    assert totals(points, np.array([1, 2]), none)["households"].tolist() == []
    assert units_of_points(points, {}).tolist() == [NOWHERE, NOWHERE]


def test_every_point_needs_its_weight() -> None:
    with pytest.raises(InputError, match="rooms: 1 weights for 2 points"):
        Points(np.zeros((2, 2)), {"rooms": np.array([1])})


TWO = {7: shapely.box(0, 0, 10, 10), 8: shapely.box(10, 0, 20, 10)}


@pytest.mark.parametrize(
    ("line", "left", "right"),
    [
        ([(1, 5), (4, 5)], 3, 0),
        ([(5, 5), (18, 5)], 5, 8),
        ([(10, 0), (10, 10)], 5, 5),  # along the border: half each
        ([(8, 4), (10, 4), (10, 7), (14, 7)], 3.5, 5.5),
        ([(-5, 5), (30, 5)], 10, 10),  # no more than what is inside
        ([(40, 5), (50, 5)], 0, 0),
        ([(5, 5), (10, 5)], 5, 0),  # ends at the border
    ],
)
def test_patrol_lengths(line: list[tuple[float, float]], left: float, right: float) -> None:
    streets = Streets(np.array([shapely.LineString(line)], dtype=object))
    assert patrol_lengths_m(streets, TWO) == pytest.approx({7: left, 8: right})
    assert patrol_lengths_m(streets, {8: TWO[8]}) == pytest.approx({8: right})


@given(coverages, st.integers(0, 10**6))
@settings(max_examples=40)
def test_patrol_lengths_add_up(of_cell: np.ndarray, seed: int) -> None:
    ends = default_rng(seed).integers(1, 2 * SIDE, (12, 2, 2)) / 2
    lines = np.array([shapely.LineString(pair) for pair in ends], dtype=object)
    found = patrol_lengths_m(Streets(lines), units_from(of_cell))
    assert sum(found.values()) == pytest.approx(shapely.length(lines).sum())


def test_everything_about_some_units() -> None:
    points = Points(
        np.array([[1.0, 1.0], [10.0, 5.0], [15.0, 5.0]]), {"shops": np.array([1, 2, 4])}
    )
    streets = Streets(np.array([shapely.LineString([(5, 5), (18, 5)])], dtype=object))
    holder = units_of_points(points, TWO)
    found = workloads(TWO, points, holder, streets)
    assert found[7] == Workload({"shops": 3}, pytest.approx(5), pytest.approx(np.pi / 4))
    assert found[8] == Workload({"shops": 4}, pytest.approx(8), pytest.approx(np.pi / 4))
    assert workloads({8: TWO[8]}, points, holder, streets) == {8: found[8]}


def test_compactness() -> None:
    disk, square, strip = (
        shapely.Point(5, 5).buffer(3, 200),
        shapely.box(0, 0, 9, 9),
        shapely.box(0, 0, 9, 1),
    )
    found = compactness(np.array([disk, square, strip, shapely.Polygon()], dtype=object))
    assert found == pytest.approx([1.0, np.pi / 4, 4 * np.pi * 9 / 400, 0.0], rel=1e-4)
