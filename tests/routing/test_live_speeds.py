"""Speeds by the hour and as learned act on the next question; nothing is ever too fast."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from routing.modes import ALL_MODES, Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.network.live_speeds import ASSUMED, HourShares, Speeds, assumed_hours
from routing.network.speeds import CLASSES, PEAK_HOURS, speed_shares
from routing.network.travel_times import speeds_kph, travel_times_s

ALL = int(ALL_MODES)
NOON = datetime(2026, 6, 30, 12)  # noqa: DTZ001 - the town's own clock
PEAK = datetime(2026, 6, 30, 17)  # noqa: DTZ001
SATURDAY = datetime(2026, 7, 4, 17)  # noqa: DTZ001
HERE, THERE = (10.0, 0.0), (10.0027, 0.0)


@pytest.fixture(scope="module")
def graph(straight_streets):
    nodes = range(1, 5)
    chain = straight_streets(
        {n: (n - 1, 0) for n in nodes}, *((n, n + 1, ALL, ALL, 36.0) for n in range(1, 4))
    )
    return graph_from_streets(chain)


def seconds(engine: Engine, at: datetime | None, mode: Mode = Mode.CAR) -> float:
    (arrival,) = engine.nearest(*THERE, [Origin("a", *HERE, mode)], 1, at).arrivals
    return arrival.travel_time_s


def test_what_is_assumed_is_what_the_table_says():
    for mode in Mode:
        for at in (NOON, PEAK, SATURDAY, None):
            assert assumed_hours().at(mode, at) == speed_shares(mode, at)
    assert PEAK.hour in PEAK_HOURS


def test_an_hour_acts_without_building_anything_anew(graph):
    engine = Engine(graph)
    free_s = seconds(engine, NOON)
    shares = np.ones((2, 24, len(CLASSES)))
    shares[0, 17] = 0.5
    engine.learn(Speeds(HourShares({Mode.CAR: shares})))
    assert seconds(engine, NOON) == pytest.approx(free_s, rel=1e-6)
    assert seconds(engine, PEAK) == pytest.approx(2 * free_s, rel=1e-6)
    assert seconds(engine, SATURDAY) == pytest.approx(free_s, rel=1e-6)
    assert seconds(engine, None) == pytest.approx(free_s, rel=1e-6)
    assert seconds(engine, PEAK, Mode.EMERGENCY) == pytest.approx(free_s, rel=1e-6)
    engine.learn(ASSUMED)
    assert seconds(engine, PEAK) < 1.5 * free_s


def test_what_streets_have_taught_counts_in_their_direction(graph):
    learned = np.ones((3, 2))
    learned[1, 0] = 0.25
    engine = Engine(graph)
    free_s = seconds(engine, NOON)
    engine.learn(Speeds(streets={Mode.CAR: learned}))
    assert seconds(engine, NOON) == pytest.approx(free_s * (1 + 4 + 1) / 3, rel=1e-4)
    (back,) = engine.nearest(*HERE, [Origin("a", *THERE, Mode.CAR)], 1, NOON).arrivals
    assert back.travel_time_s == pytest.approx(free_s, rel=1e-4)
    # somebody who asks for free streets gets them
    assert seconds(engine, None) == pytest.approx(free_s, rel=1e-6)


def test_nobody_is_faster_than_stated_or_stands_still(graph):
    learned = np.array([[3.0, 3.0], [1e-9, 1.0], [1.0, 1.0]])
    speeds = Speeds(streets={Mode.CAR: learned}, least_share=0.2)
    kph = speeds_kph(graph, Mode.CAR, NOON, speeds)
    assert kph[0].tolist() == [36.0, 36.0]
    assert kph[1, 0] == pytest.approx(0.2 * 36.0)
    assert np.isfinite(travel_times_s(graph, Mode.CAR, NOON, speeds)).all()
