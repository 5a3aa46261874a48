"""From the present division of a village to the cheapest in the band, by whole micro-grids.

A beam search: of all divisions that so many moves lead to, the most promising are followed. Each
move mends the worst grid, which no solution can leave as it is, so that few moves need be tried. A
division is dropped when its bound reaches what the best one found so far moves. The benchmark
prints the distance to the exact optimum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import permutations

from grids.rebalance.division import Desk, Division
from grids.rebalance.openings import Opening
from grids.rebalance.village import Leafset, Village

NARROW, WIDE = 10, 100  # divisions that are followed at once
WIDELY_SEARCHED = 2  # openings
PATIENCE = 12  # moves


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


def cheapest(openings: Sequence[Opening], least_compactness: float = 0.0) -> Found | None:
    """The best division by whole micro-grids; None where the search finds none.

    Args:
        openings: that are tried, best the most promising first: all of them with a narrow beam,
            the first again with a wide one.
        least_compactness: the mean of a division's grids must not be below.
    """
    best: Found | None = None
    for beam, tried in ((NARROW, openings), (WIDE, openings[:WIDELY_SEARCHED])):
        for opening in tried:
            search = _Search(Desk(opening), beam, least_compactness)
            best = search.run(best.moved if best else None) or best
    return best


def closest(openings: Iterable[Opening]) -> tuple[Opening, Division]:
    """The division that misses the band by least, of all that a narrow search passes."""
    passed = []
    for opening in openings:
        desk = Desk(opening)
        near = desk.division(opening.homes)
        layer, seen, patience = [near], {near.sets}, _Patience()
        while near.missing and patience.lasts(layer):
            layer = nsmallest(NARROW, _next(desk, layer, seen, None))
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


@dataclass(frozen=True)
class _Search:
    desk: Desk
    beam: int
    least_compactness: float

    def run(self, ceiling: int | None) -> Found | None:
        """The cheapest division below the ceiling, as far as the beam shows."""
        start = self.desk.division(self.desk.opening.homes)
        layer, seen, patience = [start], {start.sets}, _Patience()
        found: Found | None = None
        while patience.lasts(layer):
            for division in layer:
                candidate = None if division.missing else _finished(self.desk, division)
                if candidate and self._is_better(candidate, ceiling):
                    found, ceiling = candidate, candidate.moved
            layer = nsmallest(self.beam, _next(self.desk, layer, seen, ceiling))
        return found

    def _is_better(self, candidate: Found, ceiling: int | None) -> bool:
        measured = mean_compactness(self.desk.village, candidate.sets)
        cheaper = ceiling is None or candidate.moved < ceiling
        return cheaper and measured >= self.least_compactness


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
            sets = desk.after(division, giver, taker, leaves)
            if sets in seen:
                continue
            seen.add(sets)
            after = desk.changed(division, sets, (giver, taker))
            if ceiling is None or after.bound < ceiling:
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
            after = desk.division(desk.after(division, giver, taker, leaves))
            if not leaves & ~away and not after.missing and after.sets[giver]:
                return _tidied(desk, after)
    return division


def mean_compactness(village: Village, sets: Iterable[Leafset]) -> float:
    """The mean of Polsby and Popper's measure over the grids that have something."""
    measures = [village.compactness(leaves) for leaves in sets if leaves]
    return sum(measures) / len(measures) if measures else 0.0
