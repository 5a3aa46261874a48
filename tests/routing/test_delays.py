"""Who moves later: the k first by delay and travel together are exactly the k first."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.streets import Streets

UNIT_DEG = 0.0009
SIDE = 6


@pytest.fixture(scope="module")
def engine(straight_streets: Callable[..., Streets]) -> Engine:
    """A town of squares, some of whose streets are one-way."""
    nodes = {SIDE * y + x: (float(x), float(y)) for x in range(SIDE) for y in range(SIDE)}
    pairs = [(n, n + 1) for n in nodes if n % SIDE < SIDE - 1]
    pairs += [(n, n + SIDE) for n in nodes if n + SIDE in nodes]
    streets = [(u, v, 15, 15 if (u * 7 + v) % 5 else 1, 30.0) for u, v in pairs]
    return Engine(graph_from_streets(straight_streets(nodes, *streets)))


place = st.tuples(st.floats(0, SIDE - 1), st.floats(0, SIDE - 1))
delay = st.sampled_from([0.0, 10.0, 10.0, 60.0]) | st.floats(0, 200)
member = st.tuples(place, delay, st.sampled_from([Mode.CAR, Mode.FOOT]))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(members=st.lists(member, min_size=1, max_size=12), incident=place, k=st.integers(1, 6))
def test_the_first_are_those_that_are_there_first(
    engine: Engine, members: list, incident: tuple[float, float], k: int
) -> None:
    lon, lat = 10 + incident[0] * UNIT_DEG, incident[1] * UNIT_DEG
    at_once = [
        Origin(f"{i:02}", 10 + x * UNIT_DEG, y * UNIT_DEG, mode)
        for i, ((x, y), _, mode) in enumerate(members)
    ]
    delays = {origin.key: delay_s for origin, (_, delay_s, _) in zip(at_once, members, strict=True)}
    later = [Origin(each.key, each.lon, each.lat, each.mode, delays[each.key]) for each in at_once]
    everybody = engine.nearest(lon, lat, at_once, len(members)).arrivals
    wanted = sorted(a.travel_time_s + delays[a.origin.key] for a in everybody)[:k]
    found = engine.nearest(lon, lat, later, k).arrivals
    assert [a.eta_s for a in found] == pytest.approx(wanted, abs=1e-6)
    travel_s = {a.origin.key: a.travel_time_s for a in everybody}
    for arrival in found:
        assert arrival.travel_time_s == pytest.approx(travel_s[arrival.origin.key], abs=1e-6)
        assert arrival.eta_s == pytest.approx(arrival.travel_time_s + delays[arrival.origin.key])


def test_who_is_on_the_spot_but_busy_comes_after_who_starts_at_once(engine: Engine) -> None:
    here, near = (10.0, 0.0), (10 + UNIT_DEG, 0.0)
    busy, free = Origin("busy", *here, delay_s=60.0), Origin("free", *near, delay_s=10.0)
    assert [a.origin.key for a in engine.nearest(*here, [busy, free], 2).arrivals] == [
        "free",
        "busy",
    ]


def test_who_comes_and_goes_keeps_no_delay(engine: Engine) -> None:
    fleet = engine.fleet()
    fleet.join([Origin("a", 10.0, 0.0, delay_s=90.0)])
    fleet.join([Origin("a", 10.0, 0.0)])
    assert engine.nearest_of(fleet, 10.0, 0.0).arrivals[0].eta_s == 0.0
    fleet.join([Origin(str(n), 10.0, n * UNIT_DEG / 10, delay_s=float(n)) for n in range(40)])
    found = engine.nearest_of(fleet, 10.0, 0.0, 40).arrivals
    assert np.all(np.diff([arrival.eta_s for arrival in found]) >= 0)
