"""The ground of two units of one level, divided by a line that leads across it once."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from grids.arcs.metric import MetricArcs
from grids.arcs.model import OUTSIDE, Arc, Coords, Topology
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.sketch import Sketch
from grids.arcs.splitting import divide
from grids.arcs.trace import metric_polygon

_BOTH = OUTSIDE - 1  # what the ground of both is called while it is one


class TwoSides(NamedTuple):
    """What lies on each side of the line.

    Attributes:
        line: longitudes and latitudes.
        way: the same in metres.
        units: the two units.
        grounds: in metres what each of them gets.
    """

    line: Coords
    way: LineString
    units: tuple[int, int]
    grounds: tuple[Polygon, Polygon]

    @classmethod
    def of(
        cls, topology: Topology, ground: Ground, units: tuple[int, int], line: Coords
    ) -> TwoSides:
        """Divide the ground of both.

        Raises:
            BrokenRuleError: they share no edge, or the line doesn't divide them once.
        """
        metric = MetricArcs(topology.coords, ground.plane)
        old = metric_polygon(topology, metric, units[0])
        joined = _joined(topology, units)
        if len(line) < 2:
            raise BrokenRuleError(Rule.NOT_ACROSS, None, units)
        cells = [cell.shape for cell in divide(joined, Sketch(joined), ground, _BOTH, line)]
        # What the first one has of each cell; the rest of the cell is the other's.
        own_m2 = shapely.area(shapely.intersection(old, list(cells)))
        kept_m2 = own_m2 + shapely.area(list(cells))[::-1] - own_m2[::-1]
        first, second = cells if kept_m2[0] >= kept_m2[1] else cells[::-1]
        way = LineString(ground.plane.to_metres(line))
        return cls(line, way, units, (first, second))

    def side_at(self, place: Point) -> int | None:
        """Which of the two units gets a place; None where neither does."""
        holds = shapely.contains_xy(list(self.grounds), place.x, place.y)
        return self.units[int(np.argmax(holds))] if holds.any() else None

    def side_of(self, shape: BaseGeometry, own: int) -> int:
        """Which of the two units gets a shape; its own where the line doesn't reach."""
        shares_m2 = shapely.area(shapely.intersection(shape, list(self.grounds)))
        return self.units[int(np.argmax(shares_m2))] if shares_m2.max() > 0 else own


def _joined(topology: Topology, units: tuple[int, int]) -> Topology:
    """The topology with all ground of two units as one face.

    Raises:
        BrokenRuleError: they share no edge.
    """
    mine, theirs = (frozenset(topology.units.leaves(unit)) for unit in units)
    both = mine | theirs
    arcs = {i: topology.arcs[i] for face in both for i in topology.arcs_of[face]}
    if not any(arc.faces & mine and arc.faces & theirs for arc in arcs.values()):
        raise BrokenRuleError(Rule.NOT_NEIGHBOURS, None, units)
    between = {i for i, arc in arcs.items() if arc.faces <= both and not arc.is_outline}
    around = {i: _of_both(arcs[i], both) for i in sorted(arcs.keys() - between)}
    sketch = Sketch(Topology.of(around, topology.units.by_id, topology.next_arc))
    for node in sorted({node for i in between for node in (arcs[i].start, arcs[i].end)}):
        if arcs.keys() >= set(topology.arcs_at[node]):
            sketch.heal(node)
    return sketch.finish().topology


def _of_both(arc: Arc, both: frozenset[int]) -> Arc:
    """The arc around the ground of two units, which is one."""
    left = _BOTH if arc.left in both else arc.left
    return replace(arc, left=left, right=_BOTH if arc.right in both else arc.right)
