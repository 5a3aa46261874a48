"""Who is nearest: the engine against networkx on edges that are really split."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing.lengths import lengths_m
from routing.modes import ALL_MODES, Mode
from routing.nearest.answers import Origin, Reason
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.sources.exports import graph_of_mode
from routing.streets import Streets
from spatial.errors import InputError

BOTH = int(ALL_MODES)
UNIT_DEG = 0.0009
NODES = {n: (float(n % 3), float(n // 3)) for n in range(9)}
StreetsMaker = Callable[..., Streets]

street = st.tuples(
    st.integers(0, 8),
    st.integers(0, 8),
    st.sampled_from([1, 3, 4, 7]),
    st.sampled_from([0, 1, 5, 7]),
    st.sampled_from([10.0, 30.0, 50.0]),
)
place = st.tuples(st.floats(-0.3, 2.3), st.floats(-0.3, 2.3), st.sampled_from(list(Mode)))


def _origins(places: list[tuple[float, float, Mode]]) -> list[Origin]:
    return [
        Origin(str(i), 10 + x * UNIT_DEG, y * UNIT_DEG, mode)
        for i, (x, y, mode) in enumerate(places)
    ]


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    streets=st.lists(street, min_size=1, max_size=14),
    places=st.lists(place, min_size=1, max_size=8),
    incident=place,
    k=st.integers(1, 9),
)
def test_agrees_with_networkx_on_any_small_network(
    *,
    straight_streets: StreetsMaker,
    plain_time_s: Callable[..., float],
    streets: list[tuple[int, int, int, int, float]],
    places: list[tuple[float, float, Mode]],
    incident: tuple[float, float, Mode],
    k: int,
) -> None:
    town = straight_streets(NODES, *streets)
    lon, lat = 10 + incident[0] * UNIT_DEG, incident[1] * UNIT_DEG
    origins = _origins(places)
    engine = Engine(graph_from_streets(town))
    try:
        everybody = engine.nearest(lon, lat, origins, k=len(origins))
    except InputError:
        return  # no street for any of these modes
    graphs = {mode: graph_of_mode(town, mode) for mode in Mode}
    for arrival in everybody.arrivals:
        graph = graphs[arrival.origin.mode]
        plain = plain_time_s(graph, arrival.snap, arrival.incident_snap)
        assert arrival.travel_time_s == pytest.approx(plain, abs=1e-4)
        assert arrival.distance_m == pytest.approx(
            lengths_m(np.array([arrival.route], dtype=object))[0], rel=1e-6, abs=1e-3
        )
    assert len(everybody.arrivals) + len(everybody.unreachable) == len(origins)
    fewer = engine.nearest(lon, lat, origins, k=k)
    assert [a.travel_time_s for a in fewer.arrivals] == [
        a.travel_time_s for a in everybody.arrivals[:k]
    ]
    assert {u.origin.key for u in fewer.unreachable} == {
        u.origin.key for u in everybody.unreachable
    }


@pytest.fixture
def line(straight_streets: StreetsMaker) -> Streets:
    """Two streets of 100 m at 36 km/h, 10 s each; the second is one-way eastward for cars."""
    return straight_streets(
        {1: (0, 0), 2: (1, 0), 3: (2, 0)}, (1, 2, BOTH, BOTH, 36.0), (2, 3, BOTH, 1, 36.0)
    )


def _ask(
    streets: Streets, incident_x: float, *origin_xs: float, mode: Mode = Mode.CAR
) -> list[float | Reason]:
    engine = Engine(graph_from_streets(streets))
    origins = [Origin(str(x), 10 + x * UNIT_DEG, 0.0, mode) for x in origin_xs]
    answer = engine.nearest(10 + incident_x * UNIT_DEG, 0.0, origins, k=9)
    times: dict[str, float | Reason] = {a.origin.key: a.travel_time_s for a in answer.arrivals}
    times |= {u.origin.key: u.reason for u in answer.unreachable}
    return [times[str(x)] for x in origin_xs]


def test_on_the_same_street_one_drives_straight(line: Streets) -> None:
    assert _ask(line, 0.25, 0.75, 0.0) == pytest.approx([5.004, 2.502], abs=0.01)


def test_one_ways_count(line: Streets) -> None:
    assert _ask(line, 1.75, 1.25) == pytest.approx([5.004], abs=0.01)
    assert _ask(line, 1.25, 1.75) == [Reason.NO_WAY]
    assert _ask(line, 0.5, 1.5) == [Reason.NO_WAY]


def test_walkers_ignore_one_ways_and_are_slower(line: Streets) -> None:
    assert _ask(line, 1.25, 1.75, mode=Mode.FOOT) == pytest.approx([36.03], abs=0.05)
    assert _ask(line, 0.5, 1.5, mode=Mode.EBIKE) == [Reason.NO_WAY]


def test_too_far_from_any_street_is_said(line: Streets) -> None:
    assert _ask(line, 0.5, 99.0) == [Reason.OFF_STREET]
    with pytest.raises(InputError, match="more than 5000 m"):
        _ask(line, 99.0, 0.5)


def test_who_stands_in_a_yard_apart_leaves_by_the_next_street(
    straight_streets: StreetsMaker,
) -> None:
    """Streets of 100 m along y = 0; a yard of two nodes 40 m, another 400 m beside them."""
    nodes = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0), 5: (4, 0), 6: (5, 0)}
    nodes |= {7: (1.2, 0.4), 8: (1.3, 0.4), 9: (1.2, 4.0), 10: (1.3, 4.0)}
    pairs = [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (7, 8), (9, 10)]
    town = straight_streets(nodes, *((u, v, BOTH, BOTH, 36.0) for u, v in pairs))
    near, far = (
        Origin(name, 10 + 1.25 * UNIT_DEG, y * UNIT_DEG) for name, y in (("near", 0.4), ("far", 4))
    )
    answer = Engine(graph_from_streets(town)).nearest(10 + 0.25 * UNIT_DEG, 0.0, [near, far])
    (arrival,) = answer.arrivals
    assert arrival.origin.key == "near"
    assert arrival.travel_time_s == pytest.approx(10.0, abs=0.05)
    assert arrival.snap.distance_m == pytest.approx(40, abs=1)
    assert [u.reason for u in answer.unreachable] == [Reason.NO_WAY]


def test_a_mode_without_streets_is_said(straight_streets: StreetsMaker) -> None:
    walk = straight_streets({1: (0, 0), 2: (1, 0)}, (1, 2, 1, 1, 5.0))
    engine = Engine(graph_from_streets(walk))
    origins = [Origin("car", 10.0, 0.0, Mode.CAR), Origin("foot", 10.0, 0.0, Mode.FOOT)]
    answer = engine.nearest(10.0, 0.0, origins)
    assert [a.origin.key for a in answer.arrivals] == ["foot"]
    assert [(u.origin.key, u.reason) for u in answer.unreachable] == [
        ("car", Reason.INCIDENT_OFF_STREET)
    ]


def test_nobody_on_duty_is_no_error(line: Streets) -> None:
    answer = Engine(graph_from_streets(line)).nearest(10.0, 0.0, [])
    assert answer.arrivals == []
    assert list(answer.incident_snaps) == [Mode.CAR]


def test_two_at_the_same_place_are_ranked_by_key(line: Streets) -> None:
    origins = [Origin(key, 10.0, 0.0) for key in ("b", "a", "c")]
    answer = Engine(graph_from_streets(line)).nearest(10 + 0.5 * UNIT_DEG, 0.0, origins, k=3)
    assert [a.origin.key for a in answer.arrivals] == ["a", "b", "c"]


def test_at_a_junction_any_street_stands_for_it(straight_streets: StreetsMaker) -> None:
    """One-ways into and out of node 2: an incident there is reached by the one that leads in."""
    oneway = (BOTH, 1, 36.0)
    xy = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1)}
    town = straight_streets(xy, (1, 2, *oneway), (2, 3, *oneway), (4, 2, *oneway))
    engine = Engine(graph_from_streets(town))
    at_node = 10 + UNIT_DEG, 0.0
    from_north = engine.nearest(*at_node, [Origin("n", 10 + UNIT_DEG, 0.5 * UNIT_DEG)])
    assert from_north.arrivals[0].travel_time_s == pytest.approx(5.0, abs=0.01)
    to_east = engine.nearest(10 + 1.5 * UNIT_DEG, 0.0, [Origin("m", *at_node)])
    assert to_east.arrivals[0].travel_time_s == pytest.approx(5.0, abs=0.01)


def test_a_route_runs_from_the_origin_to_the_incident(line: Streets) -> None:
    answer = Engine(graph_from_streets(line)).nearest(
        10 + 1.5 * UNIT_DEG, 0.0, [Origin("o", 10 + 0.5 * UNIT_DEG, 0.0)]
    )
    xs = shapely.get_coordinates(answer.arrivals[0].route)[:, 0]
    assert xs == pytest.approx([10 + x * UNIT_DEG for x in (0.5, 1, 1.5)], abs=1e-9)


def test_fractions_count_from_u_on_both_edges(line: Streets) -> None:
    answer = Engine(graph_from_streets(line)).nearest(10 + 0.25 * UNIT_DEG, 0.0, [])
    snap = answer.incident_snaps[Mode.CAR]
    assert (snap.edge.u, snap.edge.v, snap.edge.fraction) == (1, 2, pytest.approx(0.25))
    assert snap.reverse is not None
    assert (snap.reverse.u, snap.reverse.v, snap.reverse.fraction) == (2, 1, pytest.approx(0.75))


def test_exported_edges_are_those_of_the_mode(line: Streets) -> None:
    car = graph_of_mode(line, Mode.CAR)
    assert sorted(car.edges(keys=True)) == [(1, 2, 0), (2, 1, 0), (2, 3, 0)]
    assert sorted(graph_of_mode(line, Mode.FOOT).edges) == [
        (1, 2, 0),
        (2, 1, 0),
        (2, 3, 0),
        (3, 2, 0),
    ]
    assert nx.is_directed(car)
