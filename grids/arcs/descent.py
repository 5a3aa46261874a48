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
import shapely
from numpy.typing import NDArray

from grids.arcs.cuts import cut_edge
from grids.arcs.model import Arc, Edge, Node

type Places = NDArray[np.float64]
type Pair = tuple[int, int]

# A node lies on an edge as far as clients can tell: half a unit of the sixth decimal, 5 cm.
_ON_LINE_DEG = 0.501e-6
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


class _Kinship(NamedTuple):
    """What a new arc has in common with an old one."""

    sides: int
    ends: int
    length_deg: float
    is_against: bool  # the new one runs against the old one


def descend(old: Mapping[int, Arc], new: Sequence[Arc], next_arc: int) -> Descent:
    """Give new arcs the ids of the old ones that they come from; the others get new ids.

    As with operations on arcs, the first piece of an arc keeps its id, and of joined arcs the least
    id stays.

    Args:
        old: the arcs that aren't there any more as they were.
        new: the arcs that weren't there.
        next_arc: the first of the new ids.
    """
    places = _places_along(old, new)
    along = _along_lines(old, new, places)
    heirs = _matched(along)
    kin = along | _by_sides(old, new, heirs)
    heirs |= _matched({pair: each for pair, each in kin.items() if pair not in along})
    source = _closest(along, of=1) | {row: arc_id for arc_id, row in heirs.items()}
    became = _closest(along, of=0) | heirs
    numbers = _numbers(source, became, places)
    free = itertools.count(next_arc)
    all_numbers = [numbers[row] if row in numbers else next(free) for row in range(len(new))]
    beside = _beside(source, along)
    ends = Counter((i, node) for i, row in along for node in {new[row].start, new[row].end})
    arcs = {}
    for row, arc in enumerate(new):
        met = [_Met(i, old[i], places.get((i, row))) for i in beside.get(row, ())]
        marked = _with_cuts(arc, met, ends)
        # It runs as the arc does whose id it has.
        origin = all_numbers[row] if all_numbers[row] in old else source.get(row)
        is_against = origin is not None and kin[origin, row].is_against
        arcs[all_numbers[row]] = marked.turned() if is_against else marked
    return Descent(
        arcs,
        {all_numbers[row]: arc_id for row, arc_id in source.items() if row not in numbers},
        {i: all_numbers[row] for i, row in became.items() if i not in arcs},
    )


def _numbers(
    source: Mapping[int, int], became: Mapping[int, int], places: Mapping[Pair, Places]
) -> dict[int, int]:
    """The ids of new arcs that old ones leave to them."""
    pieces: dict[int, list[int]] = {}
    for row, arc_id in source.items():
        pieces.setdefault(arc_id, []).append(row)
    parts: dict[int, list[int]] = {}
    for arc_id, row in became.items():
        parts.setdefault(row, []).append(arc_id)
    numbers = {}
    for arc_id, rows in pieces.items():
        first = min(rows, key=lambda row: _begins(places.get((arc_id, row))))
        joined = [part for part in parts.get(first, ()) if part not in pieces]
        numbers[first] = min([arc_id, *joined]) if len(rows) == 1 else arc_id
    return numbers


def _begins(place: Places | None) -> float:
    return 0.0 if place is None else float(np.nanmin(place))


def _places_along(old: Mapping[int, Arc], new: Sequence[Arc]) -> dict[Pair, Places]:
    """Of each old and each new arc that meet: how far along the old one the new one's vertices lie.

    In edges of the old arc, whole numbers for its vertices; NaN where a vertex lies beside it.
    """
    if not old or not new:
        return {}
    ids = list(old)
    lonlat = np.concatenate([arc.coords for arc in new])
    row = np.repeat(np.arange(len(new)), [len(arc.coords) for arc in new])
    first = np.searchsorted(row, np.arange(len(new)))
    tree = shapely.STRtree([shapely.LineString(arc.coords) for arc in old.values()])
    point, line = tree.query(shapely.points(lonlat), predicate="dwithin", distance=_ON_LINE_DEG)
    found: dict[Pair, Places] = {}
    for number in np.unique(line).tolist():
        met = point[line == number]
        for vertex, place in zip(met.tolist(), _places(old[ids[number]], lonlat[met]), strict=True):
            of = int(row[vertex])
            empty = np.full(len(new[of].coords), np.nan)
            found.setdefault((ids[number], of), empty)[vertex - first[of]] = place
    return found


def _places(arc: Arc, lonlat: NDArray[np.float64]) -> list[float]:
    """How far along an arc some points lie that are on it."""
    start, reach = arc.coords[:-1], np.diff(arc.coords, axis=0)
    to = lonlat[:, None] - start
    share = ((to * reach).sum(axis=2) / np.maximum((reach**2).sum(axis=1), 1e-300)).clip(0, 1)
    beside = np.hypot(*np.moveaxis(to - share[..., None] * reach, 2, 0))
    edge = beside.argmin(axis=1)
    found: list[float] = (edge + share[np.arange(len(edge)), edge]).tolist()
    return found


def _along_lines(
    old: Mapping[int, Arc], new: Sequence[Arc], places: Mapping[Pair, Places]
) -> dict[Pair, _Kinship]:
    """The arcs that have a part of their lines in common.

    The vertices of either tell it: a join may have taken out the vertex between two arcs.
    """
    ids = list(old)
    back = _places_along(dict(enumerate(new)), list(old.values()))
    common = {pair: _common_line(old[pair[0]], new[pair[1]], at) for pair, at in places.items()}
    for (row, number), place in back.items():
        pair = (ids[number], row)
        told = _common_line(new[row], old[ids[number]], place)
        common[pair] = max(common.get(pair, told), told)
    return {
        (i, row): _Kinship(
            *_in_common(old[i], new[row], is_against=is_against), length_deg, is_against
        )
        for (i, row), (length_deg, is_against) in common.items()
        if length_deg > 0
    }


def _common_line(old: Arc, new: Arc, place: Places) -> tuple[float, bool]:
    """How much of the old line the new one follows, and whether against its direction."""
    first, last = place[:-1].copy(), place[1:].copy()
    if old.is_closed:  # its start is its end, too
        count = len(old.coords) - 1
        first[(first == 0) & (last > count - 1)] = count
        last[(last == 0) & (first > count - 1)] = count
    low, high = np.minimum(first, last), np.maximum(first, last)
    follows = (high > low) & (high <= np.floor(low) + 1)
    lengths = np.hypot(*np.diff(new.coords, axis=0).T)[follows]
    forwards = lengths[(last > first)[follows]].sum()
    return float(lengths.sum()), bool(forwards * 2 < lengths.sum())


def _in_common(old: Arc, new: Arc, *, is_against: bool) -> tuple[int, int]:
    """How many sides and how many ends are the same."""
    left, right = (new.right, new.left) if is_against else (new.left, new.right)
    start, end = (new.end, new.start) if is_against else (new.start, new.end)
    sides = int(left == old.left) + int(right == old.right)
    return sides, int(start == old.start) + int(end == old.end)


def _by_sides(
    old: Mapping[int, Arc], new: Sequence[Arc], heirs: Mapping[int, int]
) -> dict[Pair, _Kinship]:
    """Of the arcs that have no line in common with any: those of the same sides or ends."""
    taken = set(heirs.values())
    rows: dict[frozenset[object], list[int]] = {}
    for row, arc in enumerate(new):
        if row not in taken:
            for key in _keys(arc):
                rows.setdefault(key, []).append(row)
    found = {}
    for arc_id in old.keys() - heirs.keys():
        arc = old[arc_id]
        for row in dict.fromkeys(row for key in _keys(arc) for row in rows.get(key, ())):
            ways = [(*_in_common(arc, new[row], is_against=way), way) for way in (False, True)]
            sides, ends, is_against = max(ways, key=lambda way: (way[0] + way[1], way[0]))
            if sides == _BOTH or (sides and ends == _BOTH):
                found[arc_id, row] = _Kinship(sides, ends, 0.0, is_against)
    return found


def _keys(arc: Arc) -> Iterator[frozenset[object]]:
    yield frozenset((arc.left, arc.right))
    yield frozenset((arc.start, arc.end))


def _matched(kin: Mapping[Pair, _Kinship]) -> dict[int, int]:
    """The heir of each old arc, the closest kin first; nobody is the heir of two."""
    heirs: dict[int, int] = {}
    taken: set[int] = set()
    for arc_id, row in _falling(kin):
        if arc_id not in heirs and row not in taken:
            heirs[arc_id] = row
            taken.add(row)
    return heirs


def _closest(kin: Mapping[Pair, _Kinship], *, of: int) -> dict[int, int]:
    """Of each old (0) or new (1) arc its closest kin."""
    found: dict[int, int] = {}
    for pair in _falling(kin):
        found.setdefault(pair[of], pair[1 - of])
    return found


def _falling(kin: Mapping[Pair, _Kinship]) -> Iterable[Pair]:
    def closeness(pair: Pair) -> tuple[float, ...]:
        sides, ends, length_deg, _ = kin[pair]
        return -sides, -length_deg, -ends, *pair

    return sorted(kin, key=closeness)


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
