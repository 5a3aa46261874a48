"""The rebalance where no whole micro-grid fits: which buildings go, and where the line runs."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from grids.bands import Band
from grids.rebalance.choice import Limits
from grids.rebalance.outcome import Reason, Suggestion
from grids.rebalance.suggest import rebalance
from grids.rebalance.town import Buildings, Leaves, shared_borders
from spatial.errors import InputError

BAND = Band(300, 500)
CUT_FREELY = Limits(compactness_lost=1.0, moved_share=0.0)


class Built(NamedTuple):
    leaves: Leaves
    buildings: Buildings


def built(columns: int, grids: list[int], homes: list[tuple[float, float, int]]) -> Built:
    """One village of 100 m squares in rows, and buildings by x, y and households."""
    count = len(grids)
    x, y = (np.arange(count) % columns) * 100.0, (np.arange(count) // columns) * 100.0
    shapes = np.asarray(shapely.box(x, y, x + 100, y + 100), dtype=object)
    at = np.array([home[:2] for home in homes])
    households = np.array([home[2] for home in homes])
    leaf = (at[:, 1] // 100 * columns + at[:, 0] // 100).astype(np.int64)
    leaves = Leaves(
        ids=np.arange(count) + 50,
        households=np.bincount(leaf, households, count).astype(np.int64),
        grids=np.array(grids),
        villages=np.ones(count, dtype=np.int64),
        perimeters_m=shapely.length(shapes),
        areas_m2=shapely.area(shapes),
        borders=shared_borders(shapes),
    )
    return Built(leaves, Buildings(np.arange(len(at)) + 700, leaf, households, at, shapes))


def houses(square: int, households: int, *, columns: int = 99) -> list[tuple[float, float, int]]:
    """Nine buildings in one square."""
    west, south = square % columns * 100.0, square // columns * 100.0
    places = product((20, 50, 80), repeat=2)
    return [(west + x, south + y, households) for x, y in places]


def require_whole_ground(town: Built, result: Suggestion) -> None:
    """The grids' ground, with every cut made, is in one piece each and holds what is told."""
    left = town.buildings.polygons.copy()
    ground = defaultdict(list)
    owner = result.grids[town.buildings.leaves]
    for cut in result.cuts:
        row = int(np.flatnonzero(town.leaves.ids == cut.leaf)[0])
        left[row] = left[row].difference(cut.part)
        ground[cut.to_grid].append(cut.part)
        gone = np.isin(town.buildings.ids, cut.buildings)
        assert town.buildings.households[gone].sum() == cut.households
        assert shapely.contains_xy(cut.part, town.buildings.xy[gone]).all()
        assert cut.from_grid == town.leaves.grids[row]
        assert cut.to_grid != result.grids[row]
        owner[gone] = cut.to_grid
    for row, shape in enumerate(left):
        ground[int(result.grids[row])].append(shape)
    for grid, parts in ground.items():
        union = shapely.union_all([part.buffer(0.01, join_style="mitre") for part in parts])
        assert union.geom_type == "Polygon"
        assert town.buildings.households[owner == grid].sum() == result.households[grid]
    assert set(ground) == set(result.households)
    moved = owner != town.leaves.grids[town.buildings.leaves]
    assert result.moved == town.buildings.households[moved].sum() >= result.at_least


def test_the_buildings_beyond_a_line_go() -> None:
    homes = [home for square in range(3) for home in houses(square, 30)]
    town = built(3, [1, 1, 2], homes)
    result = rebalance(*town, band=BAND)
    require_whole_ground(town, result)
    (cut,) = result.cuts
    assert (cut.leaf, cut.from_grid, cut.to_grid, cut.households) == (51, 1, 2, 60)
    assert cut.line is not None
    assert cut.line.length > 0
    assert cut.line.difference(cut.part.boundary.buffer(0.01)).is_empty
    assert (result.moves, result.named) == ((), ())
    assert result.households == {1: 480, 2: 330}


def test_a_whole_micro_grid_is_taken_where_one_fits() -> None:
    homes = [*houses(0, 30), *houses(1, 15), *houses(2, 15), *houses(3, 30)]
    town = built(4, [1, 1, 1, 2], homes)
    result = rebalance(*town, band=BAND)
    assert [move.leaf for move in result.moves] == [52]
    assert result.cuts == ()


def test_one_large_building_is_not_cut() -> None:
    town = built(3, [1, 1, 2], [(50, 50, 270), (150, 50, 270), (250, 50, 270)])
    result = rebalance(*town, band=BAND)
    assert [each.reason for each in result.named] == [Reason.NOTHING_FITS]
    assert (result.cuts, result.moves) == ((), ())


def test_a_chain_of_cuts() -> None:
    homes = [*houses(0, 60), *houses(1, 54), *houses(2, 35)]
    town = built(3, [1, 2, 3], homes)  # 540, 486, 315
    result = rebalance(*town, band=BAND)
    require_whole_ground(town, result)
    assert {(cut.from_grid, cut.to_grid) for cut in result.cuts} == {(1, 2), (2, 3)}
    assert result.named == ()


def test_without_buildings_nothing_is_cut() -> None:
    homes = [home for square in range(3) for home in houses(square, 30)]
    result = rebalance(built(3, [1, 1, 2], homes).leaves, band=BAND)
    assert [each.reason for each in result.named] == [Reason.NOTHING_FITS]


def test_buildings_must_hold_the_households_of_their_micro_grid() -> None:
    town = built(1, [1], houses(0, 30))
    lost = replace(town.buildings, households=np.full(9, 29))
    with pytest.raises(InputError, match="micro-grid 50 has 270 households, its buildings 261"):
        rebalance(town.leaves, lost)


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_cuts_leave_every_grid_in_one_piece_and_the_same_town_gets_the_same(seed: int) -> None:
    random = default_rng(seed)
    columns, rows = random.integers(2, 4, 2).tolist()
    homes = [
        (float(x), float(y), int(random.integers(0, 25)))
        for x, y in random.uniform(1, (100 * columns - 1, 100 * rows - 1), (20 * columns * rows, 2))
    ]
    town = built(columns, (np.arange(columns * rows) // columns // 2 + 1).tolist(), homes)
    result = rebalance(*town, band=BAND, limits=CUT_FREELY)
    require_whole_ground(town, result)
    again = rebalance(*town, band=BAND, limits=CUT_FREELY)
    assert again.moves == result.moves
    assert [cut.buildings for cut in again.cuts] == [cut.buildings for cut in result.cuts]
    for grid, held in result.households.items():
        assert BAND.distance(held) == 0 or result.named, grid
