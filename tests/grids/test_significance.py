"""The exact null, against plain enumeration, against esda, and on noise."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from esda.getisord import G_Local
from h3.api import basic_int
from hypothesis import given
from hypothesis import strategies as st
from libpysal.graph import Graph

from grids import significance
from grids.cells import cell_to_parent, cells_of_points
from grids.hotspots import Universe, find_hotspots
from grids.significance import CLASSES, adjusted_p_values, gi_star, p_values, z_scores
from spatial.errors import InputError

CENTRE = basic_int.latlng_to_cell(29.2, 120.05, 9)


def disk(radius: int) -> Universe:
    return Universe.of(np.array(basic_int.grid_disk(CENTRE, radius)))


def enumerated_p(counts: list[int], size: int, total: int) -> float:
    """Twice the smaller side: every sample of `size` counts, looked at one by one."""
    sums = [sum(sample) for sample in combinations(counts, size)]
    mean = Fraction(size * sum(counts), len(counts))
    if total == mean:
        return 1.0
    beyond = [s >= total if total > mean else s <= total for s in sums]
    return min(1.0, float(2 * Fraction(sum(beyond), len(sums))))


samples = st.lists(st.integers(0, 6), min_size=1, max_size=9).flatmap(
    lambda counts: st.tuples(
        st.just(counts),
        st.lists(st.sampled_from(range(len(counts))), min_size=1, max_size=7, unique=True),
    )
)


@given(samples)
def test_p_counts_every_deal(sample: tuple[list[int], list[int]]) -> None:
    counts, members = sample
    total, size = sum(counts[i] for i in members), len(members)
    counted = np.array(counts)
    sums, sizes = np.full(len(counts), total), np.full(len(counts), size)
    z = z_scores(counted, sums, sizes)
    expected = 1.0 if not z[0] else enumerated_p(counts, size, total)
    assert p_values(counted, sums, sizes, z) == pytest.approx(expected, rel=1e-12)


@given(samples, st.integers(1, 10**9), st.integers(0, 10**9))
def test_p_of_large_counts_is_near_and_never_too_small(
    sample: tuple[list[int], list[int]], scale: int, least: int
) -> None:
    """Scaled and raised counts have the same null; beyond 13 digits it is bounded, not exact."""
    counts, members = sample
    large = np.array([least + scale * count for count in counts])
    total, size = int(large[members].sum()), len(members)
    sums, sizes = np.full(len(counts), total), np.full(len(counts), size)
    p = p_values(large, sums, sizes, z_scores(large, sums, sizes))
    exact = p_values(
        np.array(counts),
        np.full(len(counts), sum(counts[i] for i in members)),
        sizes,
        z_scores(large, sums, sizes),
    )
    assert (p >= exact * (1 - 1e-12)).all()
    assert (p <= 1).all()


def test_rounding_hardly_changes_p(monkeypatch: pytest.MonkeyPatch) -> None:
    universe = disk(20)
    counts = np.random.default_rng(4).negative_binomial(0.5, 0.0005, len(universe.cells))
    rounded = find_hotspots(universe, counts)["p"]
    monkeypatch.setattr(significance, "_EXACT_BITS", 40)
    exact = find_hotspots(universe, counts)["p"]
    assert counts.max() > 2**12
    assert (rounded >= exact * (1 - 1e-9)).all()
    assert np.abs(rounded - exact).max() < 0.01


def esda_z(universe: Universe, counts: np.ndarray) -> np.ndarray:
    owner, member = universe.pairs
    graph = Graph.from_arrays(owner, member, np.ones(len(owner)))
    local = G_Local(counts.astype(float), graph, transform="B", star=True, permutations=0)
    return np.asarray(local.Zs)


@pytest.mark.parametrize("seed", range(5))
def test_z_is_esdas(seed: int) -> None:
    random = np.random.default_rng(seed)
    universe = disk(15)
    counts = random.negative_binomial(0.3, 0.3 / 10 ** random.uniform(0, 3), len(universe.cells))
    found = find_hotspots(universe, counts)
    np.testing.assert_allclose(found["z"], esda_z(universe, counts), rtol=0, atol=1e-9)


@pytest.mark.parametrize("resolution", [7, 8, 9])
def test_z_is_esdas_on_911_calls(shared_data, resolution: int) -> None:  # type: ignore[no-untyped-def]
    calls = pd.read_csv(
        shared_data / "incidents" / "montgomery_911_99k.zip", usecols=["lat", "lng"]
    )
    calls = calls[calls["lng"].between(-75.694, -75.031) & calls["lat"].between(39.98, 40.426)]
    cells = cells_of_points(calls["lng"], calls["lat"], resolution)
    universe = Universe.of(np.array(basic_int.uncompact_cells(
        basic_int.compact_cells(np.unique(cells).tolist()), resolution
    )))  # fmt: skip
    counts, beside = universe.spread(cells)
    assert beside == 0
    found = find_hotspots(universe, counts)
    np.testing.assert_allclose(found["z"], esda_z(universe, counts), rtol=0, atol=1e-9)
    assert (np.sign(found["z"]) == 1)[found["class"].str.startswith("hot")].all()
    assert (np.sign(found["z"]) == -1)[found["class"].str.startswith("cold")].all()


def calls_on_noise(universe: Universe, seeds: range) -> float:
    called = 0
    for seed in seeds:
        counts = np.random.default_rng(seed).poisson(0.1, len(universe.cells))
        called += (find_hotspots(universe, counts)["class"] != "not_significant").sum()
    return called / len(seeds)


def test_noise_is_called_noise() -> None:
    assert calls_on_noise(disk(128), range(20)) <= 1


@pytest.mark.long
@pytest.mark.parametrize("mean", [0.01, 0.1, 1, 10])
def test_noise_of_any_density_is_called_noise(mean: float) -> None:
    """At most one map in ten has a call, of some cells that overlap."""
    universe = disk(40)
    maps = [
        find_hotspots(universe, np.random.default_rng(seed).poisson(mean, len(universe.cells)))
        for seed in range(300)
    ]
    share = np.mean([(found["class"] != "not_significant").any() for found in maps])
    assert share <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / 300)


def test_a_real_cluster_is_found() -> None:
    universe = disk(128)
    counts = np.random.default_rng(7).poisson(0.1, len(universe.cells))
    position, _ = universe.positions(np.array(basic_int.grid_disk(CENTRE, 1)))
    counts[position] += 2
    found = find_hotspots(universe, counts).set_index("cell")
    assert found.loc[CENTRE, "class"] == "hot_99"
    hot = found[found["class"].str.startswith("hot")].index
    assert set(hot) <= set(basic_int.grid_disk(CENTRE, 2))


def test_a_cold_spot_is_found() -> None:
    universe = disk(40)
    counts = np.random.default_rng(7).poisson(20, len(universe.cells))
    position, _ = universe.positions(np.array(basic_int.grid_disk(CENTRE, 1)))
    counts[position] = 8
    assert find_hotspots(universe, counts).set_index("cell").loc[CENTRE, "class"] == "cold_99"


def test_one_lone_extreme_is_no_concentration() -> None:
    universe = disk(30)
    counts = np.zeros(len(universe.cells), dtype=np.int64)
    counts[universe.positions(np.array([CENTRE]))[0]] = 1_000_000
    found = find_hotspots(universe, counts)
    assert set(found["class"]) == {"not_significant"}
    assert found["p"].min() == pytest.approx(2 * 7 / len(universe.cells))


@pytest.mark.parametrize("count", [0, 1, 10**6])
@pytest.mark.parametrize("radius", [0, 1, 5])
def test_equal_counts_are_not_significant(count: int, radius: int) -> None:
    universe = disk(radius)
    found = find_hotspots(universe, np.full(len(universe.cells), count))
    assert (found["z"] == 0).all()
    assert (found["p"] == 1).all()
    assert set(found["class"]) == {"not_significant"}


def test_an_empty_universe_has_an_empty_answer() -> None:
    found = find_hotspots(Universe.of(np.array([], dtype=np.int64)), np.array([], dtype=np.int64))
    assert found.empty


def test_a_neighbourhood_that_is_the_universe_can_not_vary() -> None:
    found = find_hotspots(disk(1), np.arange(7)).set_index("cell")
    assert found.loc[CENTRE, ["z", "p"]].tolist() == [0, 1]
    assert np.isfinite(found[["z", "p"]].to_numpy(dtype=float)).all()


def test_negative_counts_are_refused() -> None:
    one = np.array([1])
    with pytest.raises(InputError, match="negative"):
        gi_star(np.array([-1]), one, one)


@given(st.lists(st.integers(0, 10**6), min_size=19, max_size=19), st.randoms())
def test_any_counts_have_an_answer_that_order_does_not_change(counts: list[int], random) -> None:  # type: ignore[no-untyped-def]
    universe = disk(2)
    found = find_hotspots(universe, np.array(counts))
    assert found["p"].between(0, 1).all()
    assert np.isfinite(found["z"]).all()
    assert set(found["class"]) <= set(CLASSES)
    order = list(range(19))
    random.shuffle(order)
    cells = universe.cells[order]
    shuffled, _ = Universe.of(cells).spread(cells, np.array(counts)[order])
    pd.testing.assert_frame_equal(found, find_hotspots(Universe.of(cells), shuffled))


def test_benjamini_and_hochberg_by_hand() -> None:
    p = np.array([0.01, 0.04, 0.03, 0.005, 1.0])
    assert adjusted_p_values(p).tolist() == pytest.approx([0.025, 0.05, 0.05, 0.025, 1.0])


def test_parents_and_direct_indexing_differ() -> None:
    """Why one map never mixes them."""
    random = np.random.default_rng(3)
    lon, lat = random.uniform(119.9, 120.2, 20_000), random.uniform(29.1, 29.4, 20_000)
    parents = cell_to_parent(cells_of_points(lon, lat, 11), 9)
    differing = (parents != cells_of_points(lon, lat, 9)).mean()
    assert 0.03 < differing < 0.1


@pytest.mark.parametrize("resolution", [0, 5])
def test_neighbours_around_a_pentagon_are_the_librarys(resolution: int) -> None:
    pentagon = basic_int.get_pentagons(resolution)[0]
    universe = Universe.of(np.array(basic_int.grid_disk(pentagon, 3)))
    members = set(universe.cells.tolist())
    expected = [len(members.intersection(basic_int.grid_disk(c, 1))) for c in members]
    assert sorted(universe.neighbourhood_sizes.tolist()) == sorted(expected)
    own, _ = universe.positions(np.array([pentagon]))
    assert universe.neighbourhood_sizes[own] == 6


def test_spread_keeps_zeros_and_counts_what_falls_beside() -> None:
    universe = disk(1)
    stranger = basic_int.grid_ring(CENTRE, 3)[0]
    cells = np.array([CENTRE, CENTRE, stranger])
    counts, beside = universe.spread(cells, np.array([1, 2, 5]))
    assert counts.sum() == 3
    assert counts[universe.positions(np.array([CENTRE]))[0]] == 3
    assert beside == 5
