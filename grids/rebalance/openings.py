"""How many grids a village may have, and which would be new or closed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from grids.bands import Band
from grids.rebalance.village import Leafset, Village

_NUMBERS_TRIED = 3
_CLOSED_AMONG = 6  # only the smallest grids are thought of to be closed


@dataclass(frozen=True)
class Opening:
    """Which grids there shall be; the search then finds what each has.

    Attributes:
        village: whose.
        band: for each grid that is not closed.
        homes: of each grid what it has at present; nothing of those that would be new.
        closed: the grids that shall have nothing.
    """

    village: Village
    band: Band
    homes: tuple[Leafset, ...]
    closed: frozenset[int] = frozenset()

    @property
    def grids(self) -> int:
        """How many there would be."""
        return len(self.homes) - len(self.closed)

    @property
    def unavoidable(self) -> tuple[int, int]:
        """The excess and the shortage of all grids together that no division can do without."""
        households = sum(self.village.households)
        all_grids = self.band.times(self.grids)
        return all_grids.excess(households), all_grids.shortage(households)

    @property
    def at_least(self) -> int:
        """Households that must move, even if every building could move by itself."""
        over, short = self.unavoidable
        held = [self.village.held(home) for home in self.homes]
        left = [grid for grid in range(len(held)) if grid not in self.closed]
        leaving = sum(map(self.band.excess, (held[grid] for grid in left)))
        leaving += sum(held[grid] for grid in self.closed)
        arriving = sum(map(self.band.shortage, (held[grid] for grid in left)))
        return max(leaving - over, arriving - short)

    @property
    def changes(self) -> int:
        """How many grids would be new or closed."""
        return len(self.closed) + len(self.homes) - len(self.village.homes)


def openings_of(village: Village, band: Band) -> list[Opening]:
    """What is worth a search: the numbers of grids that may move fewest households.

    All miss the band by as little as the village's households allow, most by nothing; those that
    may move fewest households come first.
    """
    present = len(village.homes)

    def promise(number: int) -> tuple[int, int, int]:
        return _plainest(village, band, number).at_least, abs(number - present), number

    numbers = sorted(band.closest_numbers(sum(village.households)), key=promise)
    tried = numbers[:_NUMBERS_TRIED]
    found = [opening for number in tried for opening in _with_grids(village, band, number)]
    return sorted(found, key=lambda each: (each.at_least, each.changes, sorted(each.closed)))


def _smallest_first(village: Village) -> list[int]:
    held = [village.held(home) for home in village.homes]
    return sorted(range(len(held)), key=lambda grid: (held[grid], grid))


def _plainest(village: Village, band: Band, number: int) -> Opening:
    """So many grids, the smallest closed or empty ones added."""
    new = max(0, number - len(village.homes))
    closed = _smallest_first(village)[: max(0, len(village.homes) - number)]
    return Opening(village, band, village.homes + (0,) * new, frozenset(closed))


def _with_grids(village: Village, band: Band, number: int) -> list[Opening]:
    plainest = _plainest(village, band, number)
    if not plainest.closed:
        return [plainest]
    to_close = len(plainest.closed)
    among = _smallest_first(village)[: max(_CLOSED_AMONG, to_close + 1)]
    return [
        Opening(village, band, village.homes, frozenset(closed))
        for closed in combinations(among, to_close)
    ]
