"""Arcs made of polygons, and polygons made of arcs again: vertex for vertex, whatever the shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon

from grids.arcs.build import topology_from_polygons
from grids.arcs.model import OUTSIDE, Topology, Unit
from grids.arcs.plane import Plane
from grids.arcs.trace import polygon, polygons
from grids.coverage import ring_edges, union_equals_parent
from spatial.errors import InputError

PLANE = Plane(4549)
DEGREE = 1e-3  # about a hundred metres


def square(column: float, row: float, size: float = 1) -> Polygon:
    west, south = 120 + column * DEGREE, 29 + row * DEGREE
    box = shapely.box(west, south, west + size * DEGREE, south + size * DEGREE)
    return shapely.transform(box, lambda lonlat: lonlat.round(6))  # neighbours' sums differ


def topology_of(shapes: Sequence[shapely.Geometry]) -> Topology:
    units = {n: Unit(4, 100) for n in range(1, len(shapes) + 1)} | {100: Unit(1, OUTSIDE)}
    return topology_from_polygons(shapes, range(1, len(shapes) + 1), units, PLANE)


def assert_gives_back(topology: Topology, shapes: Sequence[shapely.Geometry]) -> None:
    for unit, shape in polygons(topology, 4).items():
        assert shape.is_valid
        given = shapely.remove_repeated_points(shapes[unit - 1])
        np.testing.assert_array_equal(ring_edges(shape), ring_edges(given))
        assert polygon(topology, unit).wkb == shape.wkb
    given = shapely.remove_repeated_points(shapes)
    assert union_equals_parent(given, polygon(topology, 100))


def ring_with_hole() -> Polygon:
    hole = square(1, 1)
    return Polygon(square(0, 0, 3).exterior, [hole.exterior])


# Each is a whole town: shapes that share their vertices.
TOWNS: dict[str, Callable[[], list[shapely.Geometry]]] = {
    "one": lambda: [square(0, 0)],
    "two neighbours": lambda: [square(0, 0), square(1, 0)],
    "an enclave": lambda: [ring_with_hole(), square(1, 1)],
    "a hole that is outside": lambda: [ring_with_hole()],
    "a vertex given twice": lambda: [
        Polygon([*square(0, 0).exterior.coords[:2], *square(0, 0).exterior.coords[1:]]),
        square(1, 0),
    ],
    "an island": lambda: [square(0, 0), square(1, 0), square(9, 9)],
    "one unit in two parts": lambda: [MultiPolygon([square(0, 0), square(9, 9)]), square(1, 0)],
    "two corners that touch": lambda: [square(0, 0), square(1, 1)],
    "parts that touch in a corner": lambda: [
        MultiPolygon([square(0, 0), square(1, 1)]),
        MultiPolygon([square(0, 1), square(1, 0)]),
    ],
    "a hole that touches the shell": lambda: [
        Polygon(
            [square(0, 0).exterior.coords[i] for i in range(4)],
            [[square(0, 0).exterior.coords[0], *_inside(square(0, 0))]],
        )
    ],
    "an island in a lake": lambda: [ring_with_hole(), square(1.2, 1.2, 0.5)],
    "parts and a hole": lambda: [
        MultiPolygon([square(1.2, 1.2, 0.5), ring_with_hole()]),
        square(4, 3),
    ],
}


def _inside(shape: Polygon) -> list[tuple[float, float]]:
    x, y = shape.exterior.coords[0]
    return [(x - 0.3 * DEGREE, y + 0.2 * DEGREE), (x - 0.2 * DEGREE, y + 0.4 * DEGREE)]


@pytest.mark.parametrize("name", TOWNS)
def test_polygons_come_back_vertex_for_vertex(name: str) -> None:
    shapes = TOWNS[name]()
    assert_gives_back(topology_of(shapes), shapes)


def test_neighbours_share_one_arc() -> None:
    topology = topology_of([square(0, 0), square(1, 0)])
    shared = [arc for arc in topology.arcs.values() if arc.faces == {1, 2}]
    assert (len(topology.arcs), len(shared), len(topology.arcs_at)) == (3, 1, 2)
    assert topology.neighbours(1) == {2}
    assert topology.next_arc == 4


def test_an_enclave_is_a_ring_without_a_node() -> None:
    topology = topology_of([ring_with_hole(), square(1, 1)])
    (ring,) = (arc for arc in topology.arcs.values() if not arc.is_outline)
    assert ring.is_closed
    assert ring.start == (ring.coords[:, 0].min(), ring.coords[:, 1].min())


@pytest.mark.parametrize(
    ("shapes", "what"),
    [
        ([square(0, 0), square(0.9, 0)], "unit 1: edges overlap.* near 120"),
        ([square(0, 0, 2), square(2, 0), square(2, 1)], "unit 1: .* near 120"),
        ([square(0, 0), square(0, 0)], "edges overlap"),
        ([square(0, 0), Polygon()], "unit 2: a polygon is empty"),
        (
            [
                square(0, 0),
                Polygon([(120.001, 29), (120.002, 29), (120.001, 29.001), (120.001005, 29.0005)]),
            ],
            "gap",
        ),
    ],
    ids=["overlap", "T-junction", "twice", "empty", "gap"],
)
def test_what_is_no_coverage_is_refused_with_its_place(
    shapes: list[shapely.Geometry], what: str
) -> None:
    with pytest.raises(InputError, match=what):
        topology_of(shapes)


def test_levels_are_made_of_one_arc_set() -> None:
    cells = [square(column, row) for row in range(4) for column in range(4)]
    units = {n + 1: Unit(4, 20 + n // 4) for n in range(16)}
    units |= {20 + row: Unit(3, 30 + row // 2) for row in range(4)}
    units |= {30: Unit(2, 40), 31: Unit(2, 40), 40: Unit(1, OUTSIDE)}
    topology = topology_from_polygons(cells, range(1, 17), units, PLANE)
    for level, count in ((1, 1), (2, 2), (3, 4), (4, 16)):
        made = polygons(topology, level)
        assert len(made) == count
        for unit, shape in made.items():
            leaves = [cells[leaf - 1] for leaf in topology.units.leaves(unit)]
            assert union_equals_parent(leaves, shape)
