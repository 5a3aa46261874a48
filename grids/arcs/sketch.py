"""A topology being changed: arcs put, dropped, cut and joined, until the change is complete."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from grids.arcs.change import Change, Edit, apply_change
from grids.arcs.cuts import Cut, healed_ring, joined, rolled, with_vertices
from grids.arcs.model import Arc, Node, Topology, Unit


class Sketch:
    """What becomes of a topology in the course of one operation."""

    def __init__(self, topology: Topology) -> None:
        self._base = topology
        self._next_arc = topology.next_arc
        self._arcs: dict[int, Arc | None] = {}
        self._units: dict[int, Unit | None] = {}
        self._at: dict[Node, tuple[int, ...]] = {}
        self._of: dict[int, frozenset[int]] = {}
        self._cut_from: dict[int, int] = {}
        self._joined_into: dict[int, int] = {}

    def arc(self, arc_id: int) -> Arc:
        """The arc as it is by now."""
        arc = self._arcs.get(arc_id) if arc_id in self._arcs else self._base.arcs.get(arc_id)
        if arc is None:
            raise KeyError(arc_id)
        return arc

    def arcs_at(self, node: Node) -> tuple[int, ...]:
        """The arcs that end at a node by now; a ring is named twice."""
        return self._at.get(node, self._base.arcs_at.get(node, ()))

    def arcs_of(self, face: int) -> list[int]:
        """The arcs beside a face by now, in the order of their ids."""
        return sorted(self._of.get(face, self._base.arcs_of.get(face, frozenset())))

    def put(self, arc_id: int, arc: Arc | None) -> None:
        """Give an arc another shape or other sides; None drops it."""
        was = self._arcs[arc_id] if arc_id in self._arcs else self._base.arcs.get(arc_id)
        if was is not None:
            self._forget(arc_id, was)
        if arc is not None:
            for node in (arc.start, arc.end):
                self._at[node] = (*self.arcs_at(node), arc_id)
            for face in arc.faces:
                self._of[face] = frozenset(self.arcs_of(face)) | {arc_id}
        self._arcs[arc_id] = arc

    def _forget(self, arc_id: int, arc: Arc) -> None:
        for node in {arc.start, arc.end}:
            self._at[node] = tuple(other for other in self.arcs_at(node) if other != arc_id)
        for face in arc.faces:
            self._of[face] = frozenset(self.arcs_of(face)) - {arc_id}

    def add(self, arc: Arc) -> int:
        """A new arc; returns its id."""
        arc_id, self._next_arc = self._next_arc, self._next_arc + 1
        self.put(arc_id, arc)
        return arc_id

    def put_unit(self, unit_id: int, unit: Unit | None) -> None:
        """Give a unit another parent, or make it, or let it go."""
        self._units[unit_id] = unit

    def relabel(self, old: int, new: int) -> None:
        """Whatever was `old`'s ground is `new`'s."""
        for arc_id in self.arcs_of(old):
            self.put(arc_id, self.arc(arc_id).relabelled(old, new))

    def cut(self, arc_id: int, cuts: Sequence[Cut]) -> None:
        """Cut an arc at some places: nodes are there afterwards.

        The first piece keeps the id. A ring without a node begins at its first cut from now on.
        """
        arc = self.arc(arc_id)
        coords, marks = with_vertices(arc, sorted(cuts))
        if arc.is_closed and len(self.arcs_at(arc.start)) == 2:
            first, count = min(marks), len(coords) - 1
            coords = rolled(coords, first)
            marks = {(index - first) % count: mark for index, mark in marks.items()}
            marks[count] = marks[0]
        else:
            marks |= {0: arc.start_cut, len(coords) - 1: arc.end_cut}
        pieces = [
            Arc(coords[first : last + 1], arc.left, arc.right, marks[first], marks[last])
            for first, last in itertools.pairwise(sorted(marks))
        ]
        self.put(arc_id, pieces[0])
        for piece in pieces[1:]:
            self._cut_from[self.add(piece)] = self._cut_from.get(arc_id, arc_id)

    def heal(self, node: Node) -> None:
        """Where no third arc is met any more two become one again, without a cut's vertex."""
        ids = self.arcs_at(node)
        if len(ids) != 2:
            return
        kept, gone = sorted(ids)
        arc = self.arc(kept)
        if kept != gone:
            arc = joined(arc, self.arc(gone), node)
            self.put(gone, None)
            self.put(kept, arc)
            older = {i: kept for i, into in self._joined_into.items() if into == gone}
            self._joined_into |= {**older, gone: kept}
        if arc.is_closed and len(self.arcs_at(arc.start)) == 2:
            self.put(kept, healed_ring(arc))

    def finish(self) -> Edit:
        """The topology as it has become, and the change that leads there."""
        arcs = {
            arc_id: (self._base.arcs.get(arc_id), after)
            for arc_id, after in self._arcs.items()
            if self._base.arcs.get(arc_id) != after
        }
        units = {
            unit_id: (self._base.units.by_id.get(unit_id), after)
            for unit_id, after in self._units.items()
            if self._base.units.by_id.get(unit_id) != after
        }
        cut_from = {new: old for new, old in self._cut_from.items() if new in arcs}
        joined_into = {i: other for i, other in self._joined_into.items() if i in arcs}
        change = Change(arcs, units, cut_from, joined_into)
        return Edit(apply_change(self._base, change), change)
