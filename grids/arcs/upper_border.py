"""The border between two grids, or two villages, drawn anew over whatever units lie along it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Point

from grids.arcs.change import Change, Edit, apply_change, part_around
from grids.arcs.grouping import require_units
from grids.arcs.joining import absorb
from grids.arcs.local_check import check_edit
from grids.arcs.metric import MetricArcs
from grids.arcs.model import OUTSIDE, Arc, Node, Topology, Unit
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Line, line_coords
from grids.arcs.sketch import Sketch
from grids.arcs.splitting import Cell, cut_up, divide, label_piece
from grids.arcs.trace import Shape, metric_polygon
from grids.arcs.two_sides import TwoSides
from spatial.errors import InputError

_MUCH = 0.25  # of a unit: so much is left on its side, and it stays in its grid


def redraw_upper_border(
    topology: Topology, ground: Ground, one: int, other: int, line: Line
) -> Edit:
    """Divide the ground of two units anew, by a line that leads across both together once.

    Each unit keeps the side of the line that holds more of its old ground. What of a lowest unit
    lies beyond the line goes to the neighbours there, cut where edges that ended on the old border
    are led on to the new one. A unit of which hardly anything is left on its side changes sides.

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
    sides = TwoSides.of(topology, ground, (one, other), line_coords(line))
    own_of = {face: unit for unit in (one, other) for face in topology.units.leaves(unit)}
    work = _Work(ground, sides, part_around(topology, own_of), dict(own_of))
    for face in work.place_far_faces():
        work.cut(face)
    work.prolong_edges()
    work.give_pieces()
    work.move_units()
    edit = Edit(apply_change(topology, work.change), work.change)
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


def _piece_that_stays(cells: Sequence[Cell], sides: Sequence[int], own: int) -> int:
    """The piece that keeps the face's name: on its own side, if much of it is left there."""
    area_m2 = sum(cell.shape.area for cell in cells)
    at_home = next((number for number, side in enumerate(sides) if side == own), 0)
    return at_home if cells[at_home].shape.area >= _MUCH * area_m2 else 0


@dataclass
class _Work:
    """The topology on its way; pieces have labels below zero as long as they are nobody's.

    Attributes:
        sides: who gets what.
        topology: as it is by now, of what lies around the two units.
        own: of each face which of the two units it was of.
        change: what led there.
        side: of each face and piece which of the two units gets it.
    """

    ground: Ground
    sides: TwoSides
    topology: Topology
    own: dict[int, int]
    change: Change = field(default_factory=Change)
    side: dict[int, int] = field(default_factory=dict)

    def place_far_faces(self) -> list[int]:
        """Settle the sides of faces that the line doesn't come near; the others, to be cut.

        Neighbours that the line doesn't come near lie on one side of it.
        """
        ids = sorted({i for face in self.own for i in self.topology.arcs_of[face]})
        metric = MetricArcs(self.topology.coords, self.ground.plane)
        metric.load(ids)
        lines = np.asarray([LineString(metric.coords(i)) for i in ids], dtype=object)
        close = shapely.dwithin(lines, self.sides.way, self.ground.rules.snap_m)
        near = self.topology.faces_beside(np.asarray(ids)[close].tolist())
        far = [face for face in self.own if face not in near]
        for faces in self._connected(far):
            inside = metric_polygon(self.topology, metric, faces[0]).representative_point()
            side = self.sides.side_at(inside)
            self.side |= {face: side or self.own[face] for face in faces}
        return [face for face in self.own if face in near]

    def _connected(self, faces: Sequence[int]) -> list[list[int]]:
        """The faces, those together that hang together by their edges."""
        left, groups = set(faces), []
        for face in faces:
            if face not in left:
                continue
            left.discard(face)
            group = [face]
            for one in group:  # which grows meanwhile
                beside = self.topology.neighbours(one) & left
                left -= beside
                group += sorted(beside)
            groups.append(group)
        return groups

    def cut(self, face: int) -> None:
        """Cut a face along the line; one piece stays the face."""
        shape, own = self._shape(face), self.own[face]
        self.side[face] = self.sides.side_of(shape, own)
        if not shapely.dwithin(shape, self.sides.way, self.ground.rules.snap_m):
            return
        sketch = Sketch(self.topology)
        cells = cut_up(self.topology, sketch, self.ground, face, self.sides.line)
        if not cells:
            return
        sides = [self.sides.side_of(cell.shape, own) for cell in cells]
        stays = _piece_that_stays(cells, sides, own)
        for number, (cell, side) in enumerate(zip(cells, sides, strict=True)):
            if number == stays:
                self.side[face] = side
            else:
                label_piece(sketch, cell.sides, self._new_label(side))
        self._take(sketch)

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
