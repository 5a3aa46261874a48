"""The border between two grids, or two villages, drawn anew over whatever units lie along it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from grids.arcs.change import Change, Edit
from grids.arcs.grouping import require_units
from grids.arcs.joining import absorb
from grids.arcs.local_check import check_edit
from grids.arcs.metric import MetricArcs
from grids.arcs.model import OUTSIDE, Arc, Coords, Node, Topology, Unit
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Line, line_coords
from grids.arcs.sketch import Sketch
from grids.arcs.splitting import cut_up, divide, label_piece
from grids.arcs.trace import Shape, metric_polygon
from spatial.errors import InputError

_BOTH = OUTSIDE - 1  # what the ground of both is called while it is one


def redraw_upper_border(
    topology: Topology, ground: Ground, one: int, other: int, line: Line
) -> Edit:
    """Divide the ground of two units anew, by a line that leads across both together once.

    Each unit keeps the side of the line that holds more of its old ground. Of a lowest unit that
    the line divides the largest piece keeps its name and goes where it lies; the other pieces go
    to the neighbours on their side. Edges that ended on the old border are led on to the new one.

    Args:
        topology: what is edited.
        ground: metres and rules.
        one, other: two units of one level above the lowest one.
        line: (n, 2) longitudes and latitudes, such as the course of a street; may be longer.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: one of them isn't there, both are the same, or the line is none.
    """
    _require_pair(topology, one, other)
    work = _Work(ground, _Sides.of(topology, ground, (one, other), line_coords(line)), topology)
    for own in (one, other):
        for face in topology.units.leaves(own):
            work.cut(face, own)
    work.prolong_edges()
    work.give_pieces()
    work.move_units()
    edit = Edit(work.topology, work.change)
    check_edit(topology, edit, ground, _upper_units(topology, edit))
    return edit


def _require_pair(topology: Topology, one: int, other: int) -> None:
    first, second = require_units(topology, (one, other))
    if one == other:
        raise InputError("a unit has no edge with itself / 须选两个单元")
    if first.level != second.level or {one, other} & topology.arcs_of.keys():
        raise BrokenRuleError(Rule.LEVEL, None, [one, other])


def _upper_units(topology: Topology, edit: Edit) -> list[int]:
    """The units over those whose ground or parent has changed, but for the town.

    Raises:
        BrokenRuleError: one of them has nothing left below it.
    """
    found = {
        up
        for units in (topology.units, edit.topology.units)
        for face in edit.change.faces
        for up in units.above(face)
        if up not in topology.arcs_of and units.by_id[up].parent in units.by_id
    }
    empty = sorted(up for up in found if not edit.topology.units.children.get(up))
    if empty:
        raise BrokenRuleError(Rule.EMPTY_PARENT, None, empty)
    return sorted(found)


class _Sides(NamedTuple):
    """What lies on each side of the line.

    Attributes:
        line: longitudes and latitudes.
        units: the two units.
        grounds: in metres what each of them gets.
    """

    line: Coords
    units: tuple[int, int]
    grounds: tuple[Polygon, Polygon]

    @classmethod
    def of(cls, topology: Topology, ground: Ground, units: tuple[int, int], line: Coords) -> _Sides:
        """Divide the ground of both.

        Raises:
            BrokenRuleError: they share no edge, or the line doesn't divide them once.
        """
        metric = MetricArcs(topology.coords, ground.plane)
        old = [metric_polygon(topology, metric, unit) for unit in units]
        joined = _joined(topology, units)
        if len(line) < 2:
            raise BrokenRuleError(Rule.NOT_ACROSS, None, units)
        cells = [cell.shape for cell in divide(joined, Sketch(joined), ground, _BOTH, line)]
        kept_m2 = [
            shapely.area(shapely.intersection(old, pair)).sum() for pair in (cells, cells[::-1])
        ]
        first, second = cells if kept_m2[0] >= kept_m2[1] else cells[::-1]
        return cls(line, units, (first, second))

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
    arcs = {i: topology.arcs[i] for face in mine | theirs for i in topology.arcs_of[face]}
    if not any(arc.faces & mine and arc.faces & theirs for arc in arcs.values()):
        raise BrokenRuleError(Rule.NOT_NEIGHBOURS, None, units)
    sketch = Sketch(topology)
    for face in sorted(mine | theirs):
        sketch.relabel(face, _BOTH)
    between = [i for i in sorted(arcs) if arcs[i].faces <= mine | theirs and not arcs[i].is_outline]
    for arc_id in between:
        sketch.put(arc_id, None)
    for node in sorted({node for i in between for node in (arcs[i].start, arcs[i].end)}):
        sketch.heal(node)
    return sketch.finish().topology


@dataclass
class _Work:
    """The topology on its way; pieces have labels below zero as long as they are nobody's.

    Attributes:
        sides: who gets what.
        topology: as it is by now.
        change: what led there.
        own: of each face which of the two units it was of.
        side: of each face and piece which of the two units gets it.
    """

    ground: Ground
    sides: _Sides
    topology: Topology
    change: Change = field(default_factory=Change)
    own: dict[int, int] = field(default_factory=dict)
    side: dict[int, int] = field(default_factory=dict)

    def cut(self, face: int, own: int) -> None:
        """Cut a face along the line; its largest piece stays the face."""
        shape: Shape = self._shape(face)
        sketch = Sketch(self.topology)
        cells = cut_up(self.topology, sketch, self.ground, face, self.sides.line)
        for cell in cells[1:]:
            label_piece(sketch, cell.sides, self._new_label(self.sides.side_of(cell.shape, own)))
        if cells:
            self._take(sketch)
        self.own[face] = own
        self.side[face] = self.sides.side_of(cells[0].shape if cells else shape, own)

    def prolong_edges(self) -> None:
        """Cut pieces where an edge between two units on their side ends: on to the new border."""
        waiting = self._pieces()
        while waiting:
            piece = waiting.pop()
            if (other := self._cut_at_an_edge(piece)) is not None:
                waiting += [piece, other]

    def _cut_at_an_edge(self, piece: int) -> int | None:
        border = [
            i for i, beside in self._edges(piece) if self.side.get(beside) != self.side[piece]
        ]
        if not border:
            return None
        metric = MetricArcs(self.topology.coords, self.ground.plane)
        new = shapely.MultiLineString([metric.coords(i) for i in border])
        for node in self._ends_of_edges(piece):
            (start,) = self.ground.plane.to_metres(np.array([node]))
            nearest = shapely.get_coordinates(shapely.shortest_line(Point(start), new))[-1:]
            (end,) = self.ground.plane.to_lonlat(nearest)
            sketch = Sketch(self.topology)
            try:
                _, smaller = divide(
                    self.topology, sketch, self.ground, piece, [node, (end[0], end[1])]
                )
            except BrokenRuleError:
                continue  # the way there leads over something else
            label = self._new_label(self.side[piece])
            label_piece(sketch, smaller.sides, label)
            self._take(sketch)
            return label
        return None

    def _ends_of_edges(self, piece: int) -> list[Node]:
        """The nodes at which a piece leaves one unit on its side and meets another one."""
        met: dict[Node, set[int]] = defaultdict(set)
        for arc_id, beside in self._edges(piece):
            if beside > OUTSIDE and self.side.get(beside) == self.side[piece]:
                for node in (self.topology.arcs[arc_id].start, self.topology.arcs[arc_id].end):
                    met[node].add(beside)
        return sorted(node for node, units in met.items() if len(units) > 1)

    def give_pieces(self) -> None:
        """Each piece to the unit on its side with which it shares the longest edge.

        Raises:
            BrokenRuleError: a piece has none.
        """
        waiting = self._pieces()
        while waiting:
            takers = {piece: self._beside_longest(piece) for piece in waiting}
            given = [piece for piece in waiting if takers[piece]]
            if not given:
                where = self._arc_beside(waiting[0]).start
                raise BrokenRuleError(Rule.PIECES, where, self.sides.units)
            for piece in given:
                sketch = Sketch(self.topology)
                absorb(sketch, takers[piece] or OUTSIDE, piece)
                self._take(sketch)
            waiting = [piece for piece in waiting if not takers[piece]]

    def _beside_longest(self, label: int) -> int | None:
        """The face of a label's new side with which it shares the longest edge."""
        metric = MetricArcs(self.topology.coords, self.ground.plane)
        shared_m: dict[int, float] = defaultdict(float)
        for arc_id, beside in self._edges(label):
            if beside > OUTSIDE and self.side.get(beside) == self.side[label]:
                shared_m[beside] += LineString(metric.coords(arc_id)).length
        return max(sorted(shared_m), key=lambda face: shared_m[face], default=None)

    def move_units(self) -> None:
        """Units that lie beyond the line get their parent there."""
        sketch = Sketch(self.topology)
        moved = frozenset(face for face, own in self.own.items() if self.side[face] != own)
        for unit in sorted({self._highest_moved(face, moved) for face in moved}):
            level, parent = self.topology.units.by_id[unit]
            sketch.put_unit(unit, Unit(level, self._parent_beyond(unit, parent)))
        self._take(sketch)

    def _highest_moved(self, face: int, moved: frozenset[int]) -> int:
        """The face, or the unit above it, below the two, that moves as a whole."""
        units = self.topology.units
        highest = face
        for up in units.above(face):
            if up in self.sides.units or not moved.issuperset(units.leaves(up)):
                break
            highest = up
        return highest

    def _parent_beyond(self, unit: int, parent: int) -> int:
        """The other of the two, or, of a part of a grid, a grid beside it."""
        units = self.topology.units
        face = units.leaves(unit)[0]
        if parent in self.sides.units:
            return self.side[face]
        beside = self._beside_longest(face)
        up = OUTSIDE if beside is None else units.at_level(beside, units.by_id[parent].level)
        if self.side[face] not in units.above(up):
            where = self._arc_beside(face).start
            raise BrokenRuleError(Rule.PIECES, where, [unit])
        return up

    def _shape(self, label: int) -> Shape:
        metric = MetricArcs(self.topology.coords, self.ground.plane)
        return metric_polygon(self.topology, metric, label)

    def _edges(self, label: int) -> list[tuple[int, int]]:
        """The arcs around a label, and what lies beyond each."""
        arcs = [(i, self.topology.arcs[i]) for i in sorted(self.topology.arcs_of[label])]
        return [(i, arc.right if arc.left == label else arc.left) for i, arc in arcs]

    def _arc_beside(self, label: int) -> Arc:
        return self.topology.arcs[min(self.topology.arcs_of[label])]

    def _pieces(self) -> list[int]:
        return sorted((label for label in self.side if label < OUTSIDE), reverse=True)

    def _new_label(self, side: int) -> int:
        label = min([OUTSIDE, *self.side]) - 1
        self.side[label] = side
        return label

    def _take(self, sketch: Sketch) -> None:
        edit = sketch.finish()
        self.topology, self.change = edit.topology, self.change.then(edit.change)
