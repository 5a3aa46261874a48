"""Counts of cells to a table of hotspots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat

import numpy as np
import pandas as pd
from h3.api import basic_int
from numpy.typing import NDArray

from grids.cells import Cells, cell_id, common_resolution
from grids.significance import Counts, gi_star

COLUMNS = ("h3", "cell", "count", "neighbourhood_count", "z", "p", "class")


@dataclass(frozen=True)
class Universe:
    """The cells over which counts are compared, ascending, of one resolution, each once.

    Who counts several categories over the same ground makes it once: the neighbours are kept.
    """

    cells: Cells

    @classmethod
    def of(cls, cells: Cells) -> Universe:
        """From cells in any order.

        Raises:
            InputError: the resolutions are mixed.
        """
        cells = np.unique(np.asarray(cells, dtype=np.int64))
        if len(cells):
            common_resolution(cells)
        return cls(cells)

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Positions (cell, member of its neighbourhood) of all neighbourhoods, itself included."""
        lengths = np.where(np.isin(self.cells, self._pentagons()), 6, 7)
        owner = np.repeat(np.arange(len(self.cells)), lengths)
        disks = map(basic_int.grid_disk, self.cells.tolist(), repeat(1))
        members = np.fromiter(chain.from_iterable(disks), dtype=np.int64, count=len(owner))
        positions, found = self.positions(members)
        return owner[found], positions[found]

    def _pentagons(self) -> list[int]:
        if not len(self.cells):
            return []
        pentagons: list[int] = basic_int.get_pentagons(common_resolution(self.cells[:1]))
        return pentagons

    @cached_property
    def neighbourhood_sizes(self) -> Counts:
        """How many cells of the universe are the cell or its neighbours: 1 to 7."""
        return np.bincount(self.pairs[0], minlength=len(self.cells))

    def neighbourhood_sums(self, counts: Counts) -> Counts:
        """The sum of `counts` over each cell and its neighbours."""
        owner, member = self.pairs
        sums = np.zeros(len(self.cells), dtype=np.int64)
        np.add.at(sums, owner, counts[member])
        return sums

    def positions(self, cells: Cells) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where each cell stands in the universe, and whether it is there at all."""
        if not len(self.cells):
            return np.zeros(len(cells), dtype=np.int64), np.zeros(len(cells), dtype=bool)
        positions = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        return positions, self.cells[positions] == cells

    def spread(self, cells: Cells, counts: Counts | None = None) -> tuple[Counts, int]:
        """Counts over the whole universe, zeros included, and how much fell beside it.

        Args:
            cells: in any order, repeated at will.
            counts: how many each stands for; by default one.
        """
        counts = np.ones(len(cells), dtype=np.int64) if counts is None else counts
        positions, found = self.positions(cells)
        spread = np.zeros(len(self.cells), dtype=np.int64)
        np.add.at(spread, positions[found], counts[found])
        return spread, int(counts[~found].sum())


def find_hotspots(universe: Universe, counts: Counts) -> pd.DataFrame:
    """Gi* over a universe, k-ring 1, as a table with COLUMNS, one row a cell.

    Args:
        universe: all cells that are compared.
        counts: one for each of the universe's cells, in its order.
    """
    sums = universe.neighbourhood_sums(counts)
    found = gi_star(counts, sums, universe.neighbourhood_sizes)
    columns = {
        "h3": [cell_id(cell) for cell in universe.cells.tolist()],
        "cell": universe.cells,
        "count": counts,
        "neighbourhood_count": sums,
        "z": found.z,
        "p": found.p,
        "class": found.classes.astype(object),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))
