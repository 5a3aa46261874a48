"""Fixes matched to streets: simulated drives come out as they were driven."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.matching.match import Matcher, match_track
from routing.modes import Mode
from routing.network.graph import Graph, graph_from_streets
from routing.network.segment_grid import OFF_STREET
from routing.streets import Streets

# A grid of 8 x 8 junctions, 100 m apart; the middle row is one-way to the east.
SIDE = 8
CAR = int(Mode.CAR | Mode.FOOT)
METRE_DEG = 0.0009 / 100.2


def _grid(straight_streets: Callable[..., Streets]) -> Streets:
    xy = {1 + x + SIDE * y: (float(x), float(y)) for x in range(SIDE) for y in range(SIDE)}
    streets = []
    for node, (x, y) in xy.items():
        if x < SIDE - 1:
            streets.append((node, node + 1, CAR, 0 if y == SIDE // 2 else CAR, 30.0))
        if y < SIDE - 1:
            streets.append((node, node + SIDE, CAR, CAR, 30.0))
    return straight_streets(xy, *streets)


@pytest.fixture(scope="module")
def graph(straight_streets: Callable[..., Streets]) -> Graph:
    return graph_from_streets(_grid(straight_streets))


@pytest.fixture(scope="module")
def matcher(graph: Graph) -> Matcher:
    return Matcher(graph, Mode.CAR)


def drive(
    graph: Graph, chance: np.random.Generator, *, every_s: float, noise_m: float, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A random drive at 8 m/s without turning round: lonlat, seconds, street, forward."""
    admits = graph.admits(Mode.CAR)
    leaving: dict[int, list[int]] = {}
    for edge in np.flatnonzero(admits.ravel()).tolist():
        leaving.setdefault(int(graph.ends[edge >> 1, edge & 1]), []).append(edge)
    edge = int(chance.choice(np.flatnonzero(admits.ravel())))
    along = 0.0
    fixes, streets, forwards = [], [], []
    for _ in range(n):
        street = edge >> 1
        share = along / graph.length_m[street]
        share = share if edge & 1 == 0 else 1 - share
        a, b = graph.vertices[graph.first_vertex[street] : graph.first_vertex[street] + 2]
        fixes.append(a + share * (b - a))
        streets.append(street)
        forwards.append(edge & 1 == 0)
        along += 8.0 * every_s
        while along > graph.length_m[edge >> 1]:
            along -= graph.length_m[edge >> 1]
            node = int(graph.ends[edge >> 1, 1 - (edge & 1)])
            onward = [e for e in leaving[node] if e != edge ^ 1]
            edge = int(chance.choice(onward or leaving[node]))
    lonlat = np.array(fixes) + chance.normal(0, noise_m * METRE_DEG, (n, 2))
    return lonlat, np.arange(n) * every_s, np.array(streets), np.array(forwards)


@pytest.mark.parametrize(
    ("every_s", "noise_m", "least"), [(1.0, 5.0, 0.93), (5.0, 8.0, 0.87), (20.0, 8.0, 0.87)]
)
def test_drives_come_out_as_they_were_driven(
    graph: Graph, matcher: Matcher, every_s: float, noise_m: float, least: float
) -> None:
    chance = np.random.default_rng(5)
    right = sure = sure_right = total = 0
    for _ in range(40):
        lonlat, at_s, street, forward = drive(graph, chance, every_s=every_s, noise_m=noise_m, n=60)
        found = match_track(matcher, lonlat, at_s, np.full(60, 1.5 * noise_m))
        same = (found.street == street) & (found.forward == forward)
        right += same.sum()
        sure += found.confident.sum()
        sure_right += (same & found.confident).sum()
        total += len(same)
    assert right / total > least
    assert sure / total > 0.6
    # What is said to be sure is: near a junction the street before and after are confused at most.
    assert sure_right / sure > 0.97


def test_nobody_drives_against_a_one_way(graph: Graph, matcher: Matcher) -> None:
    """Who is seen going west along it is somewhere else, or it isn't sure."""
    admits = graph.admits(Mode.CAR)
    y = SIDE // 2 * 0.0009
    lon = np.linspace(10 + 0.0009 * 6, 10 + 0.0009 * 1, 30)
    found = match_track(
        matcher, np.column_stack([lon, np.full(30, y)]), np.arange(30) * 2.0, np.full(30, 5.0)
    )
    there = found.street != OFF_STREET
    edge = 2 * found.street[there] + ~found.forward[there]
    assert admits.ravel()[edge].all()


def test_who_stands_has_a_street_and_no_sure_direction(graph: Graph, matcher: Matcher) -> None:
    chance = np.random.default_rng(7)
    lonlat = np.array([10 + 0.0009 * 2.5, 0.0009 * 2]) + chance.normal(0, 3 * METRE_DEG, (30, 2))
    found = match_track(matcher, lonlat, np.arange(30) * 1.0, np.full(30, 8.0))
    assert len(set(found.street.tolist())) == 1
    assert abs(np.median(found.fraction) - 0.5) < 0.05


def test_far_fixes_and_jumping_clocks_are_left_out(matcher: Matcher) -> None:
    lonlat = np.array([[10.0009, 0.0], [10.0011, 0.0], [10.0012, 0.0], [11.0, 1.0]])
    found = match_track(matcher, lonlat, np.array([5.0, 5.0, 3.0, 9.0]), np.full(4, 5.0))
    assert (found.street == OFF_STREET).tolist() == [False, True, True, True]
    assert not found.confident[1:].any()


def test_no_fixes_and_no_streets_are_no_fault(matcher: Matcher) -> None:
    found = match_track(matcher, np.zeros((0, 2)), np.zeros(0), np.zeros(0))
    assert len(found.street) == 0


def _plain_way_m(graph: Graph) -> np.ndarray:
    """(N, N) metres between junctions by Floyd and Warshall."""
    n = len(graph.node_ids)
    way_m = np.full((n, n), np.inf)
    np.fill_diagonal(way_m, 0.0)
    for edge in np.flatnonzero(graph.admits(Mode.CAR).ravel()).tolist():
        u, v = graph.ends[edge >> 1, edge & 1], graph.ends[edge >> 1, 1 - (edge & 1)]
        way_m[u, v] = min(way_m[u, v], graph.length_m[edge >> 1])
    for k in range(n):
        way_m = np.minimum(way_m, way_m[:, [k]] + way_m[[k]])
    return way_m


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_ways_between_fixes_are_as_long_as_the_streets_allow(
    graph: Graph, matcher: Matcher, seed: int
) -> None:
    """Consecutive places can be travelled from one to the next in the time that there was."""
    chance = np.random.default_rng(seed)
    way_m = _plain_way_m(graph)
    lonlat, at_s, *_ = drive(graph, chance, every_s=4.0, noise_m=10.0, n=25)
    found = match_track(matcher, lonlat, at_s, np.full(25, 15.0))
    assert (found.street != OFF_STREET).all()
    edges = 2 * found.street + ~found.forward
    along = np.where(found.forward, found.fraction, 1 - found.fraction)
    along_m = along * graph.length_m[found.street]
    for f in range(24):
        e, g = int(edges[f]), int(edges[f + 1])
        rest_m = graph.length_m[e >> 1] - along_m[f]
        tail = graph.ends[g >> 1, g & 1]
        metres = rest_m + way_m[graph.ends[e >> 1, 1 - (e & 1)], tail] + along_m[f + 1]
        if e == g:
            metres = min(metres, abs(along_m[f + 1] - along_m[f]))
        if e == g ^ 1:
            metres = min(metres, abs(graph.length_m[e >> 1] - along_m[f + 1] - along_m[f]))
        assert metres <= 4.0 * 56 + 45.0
