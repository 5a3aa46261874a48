"""Words for what is on the board: the three by three squares of the fixture `board`."""

from __future__ import annotations

import shapely

from grids.arcs.model import Node, Topology
from grids.arcs.trace import polygon, polygons

METRE = 1e-5  # of longitude, about


def place(column: float, row: float) -> Node:
    """Where on the board, in squares."""
    return round(120 + column / 1e3, 7), round(29 + row / 1e3, 7)


def line(*places: tuple[float, float]) -> list[Node]:
    return [place(*each) for each in places]


def between(topology: Topology, one: int, other: int) -> int:
    """The only arc that two faces share."""
    (arc_id,) = topology.arcs_of[one] & topology.arcs_of[other]
    return arc_id


def outline_arc(topology: Topology, face: int) -> int:
    return next(i for i in sorted(topology.arcs_of[face]) if topology.arcs[i].is_outline)


def vertices(topology: Topology, unit: int) -> set[Node]:
    return set(map(tuple, shapely.get_coordinates(polygon(topology, unit)).tolist()))


def shapes_of(topology: Topology) -> dict[int, bytes]:
    """The micro-grids' polygons by unit, wherever their rings begin."""
    shapes = polygons(topology, 4)
    return {unit: shapely.to_wkb(shapely.normalize(shape)) for unit, shape in shapes.items()}
