"""Seconds that each direction of each street takes a mode."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.network.graph import Graph
from routing.network.live_speeds import ASSUMED, Speeds
from routing.network.speeds import PACES

Floats = NDArray[np.float64]


def travel_times_s(
    graph: Graph, mode: Mode, at: datetime | None = None, speeds: Speeds = ASSUMED
) -> Floats:
    """(S, 2) seconds along and against each street, the waiting at its signals and crossings.

    Waiting is taken as spread over the street: half a street takes half of its time.
    """
    waiting = delays_s(graph, mode)
    return np.asarray(graph.length_m[:, None] * 3.6 / speeds_kph(graph, mode, at, speeds) + waiting)


def speeds_kph(
    graph: Graph, mode: Mode, at: datetime | None = None, speeds: Speeds = ASSUMED
) -> Floats:
    """(S, 2) how fast `mode` moves along and against each street."""
    pace = PACES[mode]
    share = speeds.shares(mode, at, graph.classes)
    if pace.fixed_kph is not None:
        return np.broadcast_to(pace.fixed_kph * share, graph.modes.shape)
    speed = np.minimum(graph.speed_kph[:, None] * share, pace.most_kph)
    return np.asarray(speed * np.where(_against_oneway(graph), pace.against_oneway, 1.0))


def delays_s(graph: Graph, mode: Mode) -> Floats:
    """(S, 2) seconds that `mode` waits on each street."""
    pace = PACES[mode]
    return np.asarray(
        graph.signals * pace.signal_s + graph.crossings[:, None] * pace.crossing_s, np.float64
    )


def _against_oneway(graph: Graph) -> NDArray[np.bool_]:
    """(S, 2) where cars may only come towards one."""
    cars = graph.admits(Mode.CAR)
    return np.asarray(~cars & cars[:, ::-1])
