"""Machine code of what moves, made before anybody waits for it.

`python -m routing.machine_code` tries every search once on four streets; what numba makes of them
is kept on disk (`routing.compiling`), and a start that needs it finds it there. Otherwise the first
start after a change of the code takes some ten seconds longer than the next.
"""

from __future__ import annotations

import numpy as np

from routing.matching.match import Matcher, match_track
from routing.modes import ALL_MODES, Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import Graph
from routing.network.measures import Measure
from routing.network.speeds import CLASSES, FALLBACK_CLASS
from routing.reach.coverage import Cover, Places

_SIDE_DEG = 0.001
_SECONDS = 600.0


def make_machine_code() -> None:
    """Ask everything that a running town asks, so that it is compiled."""
    engine = Engine(_square())
    fleet = engine.fleet()
    fleet.join(Origin(mode.label, 0.0, 0.5 * _SIDE_DEG, mode) for mode in Mode)
    engine.measures.put("slow", Measure((1, -2), 0.5))
    engine.nearest_of(fleet, _SIDE_DEG, 0.5 * _SIDE_DEG, 2)
    corners = np.array([[0.0, 0.0], [_SIDE_DEG, 0.0], [_SIDE_DEG, _SIDE_DEG]])
    for mode in Mode:
        Cover(engine, fleet, limit_s=_SECONDS).at(Places(engine, corners)).share(np.ones(3), 60.0)
        matcher = Matcher(engine.graph, mode, engine.segments)
        match_track(matcher, corners, np.array([0.0, 60.0, 120.0]), np.full(3, 5.0))


def _square() -> Graph:
    """Four streets around a square, one of them one-way, and a turn that is forbidden."""
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]) * _SIDE_DEG
    ends = np.array([[0, 1], [1, 3], [3, 2], [2, 0]], np.int32)
    n = len(ends)
    modes = np.full((n, 2), int(ALL_MODES), np.uint8)
    modes[0, 1] = int(Mode.FOOT)
    return Graph(
        node_ids=np.arange(1, 5),
        node_xy=corners,
        street_ids=np.arange(1, n + 1),
        ends=ends,
        keys=np.zeros(n, np.int32),
        length_m=np.full(n, 111.2),
        speed_kph=np.full(n, 30.0),
        modes=modes,
        vertices=corners[ends].reshape(-1, 2),
        first_vertex=np.arange(0, 2 * n + 1, 2),
        classes=np.full(n, CLASSES.index(FALLBACK_CLASS), np.uint8),
        signals=np.zeros((n, 2), np.uint8),
        crossings=np.zeros(n, np.uint8),
        turn_edges=np.array([0, 2], np.int32),
        first_turn_edge=np.array([0, 2]),
        turn_modes=np.array([int(Mode.CAR)], np.uint8),
    )


if __name__ == "__main__":
    make_machine_code()
