"""One way to divide a village among its grids, and how far it is from done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from grids.rebalance.openings import Opening
from grids.rebalance.village import Leafset


class Tally(NamedTuple):
    """What speaks against what a grid has, or against what all have; sums of households.

    Attributes:
        away: those at home in the grid that another one has.
        excess, shortage: beyond the band.
        leaving: the least that whole leaves can take away of the excess, which it is part of.
        stray: leaves, not households, in a grid that shall be closed.
    """

    away: int = 0
    excess: int = 0
    shortage: int = 0
    leaving: int = 0
    stray: int = 0


class Division(NamedTuple):
    """What each grid of an opening has; sorts by how promising it is.

    Attributes:
        promise: households moved when it is done, as far as can be guessed.
        missing: households still outside the band, and stray leaves, that could be mended.
        leaves_moved: by how many leaves it was reached.
        sets: the leaves of each grid.
        bound: no completion moves fewer households, short of taking moves back.
        tally: of all grids.
    """

    promise: int
    missing: int
    leaves_moved: int
    sets: tuple[Leafset, ...]
    bound: int
    tally: Tally


class Desk:
    """Tells the divisions of one opening what they lack, and remembers it."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.village = opening.village
        self._unavoidable = opening.unavoidable
        self._tallies: dict[tuple[int, Leafset], Tally] = {}

    def tally(self, grid: int, leaves: Leafset) -> Tally:
        """What speaks against `grid` having `leaves`."""
        key = (grid, leaves)
        if key not in self._tallies:
            self._tallies[key] = self._counted(grid, leaves)
        return self._tallies[key]

    def _counted(self, grid: int, leaves: Leafset) -> Tally:
        opening, held = self.opening, self.village.held(leaves)
        away = self.village.held(opening.homes[grid] & ~leaves)
        if grid in opening.closed:
            return Tally(away, held, 0, held, leaves.bit_count())
        excess = opening.band.excess(held)
        leaving = self.village.least_leaving(leaves, excess)
        return Tally(away, excess, opening.band.shortage(held), leaving, 0)

    def division(self, sets: tuple[Leafset, ...], leaves_moved: int = 0) -> Division:
        """What each grid has, judged."""
        tallies = [self.tally(grid, leaves) for grid, leaves in enumerate(sets)]
        total = Tally(*map(sum, zip(*tallies, strict=True)))
        return self._judged(sets, total, leaves_moved)

    def _judged(self, sets: tuple[Leafset, ...], total: Tally, leaves_moved: int) -> Division:
        over, short = self._unavoidable
        missing = total.excess + total.shortage + total.stray - over - short
        # With an unavoidable excess nobody knows which grid it stays in.
        leaving = total.excess - over if over else total.leaving
        bound = total.away + max(leaving, total.shortage - short)
        promise = bound + missing // 2
        return Division(promise, missing, leaves_moved, sets, bound, total)

    def after(
        self, division: Division, giver: int, taker: int, leaves: Leafset
    ) -> tuple[Leafset, ...]:
        """What each grid has after one gave leaves to another."""
        sets = list(division.sets)
        sets[giver] ^= leaves
        sets[taker] |= leaves
        return tuple(sets)

    def changed(
        self, division: Division, sets: tuple[Leafset, ...], changed: tuple[int, int]
    ) -> Division:
        """`division(sets)`, told from a division that differs by two grids."""
        one, other = changed
        old, old2 = self.tally(one, division.sets[one]), self.tally(other, division.sets[other])
        new, new2 = self.tally(one, sets[one]), self.tally(other, sets[other])
        was = division.tally
        total = Tally(
            was.away - old.away - old2.away + new.away + new2.away,
            was.excess - old.excess - old2.excess + new.excess + new2.excess,
            was.shortage - old.shortage - old2.shortage + new.shortage + new2.shortage,
            was.leaving - old.leaving - old2.leaving + new.leaving + new2.leaving,
            was.stray - old.stray - old2.stray + new.stray + new2.stray,
        )
        moved = (sets[one] ^ division.sets[one]).bit_count()
        return self._judged(sets, total, division.leaves_moved + moved)

    def moves(self, division: Division) -> list[tuple[int, int, Leafset]]:
        """Giver, taker and leaves of all that could mend the worst grid that can be mended.

        What shall be closed comes first, then that with most too much, else that with most too
        little. No completion leaves it as it is, so that the others can wait.
        """
        against = {}
        for grid, leaves in enumerate(division.sets):
            tally = self.tally(grid, leaves)
            if tally.excess + tally.stray + tally.shortage:
                against[grid] = (tally.stray, tally.excess, tally.shortage)
        for grid in sorted(against, key=against.__getitem__, reverse=True):
            found = list(self._moves_of(division, grid))
            if found:
                return found
        return []

    def _moves_of(self, division: Division, grid: int) -> Iterator[tuple[int, int, Leafset]]:
        too_much = not self.tally(grid, division.sets[grid]).shortage
        for other in range(len(division.sets)):
            giver, taker = (grid, other) if too_much else (other, grid)
            if other == grid or taker in self.opening.closed or not division.sets[giver]:
                continue
            for leaves in self.village.movable(division.sets[giver], division.sets[taker]):
                if leaves != division.sets[giver] or giver in self.opening.closed:
                    yield giver, taker, leaves
