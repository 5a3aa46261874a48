"""Cutting an arc in pieces and joining pieces again, such that one undoes the other.

A cut on an edge sets a vertex there. The arcs that end in it remember the edge, so that joining
them takes the vertex out again, as long as the edge is still what it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from grids.arcs.model import FEWEST_RING_VERTICES, Arc, Coords, Edge, Node, edge_between, node_at


class Cut(NamedTuple):
    """Where an arc is to be cut.

    Attributes:
        edge: number of the edge; of a cut at a vertex, the number of that vertex.
        share: how far along the edge, in [0, 1); 0 is the vertex itself.
        at: the node that is to be there.
    """

    edge: int
    share: float
    at: Node


def with_vertices(arc: Arc, cuts: Sequence[Cut]) -> tuple[Coords, dict[int, Edge | None]]:
    """The arc's coordinates with the cuts' vertices in.

    Args:
        arc: what is to be cut.
        cuts: in their order along it.

    Returns:
        The coordinates, and of each cut its vertex there and the edge that it cuts; None for a
        cut at a vertex that was there.
    """
    new = [cut for cut in cuts if cut.share > 0]
    coords = arc.coords
    if new:
        coords = np.insert(coords, [cut.edge + 1 for cut in new], [cut.at for cut in new], axis=0)
    marks: dict[int, Edge | None] = {}
    inserted = 0
    for cut in cuts:
        inserted += cut.share > 0
        marks[cut.edge + inserted] = cut_edge(arc, cut.edge) if cut.share > 0 else None
    return coords, marks


def cut_edge(arc: Arc, number: int) -> Edge:
    """The edge `number`, or, where it is itself a piece of an edge cut before, that one."""
    first, last = node_at(arc.coords, number), node_at(arc.coords, number + 1)
    before = arc.start_cut if number == 0 else None
    after = arc.end_cut if number == len(arc.coords) - 2 else None
    if before and (before == after or last in before):
        return before
    if after and first in after:
        return after
    return edge_between(first, last)


def rolled(ring: Coords, first: int) -> Coords:
    """The closed ring, begun at its vertex `first`."""
    turned: Coords = np.roll(ring[:-1], -first, axis=0)
    return np.concatenate([turned, turned[:1]])


def canonical_start(ring: Coords) -> int:
    """The vertex at which a ring begins that has no node: the least one, west before south."""
    return int(np.lexsort((ring[:-1, 1], ring[:-1, 0]))[0])


def joined(arc: Arc, other: Arc, node: Node) -> Arc:
    """Two arcs that meet in `node`, as one that runs as `arc` does."""
    if arc.end == node:
        first, second = arc, other if other.start == node else other.turned()
    else:
        first, second = other if other.end == node else other.turned(), arc
    rest = second.coords[1:] if _vertex_goes(first, second) else second.coords
    coords = np.concatenate([first.coords[:-1], rest])
    return Arc(coords, arc.left, arc.right, first.start_cut, second.end_cut)


def _vertex_goes(first: Arc, second: Arc) -> bool:
    """Whether the vertex between two arcs was set by a cut, on an edge that is still the same."""
    edge = first.end_cut
    if edge is None or edge != second.start_cut:
        return False
    return (
        node_at(first.coords, -2) in edge
        or (len(first.coords) == 2 and first.start_cut == edge)
    ) and (
        node_at(second.coords, 1) in edge
        or (len(second.coords) == 2 and second.end_cut == edge)
    )  # fmt: skip


def healed_ring(ring: Arc) -> Arc:
    """A ring that no other arc meets any more, without its cut's vertex."""
    coords = ring.coords
    if len(coords) > FEWEST_RING_VERTICES and _vertex_goes(ring, ring):
        coords = np.concatenate([coords[1:-1], coords[1:2]])
    return Arc(rolled(coords, canonical_start(coords)), ring.left, ring.right)
