"""Arcs between faces, the units that faces belong to, and the topology made of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from grids.arcs.index import ArcIndex

type Coords = NDArray[np.float64]
type Node = tuple[float, float]
type Edge = tuple[Node, Node]

OUTSIDE = 0
FEWEST_RING_VERTICES = 4  # the first one is the last one


@dataclass(frozen=True, slots=True, eq=False)
class Arc:
    """A line along which the same two faces are neighbours.

    It runs from node to node; where no third face is met it is a ring, whose start means nothing.

    Attributes:
        coords: (n, 2) longitudes and latitudes as stored, read-only.
        left, right: the units of the lowest level beside it, seen along it; OUTSIDE is no unit.
        start_cut, end_cut: of an end that a split set on an edge: that edge. When the split is
            undone by a merge, the vertex goes again.
        start, end: its nodes, which follow from the coordinates.
    """

    coords: Coords
    left: int
    right: int
    start_cut: Edge | None = None
    end_cut: Edge | None = None
    start: Node = field(init=False)
    end: Node = field(init=False)

    def __post_init__(self) -> None:
        coords = np.ascontiguousarray(self.coords, dtype=np.float64)
        coords.flags.writeable = False
        object.__setattr__(self, "coords", coords)
        object.__setattr__(self, "start", node_at(coords, 0))
        object.__setattr__(self, "end", node_at(coords, -1))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Arc)
            and (self.left, self.right) == (other.left, other.right)
            and (self.start_cut, self.end_cut) == (other.start_cut, other.end_cut)
            and self.coords.tobytes() == other.coords.tobytes()
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def is_closed(self) -> bool:
        """Whether it ends where it begins."""
        return self.start == self.end

    @property
    def faces(self) -> frozenset[int]:
        """The units on both sides; OUTSIDE is none."""
        return frozenset((self.left, self.right)) - {OUTSIDE}

    @property
    def is_outline(self) -> bool:
        """Whether one side is outside the town."""
        return OUTSIDE in {self.left, self.right}

    def turned(self) -> Arc:
        """The same line, run the other way."""
        return Arc(self.coords[::-1], self.right, self.left, self.end_cut, self.start_cut)

    def relabelled(self, old: int, new: int) -> Arc:
        """With `new` on each side where `old` was."""
        left = new if self.left == old else self.left
        return replace(self, left=left, right=new if self.right == old else self.right)


def node_at(coords: Coords, index: int) -> Node:
    """The vertex `index` as a key."""
    lon, lat = coords[index].tolist()
    return lon, lat


def edge_between(one: Node, other: Node) -> Edge:
    """The edge without a direction."""
    return (one, other) if one <= other else (other, one)


class Unit(NamedTuple):
    """Level 1 town, 2 village, 3 grid, 4 micro-grid, and the unit above (OUTSIDE: none)."""

    level: int
    parent: int


@dataclass(frozen=True)
class Units:
    """The units of all levels by id; what lies under and above one."""

    by_id: Mapping[int, Unit]

    @cached_property
    def children(self) -> Mapping[int, tuple[int, ...]]:
        """Of each unit those right below it."""
        below: dict[int, list[int]] = {}
        for unit_id, unit in self.by_id.items():
            below.setdefault(unit.parent, []).append(unit_id)
        return {unit_id: tuple(ids) for unit_id, ids in below.items()}

    def above(self, unit_id: int) -> Iterator[int]:
        """The unit itself, its parent, and so on up to the town."""
        while unit_id in self.by_id:
            yield unit_id
            unit_id = self.by_id[unit_id].parent

    def at_level(self, unit_id: int, level: int) -> int:
        """The unit of a level that holds `unit_id`; OUTSIDE if none does."""
        return next((up for up in self.above(unit_id) if self.by_id[up].level == level), OUTSIDE)

    def leaves(self, unit_id: int) -> list[int]:
        """The units under it that have none below them; itself if it is one."""
        below = self.children.get(unit_id, ())
        return [leaf for child in below for leaf in self.leaves(child)] if below else [unit_id]

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """The levels that there are, from the top down."""
        return tuple(sorted({unit.level for unit in self.by_id.values()}))


@dataclass(frozen=True)
class Topology:
    """A planar subdivision: arcs, and the units on both sides of each. Never changed in place.

    Attributes:
        arcs: by their ids, which stay as long as the arc does.
        units: the faces and everything above them.
        arcs_of: of each face the arcs beside it.
        arcs_at: of each node the arcs that end there; a ring is named twice.
        next_arc: the id that the next new arc gets.
        index: which arcs lie near a place.
    """

    arcs: Mapping[int, Arc]
    units: Units
    arcs_of: Mapping[int, frozenset[int]]
    arcs_at: Mapping[Node, tuple[int, ...]]
    next_arc: int
    index: ArcIndex

    @classmethod
    def of(cls, arcs: Mapping[int, Arc], units: Mapping[int, Unit], next_arc: int = 1) -> Self:
        """The topology of arcs as they are stored.

        Args:
            arcs: by id.
            units: of all levels, by id; those on the arcs' sides are the faces.
            next_arc: at least the id for the next arc; ids above all of `arcs` are free anyway.
        """
        of_face: dict[int, set[int]] = {}
        at_node: dict[Node, list[int]] = {}
        for arc_id, arc in arcs.items():
            for face in arc.faces:
                of_face.setdefault(face, set()).add(arc_id)
            at_node.setdefault(arc.start, []).append(arc_id)
            at_node.setdefault(arc.end, []).append(arc_id)
        return cls(
            arcs=dict(arcs),
            units=Units(dict(units)),
            arcs_of={face: frozenset(ids) for face, ids in of_face.items()},
            arcs_at={node: tuple(ids) for node, ids in at_node.items()},
            next_arc=max([next_arc, *(arc_id + 1 for arc_id in arcs)]),
            index=ArcIndex.of({arc_id: arc.coords for arc_id, arc in arcs.items()}),
        )

    def coords(self, arc_id: int) -> Coords:
        """The coordinates of an arc as they are stored."""
        return self.arcs[arc_id].coords

    def neighbours(self, face: int) -> frozenset[int]:
        """The faces that share an arc with `face`."""
        arcs = (self.arcs[arc_id] for arc_id in self.arcs_of.get(face, ()))
        return frozenset(other for arc in arcs for other in arc.faces) - {face}

    def is_same(self, other: Topology) -> bool:
        """Whether arcs (bit for bit) and units are the same."""
        return self.arcs == other.arcs and self.units.by_id == other.units.by_id

    def faces_beside(self, arc_ids: Iterable[int]) -> frozenset[int]:
        """The faces on both sides of some arcs."""
        return frozenset(face for arc_id in arc_ids for face in self.arcs[arc_id].faces)
