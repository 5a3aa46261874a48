"""Which arcs came from which, where only the lines of before and after are known.

Who draws polygons says nothing of arcs. An arc that was moved, cut or joined keeps its id by its
line and its sides, as the same operation on arcs would have kept it, so that two editors dispute it
only where both have changed its line.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from grids.arcs.cuts import cut_edge
from grids.arcs.kinship import (
    Kinship,
    Pair,
    Places,
    along_lines,
    by_sides,
    closest,
    matched,
    places_along,
)
from grids.arcs.model import Arc, Edge, Node

# Pieces end at a cut on both sides of it.
_BOTH = 2


@dataclass(frozen=True)
class Descent:
    """The new arcs by id.

    Attributes:
        arcs: each runs as the arc that it comes from, and knows where that was cut.
        cut_from: of pieces that got a new id: the arc that they were cut from.
        joined_into: of arcs that are gone: the arc that they became a part of.
    """

    arcs: dict[int, Arc]
    cut_from: dict[int, int]
    joined_into: dict[int, int]


def descend(old: Mapping[int, Arc], new: Sequence[Arc], next_arc: int) -> Descent:
    """Give new arcs the ids of the old ones that they come from; the others get new ids.

    As with operations on arcs, the first piece of an arc keeps its id, and of joined arcs the least
    id stays.

    Args:
        old: the arcs that aren't there any more as they were.
        new: the arcs that weren't there.
        next_arc: the first of the new ids.
    """
    family = _family(old, new)
    numbers = _numbers(family)
    free = itertools.count(next_arc)
    ids = [numbers[row] if row in numbers else next(free) for row in range(len(new))]
    arcs = dict(zip(ids, _as_descended(old, new, ids, family), strict=True))
    return Descent(
        arcs,
        {ids[row]: arc_id for row, arc_id in family.source.items() if row not in numbers},
        {i: ids[row] for i, row in family.became.items() if i not in arcs},
    )


@dataclass(frozen=True)
class _Family:
    """Who comes from whom.

    Attributes:
        places: of old and new arcs that meet: how far along the old one the new one's vertices lie.
        kin: what is known of pairs of an old and a new arc.
        source: of new arcs, by row, the old one.
        became: of old arcs, by id, the row of the new one.
    """

    places: Mapping[Pair, Places]
    kin: Mapping[Pair, Kinship]
    source: Mapping[int, int]
    became: Mapping[int, int]


def _family(old: Mapping[int, Arc], new: Sequence[Arc]) -> _Family:
    places = places_along(old, new)
    along = along_lines(old, new, places)
    heirs = matched(along)
    apart = by_sides(old, new, heirs)
    heirs |= matched(apart)
    source = closest(along, of=1) | {row: arc_id for arc_id, row in heirs.items()}
    return _Family(places, along | apart, source, closest(along, of=0) | heirs)


def _numbers(family: _Family) -> dict[int, int]:
    """The ids of new arcs that old ones leave to them."""
    pieces: dict[int, list[int]] = {}
    for row, arc_id in family.source.items():
        pieces.setdefault(arc_id, []).append(row)
    parts: dict[int, list[int]] = {}
    for arc_id, row in family.became.items():
        parts.setdefault(row, []).append(arc_id)
    numbers = {}
    for arc_id, rows in pieces.items():
        first = min(rows, key=lambda row: _begins(family.places.get((arc_id, row))))
        joined = [part for part in parts.get(first, ()) if part not in pieces]
        numbers[first] = min([arc_id, *joined]) if len(rows) == 1 else arc_id
    return numbers


def _begins(place: Places | None) -> float:
    return 0.0 if place is None else float(np.nanmin(place))


def _as_descended(
    old: Mapping[int, Arc], new: Sequence[Arc], ids: Sequence[int], family: _Family
) -> Iterator[Arc]:
    """The new arcs, run as the one whose id they have or that they come from, with their cuts."""
    along = [pair for pair, kinship in family.kin.items() if kinship.length_deg > 0]
    beside = _beside(family.source, along)
    ends = Counter((i, node) for i, row in along for node in {new[row].start, new[row].end})
    for row, arc in enumerate(new):
        met = [_Met(i, old[i], family.places.get((i, row))) for i in beside.get(row, ())]
        marked = _with_cuts(arc, met, ends)
        origin = ids[row] if ids[row] in old else family.source.get(row)
        is_against = origin is not None and family.kin[origin, row].is_against
        yield marked.turned() if is_against else marked


def _beside(source: Mapping[int, int], along: Iterable[Pair]) -> dict[int, list[int]]:
    """Of each new arc the old ones whose line it follows; else the one that it comes from."""
    found: dict[int, list[int]] = {}
    for arc_id, row in along:
        found.setdefault(row, []).append(arc_id)
    return {row: [arc_id] for row, arc_id in source.items()} | found


class _Met(NamedTuple):
    """An old arc, and how far along it a new one's vertices lie, if any does."""

    arc_id: int
    arc: Arc
    places: Places | None


def _with_cuts(arc: Arc, met: Sequence[_Met], ends: Mapping[tuple[int, Node], int]) -> Arc:
    """A new arc whose ends know which edge they cut.

    Args:
        ends: how many new arcs that follow an old one end at a node.
    """
    start, end = (
        next(filter(None, (_mark(each, node, at, ends) for each in met)), None)
        for at, node in ((0, arc.start), (-1, arc.end))
    )
    return Arc(arc.coords, arc.left, arc.right, start, end)


def _mark(met: _Met, node: Node, at: int, ends: Mapping[tuple[int, Node], int]) -> Edge | None:
    """The edge that a node cuts: pieces of the old arc end there, on both sides of it."""
    arc_id, old, places = met
    if node == old.start:
        return old.start_cut
    if node == old.end:
        return old.end_cut
    if places is None or not places[at] % 1 > 0 or ends[arc_id, node] < _BOTH:
        return None
    return cut_edge(old, int(places[at]))
