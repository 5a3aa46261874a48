"""The exact optimum of one village's rebalance by whole micro-grids: an integer programme.

x[i, g] says that leaf i is in grid g, z[g] that there is such a grid. That grids are in one piece
is demanded where a solution breaks it: of two leaves in different pieces of a grid, both may be in
it only with one of the leaves that lie between (Carvajal et al. 2013, "Imposing connectivity
constraints in forest planning models").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from time import monotonic

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from grids.bands import Band
from grids.rebalance.village import Leafset, Village, leaves_in, set_of


@dataclass(frozen=True)
class Exact:
    """What is known of the optimum.

    Attributes:
        at_least: no division moves fewer households; None if there is none at all.
        proved: whether some division moves just so many.
    """

    at_least: int | None
    proved: bool


class Programme:
    """Rows of constraints, gathered one by one."""

    def __init__(self, village: Village, band: Band, new_grids: int) -> None:
        self.village = village
        self.leaves = len(village.households)
        self.homes = village.homes + (0,) * new_grids
        self.rows: list[tuple[list[int], list[float], float, float]] = []
        every = range(self.leaves)
        for leaf in every:
            self.add([self.x(leaf, g) for g in range(len(self.homes))], 1.0, (1, 1))
        for grid in range(len(self.homes)):
            held = [float(h) for h in village.households]
            columns = [self.x(leaf, grid) for leaf in every]
            self.add([*columns, self.z(grid)], [*held, -float(band.least)], (0, np.inf))
            self.add([*columns, self.z(grid)], [*held, -float(band.most)], (-np.inf, 0))
            for leaf in every:
                self.add([self.x(leaf, grid), self.z(grid)], [1.0, -1.0], (-np.inf, 0))

    def x(self, leaf: int, grid: int) -> int:
        return leaf * len(self.homes) + grid

    def z(self, grid: int) -> int:
        return self.leaves * len(self.homes) + grid

    def add(
        self, columns: list[int], factors: float | list[float], within: tuple[float, float]
    ) -> None:
        values = factors if isinstance(factors, list) else [factors] * len(columns)
        self.rows.append((columns, values, *within))

    def solve(self, seconds: float) -> tuple[list[Leafset] | None, float, bool]:
        """The sets of the grids, the bound, and whether they are best."""
        count = (self.leaves + 1) * len(self.homes)
        ends = np.cumsum([0, *(len(columns) for columns, *_ in self.rows)])
        columns = np.concatenate([row[0] for row in self.rows])
        values = np.concatenate([row[1] for row in self.rows])
        matrix = csr_array((values, columns, ends), shape=(len(self.rows), count))
        low, high = zip(*(row[2:] for row in self.rows), strict=True)
        found = milp(
            self.costs(count),
            constraints=LinearConstraint(matrix, low, high),
            integrality=np.ones(count),
            bounds=Bounds(0, 1),
            options={"time_limit": max(seconds, 0.1)},
        )
        if found.x is None:
            return None, np.inf if found.status == 2 else found.mip_dual_bound or 0.0, False
        chosen = found.x[: self.leaves * len(self.homes)].reshape(self.leaves, -1) > 0.5
        sets = [set_of(np.flatnonzero(column).tolist()) for column in chosen.T]
        return sets, found.mip_dual_bound, found.status == 0

    def costs(self, count: int) -> np.ndarray:
        costs = np.zeros(count)
        for grid, home in enumerate(self.homes):
            for leaf in range(self.leaves):
                away = not home >> leaf & 1
                costs[self.x(leaf, grid)] = self.village.households[leaf] * away
        return costs

    def torn(self, sets: list[Leafset]) -> Iterator[tuple[Leafset, Leafset]]:
        """Two pieces of one grid, for each that is not in one."""
        for leaves in sets:
            largest, *others = sorted(self.village.pieces(leaves), key=int.bit_count)[::-1] or [0]
            yield from ((largest, other) for other in others)

    def demand_connection(self, one: Leafset, other: Leafset) -> None:
        between = self.village.beside(one)
        reached = front = other
        while front:
            front = self.village.beside(front) & ~reached & ~between
            reached |= front
        between &= self.village.beside(reached)
        first, second = next(leaves_in(one)), next(leaves_in(other))
        for grid in range(len(self.homes)):
            columns = [self.x(leaf, grid) for leaf in (first, second, *leaves_in(between))]
            self.add(columns, [1.0, 1.0, *[-1.0] * between.bit_count()], (-np.inf, 1))


def exact_optimum(village: Village, band: Band, *, seconds: float, new_grids: int = 1) -> Exact:
    """The fewest households that must move, as far as it can be told in the time given."""
    programme, end = Programme(village, band, new_grids), monotonic() + seconds
    at_least = 0.0
    while monotonic() < end:
        sets, bound, is_best = programme.solve(end - monotonic())
        if bound == np.inf:
            return Exact(None, proved=True)
        at_least = max(at_least, bound)
        if sets is None:
            break
        torn = list(programme.torn(sets))
        if is_best and not torn:
            return Exact(ceil(at_least - 1e-6), proved=True)
        for one, other in torn:
            programme.demand_connection(one, other)
    return Exact(ceil(at_least - 1e-6), proved=False)
