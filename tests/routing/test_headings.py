"""Who is known to travel a street sets off from there: on, or back after turning round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.modes import Mode
from routing.nearest.answers import Arrival, Heading, Origin
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.network.speeds import PACES
from routing.streets import Streets

UNIT_DEG = 0.0009
# A ladder: two long streets, 10 m apart in the west, joined by rungs.
NODES = {1: (0.0, 0.0), 2: (4.0, 0.0), 3: (0.0, 0.1), 4: (4.0, 0.1)}
STREETS = [(1, 2, 15, 15, 36.0), (3, 4, 15, 15, 36.0), (1, 3, 15, 15, 36.0), (2, 4, 15, 15, 36.0)]
TURN_S = PACES[Mode.CAR].u_turn_s


@pytest.fixture(scope="module")
def engine(straight_streets: Callable[..., Streets]) -> Engine:
    return Engine(graph_from_streets(straight_streets(NODES, *STREETS)))


def seen(x: float, y: float = 0.0, mode: Mode = Mode.CAR) -> Origin:
    return Origin("a", 10 + x * UNIT_DEG, y * UNIT_DEG, mode)


def arrival(engine: Engine, origin: Origin, x: float) -> Arrival:
    (found,) = engine.nearest(10 + x * UNIT_DEG, 0.0, [origin], 1).arrivals
    return found


def heading(engine: Engine, street: int, fraction: float, *, forward: bool) -> Heading:
    return Heading(int(engine.graph.street_ids[street]), fraction, forward)


def test_who_goes_the_wrong_way_turns_round_and_that_is_counted(engine: Engine) -> None:
    free = arrival(engine, seen(2), 3)
    on = arrival(engine, replace(seen(2), heading=heading(engine, 0, 0.5, forward=True)), 3)
    back = arrival(engine, replace(seen(2), heading=heading(engine, 0, 0.5, forward=False)), 3)
    assert (free.turn_s, on.turn_s, back.turn_s) == (0.0, 0.0, TURN_S)
    assert on.travel_time_s == pytest.approx(free.travel_time_s)
    assert back.travel_time_s == pytest.approx(free.travel_time_s + TURN_S)
    assert back.distance_m == pytest.approx(free.distance_m)


def test_round_the_block_where_that_is_quicker_than_turning(engine: Engine) -> None:
    """Close to the junction ahead, to somewhere shortly behind it."""
    behind = replace(seen(0.3), heading=heading(engine, 0, 0.075, forward=False))
    goal = 10 + 0.0 * UNIT_DEG, 0.09 * UNIT_DEG
    (found,) = engine.nearest(*goal, [behind], 1).arrivals
    assert found.turn_s == 0.0
    (turned,) = engine.nearest(10 + 0.4 * UNIT_DEG, 0.0, [behind], 1).arrivals
    assert turned.turn_s == TURN_S


def test_on_foot_turning_round_costs_nothing(engine: Engine) -> None:
    walker = seen(2, mode=Mode.FOOT)
    for forward in (True, False):
        headed = replace(walker, heading=heading(engine, 0, 0.5, forward=forward))
        found = arrival(engine, headed, 3)
        assert found.turn_s == 0.0
        assert found.travel_time_s == pytest.approx(arrival(engine, walker, 3).travel_time_s)


def test_the_street_that_was_matched_and_not_the_nearest(engine: Engine) -> None:
    nearest = arrival(engine, seen(2, 0.02), 2)
    matched = replace(seen(2, 0.02), heading=heading(engine, 1, 0.5, forward=True))
    assert nearest.distance_m == pytest.approx(0.0, abs=1e-6)
    assert arrival(engine, matched, 2).distance_m > 300


@pytest.mark.parametrize(
    "wrong",
    [Heading(-1, 0.5, True), Heading(10**15, 0.5, True), Heading(2, 1.0, True)],
)
def test_a_street_that_is_not_there_or_lies_elsewhere_counts_for_nothing(
    engine: Engine, wrong: Heading
) -> None:
    if wrong.street_id == 2:
        wrong = heading(engine, 0, 1.0, forward=False)  # the far end of the right street
    plain, odd = (arrival(engine, one, 3) for one in (seen(2), replace(seen(2), heading=wrong)))
    assert (odd.travel_time_s, odd.turn_s) == (plain.travel_time_s, 0.0)


member = st.tuples(
    st.sampled_from("abcdef"),
    st.floats(0, 4),
    st.sampled_from([None, True, False]),
    st.sampled_from([Mode.CAR, Mode.EBIKE]),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(moves=st.lists(member, max_size=40), x=st.floats(0, 4))
def test_moving_coming_and_leaving_never_wear_out(
    engine: Engine, moves: list[tuple[str, float, bool | None, Mode, bool]], x: float
) -> None:
    """However a fleet came to stand as it does, it answers as one that has just come."""
    fleet, there = engine.fleet(), {}
    for key, at, forward, mode, leaves in moves:
        headed = None if forward is None else heading(engine, 0, at / 4, forward=forward)
        there[key] = replace(seen(at, mode=mode), key=key, heading=headed)
        fleet.join([there[key]])
        if leaves:
            fleet.leave(key)
            del there[key]
    fresh = engine.fleet()
    fresh.join(there.values())
    lon = 10 + x * UNIT_DEG
    ours, theirs = (engine.nearest_of(each, lon, 0.0, 6).arrivals for each in (fleet, fresh))
    assert [(a.origin, a.eta_s, a.turn_s) for a in ours] == [
        (a.origin, a.eta_s, a.turn_s) for a in theirs
    ]
    for mode, roster in fleet.rosters.items():
        if mode in fresh.rosters:
            other = fresh.rosters[mode].standing
            assert np.array_equal(roster.standing.ahead, other.ahead)
        else:
            assert not roster.standing.ahead.any()
