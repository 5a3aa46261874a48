"""From the present division of a village to the cheapest in the band, by whole micro-grids.

A beam search: of all divisions that so many moves lead to, the most promising are followed. Each
move mends the worst grid, which no solution can leave as it is, so that few moves need be tried. A
division is dropped when its bound reaches what the best one found so far moves. The benchmark
prints the distance to the exact optimum.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import permutations

from grids.rebalance.division import Desk, Division
from grids.rebalance.openings import Opening
from grids.rebalance.village import Leafset, Village

BEAM = 50
NARROW_BEAM = 5
PATIENCE = 25


@dataclass(frozen=True)
class Found:
    """A division of a village that can't be mended further.

    Attributes:
        opening: which grids there are.
        sets: what each has.
        moved: households that change their grid.
    """

    opening: Opening
    sets: tuple[Leafset, ...]
    moved: int


def cheapest(openings: Iterable[Opening], least_compactness: float = 0.0) -> Found | None:
    """The best division by whole micro-grids; None where the search finds none.

    Args:
        openings: that are tried, best the most promising first.
        least_compactness: the mean of a division's grids must not be below.
    """
    best: Found | None = None
    for opening in openings:
        ceiling = best.moved if best else None
        best = _search(Desk(opening), opening.homes, least_compactness, ceiling) or best
    return best and _polished(best, least_compactness)


def closest(openings: Iterable[Opening]) -> tuple[Opening, Division]:
    """The division that misses the band by least, of all that a narrow search passes."""
    passed = []
    for opening in openings:
        desk = Desk(opening)
        near = desk.division(opening.homes)
        layer, seen, patience = [near], {near.sets}, _Patience()
        while near.missing and patience.lasts(layer):
            layer = nsmallest(NARROW_BEAM, _next(desk, layer, seen, None))
            near = min([near, *layer], key=_distance)
        passed.append((opening, near))
    return min(passed, key=lambda pair: _distance(pair[1]))


def _distance(division: Division) -> tuple[int, int, tuple[Leafset, ...]]:
    return division.missing, division.tally.away, division.sets


@dataclass
class _Patience:
    """Ends a search that has come no nearer for a while."""

    least_missing: int | None = None
    waited: int = 0

    def lasts(self, layer: Iterable[Division]) -> bool:
        least = min((division.missing for division in layer), default=None)
        if least is None:
            return False
        nearer = self.least_missing is None or least < self.least_missing
        self.waited = 0 if nearer else self.waited + 1
        self.least_missing = least if nearer else self.least_missing
        return self.waited < PATIENCE


def _search(
    desk: Desk, sets: tuple[Leafset, ...], least_compactness: float, ceiling: int | None
) -> Found | None:
    start = desk.division(sets)
    layer, seen, patience = [start], {start.sets}, _Patience()
    found: Found | None = None
    while patience.lasts(layer):
        for division in layer:
            candidate = None if division.missing else _finished(desk, division)
            if candidate and _is_better(candidate, least_compactness, ceiling):
                found, ceiling = candidate, candidate.moved
        layer = nsmallest(BEAM, _next(desk, layer, seen, ceiling))
    return found


def _polished(found: Found, least_compactness: float) -> Found:
    """What is left when no part of the village can be divided better, the rest staying as it is.

    Where grids are in trouble far from each other, the search of the whole village has to look at
    too many ways of combining what helps each of them.
    """
    opening, waiting = found.opening, deque(range(len(found.sets)))
    while waiting:
        grid = waiting.popleft()
        among = _nearby(opening.village, found.sets, grid)
        if found.sets[grid] == opening.homes[grid] or len(among) == len(found.sets):
            continue
        start = _undone(found, among)
        if start is None:
            continue
        better = _search(Desk(opening, among), start, least_compactness, found.moved)
        if better is not None:
            found = better
            waiting = deque(range(len(found.sets)))
    return found


def _nearby(village: Village, sets: tuple[Leafset, ...], grid: int) -> frozenset[int]:
    """A grid, its neighbours and theirs."""
    near = {grid}
    for _ in range(2):
        around = 0
        for each in near:
            around |= village.beside(sets[each])
        near |= {other for other, leaves in enumerate(sets) if leaves & around}
    return frozenset(near)


def _undone(found: Found, among: frozenset[int]) -> tuple[Leafset, ...] | None:
    """With all leaves sent home that moved among some grids; None if that tears a grid."""
    homes, village = found.opening.homes, found.opening.village
    ground = 0
    for grid in among:
        ground |= found.sets[grid]
    at_home = 0
    for grid in among:
        at_home |= ground & homes[grid]
    sets = tuple(
        (ground & homes[grid]) | (leaves & ~at_home) if grid in among else leaves
        for grid, leaves in enumerate(found.sets)
    )
    whole = all(
        len(village.pieces(leaves)) <= max(1, len(village.pieces(home)))
        for leaves, home in zip(sets, homes, strict=True)
    )
    return sets if whole else None


def _is_better(candidate: Found, least_compactness: float, ceiling: int | None) -> bool:
    cheaper = ceiling is None or candidate.moved < ceiling
    village = candidate.opening.village
    return cheaper and mean_compactness(village, candidate.sets) >= least_compactness


def _next(
    desk: Desk,
    layer: Iterable[Division],
    seen: set[tuple[Leafset, ...]],
    ceiling: int | None,
) -> Iterator[Division]:
    """The divisions that one move leads to, each seen for the first time and below the ceiling."""
    for division in layer:
        if ceiling is not None and division.bound >= ceiling:
            continue
        for giver, taker, leaves in desk.moves(division):
            after = desk.after(division, giver, taker, leaves)
            if after.sets not in seen and (ceiling is None or after.bound < ceiling):
                seen.add(after.sets)
                yield after


def _finished(desk: Desk, division: Division) -> Found:
    tidy = _tidied(desk, division)
    return Found(desk.opening, tidy.sets, tidy.tally.away)


def _tidied(desk: Desk, division: Division) -> Division:
    """The division with everything sent home again that needn't have moved, a leaf at a time."""
    for giver, taker in permutations(range(len(division.sets)), 2):
        away = division.sets[giver] & desk.opening.homes[taker]
        if not away or not division.sets[taker]:
            continue
        for leaves in desk.village.movable(division.sets[giver], division.sets[taker]):
            after = desk.after(division, giver, taker, leaves)
            if not leaves & ~away and not after.missing and after.sets[giver]:
                return _tidied(desk, after)
    return division


def mean_compactness(village: Village, sets: Iterable[Leafset]) -> float:
    """The mean of Polsby and Popper's measure over the grids that have something."""
    measures = [village.compactness(leaves) for leaves in sets if leaves]
    return sum(measures) / len(measures) if measures else 0.0
