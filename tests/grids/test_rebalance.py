"""The least-change rebalance by whole micro-grids: what it keeps, and how good it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator, default_rng
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grids.bands import Band
from grids.rebalance.choice import Limits
from grids.rebalance.outcome import Reason, Suggestion
from grids.rebalance.suggest import rebalance
from grids.rebalance.town import Borders, Leaves, shared_borders
from grids.workload import compactness
from spatial.errors import InputError

BAND = Band(300, 500)
ANY_SHAPE = Limits(compactness_lost=1.0)


def squares(columns: int, rows: int) -> np.ndarray:
    x, y = np.meshgrid(np.arange(columns) * 100.0, np.arange(rows) * 100.0)
    return np.asarray(shapely.box(x, y, x + 100, y + 100), dtype=object).ravel()


def leaves_of(
    shapes: np.ndarray, households: np.ndarray, grids: np.ndarray, villages: np.ndarray
) -> Leaves:
    return Leaves(
        ids=np.arange(len(shapes)) + 1_000,
        households=np.asarray(households, dtype=np.int64),
        grids=np.asarray(grids, dtype=np.int64),
        villages=np.asarray(villages, dtype=np.int64),
        perimeters_m=shapely.length(shapes),
        areas_m2=shapely.area(shapes),
        borders=shared_borders(shapes),
    )


def row_of(*households: int, grids: str) -> Leaves:
    """One village whose micro-grids lie in a row; a letter says the grid of each."""
    letters = [ord(letter) for letter in grids]
    return leaves_of(
        squares(len(grids), 1), np.array(households), np.array(letters), np.ones(len(grids))
    )


def random_town(random: Generator, columns: int, rows: int, grids: int, mean: float) -> Leaves:
    """A lattice: its left part is village 1, its right part village 2, with connected grids."""
    shapes = squares(columns, rows)
    column = np.arange(len(shapes)) % columns
    village = 1 + (column >= random.integers(1, columns + 1))
    grid = np.full(len(shapes), -1)
    seeds = random.choice(len(shapes), min(grids, len(shapes)), replace=False)
    grid[seeds] = 10 + np.arange(len(seeds))
    pairs = shared_borders(shapes).pairs
    while True:
        ready = [
            (taker, giver)
            for pair in pairs.tolist()
            for giver, taker in (pair, pair[::-1])
            if grid[giver] >= 0 and grid[taker] < 0 and village[giver] == village[taker]
        ]
        if not ready:
            break
        taker, giver = ready[random.integers(len(ready))]
        grid[taker] = grid[giver]
    grid[grid < 0] = 99 + village[grid < 0]  # a village without a seed is one grid
    households = random.poisson(mean, len(shapes))
    return leaves_of(shapes, households=households, grids=grid, villages=village)


def pieces_of(leaves: Leaves, members: np.ndarray) -> int:
    inside = np.isin(leaves.borders.pairs, np.flatnonzero(members)).all(axis=1)
    a, b = leaves.borders.pairs[inside].T
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(members),) * 2)
    count, _ = connected_components(graph, directed=False)
    return int(count) - int((~members).sum())


def require_kept_promises(leaves: Leaves, result: Suggestion) -> None:
    """Whatever a rebalance suggests, by whole micro-grids."""
    changed = result.grids != leaves.grids
    assert sorted(move.leaf for move in result.moves) == leaves.ids[changed].tolist()
    assert sum(move.households for move in result.moves) == leaves.households[changed].sum()
    assert result.moved == leaves.households[changed].sum() >= result.at_least
    held = Counter(dict.fromkeys(np.unique(result.grids).tolist(), 0))
    for grid, households in zip(result.grids.tolist(), leaves.households.tolist(), strict=True):
        held[grid] += households
    assert dict(result.households) == dict(held)
    named = {each.village: each for each in result.named}
    for grid in held:
        members = result.grids == grid
        village = set(leaves.villages[members].tolist())
        assert len(village) == 1
        assert pieces_of(leaves, members) <= max(1, pieces_of(leaves, leaves.grids == grid))
        assert BAND.distance(held[grid]) == 0 or village <= set(named)
        if grid in leaves.grids:
            assert village == set(leaves.villages[leaves.grids == grid].tolist())
        else:
            assert village == {result.new_grids[grid]}
    assert set(result.closed_grids) == set(leaves.grids.tolist()) - set(held)


@st.composite
def towns(draw: st.DrawFn) -> Leaves:
    random = default_rng(draw(st.integers(0, 10**6)))
    columns, rows, grids = (draw(st.integers(1, most)) for most in (7, 5, 7))
    return random_town(random, columns, rows, grids, draw(st.sampled_from([8.0, 45.0, 90.0])))


@given(towns())
@settings(max_examples=60)
def test_grids_stay_whole_in_their_village_and_nobody_is_lost(leaves: Leaves) -> None:
    result = rebalance(leaves, band=BAND)
    require_kept_promises(leaves, result)
    for each in result.named:
        households = leaves.households[leaves.villages == each.village].sum()
        assert each.households == households
        could = any(BAND.times(n).distance(households) == 0 for n in range(1, 30))
        assert (each.reason is Reason.INDIVISIBLE) == (not could)


def test_a_village_where_nothing_fits_promises_no_least_number_of_moves() -> None:
    leaves = row_of(98, 84, 99, 84, 85, 84, 85, grids="aaaaaaa")
    result = rebalance(leaves, band=BAND)
    require_kept_promises(leaves, result)
    assert [each.reason for each in result.named] == [Reason.NOTHING_FITS]
    assert (result.moved, result.at_least) == (281, 0)


@given(towns())
@settings(max_examples=10)
def test_the_same_town_gets_the_same_suggestion_and_one_in_the_band_none(leaves: Leaves) -> None:
    result = rebalance(leaves, band=BAND)
    again = rebalance(leaves, band=BAND)
    assert result.grids.tolist() == again.grids.tolist()
    assert result.moves == again.moves
    settled = rebalance(replace(leaves, grids=result.grids), band=BAND)
    ok = ~np.isin(leaves.villages, [each.village for each in result.named])
    assert (settled.grids[ok] == result.grids[ok]).all()
    assert settled.new_grids == {}


def best_by_trying_all(leaves: Leaves) -> int | None:
    """The fewest households that any assignment to the present grids and a new one moves."""
    labels = [*np.unique(leaves.grids).tolist(), -1]
    best: int | None = None
    for assigned in product(labels, repeat=len(leaves.ids)):
        grids = np.array(assigned)
        moved = int(leaves.households[grids != leaves.grids].sum())
        if best is not None and moved >= best:
            continue
        there = set(assigned)
        held = [leaves.households[grids == grid].sum() for grid in there]
        if any(map(BAND.distance, held)):
            continue
        if all(pieces_of(leaves, grids == grid) == 1 for grid in there):
            best = moved
    return best


@pytest.mark.parametrize("seed", range(12))
def test_small_villages_are_divided_as_well_as_can_be(seed: int) -> None:
    leaves = random_town(default_rng(seed), 4, 2, 2, 110.0)
    leaves = replace(leaves, villages=np.ones(8, dtype=np.int64))
    best = best_by_trying_all(leaves)
    result = rebalance(leaves, band=BAND, limits=ANY_SHAPE)
    if best is None:
        assert result.named
    else:
        assert (result.moved, result.named) == (best, ())


def test_a_chain_hands_on_what_the_neighbour_has_no_room_for() -> None:
    leaves = row_of(200, 200, 140, 140, 140, 160, 110, 200, grids="AAABBBCC")
    result = rebalance(leaves, band=BAND, limits=ANY_SHAPE)
    require_kept_promises(leaves, result)
    assert {(move.leaf, chr(move.to_grid)) for move in result.moves} == {
        (1002, "B"),
        (1005, "C"),
        (1004, "C"),
    } or result.moved <= 300
    assert not result.named


@pytest.mark.parametrize(
    ("households", "grids", "after"),
    [
        ((150, 150, 150, 190), "AAAA", [300, 340]),  # a new grid
        ((200, 60, 40, 60), "AABB", [360]),  # a closed one
        ((150, 100), "AA", [250]),  # too few for one: as it is
        ((150, 100), "AB", [250]),  # too few for one: together
        ((180, 180, 180), "AAA", [540]),  # 40 too many are closer than 60 too few
        ((150, 145, 150, 145), "AAAA", [295, 295]),  # 10 too few are closer than 90 too many
    ],
)
def test_new_and_closed_grids_and_the_closest_division(
    households: tuple[int, ...], grids: str, after: list[int]
) -> None:
    leaves = row_of(*households, grids=grids)
    result = rebalance(leaves, band=BAND, limits=ANY_SHAPE)
    require_kept_promises(leaves, result)
    assert sorted(result.households.values()) == after
    fits = all(BAND.distance(held) == 0 for held in after)
    assert [each.reason for each in result.named] == ([] if fits else [Reason.INDIVISIBLE])


def test_where_no_whole_micro_grid_fits_the_village_is_named_and_left() -> None:
    leaves = row_of(270, 270, 270, grids="AAB")
    result = rebalance(leaves, band=BAND)
    assert [each.reason for each in result.named] == [Reason.NOTHING_FITS]
    assert result.moves == ()


def test_grids_of_several_pieces_get_no_more() -> None:
    leaves = row_of(200, 320, 200, 190, 190, grids="ABAAC")
    result = rebalance(leaves, band=BAND, limits=ANY_SHAPE)
    require_kept_promises(leaves, result)
    assert result.named == ()


@given(st.integers(0, 10**6))
@settings(max_examples=15)
def test_shared_borders_and_compactness_are_those_of_the_polygons(seed: int) -> None:
    leaves = random_town(default_rng(seed), 5, 4, 5, 70.0)
    shapes = squares(5, 4)
    for (one, other), length_m in zip(leaves.borders.pairs, leaves.borders.lengths_m, strict=True):
        assert shapely.length(shapely.intersection(shapes[one], shapes[other])) == length_m
    touching = shapely.STRtree(shapes).query(shapes, predicate="touches").shape[1] // 2
    assert len(leaves.borders.pairs) == touching - 2 * 4 * 3  # all but those that share a corner
    result = rebalance(leaves, band=BAND)
    for grids, told in (
        (leaves.grids, result.compactness_before),
        (result.grids, result.compactness_after),
    ):
        unions = [shapely.union_all(shapes[grids == grid]) for grid in np.unique(grids)]
        assert compactness(np.array(unions)).mean() == pytest.approx(told)


def test_what_does_not_fit_together_is_refused() -> None:
    leaves = row_of(200, 200, grids="AB")
    with pytest.raises(InputError, match="grid 65 lies in more than one village"):
        replace(leaves, grids=np.array([65, 65]), villages=np.array([1, 2]))
    with pytest.raises(InputError, match="households: not one for each of the 2"):
        replace(leaves, households=np.array([1]))
    with pytest.raises(InputError, match="micro-grid 1001 has -4 households"):
        replace(leaves, households=np.array([1, -4]))


def test_an_empty_town() -> None:
    none = np.array([], dtype=np.int64)
    nowhere = Borders(none.reshape(0, 2), none.astype(float))
    result = rebalance(
        Leaves(none, none, none, none, none.astype(float), none.astype(float), nowhere)
    )
    assert (result.moved, result.total, result.moved_share) == (0, 0, 0.0)
