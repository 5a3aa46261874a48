"""Where to stand by, against trying every choice and against spopt."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.reach.field import Sources
from routing.reach.standby import choose_sites, reach_matrix, restand
from routing.streets import Streets

UNIT_DEG = 0.0009


def _random_case(seed: int, sites: int, demand: int) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    at, there = chance.random((sites, 2)), chance.random((demand, 2))
    away = np.hypot(*(at[:, None] - there[None]).transpose(2, 0, 1))
    return away < chance.uniform(0.1, 0.4), chance.integers(0, 9, demand).astype(float)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 1_000_000),
    sites=st.integers(1, 9),
    demand=st.integers(1, 30),
    count=st.integers(0, 5),
)
def test_no_choice_covers_more(seed: int, sites: int, demand: int, count: int) -> None:
    reached, weight = _random_case(seed, sites, demand)
    fixed = np.random.default_rng(seed).random(demand) < 0.2
    found = choose_sites(reached, weight, count, fixed=fixed)
    count = min(count, sites)
    best = max(
        weight[reached[list(choice)].any(axis=0) | fixed].sum()
        for choice in combinations(range(sites), count)
    )
    assert found.covered == pytest.approx(best)
    assert found.bound == pytest.approx(best)
    assert len(set(found.sites)) == len(found.sites) == count
    assert sum(found.gain) == pytest.approx(best - weight[fixed].sum())
    assert list(found.gain) == sorted(found.gain, reverse=True)


def test_the_optimum_is_that_of_spopt() -> None:
    spopt = pytest.importorskip("spopt.locate")
    pulp = pytest.importorskip("pulp")
    for seed in range(4):
        reached, weight = _random_case(seed, 25, 120)
        cost = np.where(reached.T, 1.0, 9.0)
        theirs = spopt.MCLP.from_cost_matrix(cost, weight, 5.0, p_facilities=4)
        theirs.solve(pulp.PULP_CBC_CMD(msg=False))
        ours = choose_sites(reached, weight, 4)
        assert ours.covered == pytest.approx(pulp.value(theirs.problem.objective))


@settings(max_examples=40)
@given(seed=st.integers(0, 1_000_000), standing=st.integers(1, 5), count=st.integers(1, 3))
def test_who_is_missed_least_goes_where_most_is_out_of_reach(
    seed: int, standing: int, count: int
) -> None:
    options, weight = _random_case(seed, 8, 30)
    where = np.random.default_rng(seed).integers(0, 8, standing)
    reached = options[where]
    found = restand(reached, options, weight, range(standing), count)
    assert len(found.moved) == len(found.siting.sites) == min(count, standing)
    stays = [row for row in range(standing) if row not in found.moved]
    then = reached[stays].any(axis=0) | options[list(found.siting.sites)].any(axis=0)
    assert found.siting.covered == pytest.approx(weight[then].sum())
    assert found.gain == pytest.approx(weight[then].sum() - weight[reached.any(axis=0)].sum())
    if standing > 1:
        losses = [weight[~np.delete(reached, row, axis=0).any(axis=0)].sum()
                  for row in range(standing)]  # fmt: skip
        assert losses[found.moved[0]] == pytest.approx(min(losses))


def test_without_time_for_a_proof_the_bound_is_still_one() -> None:
    reached, weight = _random_case(3, 60, 400)
    quick = choose_sites(reached, weight, 6, time_limit_s=1e-3)
    proven = choose_sites(reached, weight, 6)
    assert quick.covered <= proven.covered + 1e-9 <= quick.bound + 2e-9
    assert 0 <= quick.gap <= 1


def test_sites_reach_what_one_gets_to_in_time(straight_streets: Callable[..., Streets]) -> None:
    nodes = {0: (0.0, 0.0), 1: (10.0, 0.0)}
    engine = Engine(graph_from_streets(straight_streets(nodes, (0, 1, 15, 0, 36.0))))
    lane = engine.lane(Mode.CAR)
    ends = Sources(np.zeros(3, np.int32), np.array([0.0, 0.5, 1.0]), np.zeros(3))
    places = np.zeros(4, np.int32), np.array([0.0, 0.4, 0.9, 1.0])
    # 1 km at 10 m/s, one-way
    reached = reach_matrix(lane.reach_network, lane.times(engine.measures, None), ends, places, 45)
    assert reached.tolist() == [
        [True, True, False, False],
        [False, False, True, False],
        [False, False, False, True],
    ]
