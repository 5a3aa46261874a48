"""Small street networks made by hand, and the plain way to ask who is nearest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely

from plain_reference import PlainReference
from routing.nearest.answers import EdgePosition, Snap
from routing.sources.assembly import make_streets
from routing.sources.osm_rules import Properties
from routing.streets import Streets

# A degree of latitude is about 111 km: one unit of the hand-made maps is about 100 m.
UNIT_DEG = 0.0009


@pytest.fixture
def osm_file(tmp_path: Path) -> Callable[..., Path]:
    """Write .osm XML: nodes by id at (x, y) units, ways as (node ids, tags)."""

    def write(
        nodes: dict[int, tuple[float, float]], *ways: tuple[Sequence[int], dict[str, str]]
    ) -> Path:
        lines = [
            f'<node id="{i}" version="1" lon="{10 + x * UNIT_DEG:.7f}" lat="{y * UNIT_DEG:.7f}"/>'
            for i, (x, y) in sorted(nodes.items())
        ]
        for number, (refs, tags) in enumerate(ways, start=1):
            members = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            values = "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
            lines.append(f'<way id="{number}" version="1">{members}{values}</way>')
        path = tmp_path / "town.osm"
        path.write_text(f'<osm version="0.6">{"".join(lines)}</osm>', encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def straight_streets() -> Callable[..., Streets]:
    """Streets as (from, to, forward modes, backward modes, speed) between nodes at (x, y)."""

    def make(
        xy: dict[int, tuple[float, float]], *streets: tuple[int, int, int, int, float]
    ) -> Streets:
        lines = [
            [(10 + xy[n][0] * UNIT_DEG, xy[n][1] * UNIT_DEG) for n in (u, v)]
            if u != v
            # a loop goes around a triangle
            else [
                (10 + (xy[u][0] + dx) * UNIT_DEG, (xy[u][1] + dy) * UNIT_DEG)
                for dx, dy in ((0, 0), (0.5, 0.2), (0.5, -0.3), (0, 0))
            ]
            for u, v, *_ in streets
        ]
        properties = [
            Properties("residential", None, None, False, False, 0, speed, forward, backward)
            for *_, forward, backward, speed in streets
        ]
        ends = np.array([street[:2] for street in streets], dtype=np.int64)
        shapes = np.array([shapely.LineString(line) for line in lines], dtype=object)
        return make_streets(ends, shapes, properties, [None] * len(streets))

    return make


@pytest.fixture(scope="session")
def plain_time_s() -> Callable[[nx.MultiDiGraph, Snap, Snap], float]:
    """Travel time by networkx on a graph whose edges are really split at both places."""

    def travel_time_s(graph: nx.MultiDiGraph, origin: Snap, incident: Snap) -> float:
        split = graph.copy()
        there = [p for p in (incident.edge, incident.reverse) if p]
        for position in there:
            _hang(split, "incident", position, _time_s(graph, position))
        for position in filter(None, (origin.edge, origin.reverse)):
            time_s = _time_s(graph, position)
            _hang(split, "origin", position, time_s)
            for ahead in there:
                if _edge(ahead) == _edge(position) and ahead.fraction >= position.fraction:
                    direct_s = (ahead.fraction - position.fraction) * time_s
                    split.add_edge("origin", "incident", travel_time=direct_s)
        try:
            return float(nx.dijkstra_path_length(split, "origin", "incident", weight="travel_time"))
        except nx.NetworkXNoPath:
            return np.inf

    return travel_time_s


def _edge(position: EdgePosition) -> tuple[int, int, int]:
    return position.u, position.v, position.key


def _time_s(graph: nx.MultiDiGraph, position: EdgePosition) -> float:
    return float(graph.edges[_edge(position)]["travel_time"])


def _hang(split: nx.MultiDiGraph, name: str, at: EdgePosition, time_s: float) -> None:
    """Hang a place onto its edge, from its beginning and to its end."""
    split.add_edge(at.u, name, travel_time=at.fraction * time_s)
    split.add_edge(name, at.v, travel_time=(1 - at.fraction) * time_s)


@pytest.fixture(scope="session")
def plain_times_s() -> Callable[[nx.MultiDiGraph, Snap, Sequence[Snap]], list[float]]:
    """Travel times of many to one incident by one Dijkstra of networkx on a reversed graph."""

    def travel_times_s(
        against: nx.MultiDiGraph, incident: Snap, origins: Sequence[Snap]
    ) -> list[float]:
        for position in filter(None, (incident.edge, incident.reverse)):
            time_s = _reversed_time_s(against, position) * position.fraction
            against.add_edge("incident", position.u, travel_time=time_s)
        from_node_s = nx.single_source_dijkstra_path_length(
            against, "incident", weight="travel_time"
        )
        against.remove_node("incident")
        return [_plain_time_s(against, from_node_s, incident, origin) for origin in origins]

    return travel_times_s


def _reversed_time_s(against: nx.MultiDiGraph, position: EdgePosition) -> float:
    return float(against.edges[position.v, position.u, position.key]["travel_time"])


def _plain_time_s(
    against: nx.MultiDiGraph, from_node_s: dict[int, float], incident: Snap, origin: Snap
) -> float:
    times_s = [np.inf]
    for position in filter(None, (origin.edge, origin.reverse)):
        time_s = _reversed_time_s(against, position)
        times_s.append((1 - position.fraction) * time_s + from_node_s.get(position.v, np.inf))
        for there in filter(None, (incident.edge, incident.reverse)):
            ahead = there.fraction - position.fraction
            if _edge(there) == _edge(position) and ahead >= 0:
                times_s.append(ahead * time_s)
    return min(times_s)


@pytest.fixture(scope="session")
def plain_reference() -> type[PlainReference]:
    return PlainReference
