"""Households handed on from grid to grid, by whole micro-grids where one fits, else by a cut.

From a grid with too many households, or to one with too few, goes a chain of neighbours to the
nearest that can help. Each hands on what is needed, the last one first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from grids.bands import Band
from grids.rebalance.cutting import Ground, cut, partings
from grids.rebalance.village import Leafset, leaves_in

_CHAINS_PER_GRID = 4


@dataclass(frozen=True)
class Handed:
    """The ground and what each grid has of it.

    Attributes:
        ground: with its leaves cut as it was necessary.
        sets: the leaves of each grid.
        band: that all grids shall be in.
        closed: but for these, which have nothing and get nothing.
    """

    ground: Ground
    sets: tuple[Leafset, ...]
    band: Band
    closed: frozenset[int] = frozenset()

    @property
    def grids(self) -> list[int]:
        """Those that are not closed."""
        return [grid for grid in range(len(self.sets)) if grid not in self.closed]

    def held(self, grid: int) -> int:
        """The households of a grid."""
        return self.ground.village.held(self.sets[grid])

    @property
    def distance(self) -> int:
        """How many households are missing or too many, in all grids."""
        return sum(self.band.distance(self.held(grid)) for grid in self.grids)


def hand_on(handed: Handed) -> Handed:
    """Chain after chain, until all grids are in the band or no chain helps any more."""
    blocked: set[tuple[int, int]] = set()
    for _ in range(_CHAINS_PER_GRID * len(handed.sets)):
        chain = _shortest_chain(handed, blocked)
        if chain is None:
            break
        after = _along(handed, chain, blocked)
        if after is not None and after.distance < handed.distance:
            handed = after
            blocked.clear()
        elif after is not None:
            blocked.add((chain[0], chain[1]))
    return handed


def _shortest_chain(handed: Handed, blocked: set[tuple[int, int]]) -> list[int] | None:
    """Grids from a giver to a taker, one of which is out of the band, by the shortest way."""
    band = handed.band
    worst_first = sorted(handed.grids, key=lambda grid: (-band.distance(handed.held(grid)), grid))
    for grid in worst_first:
        held = handed.held(grid)
        if band.distance(held) == 0:
            return None
        for enough in (band.distance(held), 1):
            chain = _chain_from(handed, grid, blocked, enough)
            if chain is not None:
                return chain
    return None


def _chain_from(
    handed: Handed, start: int, blocked: set[tuple[int, int]], enough: int
) -> list[int] | None:
    """The shortest way from a grid out of the band to one that can help with so many households."""
    downhill = handed.band.excess(handed.held(start)) > 0
    came = {start: start}
    queue = deque([start])
    while queue:
        grid = queue.popleft()
        if grid != start and _room(handed, grid, downhill=downhill) >= enough:
            way = list(_way_back(came, grid))
            return way[::-1] if downhill else way
        for other in _neighbours(handed, grid):
            step = (grid, other) if downhill else (other, grid)
            if other not in came and step not in blocked:
                came[other] = grid
                queue.append(other)
    return None


def _room(handed: Handed, grid: int, *, downhill: bool) -> int:
    """How many households a grid could take, or give."""
    held = handed.held(grid)
    return handed.band.most - held if downhill else held - handed.band.least


def _way_back(came: dict[int, int], grid: int) -> Iterator[int]:
    yield grid
    while came[grid] != grid:
        grid = came[grid]
        yield grid


def _neighbours(handed: Handed, grid: int) -> Iterator[int]:
    around = handed.ground.village.beside(handed.sets[grid])
    for other in handed.grids:
        leaves = handed.sets[other]
        if other != grid and (leaves & around or not leaves or not handed.sets[grid]):
            yield other


def _along(handed: Handed, chain: list[int], blocked: set[tuple[int, int]]) -> Handed | None:
    """Every grid of a chain gives to the next; None where one can't, which is then blocked."""
    band, first, last = handed.band, handed.held(chain[0]), handed.held(chain[-1])
    need = max(band.excess(first), band.shortage(last))
    need = min(need, first - band.least, band.most - last)
    for giver, taker in reversed(list(pairwise(chain))):
        arriving = 0 if giver == chain[0] else need
        cap = min(band.most - handed.held(taker), handed.held(giver) + arriving - band.least)
        after = _give(handed, giver, taker, (need, cap))
        if after is None:
            blocked.add((giver, taker))
            return None
        handed = after
    return handed


def _give(handed: Handed, giver: int, taker: int, amount: tuple[int, int]) -> Handed | None:
    """The least whole piece that has the amount; without one the least part of a leaf."""
    village, (need, cap) = handed.ground.village, amount
    whole = [
        (village.held(leaves), leaves)
        for leaves in village.movable(handed.sets[giver], handed.sets[taker])
        if need <= village.held(leaves) <= cap and leaves != handed.sets[giver]
    ]
    if whole:
        return _given(handed, handed.ground, giver, taker, min(whole)[1])
    return _give_part(handed, giver, taker, amount)


def _give_part(handed: Handed, giver: int, taker: int, amount: tuple[int, int]) -> Handed | None:
    ground, sets = handed.ground, handed.sets
    edge = sets[giver] & (ground.village.beside(sets[taker]) if sets[taker] else sets[giver])
    ways = [way for leaf in leaves_in(edge) for way in partings(ground.plots[leaf], leaf, *amount)]
    for way in sorted(ways, key=lambda each: each[:3]):
        after = cut(ground, way.leaf, way.line)
        if after is None:
            continue
        part = 1 << len(ground.plots)
        touches = not sets[taker] or after.village.beside(part) & sets[taker]
        pieces = len(ground.village.pieces(sets[giver]))
        if touches and len(after.village.pieces(sets[giver])) <= pieces:
            return _given(handed, after, giver, taker, part)
    return None


def _given(handed: Handed, ground: Ground, giver: int, taker: int, leaves: Leafset) -> Handed:
    sets = list(handed.sets)
    sets[giver] &= ~leaves
    sets[taker] |= leaves
    return replace(handed, ground=ground, sets=tuple(sets))
