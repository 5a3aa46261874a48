"""The rebalance on the demo town after a tenth of its grids have outgrown the band."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.random import default_rng

from grids.arcs.plane import Plane
from grids.bands import DEFAULT_BANDS
from grids.rebalance.choice import Limits
from grids.rebalance.outcome import Reason, Suggestion
from grids.rebalance.suggest import rebalance
from grids.rebalance.town import Buildings, Leaves, shared_borders
from grids.workload import compactness
from layers.demo.town import DemoTown

BAND = DEFAULT_BANDS[3]


@pytest.fixture(scope="module")
def outgrown(generated_town: tuple[DemoTown, str]) -> tuple[Leaves, Buildings]:
    """The town's micro-grids and buildings; 22 of its 220 grids have 505 to 620 households."""
    town = generated_town[0]
    micro = town.units.rows(4)
    shapes = Plane(town.metric_srid).projected(micro["geom"].to_numpy())
    leaf = town.buildings["unit"].to_numpy() - micro.index[0]
    grid = micro["parent"].to_numpy()
    households = outgrow(town.buildings["households"].to_numpy(), grid[leaf])
    xy = shapely.get_coordinates(shapely.centroid(town.buildings["geom"].to_numpy()))
    leaves = Leaves(
        ids=micro.index.to_numpy(),
        households=np.bincount(leaf, households, len(micro)).astype(np.int64),
        grids=grid,
        villages=town.units.table["parent"].to_numpy()[grid],
        perimeters_m=shapely.length(shapes),
        areas_m2=shapely.area(shapes),
        borders=shared_borders(shapes),
    )
    xy = Plane(town.metric_srid).to_metres(xy)
    return leaves, Buildings(np.arange(len(xy)), leaf, households, xy, shapes)


@pytest.fixture(scope="module")
def whole(outgrown: tuple[Leaves, Buildings]) -> Suggestion:
    return rebalance(*outgrown)


def outgrow(households: np.ndarray, grid: np.ndarray) -> np.ndarray:
    random = default_rng(1)
    grids, held = np.unique(grid), np.bincount(grid, households)
    grown = households.copy()
    for each in random.choice(grids, len(grids) // 10, replace=False).tolist():
        factor = random.uniform(515, 610) / held[each]
        grown[grid == each] = np.round(households[grid == each] * factor)
    return grown


def require_the_band(leaves: Leaves, result: Suggestion) -> None:
    named = {each.village for each in result.named}
    village_of = dict(zip(leaves.grids.tolist(), leaves.villages.tolist(), strict=True))
    village_of |= result.new_grids
    for each in result.named:
        assert each.reason is Reason.INDIVISIBLE
        assert each.households < 300 or 501 <= each.households <= 599
    for grid, held in result.households.items():
        assert BAND.distance(held) == 0 or village_of[grid] in named, grid
    assert sum(result.households.values()) == result.total == leaves.households.sum()
    assert result.compactness_after > result.compactness_before - 0.05


def grounds(leaves: Leaves, shapes: np.ndarray, grids: np.ndarray) -> dict[int, shapely.Geometry]:
    return {
        grid: shapely.coverage_union_all(shapes[grids == grid])
        for grid in np.unique(grids).tolist()
    }


def test_a_tenth_outgrown_is_mended_by_moving_less_than_a_twentieth(
    outgrown: tuple[Leaves, Buildings], whole: Suggestion
) -> None:
    leaves, buildings = outgrown
    over = [BAND.excess(held) for held in np.bincount(leaves.grids, leaves.households).tolist()]
    assert np.count_nonzero(over) >= 22
    result = whole
    require_the_band(leaves, result)
    assert result.at_least <= result.moved < 0.05 * result.total
    assert result.cuts == ()  # whole micro-grids will do
    moved = result.grids != leaves.grids
    assert result.moved == leaves.households[moved].sum()
    after = grounds(leaves, buildings.polygons, result.grids)
    assert {len(shapely.get_parts(ground)) for ground in after.values()} == {1}
    measured = compactness(np.array(list(after.values()))).mean()
    assert measured == pytest.approx(result.compactness_after)
    of_grid = np.unique(np.column_stack([result.grids, leaves.villages]), axis=0)
    assert len(of_grid) == len(after)  # no grid in two villages


def test_cuts_move_fewer_and_leave_every_grid_in_one_piece(
    outgrown: tuple[Leaves, Buildings], whole: Suggestion
) -> None:
    leaves, buildings = outgrown
    result = rebalance(leaves, buildings, limits=Limits(moved_share=0.0))
    require_the_band(leaves, result)
    assert result.cuts
    assert result.at_least <= result.moved < whole.moved
    left, owner = buildings.polygons.copy(), result.grids[buildings.leaves]
    ground: dict[int, list[shapely.Geometry]] = {}
    for cut in result.cuts:
        row = int(np.searchsorted(leaves.ids, cut.leaf))
        left[row] = left[row].difference(cut.part)
        ground.setdefault(cut.to_grid, []).append(cut.part)
        owner[list(cut.buildings)] = cut.to_grid
        assert shapely.contains_xy(cut.part, buildings.xy[list(cut.buildings)]).all()
    for row, grid in enumerate(result.grids.tolist()):
        ground.setdefault(grid, []).append(left[row])
    for grid, held in result.households.items():
        union = shapely.union_all([part.buffer(0.01, join_style="mitre") for part in ground[grid]])
        assert union.geom_type == "Polygon", grid
        assert buildings.households[owner == grid].sum() == held
