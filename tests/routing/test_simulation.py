"""Simulated calls: times as the engine's, nobody at two places, every call served once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import Graph, graph_from_streets
from routing.simulation.board import Board
from routing.simulation.comparing import paired_difference
from routing.simulation.covering import Coverage, plan_coverage, plan_homes, shares_reached
from routing.simulation.density import density_of, draw_places
from routing.simulation.driving import etas_s, make_motion, set_off
from routing.simulation.places import make_places, point_on, times_between, way_to
from routing.simulation.policies import Nearest, Platform, PlatformSettings, Policy
from routing.simulation.roads import Roads, make_roads
from routing.simulation.running import simulate
from routing.simulation.world import Calls, World
from routing.sources.files import read_street_file
from routing.streets import Streets

HOLD_S, TURNOUT_S, TURN_S = 180.0, 30.0, 10.0
POLICIES: dict[str, Policy] = {
    "air": Nearest(by_air=True),
    "road": Nearest(by_air=False),
    "plain": Platform(PlatformSettings()),
    "tuned": Platform(PlatformSettings(move_share=0.003, reassign_gain_s=30.0)),
}


@pytest.fixture(scope="module")
def grid(straight_streets: Callable[..., Streets]) -> Graph:
    """Six by six crossings, 300 m apart; some streets one-way."""
    xy = {6 * r + c: (3.0 * c, 3.0 * r) for r in range(6) for c in range(6)}
    streets = [(6 * r + c, 6 * r + c + 1, 15, 15 if r % 2 else 0, 30.0)
               for r in range(6) for c in range(5)]  # fmt: skip
    streets += [(6 * r + c, 6 * r + c + 6, 15, 15, 40.0) for r in range(5) for c in range(6)]
    return graph_from_streets(straight_streets(xy, *streets)).read_only()


def _world(graph: Graph, n_places: int = 60, mode: Mode = Mode.CAR) -> World:
    chance = np.random.default_rng(3)
    roads, inside = make_roads(graph, mode)
    middles = graph.node_xy[graph.ends].mean(axis=1)
    drawn = draw_places(None, middles, np.where(inside, graph.length_m, 0), n_places, chance)
    places = make_places(roads, *drawn)
    times_s = times_between(roads, places, np.arange(n_places))
    demand = np.full(n_places, 1 / n_places)
    coverage = plan_coverage(times_s, demand, 60.0, 12, 0.5)
    return World(roads, places, coverage, HOLD_S, TURNOUT_S, TURN_S)


@pytest.fixture(scope="module")
def world(grid: Graph) -> World:
    return _world(grid)


def _calls(world: World, n: int, gap_s: float, seed: int) -> Calls:
    chance = np.random.default_rng(seed)
    return Calls(
        np.cumsum(chance.exponential(gap_s, n)),
        chance.integers(0, len(world.places.street), n).astype(np.int32),
        chance.lognormal(6, 0.5, n),
        chance.choice([1, 2, 8], n),
    )


def test_times_are_those_of_the_engine(shared_data: Path) -> None:
    graph = graph_from_streets(
        read_street_file(shared_data / "roads" / "shenzhen_osmnx.graphml").streets
    )
    engine = Engine(graph)
    roads, inside = make_roads(graph.read_only(), Mode.CAR)
    chance = np.random.default_rng(1)
    street = chance.choice(np.flatnonzero(inside), 40).astype(np.int32)
    places = make_places(roads, street, chance.random(40))
    points = [point_on(roads, s, f) for s, f in zip(street, places.fraction, strict=True)]
    for p in range(0, 40, 4):
        there = engine.snap_of(Mode.CAR, *points[p], leaving=False)
        origins = [Origin(str(i), *point) for i, point in enumerate(points)]
        known = {
            int(a.origin.key): a.travel_time_s
            for a in engine.nearest(*points[p], origins, 40).arrivals
        }
        for i, point in enumerate(points):
            here = engine.snap_of(Mode.CAR, *point, leaving=True)
            place = make_places(roads, np.array([there[0]], np.int32), np.array([there[1]]))
            assert way_to(roads, place, 0, *here)[0] == pytest.approx(known[i], abs=1e-3)


def test_on_the_way_the_rest_is_what_is_left(world: World) -> None:
    roads, places = world.roads, world.places
    motion = make_motion(places, np.arange(5))
    unit = np.zeros(1, np.int64)
    for target in (17, 30, 44):
        now = 1000.0 * target
        there_s = set_off(roads, places, motion, 0, target, now, TURNOUT_S, TURN_S)
        for moment in np.linspace(now, there_s, 23)[:-1]:
            left_s = etas_s(roads, places, motion, unit, target, moment, TURNOUT_S, 0.0)[0]
            assert moment + left_s == pytest.approx(there_s, abs=0.01)
    assert motion.driven_s[0] < there_s


@pytest.mark.parametrize("name", POLICIES)
def test_nobody_is_at_two_places_and_every_call_is_served_once(world: World, name: str) -> None:
    calls = _calls(world, 400, 90.0, seed=2)
    homes = plan_homes(world.coverage, 6, 0.5)
    record = simulate(world, calls, homes, POLICIES[name])
    assert (record.unit >= 0).all()
    assert (record.ordered_s >= calls.at_s).all()
    assert (record.reached_s >= record.ordered_s).all()
    assert record.done_s == pytest.approx(record.reached_s + calls.service_s)
    for unit in range(len(homes)):
        its = np.flatnonzero(record.unit == unit)
        its = its[np.argsort(record.ordered_s[its])]
        assert (record.ordered_s[its][1:] >= record.done_s[its][:-1] - 1e-6).all()
        # nobody is quicker from one call to the next than the streets allow
        between = times_between(world.roads, world.places, calls.place[its])
        for one, (before, after) in enumerate(itertools.pairwise(its)):
            way_s = between[one, calls.place[after]]
            assert record.reached_s[after] >= record.done_s[before] + way_s - 0.05
    again = simulate(world, calls, homes, POLICIES[name])
    for one, other in zip(vars(record).values(), vars(again).values(), strict=True):
        assert np.array_equal(one, other)


def test_one_call_at_a_time_gets_the_nearest_by_road(world: World) -> None:
    calls = _calls(world, 40, 50_000.0, seed=5)
    homes = np.arange(8)
    record = simulate(world, calls, homes, Nearest(by_air=False))
    base = world.coverage.site[homes]
    times_s = times_between(world.roads, world.places, base)[:, calls.place]
    assert record.reached_s - calls.at_s == pytest.approx(times_s.min(axis=0) + TURNOUT_S)
    plain = simulate(world, calls, homes, POLICIES["plain"])
    assert np.array_equal(plain.reached_s, record.reached_s)


def test_the_longest_waiting_goes_first_when_there_are_too_few(world: World) -> None:
    calls = Calls(
        np.array([0.0, 10.0, 20.0]), np.array([1, 2, 3], np.int32),
        np.full(3, 600.0), np.ones(3, np.int64),
    )  # fmt: skip
    for policy in (POLICIES["air"], POLICIES["road"]):
        record = simulate(world, calls, np.array([0]), policy)
        assert (np.diff(record.ordered_s) > 0).all()
        assert record.ordered_s[1] == record.done_s[0]


def test_who_is_turned_on_the_way_loses_the_time_to_read_the_order(world: World) -> None:
    calls = _calls(world, 3, 1.0, seed=1)
    board = Board(world, calls, np.array([0, 1]))
    unit = np.zeros(1, np.int64)
    standing_s = board.etas_s(unit, 0)[0]
    board.send(0, int(calls.place[0]))
    board.now_s += TURNOUT_S + 5.0
    going_on_s = board.etas_of_drivers_s(unit)[0]
    assert going_on_s == pytest.approx(standing_s - TURNOUT_S - 5.0, abs=0.01)
    assert board.etas_s(unit, 0)[0] == pytest.approx(going_on_s + TURN_S, abs=0.01)
    other_s = board.etas_s(unit, 1)[0]
    there_s = board.send(0, int(calls.place[1]))
    assert there_s - board.now_s == pytest.approx(other_s, abs=0.01)


def test_nobody_is_turned_for_less_than_the_threshold(world: World) -> None:
    calls = _calls(world, 300, 60.0, seed=4)
    homes = plan_homes(world.coverage, 5, 0.5)
    turned = [
        simulate(world, calls, homes, Platform(PlatformSettings(reassign_gain_s=gain_s)))
        for gain_s in (None, 10_000.0, 60.0, 0.0)
    ]
    assert turned[0].reassigned == 0
    assert turned[1].reassigned <= turned[2].reassigned <= turned[3].reassigned
    assert turned[3].reassigned > 0
    assert turned[3].most_handed_on <= turned[3].reassigned


def test_a_unit_waits_and_is_moved_as_standby_would_have_it(world: World) -> None:
    calls = _calls(world, 3, 1.0, seed=1)
    coverage = world.coverage
    board = Board(world, calls, np.zeros(3, np.int64))  # all at one home
    policy = Platform(PlatformSettings(move_share=0.01))
    moved = policy.move(board)
    assert moved is not None
    unit, site = moved
    left = coverage.demand @ ~coverage.reaches[0]
    assert coverage.demand @ (coverage.reaches[site] & ~coverage.reaches[0]) == pytest.approx(
        max(coverage.demand @ (row & ~coverage.reaches[0]) for row in coverage.reaches)
    )
    assert left > 0
    board.wake(unit)
    assert policy.resting_place(board, unit) == site
    assert Platform(PlatformSettings()).move(board) is None
    assert Platform(PlatformSettings()).resting_place(board, unit) == 0


def test_homes_cover_more_than_chance(world: World) -> None:
    coverage: Coverage = world.coverage
    homes = plan_homes(coverage, 4, 0.2)
    covered = coverage.demand[coverage.reaches[homes].any(axis=0)].sum()
    assert shares_reached(coverage, homes)[-1] == pytest.approx(covered)
    chance = np.random.default_rng(0)
    others = [chance.integers(0, len(coverage.site), 4) for _ in range(50)]
    assert covered >= max(coverage.demand[coverage.reaches[o].any(axis=0)].sum() for o in others)


def test_a_policy_against_itself_differs_by_nothing() -> None:
    chance = np.random.default_rng(0)
    values, block = chance.random(500), np.repeat(np.arange(50), 10)
    itself = paired_difference(values, values, block, seed=1)
    assert (itself.estimate, itself.low, itself.high) == (0, 0, 0)
    assert itself.holds_zero
    noisy = paired_difference(values + 0.2, values, block, seed=1)
    assert noisy.low == pytest.approx(0.2)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(7)
    block = np.repeat(np.arange(60), 20)
    held = 0
    for seed in range(50):
        daily = np.repeat(chance.normal(0, 0.1, 60), 20)
        found = paired_difference(0.05 + daily + chance.normal(0, 1, 1200), np.zeros(1200),
                                  block, seed)  # fmt: skip
        held += found.low <= 0.05 <= found.high
    assert held / 50 >= 0.84


def test_places_follow_the_density(grid: Graph) -> None:
    chance = np.random.default_rng(0)
    # all calls but a few in the lower left quarter of their extent
    xy = np.vstack([chance.uniform(0, 0.5, (950, 2)), chance.uniform(0, 1, (50, 2)), [[900, -900]]])
    middles = grid.node_xy[grid.ends].mean(axis=1)
    street, fraction = draw_places(density_of(xy, 8, 0.3), middles, grid.length_m, 2000, chance)
    low, high = middles.min(axis=0), middles.max(axis=0)
    share = ((middles[street] - low) / (high - low) < 0.55).all(axis=1).mean()
    assert 0.8 < share < 1
    assert ((fraction >= 0) & (fraction < 1)).all()


def test_turning_round_costs_what_it_costs_the_engine(
    straight_streets: Callable[..., Streets],
) -> None:
    """Where turns are forbidden, going back is part of a way: see `routing.nearest.search`."""
    xy = {n: (float(n), 0.0) for n in range(4)} | {4: (1.0, 3.0)}
    streets = straight_streets(
        xy, (0, 1, 15, 15, 30.0), (1, 2, 15, 15, 30.0), (2, 3, 15, 15, 30.0), (1, 4, 15, 15, 30.0)
    )
    graph = graph_from_streets(streets)
    roads, _ = make_roads(graph.read_only(), Mode.CAR)
    assert isinstance(roads, Roads)
    engine = Engine(graph)
    places = make_places(roads, np.array([2], np.int32), np.array([0.5]))
    point = point_on(roads, 2, 0.5)
    origin = point_on(roads, 3, 0.25)
    street, fraction = engine.snap_of(Mode.CAR, *origin, leaving=True)
    found = engine.nearest(*point, [Origin("a", *origin)], 1).arrivals[0].travel_time_s
    assert way_to(roads, places, 0, street, fraction)[0] == pytest.approx(found, abs=1e-3)
