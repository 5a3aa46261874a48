"""Households: aggregates of buildings, so that most grids start with 300 to 500."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.random import Generator

from layers.demo.buildings import COMMERCIAL, RESIDENTIAL, Buildings
from layers.demo.frame import Floats, Ints

USUAL = (300, 500)
_OUTLIERS = 0.06
_M2_OF_A_HOME = 105.0


def living_space(buildings: Buildings) -> Floats:
    """How many homes each building would hold."""
    storeys = np.where(buildings.use == RESIDENTIAL, buildings.floors, 0)
    storeys = np.where(buildings.use == COMMERCIAL, buildings.floors - 1, storeys)
    space: Floats = storeys * shapely.area(buildings.shape) / _M2_OF_A_HOME
    return space


def make_households(chance: Generator, space: Floats, grid: Ints, grids: int) -> Ints:
    """Households of each building: about 400 a grid, by living space, in whole numbers."""
    target = np.clip(chance.normal(402.0, 44.0, grids), 312.0, 488.0)
    odd = chance.choice(grids, round(_OUTLIERS * grids), replace=False)
    target[odd] = chance.choice([248.0, 268.0, 284.0, 518.0, 536.0, 571.0], len(odd))
    total = np.bincount(grid, space, grids)
    exact = space * (target / np.maximum(total, 1e-9))[grid]
    return _round_within(exact, grid)


def _round_within(exact: Floats, group: Ints) -> Ints:
    """Whole numbers whose sum in each group is that of `exact`, rounded."""
    order = np.argsort(group, kind="stable")
    running = np.cumsum(exact[order])
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    before = np.repeat(
        running[starts] - exact[order][starts], np.diff(np.append(starts, len(order)))
    )
    upper = np.round(running - before + 1e-9)
    lower = np.round(running - before - exact[order] + 1e-9)
    whole = np.empty(len(exact), dtype=np.int64)
    whole[order] = (upper - lower).astype(np.int64)
    return whole
