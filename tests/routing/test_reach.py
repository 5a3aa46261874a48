"""What is reached, against the plain way to ask: one Dijkstra of edges and turns a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from random_streets import NODES, UNIT_DEG, forbidden_turns, number, street
from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import Graph, graph_from_streets
from routing.network.measures import Measure
from routing.network.network_arrays import NOBODY
from routing.reach.coverage import Cover, Places
from routing.reach.field import Direction, Field, Sources, spread
from routing.reach.isochrone import ASIDE_M, AreaMaker
from routing.sources.metres import metres_around
from routing.streets import Streets

TOLERANCE_S = 0.001
SLOWLY = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

spot = st.tuples(number, st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]))


def _spots(graph: Graph, mode: Mode, picks: list[tuple[int, float]]) -> list[tuple[int, float]]:
    streets = np.flatnonzero(graph.admits(mode).any(axis=1))
    return [(int(streets[pick % len(streets)]), share) for pick, share in picks]


def _sources(places: Sequence[tuple[int, float]], delay_s: Sequence[float] = ()) -> Sources:
    streets, fractions = zip(*places, strict=True)
    delays = np.array(delay_s or [0.0] * len(places), np.float64)
    return Sources(np.array(streets, np.int32), np.array(fractions, np.float64), delays)


def _fields(engine: Engine, mode: Mode, sources: Sources, **how: Any) -> Field:
    lane = engine.lane(mode)
    return spread(lane.reach_network, lane.times(engine.measures, None), sources, **how)


@SLOWLY
@given(
    streets=st.lists(street, min_size=1, max_size=16),
    picks=st.lists(st.lists(number, min_size=2, max_size=4), max_size=8),
    shares=st.lists(st.tuples(number, st.sampled_from([0.0, 0.0, 0.5])), max_size=4),
    begins=st.lists(st.tuples(spot, st.sampled_from([0.0, 5.0, 20.0])), min_size=1, max_size=5),
    ends=st.lists(spot, min_size=1, max_size=5),
    mode=st.sampled_from([Mode.CAR, Mode.CAR, Mode.EMERGENCY]),
)
def test_first_and_second_are_those_of_a_plain_dijkstra(
    *,
    straight_streets: Callable[..., Streets],
    plain_reference: Any,
    streets: list[tuple[int, int, int, int, float]],
    picks: list[list[int]],
    shares: list[tuple[int, float]],
    begins: list[tuple[tuple[int, float], float]],
    ends: list[tuple[int, float]],
    mode: Mode,
) -> None:
    town = straight_streets(NODES, *streets)
    graph = graph_from_streets(replace(town, turns=forbidden_turns(town, picks)))
    if not graph.admits(mode).any():
        return
    engine = Engine(graph)
    in_force: dict[int, float] = {}
    for name, (pick, share) in enumerate(shares):
        edge = pick % (2 * len(streets))
        step = int(graph.street_ids[edge // 2]) * (1 - 2 * (edge % 2))
        engine.measures.put(str(name), Measure((step,), share))
        in_force[edge] = min(share, in_force.get(edge, 1.0))
    origins = _spots(graph, mode, [place for place, _ in begins])
    delay_s = [delay for _, delay in begins]
    targets = _spots(graph, mode, ends)
    reference = plain_reference(graph, mode, in_force)
    plain_s = np.array([reference.times_s(target, origins) for target in targets])
    where = _sources(targets)
    sources = _sources(origins, delay_s)
    labels = _fields(engine, mode, sources, n_labels=3).at(where.street, where.fraction)
    expected = np.sort(np.pad(plain_s + delay_s, ((0, 0), (0, 3)), constant_values=np.inf), axis=1)
    assert labels.time_s == pytest.approx(expected[:, :3], abs=TOLERANCE_S)
    for row, source in zip(labels.source.tolist(), labels.time_s.tolist(), strict=True):
        named = [each for each in row if each != NOBODY]
        assert len(set(named)) == len(named) == np.isfinite(source).sum()
    for target, row in zip(targets, plain_s, strict=True):
        towards = _fields(engine, mode, _sources([target]), direction=Direction.TO)
        back = towards.at(sources.street, sources.fraction)
        assert back.time_s[:, 0] == pytest.approx(row, abs=TOLERANCE_S)


@SLOWLY
@given(
    streets=st.lists(street, min_size=1, max_size=16),
    begins=st.lists(spot, min_size=1, max_size=3),
    limit_s=st.floats(0, 90),
    direction=st.sampled_from(list(Direction)),
)
def test_parts_of_streets_are_where_the_times_are_within_the_limit(
    *,
    straight_streets: Callable[..., Streets],
    streets: list[tuple[int, int, int, int, float]],
    begins: list[tuple[int, float]],
    limit_s: float,
    direction: Direction,
) -> None:
    graph = graph_from_streets(straight_streets(NODES, *streets))
    engine = Engine(graph)
    sources = _sources(_spots(graph, Mode.CAR, begins))
    field = _fields(engine, Mode.CAR, sources, direction=direction)
    dense = np.repeat(np.arange(len(streets), dtype=np.int32), 41)
    share = np.tile(np.linspace(0, 1, 41), len(streets))
    time_s = field.at(dense, share).time_s[:, 0]
    piece = field.within(limit_s)
    inside = np.zeros(len(dense), bool)
    for s, start, end in zip(*piece, strict=True):
        assert 0 <= start <= end <= 1
        inside |= (dense == s) & (share >= start - 1e-9) & (share <= end + 1e-9)
    clear = abs(time_s - limit_s) > 1e-6
    assert (inside == (time_s <= limit_s))[clear].all()


@SLOWLY
@given(
    streets=st.lists(street, min_size=4, max_size=20),
    begin=spot,
    limits=st.lists(st.floats(1, 120), min_size=2, max_size=4, unique=True),
)
def test_areas_are_nested_and_hold_nothing_that_is_not_reached(
    *,
    straight_streets: Callable[..., Streets],
    streets: list[tuple[int, int, int, int, float]],
    begin: tuple[int, float],
    limits: list[float],
) -> None:
    graph = graph_from_streets(straight_streets(NODES, *streets))
    engine = Engine(graph)
    field = _fields(engine, Mode.CAR, _sources(_spots(graph, Mode.CAR, [begin])))
    to_metres = metres_around(graph.vertices)
    areas = AreaMaker(engine, Mode.CAR, to_metres).areas(field, limits)
    assert [area.limit_s for area in areas] == sorted(limits)
    for shorter, longer in pairwise(areas):
        assert shapely.difference(shorter.shape, longer.shape).area < 1e-12
        assert shorter.street_m <= longer.street_m
    # the slow reference: places every few metres on the streets, each with its own time
    dense = np.repeat(np.arange(len(streets), dtype=np.int32), 41)
    share = np.tile(np.linspace(0, 1, 41), len(streets))
    time_s = field.at(dense, share).time_s[:, 0]
    places = _in_metres(graph, dense, share, to_metres)
    for area in areas:
        shape = shapely.transform(
            area.shape, lambda xy: np.column_stack(to_metres.transform(*xy.T))
        )
        reached = time_s <= area.limit_s
        assert shapely.contains(shapely.buffer(shape, 2), places[reached]).all()
        near_m = shapely.distance(places, shapely.multipoints(places[reached]))
        step_m = graph.length_m.max() / 40  # what is reached may end just before the next place
        assert not shapely.contains(shape, places[near_m > ASIDE_M + step_m + 2]).any()


def _in_metres(graph: Graph, street_: Any, share: Any, to_metres: Any) -> Any:
    lonlat = [
        shapely.line_interpolate_point(graph.lines[s], f, normalized=True)
        for s, f in zip(street_.tolist(), share.tolist(), strict=True)
    ]
    xy = shapely.get_coordinates(lonlat)
    return shapely.points(np.column_stack(to_metres.transform(*xy.T)))


def test_a_courtyard_is_filled_and_a_street_that_is_closed_is_not(
    straight_streets: Callable[..., Streets],
) -> None:
    # a ring of 100 m squares: the hole within is narrower than the town's courtyards
    square = {0: (0.0, 0.0), 1: (1.2, 0.0), 2: (1.2, 1.2), 3: (0.0, 1.2), 4: (0.6, 0.6)}
    ring = [(0, 1, 15, 15, 30.0), (1, 2, 15, 15, 30.0), (2, 3, 15, 15, 30.0), (3, 0, 15, 15, 30.0)]
    inner = (4, 4, 15, 15, 30.0)
    for streets, filled in ((ring, True), ([*ring, inner], False)):
        graph = graph_from_streets(straight_streets(square, *streets))
        engine = Engine(graph)
        field = _fields(engine, Mode.CAR, _sources([(0, 0.5)]))
        (area,) = AreaMaker(engine, Mode.CAR, metres_around(graph.vertices)).areas(field, [300])
        assert (not area.shape.geoms[0].interiors) == filled


def test_a_fleet_of_several_modes_covers_as_the_ranking_says(
    straight_streets: Callable[..., Streets],
) -> None:
    chance = np.random.default_rng(4)
    streets = [
        (a, b, 15, 15, float(chance.choice([20.0, 40.0])))
        for a in range(9)
        for b in (a + 1, a + 3)
        if b < 9
    ]
    engine = Engine(graph_from_streets(straight_streets(NODES, *streets)))
    places = [(10 + x * UNIT_DEG, y * UNIT_DEG) for x, y in chance.uniform(0, 2, (12, 2))]
    modes = (Mode.CAR, Mode.FOOT, Mode.EBIKE)
    members = [Origin(f"r{i}", *at, modes[i % 3]) for i, at in enumerate(places[:6])]
    fleet = engine.fleet()
    fleet.join(members)
    targets = Places(engine, np.array(places[6:]))
    covering = Cover(engine, fleet, limit_s=1e6).at(targets)
    for (lon, lat), row in zip(places[6:], covering.labels.time_s, strict=True):
        first = engine.nearest_of(fleet, lon, lat, 2).arrivals
        assert row == pytest.approx([each.travel_time_s for each in first], abs=TOLERANCE_S)
    fleet.join([replace(members[0], delay_s=60.0)])
    later = Cover(engine, fleet, limit_s=90.0).at(targets)
    assert (later.labels.time_s >= covering.labels.time_s).all()
    fleet.join(members[:1])
    fleet.leave("r1")
    alone = Cover(engine, fleet, limit_s=1e6).at(targets)
    assert covering.without("r1")[:, 0] == pytest.approx(alone.labels.time_s[:, 0])
