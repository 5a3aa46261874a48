"""What arcs of before and after have in common: parts of their lines, sides, ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from grids.arcs.model import Arc

type Places = NDArray[np.float64]
type Pair = tuple[int, int]  # an old arc's id, a new one's row

# A node lies on an edge as far as clients can tell: half a unit of the sixth decimal, 5 cm.
_ON_LINE_DEG = 0.501e-6
_BOTH = 2


class Kinship(NamedTuple):
    """What a new arc has in common with an old one."""

    sides: int
    ends: int
    length_deg: float
    is_against: bool  # the new one runs against the old one


def places_along(old: Mapping[int, Arc], new: Sequence[Arc]) -> dict[Pair, Places]:
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


def along_lines(
    old: Mapping[int, Arc], new: Sequence[Arc], places: Mapping[Pair, Places]
) -> dict[Pair, Kinship]:
    """The arcs that have a part of their lines in common.

    The vertices of either tell it: a join may have taken out the vertex between two arcs.
    """
    ids = list(old)
    back = places_along(dict(enumerate(new)), list(old.values()))
    common = {pair: _common_line(old[pair[0]], new[pair[1]], at) for pair, at in places.items()}
    for (row, number), place in back.items():
        pair = (ids[number], row)
        told = _common_line(new[row], old[ids[number]], place)
        common[pair] = max(common.get(pair, told), told)
    return {
        (i, row): Kinship(
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


def by_sides(
    old: Mapping[int, Arc], new: Sequence[Arc], heirs: Mapping[int, int]
) -> dict[Pair, Kinship]:
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
                found[arc_id, row] = Kinship(sides, ends, 0.0, is_against)
    return found


def _keys(arc: Arc) -> Iterator[frozenset[object]]:
    yield frozenset((arc.left, arc.right))
    yield frozenset((arc.start, arc.end))


def matched(kin: Mapping[Pair, Kinship]) -> dict[int, int]:
    """The heir of each old arc, the closest kin first; nobody is the heir of two."""
    heirs: dict[int, int] = {}
    taken: set[int] = set()
    for arc_id, row in _falling(kin):
        if arc_id not in heirs and row not in taken:
            heirs[arc_id] = row
            taken.add(row)
    return heirs


def closest(kin: Mapping[Pair, Kinship], *, of: int) -> dict[int, int]:
    """Of each old (0) or new (1) arc its closest kin."""
    found: dict[int, int] = {}
    for pair in _falling(kin):
        found.setdefault(pair[of], pair[1 - of])
    return found


def _falling(kin: Mapping[Pair, Kinship]) -> Iterable[Pair]:
    def closeness(pair: Pair) -> tuple[float, ...]:
        sides, ends, length_deg, _ = kin[pair]
        return -sides, -length_deg, -ends, *pair

    return sorted(kin, key=closeness)
