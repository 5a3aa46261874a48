"""The lines that are drawn where a rebalance cuts: they divide the face as the part does."""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon, box
from shapely.ops import split

from grids.rebalance.cut_lines import lines_around

SQUARE = box(0, 0, 100, 100)


def star(radii: list[float]) -> Polygon:
    """A polygon around (0, 0) that may be concave."""
    angles = np.arange(len(radii)) * 2 * pi / len(radii)
    return Polygon([(r * cos(a), r * sin(a)) for r, a in zip(radii, angles, strict=True)])


def half(angle: float, distance_m: float) -> Polygon:
    """Whatever lies more than so far in a direction, as far as a star reaches."""
    u, v = np.array([cos(angle), sin(angle)]), np.array([-sin(angle), cos(angle)])
    corners = [distance_m * u - 999 * v, distance_m * u + 999 * v]
    return Polygon([*corners, corners[1] + 999 * u, corners[0] + 999 * u])


@given(
    st.lists(st.floats(60, 120), min_size=4, max_size=12),
    st.floats(0, 2 * pi),
    st.floats(-40, 40),
)
def test_one_line_divides_a_face_as_the_part_does(
    radii: list[float], angle: float, distance_m: float
) -> None:
    face = star(radii)
    part = face.intersection(half(angle, distance_m))
    rest = face.difference(part)
    assume(isinstance(part, Polygon) and isinstance(rest, Polygon))
    [line] = lines_around(face, part)
    pieces = split(face, LineString(line)).geoms
    areas = sorted(piece.area for piece in pieces if piece.area > 1)
    assert areas == pytest.approx(sorted([part.area, rest.area]), abs=1)


def test_ends_lead_out_of_the_face_and_stay_straight() -> None:
    [line] = lines_around(SQUARE, box(0, 0, 40, 100))
    assert sorted(line[:, 1].tolist()) == pytest.approx([-0.95, 2.05, 97.95, 100.95], abs=0.01)
    assert line[:, 0].tolist() == pytest.approx([40] * 4)


def test_no_line_where_the_part_is_all_or_nothing() -> None:
    assert lines_around(SQUARE, SQUARE) == []
    assert lines_around(SQUARE, box(100, 0, 200, 100)) == []


def test_a_band_across_has_two_lines_and_ground_beside_it_none() -> None:
    assert len(lines_around(SQUARE, box(-50, 30, 150, 60))) == 2


def test_a_part_inside_has_a_ring() -> None:
    [line] = lines_around(SQUARE, box(30, 30, 60, 60))
    assert (line[0] == line[-1]).all()
    assert shapely.Polygon(line).area == pytest.approx(900)
