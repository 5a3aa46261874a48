"""Polygons from arcs: the arcs around some ground, put end to end.

The ground lies on the left of each step, so shells run counter-clockwise and holes clockwise.
Rings touch in nodes only: where a ring meets one twice, it is two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from grids.arcs.metric import MetricArcs
from grids.arcs.model import FEWEST_RING_VERTICES, OUTSIDE, Arc, Coords, Node, Topology, node_at
from spatial.errors import ConflictError


class NoPolygonError(ConflictError):
    """Arcs enclose no ground; `place` (lon, lat) is where."""

    def __init__(self, what: str, place: Node) -> None:
        super().__init__(
            f"{what} near {place[0]:.6f}, {place[1]:.6f} / 边界不成面",
            remedy="take back one of the changes that meet there",
        )
        self.place = place


type Shape = Polygon | MultiPolygon
type Step = tuple[int, bool]  # an arc, and whether it is followed in its own direction
type CoordsOf = Callable[[int], Coords]


def polygon(topology: Topology, unit: int) -> Shape:
    """The ground of a unit of any level, in stored coordinates; empty if it has none.

    Raises:
        NoPolygonError: its arcs don't close, or turn inside out.
    """
    return polygon_of_steps(topology.arcs, unit_steps(topology, unit), topology.coords)


def polygons(topology: Topology, level: int) -> dict[int, Shape]:
    """The ground of every unit of a level that has any, in stored coordinates, by unit.

    Raises:
        NoPolygonError: the arcs of one don't close, or turn inside out.
    """
    return polygons_of_level(topology, level, topology.coords)


def metric_polygon(topology: Topology, metric: MetricArcs, unit: int) -> Shape:
    """The ground of a unit in metres.

    Raises:
        NoPolygonError: its arcs don't close, or turn inside out.
    """
    steps = unit_steps(topology, unit)
    metric.load(arc_id for arc_id, _ in steps)
    return polygon_of_steps(topology.arcs, steps, metric.coords)


def unit_steps(topology: Topology, unit: int) -> list[Step]:
    """The arcs around a unit, in the order of their ids; those between its own faces drop out."""
    leaves = [unit] if unit in topology.arcs_of else topology.units.leaves(unit)
    inside = frozenset(leaves)
    ids = sorted(frozenset[int]().union(*(topology.arcs_of.get(f, ()) for f in leaves)))
    return [
        (arc_id, topology.arcs[arc_id].left in inside)
        for arc_id in ids
        if (topology.arcs[arc_id].left in inside) != (topology.arcs[arc_id].right in inside)
    ]


def level_steps(topology: Topology, level: int) -> dict[int, list[Step]]:
    """The arcs around each unit of a level."""
    unit_of = {face: topology.units.at_level(face, level) for face in topology.arcs_of}
    unit_of[OUTSIDE] = OUTSIDE
    steps: dict[int, list[Step]] = {}
    for arc_id in sorted(topology.arcs):
        arc = topology.arcs[arc_id]
        left, right = unit_of[arc.left], unit_of[arc.right]
        if left != right:
            steps.setdefault(left, []).append((arc_id, True))
            steps.setdefault(right, []).append((arc_id, False))
    steps.pop(OUTSIDE, None)
    return steps


def polygons_of_level(topology: Topology, level: int, coords_of: CoordsOf) -> dict[int, Shape]:
    """Like `polygons`, of coordinates that `coords_of` gives for each arc."""
    rings: list[Coords] = []
    owners: list[int] = []
    for unit, steps in sorted(level_steps(topology, level).items()):
        own = [ring_coords(ring, coords_of) for ring in rings_of(topology.arcs, steps)]
        rings += own
        owners += [unit] * len(own)
    return _assembled(rings, owners)


def polygon_of_steps(arcs: Mapping[int, Arc], steps: Sequence[Step], coords_of: CoordsOf) -> Shape:
    """The ground on the left of some steps."""
    rings = [ring_coords(ring, coords_of) for ring in rings_of(arcs, steps)]
    return _assembled(rings, [0] * len(rings)).get(0, Polygon())


def ring_coords(ring: Sequence[Step], coords_of: CoordsOf) -> Coords:
    """The closed ring of some steps that follow each other."""
    parts = [coords_of(arc_id) if along else coords_of(arc_id)[::-1] for arc_id, along in ring]
    return np.concatenate([*(part[:-1] for part in parts[:-1]), parts[-1]])


def rings_of(arcs: Mapping[int, Arc], steps: Iterable[Step]) -> list[list[Step]]:
    """Steps with some ground on their left, as rings that meet no node twice.

    Raises:
        NoPolygonError: an arc leads to a node from which none goes on.
    """
    going: dict[Node, list[Step]] = {}
    for arc_id, along in steps:
        arc = arcs[arc_id]
        going.setdefault(arc.start if along else arc.end, []).append((arc_id, along))
    rings = []
    for node in list(going):
        while going.get(node):
            rings += _simple_rings(arcs, _walk(arcs, going, going[node][0]))
    return rings


def _walk(arcs: Mapping[int, Arc], going: dict[Node, list[Step]], first: Step) -> list[Step]:
    """From `first` on along the ground until back at it; takes its steps out of `going`."""
    walk, step = [], first
    while True:
        walk.append(step)
        node = _end(arcs, step)
        choices = going.get(node, [])
        if not choices:
            raise NoPolygonError("the edges around a unit don't close", node)
        step = choices[0] if len(choices) == 1 else _next_along_ground(arcs, step, choices)
        choices.remove(step)
        if step == first:
            return walk


def _end(arcs: Mapping[int, Arc], step: Step) -> Node:
    arc = arcs[step[0]]
    return arc.end if step[1] else arc.start


def _next_along_ground(arcs: Mapping[int, Arc], step: Step, choices: Sequence[Step]) -> Step:
    """Where several go on: the one with the same ground between, the first one clockwise."""
    back = _bearing(arcs, (step[0], not step[1]))
    turn = 2 * math.pi

    def clockwise(choice: Step) -> float:
        # a ring's own way back is the last choice
        return (back - _bearing(arcs, choice)) % turn or turn

    return min(choices, key=clockwise)


def _bearing(arcs: Mapping[int, Arc], step: Step) -> float:
    """The direction in which a step leaves its node, radians."""
    coords = arcs[step[0]].coords if step[1] else arcs[step[0]].coords[::-1]
    (x0, y0), (x1, y1) = coords[:2].tolist()
    return math.atan2(y1 - y0, x1 - x0)


def _simple_rings(arcs: Mapping[int, Arc], walk: Sequence[Step]) -> list[list[Step]]:
    """A closed walk, cut where it meets a node again."""
    rings: list[list[Step]] = []
    path: list[Step] = []
    reached: dict[Node, int] = {}
    for step in walk:
        arc = arcs[step[0]]
        reached[arc.start if step[1] else arc.end] = len(path)
        path.append(step)
        first = reached.get(_end(arcs, step))
        if first is not None:
            rings.append(path[first:])
            del path[first:]
            reached = {node: index for node, index in reached.items() if index < first}
    return rings


def _assembled(rings: Sequence[Coords], owners: Sequence[int]) -> dict[int, Shape]:
    """Polygons from the rings of each owner; rings of one come one after the other."""
    short = next((ring for ring in rings if len(ring) < FEWEST_RING_VERTICES), None)
    if short is not None:
        raise NoPolygonError("a ring of two edges encloses nothing", node_at(short, 0))
    if not len(rings):
        return {}
    indices = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    coords = np.concatenate(list(rings))
    made = np.asarray(shapely.linearrings(coords, indices=indices), dtype=object)
    is_shell = shapely.is_ccw(made)
    units, firsts = np.unique(np.asarray(owners), return_index=True)
    return {
        unit: _nested(made[first:until], is_shell[first:until])
        for unit, first, until in zip(
            units.tolist(), firsts, [*firsts[1:], len(rings)], strict=True
        )
    }


def _nested(rings: NDArray[np.object_], is_shell: NDArray[np.bool_]) -> Shape:
    """Shells with their holes; a hole belongs to the smallest shell around it."""
    shells, holes = rings[is_shell], rings[~is_shell]
    if not len(shells):
        x, y = holes[0].coords[0]
        raise NoPolygonError("the edges around a unit turn inside out", (x, y))
    if len(shells) == 1:
        return Polygon(shells[0], list(holes))
    grounds = np.asarray(shapely.polygons(shells), dtype=object)
    order = np.argsort(shapely.area(grounds), kind="stable")
    held: dict[int, list[shapely.LinearRing]] = {int(index): [] for index in order}
    for hole in holes:
        around = [int(i) for i in order if shapely.covers(grounds[i], Polygon(hole))]
        held[around[0] if around else int(order[-1])].append(hole)
    return MultiPolygon([Polygon(shells[index], held[index]) for index in sorted(held)])
