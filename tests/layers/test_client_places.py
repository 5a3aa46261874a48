"""Vertices that a client didn't move come back to the bit, whatever its numbers went through."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.boundaries.clients.places import (
    SERVED_TOLERANCE_DEG,
    as_multi,
    is_same_shape,
    put_back,
    tolerance_of,
)

LON = st.floats(119, 121, width=64)
LAT = st.floats(29, 30, width=64)


@pytest.mark.parametrize(
    ("coordinates", "tolerance"),
    [
        ([[[120.025324, 29.201198], [120.02, 29.2]]], 5e-7),
        ([[[120.0253241, 29.201198]]], 5e-8),
        ([[[120.025323638, 29.2]]], SERVED_TOLERANCE_DEG),
        ([[[120.02532363874026, 29.20119819797681]]], SERVED_TOLERANCE_DEG),
        ([[[119.93843381000002, 29.2]]], SERVED_TOLERANCE_DEG),
        ([[[120, 29], [120.1, 29.1]]], 5e-7),
        (None, 5e-7),
    ],
)
def test_how_a_client_rounds_is_seen_from_its_numbers(coordinates: object, tolerance: float):
    assert tolerance_of(coordinates) == pytest.approx(tolerance, abs=1.1e-9)


@given(st.lists(st.tuples(LON, LAT), min_size=4, max_size=12, unique=True), st.integers(6, 17))
def test_rounded_vertices_come_back(places: list[tuple[float, float]], decimals: int):
    known = np.array(places)
    served = known.round(9)
    sent = served.round(decimals)
    tolerance = tolerance_of(sent.tolist())
    apart = shapely.distance(*np.meshgrid(shapely.points(known), shapely.points(known)))
    np.fill_diagonal(apart, 1)
    if apart.min() < 4 * tolerance:
        return  # two known places that a rounded number can't tell apart
    back = put_back(shapely.MultiPoint(sent), known, tolerance)
    assert np.array_equal(shapely.get_coordinates(back), known)


@given(st.tuples(LON, LAT), st.integers(6, 9), st.integers(1, 50))
def test_a_move_that_the_client_can_write_is_kept(
    place: tuple[float, float], decimals: int, units: int
):
    """One unit of the last decimal is more than what rounding explains."""
    known = np.array([place]).round(decimals)
    moved = (known + units * 10.0**-decimals).round(decimals)
    tolerance = tolerance_of([*moved.tolist(), [120 + 10.0**-decimals, 29]])
    back = put_back(shapely.MultiPoint(moved), known, tolerance)
    if decimals < 9:
        assert np.array_equal(shapely.get_coordinates(back), moved)


def test_shapes_are_the_same_wherever_their_rings_begin():
    square = shapely.box(0, 0, 1, 1)
    rolled = shapely.Polygon([(1, 1), (0, 1), (0, 0), (1, 0)])
    assert is_same_shape(square, as_multi(rolled))
    assert not is_same_shape(square, shapely.box(0, 0, 1, np.nextafter(1, 2)))
    assert as_multi(shapely.Polygon([(0, 0, 5), (1, 0, 5), (1, 1, 5)])).has_z is False


def test_nothing_known_leaves_a_shape_as_it_is():
    square = shapely.box(0, 0, 1, 1)
    assert put_back(square, np.empty((0, 2)), 1.0) is square
