"""Edges that don't fit: GEOS's findings, without those of it that are none."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from grids.coverage_edges import invalid_edges, is_valid_coverage

# A square with an enclave that touches its lower left corner, and neighbours that end there.
ENCLAVE = Polygon([(0, 0), (4, 3), (3, 4)])
AROUND = shapely.box(0, 0, 10, 10).difference(ENCLAVE)
BESIDE = Polygon([(0, 0), (0, 10), (-10, 10), (-10, -5)])
FAN = [Polygon([(0, 0), (0, 10), (-10, 10)]), Polygon([(0, 0), (-10, 10), (-10, 0)])]
OPPOSITE = shapely.box(-10, -10, 0, 0)


def turned(shapes: list[BaseGeometry], angle: float) -> list[BaseGeometry]:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [shapely.transform(shape, lambda xy: xy @ turn) for shape in shapes]


@pytest.mark.parametrize("angle", [0, 0.3, 1.1, 2.0, 4.0])
@pytest.mark.parametrize("others", [[BESIDE], FAN, FAN[1:], [OPPOSITE], [OPPOSITE, *FAN]])
def test_a_hole_may_touch_its_ring_where_neighbours_end(
    others: list[BaseGeometry], angle: float
) -> None:
    shapes = turned([AROUND, ENCLAVE, *others], angle)
    assert not shapely.coverage_is_valid(shapes)  # what GEOS says; should it change, drop ours
    assert is_valid_coverage(shapes)
    assert is_valid_coverage(shapes, 0.1)
    assert is_valid_coverage([*shapes[:1], *shapes[2:]])


@pytest.mark.parametrize(
    ("other", "wrong"),
    [
        (Polygon([(0, 0), (1, 9), (-10, 10), (-10, 0)]), {(0, 0), (1, 9)}),  # overlaps
        (Polygon([(0, 0), (0, 9), (-10, 9), (-10, 0)]), {(0, 0), (0, 9)}),  # half of an edge
        (Polygon([(0, 0), (3, 4), (4, 3)]), None),  # lies upon the enclave
        (Polygon([(1, -1), (1, 1), (2, 1), (2, -1)]), {(1, 1), (2, 1)}),  # elsewhere
    ],
)
def test_real_faults_there_are_told(other: Polygon, wrong: set[tuple[float, float]] | None) -> None:
    shapes = [AROUND, ENCLAVE, other]
    assert not is_valid_coverage(shapes)
    places = set(map(tuple, shapely.get_coordinates(invalid_edges(shapes)).tolist()))
    assert wrong is None or wrong <= places


def test_a_gap_beside_such_a_corner_is_told() -> None:
    slit = Polygon([(0, 0), (-0.5, 10), (-10, 10), (-10, 0)])
    assert is_valid_coverage([AROUND, ENCLAVE, slit])
    assert not is_valid_coverage([AROUND, ENCLAVE, slit], 1.0)


def test_other_coverages_are_judged_as_geos_does() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        corners = random.integers(0, 6, (6, 2))
        boxes = [shapely.box(x, y, x + 1 + k % 3, y + 1) for k, (x, y) in enumerate(corners)]
        found = invalid_edges(boxes, 0.5)
        assert shapely.equals(found, shapely.coverage_invalid_edges(boxes, gap_width=0.5)).all()
