"""What a search has found, as others know it: who arrives when, by which way, from which street."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from routing.modes import Mode
from routing.nearest.answers import Arrival, Snap, snap_between
from routing.nearest.fleet import Fleet
from routing.nearest.lane import Ways
from routing.network.graph import Graph
from routing.network.mode_network import ModeNetwork


def arrivals_of(
    graph: Graph, fleet: Fleet, mode: Mode, ways: Ways, incident: Snap
) -> list[Arrival]:
    """Those of a mode who were found, first come first.

    Args:
        graph: the streets.
        fleet: of whom it was asked.
        mode: whose lane has answered.
        ways: its answer.
        incident: where the way ends.
    """
    best, lines = ways.best, ways.lines
    n = int(best.size[0])
    if not n:
        return []
    roster = fleet.rosters[mode]
    standing = roster.standing
    rows = best.responder[:n]
    snaps = snaps_of(
        graph, roster.network, standing.street[rows], standing.fraction[rows],
        roster.distance_m[rows],
    )  # fmt: skip
    found = zip(
        rows.tolist(),
        best.time_s[:n].tolist(),
        (best.time_s[:n] - standing.delay_s[rows]).tolist(),
        lines.length_m.tolist(),
        np.asarray(shapely.linestrings(lines.xy, indices=lines.line)),
        snaps,
        ways.turn_s.tolist(),
        strict=True,
    )
    return [
        Arrival(fleet.origin_at(mode, row), eta_s, travel_s, length_m, route, its, incident, turn_s)
        for row, eta_s, travel_s, length_m, route, its, turn_s in found
    ]


def snaps_of(
    graph: Graph,
    network: ModeNetwork,
    street: NDArray[np.int32],
    fraction: NDArray[np.float64],
    distance_m: NDArray[np.float64],
) -> list[Snap]:
    """(n,) places on a mode's streets: between which nodes, how far along, how far aside."""
    rows = zip(
        graph.node_ids[graph.ends[street]].tolist(),
        graph.keys[street].tolist(),
        network.admits[street].tolist(),
        fraction.tolist(),
        distance_m.tolist(),
        strict=True,
    )
    return [
        snap_between(u, v, key, both, share, aside_m) for (u, v), key, both, share, aside_m in rows
    ]


def kth_eta_s(arrivals: Sequence[Arrival], k: int) -> float:
    """When the k-th of those who were found so far is there; inf where there are fewer."""
    etas_s = sorted(arrival.eta_s for arrival in arrivals)
    return etas_s[k - 1] if len(etas_s) >= k else np.inf


def has_ties(arrivals: Sequence[Arrival]) -> bool:
    """Whether two who follow each other arrive at the same time."""
    return any(one.eta_s == other.eta_s for one, other in pairwise(arrivals))
