"""The demo's responders ride on its streets, no faster than they may, and to their incidents."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from layers.demo.patrol import Patrol, Ridden
from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.sources.files import read_street_file

_METRE_DEG = 1 / 111_320


@pytest.fixture(scope="module")
def engine(shared_data: Path) -> Engine:
    file = shared_data / "roads" / "shenzhen_osmnx.graphml"
    return Engine(graph_from_streets(read_street_file(file).streets))


def _away_m(one: Ridden, lon: float, lat: float) -> float:
    narrow = np.cos(np.radians(lat))
    return float(np.hypot((one.lon - lon) * narrow, one.lat - lat) / _METRE_DEG)


def _starts(engine: Engine, count: int) -> list[tuple[float, float]]:
    lines = np.random.default_rng(5).choice(np.array(engine.graph.lines, object), count)
    return [line.interpolate(0.4, normalized=True).coords[0] for line in lines]


def test_who_is_on_patrol_stays_on_streets_and_goes_no_faster_than_they_allow(
    engine: Engine,
) -> None:
    patrol = Patrol(engine, random.Random(1))
    patrol.look(
        (n, "car", lon, lat, None, None) for n, (lon, lat) in enumerate(_starts(engine, 12))
    )
    known: dict[int, Ridden] = {}
    for _ in range(120):
        for ridden in patrol.ride(5.0):
            assert ridden.street is not None
            assert ridden.fraction is not None
            assert 0 <= ridden.fraction <= 1
            assert 0 <= ridden.bearing <= 360
            street, share = engine.snap_of(Mode.CAR, ridden.lon, ridden.lat, leaving=True)
            assert street >= 0
            assert 0 <= share <= 1
            if ridden.id in known:
                before = known[ridden.id]
                # as the crow flies it is less; two fixes are inexact
                assert _away_m(ridden, before.lon, before.lat) < 5.0 * 40 + 60
            known[ridden.id] = ridden
    assert len(known) > 6


def test_who_has_an_order_drives_to_it_in_the_time_of_the_answer(engine: Engine) -> None:
    start, goal = _starts(engine, 2)
    patrol = Patrol(engine, random.Random(2))
    patrol.look([(7, "car", *start, *goal)])
    there = engine.nearest(*goal, [Origin("7", *start)], 1).arrivals[0]
    found = [ridden for _ in range(int(there.travel_time_s / 5) + 2) for ridden in patrol.ride(5.0)]
    assert _away_m(found[-1], *there.route.coords[-1]) < 20
    assert patrol.ride(5.0) == []
    patrol.look([(7, "car", *start, None, None)])  # its order has ended: on patrol from there on
    assert any(patrol.ride(30.0) for _ in range(20))
    patrol.look([])
    assert patrol.ride(30.0) == []
