"""Random questions on the streets of a file, answered by the engine and the plain way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from plain_reference import PlainReference
from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import Graph
from routing.network.measures import Measure

TOLERANCE_S = 0.001
K = 5


@dataclass(frozen=True)
class Question:
    """One incident, and what both say.

    Attributes:
        place: lon, lat of the incident.
        ours_s, plain_s: seconds of the k nearest, the nearest first.
    """

    place: tuple[float, float]
    ours_s: list[float]
    plain_s: list[float]

    @property
    def agrees(self) -> bool:
        """Whether both find as many, at the same times."""
        return len(self.ours_s) == len(self.plain_s) and bool(
            np.allclose(self.ours_s, self.plain_s, rtol=0, atol=TOLERANCE_S)
        )


def points_of(graph: Graph, count: int, mode: Mode, seed: int) -> list[tuple[float, float]]:
    """Points on streets that a mode may use."""
    chance = np.random.default_rng(seed)
    usable = graph.lines[graph.admits(mode).any(axis=1)]
    lines = usable[chance.integers(len(usable), size=count)]
    points = shapely.line_interpolate_point(lines, chance.random(count), normalized=True)
    return [(x, y) for x, y in shapely.get_coordinates(points).tolist()]


def disturb(engine: Engine, share: float, seed: int) -> dict[int, float]:
    """Close a share of all streets and slow as many; speed share by number of edge."""
    graph = engine.graph
    drawn = np.random.default_rng(seed).random(len(graph.street_ids))
    in_force: dict[int, float] = {}
    for name, speed_share, chosen in (
        ("closed", 0.0, drawn < share),
        ("slow", 0.5, drawn > 1 - share),
    ):
        ids = graph.street_ids[chosen]
        engine.measures.put(name, Measure((*ids.tolist(), *(-ids).tolist()), speed_share))
        streets = np.flatnonzero(chosen)
        edges = [*(2 * streets).tolist(), *(2 * streets + 1).tolist()]
        in_force |= dict.fromkeys(edges, speed_share)
    return in_force


def ask_both(
    graph: Graph, mode: Mode, asked: int, disturbed: float, responders: int = 50
) -> Iterator[Question]:
    """Random incidents and responders on the streets; see `disturb` for what is `disturbed`."""
    engine = Engine(graph)
    reference = PlainReference(graph, mode, disturb(engine, disturbed, seed=asked))
    homes = points_of(graph, responders, mode, seed=1)
    fleet = engine.fleet()
    fleet.join(Origin(str(i), lon, lat, mode) for i, (lon, lat) in enumerate(homes))
    places = [engine.snap_of(mode, lon, lat, leaving=True) for lon, lat in homes]
    for lon, lat in points_of(graph, asked, mode, seed=2):
        five = engine.nearest_of(fleet, lon, lat, K)
        ours_s = [arrival.travel_time_s for arrival in five.arrivals]
        # the plain search may stop beyond what the engine found: whoever it missed is nearer
        limit_s = max(ours_s) + TOLERANCE_S if len(ours_s) == K else np.inf
        at = engine.snap_of(mode, lon, lat, leaving=False)
        plain_s = sorted(reference.times_s(at, places, limit_s))[:K]
        yield Question((lon, lat), ours_s, [t for t in plain_s if t < np.inf])
