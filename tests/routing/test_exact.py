"""The engine against a plain Dijkstra on edges and turns: closures, one-ways, loops, everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from random_streets import NODES, UNIT_DEG, forbidden_turns, number, street
from real_streets import TOLERANCE_S, ask_both
from routing.lengths import lengths_m
from routing.modes import Mode
from routing.nearest.answers import Heading, Origin, Ranking
from routing.nearest.engine import Engine
from routing.nearest.headings import ASTRAY_M
from routing.network.graph import Graph, graph_from_streets
from routing.network.measures import Measure
from routing.sources.files import read_street_file
from routing.streets import Streets
from spatial.errors import InputError

FILES = ("shenzhen_osmnx.graphml", "liechtenstein_2024.osm.pbf")

place = st.tuples(st.floats(-0.3, 2.3), st.floats(-0.3, 2.3))


def _places(graph: Graph, ranking: Ranking) -> tuple[Any, list[Any]]:
    """The incident and who arrives, as (street, fraction)."""
    street_of = {}
    for s, (ends, key) in enumerate(zip(graph.ends.tolist(), graph.keys.tolist(), strict=True)):
        u, v = graph.node_ids[ends].tolist()
        street_of[u, v, key] = s, False
        street_of.setdefault((v, u, key + (u == v)), (s, True))

    def where(snap: Any) -> tuple[int, float]:
        s, backwards = street_of[snap.edge.u, snap.edge.v, snap.edge.key]
        return s, 1 - snap.edge.fraction if backwards else snap.edge.fraction

    arrivals = ranking.arrivals
    return where(arrivals[0].incident_snap) if arrivals else None, [where(a.snap) for a in arrivals]


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    streets=st.lists(street, min_size=1, max_size=16),
    picks=st.lists(st.lists(number, min_size=2, max_size=4), max_size=8),
    shares=st.lists(st.tuples(number, st.sampled_from([0.0, 0.0, 0.5])), max_size=5),
    places=st.lists(place, min_size=1, max_size=8),
    heading=st.lists(st.sampled_from([None, 0, 1]), min_size=8, max_size=8),
    incident=place,
    k=st.integers(1, 9),
    mode=st.sampled_from([Mode.CAR, Mode.CAR, Mode.EMERGENCY]),
)
def test_any_small_network(
    *,
    straight_streets: Callable[..., Streets],
    plain_reference: Any,
    streets: list[tuple[int, int, int, int, float]],
    picks: list[list[int]],
    shares: list[tuple[int, float]],
    places: list[tuple[float, float]],
    heading: list[int | None],
    incident: tuple[float, float],
    k: int,
    mode: Mode,
) -> None:
    town = straight_streets(NODES, *streets)
    town = replace(town, turns=forbidden_turns(town, picks))
    graph = graph_from_streets(town)
    engine = Engine(graph)
    in_force: dict[int, float] = {}
    for name, (pick, share) in enumerate(shares):
        edge = pick % (2 * len(streets))
        step = int(graph.street_ids[edge // 2]) * (1 - 2 * (edge % 2))
        engine.measures.put(str(name), Measure((step,), share))
        in_force[edge] = min(share, in_force.get(edge, 1.0))
    origins = [
        Origin(str(i), 10 + x * UNIT_DEG, y * UNIT_DEG, mode) for i, (x, y) in enumerate(places)
    ]
    origins = [_headed(engine, one, way) for one, way in zip(origins, heading, strict=False)]
    lon, lat = 10 + incident[0] * UNIT_DEG, incident[1] * UNIT_DEG
    try:
        everybody = engine.nearest(lon, lat, origins, k=len(origins))
    except InputError:
        return  # no street for this mode
    reference = plain_reference(graph, mode, in_force)
    at, there = _places(graph, everybody)
    for arrival, origin in zip(everybody.arrivals, there, strict=True):
        headed = arrival.origin.heading if arrival.snap.distance_m <= ASTRAY_M else None
        way = None if headed is None else int(not headed.forward)
        plain_s = reference.times_s(at, [origin], headings=[way])[0]
        assert headed is not None or arrival.turn_s == 0
        assert arrival.travel_time_s == pytest.approx(plain_s, abs=TOLERANCE_S)
        drawn_m = lengths_m(np.array([arrival.route], dtype=object))[0]
        assert arrival.distance_m == pytest.approx(drawn_m, rel=1e-6, abs=1e-3)
    assert len(everybody.arrivals) + len(everybody.unreachable) == len(origins)
    lost = [
        origin for origin in origins if origin.key in {u.origin.key for u in everybody.unreachable}
    ]
    assert _reached(engine, reference, mode, (lon, lat), lost) == []
    fewer = engine.nearest(lon, lat, origins, k=k)
    assert [a.travel_time_s for a in fewer.arrivals] == [
        a.travel_time_s for a in everybody.arrivals[:k]
    ]
    assert len(fewer.unreachable) == len(everybody.unreachable)


def _headed(engine: Engine, origin: Origin, direction: int | None) -> Origin:
    """The same, travelling the street that it stands on in a direction, where it may."""
    at = engine.snap_of(origin.mode, origin.lon, origin.lat, leaving=True)
    if at is None or direction is None or not engine.graph.admits(origin.mode)[at[0], direction]:
        return origin
    street_id = int(engine.graph.street_ids[at[0]])
    return replace(origin, heading=Heading(street_id, at[1], forward=direction == 0))


def _reached(
    engine: Engine, reference: Any, mode: Mode, lonlat: tuple[float, float], lost: list[Origin]
) -> list[Origin]:
    """Those of `lost` who do get there by the plain search."""
    wrongly = []
    for origin in lost:
        # its own place, told by a question that it is asked at
        graph = engine.graph
        here = engine.snap_of(mode, origin.lon, origin.lat, leaving=True)
        at = engine.snap_of(mode, *lonlat, leaving=False)
        if here and at and np.isfinite(reference.times_s(at, [here])[0]):
            wrongly.append(origin)
        assert graph is not None
    return wrongly


@pytest.fixture(scope="module", params=FILES)
def town(request: pytest.FixtureRequest, shared_data: Path) -> Streets:
    return read_street_file(shared_data / "roads" / request.param).streets


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        (Mode.CAR, 30),
        pytest.param(Mode.CAR, 10_000, marks=pytest.mark.long),
        pytest.param(Mode.EBIKE, 1_000, marks=pytest.mark.long),
        pytest.param(Mode.EMERGENCY, 1_000, marks=pytest.mark.long),
    ],
)
@pytest.mark.parametrize("disturbed", [0.0, 0.1])
def test_real_streets(town: Streets, mode: Mode, asked: int, disturbed: float) -> None:
    """With closures a tenth of all streets is closed, and another tenth is slow."""
    questions = ask_both(graph_from_streets(town), mode, asked, disturbed)
    assert [question for question in questions if not question.agrees] == []
