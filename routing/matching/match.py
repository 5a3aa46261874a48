"""Tracks matched to streets: on which street, how far along it, in which direction."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from routing.matching.steps import Roads, make_work
from routing.matching.tracks import SURE, match_each
from routing.modes import Mode
from routing.network.graph import Graph
from routing.network.segment_grid import OFF_STREET, Segments
from routing.network.snapping import segments_of

# Nobody is faster, metres a second: a sprinter, an e-bike that was tampered with, a car at 200.
MOST_MPS = {Mode.FOOT: 8.0, Mode.EBIKE: 16.0, Mode.CAR: 56.0, Mode.EMERGENCY: 56.0}


@dataclass(frozen=True)
class Matched:
    """(F,) fixes on streets.

    Attributes:
        street: index in the graph's arrays, or OFF_STREET where no street is near.
        fraction: share of the street's geometry from its beginning.
        forward: whether it is travelled along its geometry; a guess where not `confident`.
        confident: whether street and direction are seven times as likely as any other.
    """

    street: NDArray[np.int32]
    fraction: NDArray[np.float64]
    forward: NDArray[np.bool_]
    confident: NDArray[np.bool_]


class Matcher:
    """The streets as one mode may travel them. Thread-safe."""

    def __init__(self, graph: Graph, mode: Mode, segments: Segments | None = None) -> None:
        """Lay them out.

        Args:
            graph: the streets.
            mode: whose.
            segments: `segments_of(graph)`, where it is at hand.
        """
        self.graph = graph
        self.mode = mode
        self.segments = segments_of(graph) if segments is None else segments
        self.admits = graph.admits(mode)
        self.roads = _roads_of(graph, self.admits)
        self.work = make_work(self.roads)
        self.turn = Lock()

    def places(
        self, number: NDArray[np.int64], along_m: NDArray[np.float64], sure: NDArray[np.float64]
    ) -> Matched:
        """Directed streets and metres along them as streets and shares."""
        there = number != OFF_STREET
        street = np.where(there, number >> 1, OFF_STREET).astype(np.int32)
        forward = there & (number & 1 == 0)
        length_m = np.where(there, self.graph.length_m[street], 1.0)
        share = np.divide(along_m, length_m, out=np.zeros(len(number)), where=length_m > 0)
        share = np.clip(np.where(forward, share, 1 - share), 0.0, 1.0)
        return Matched(street, np.where(there, share, 0.0), forward, there & (sure >= SURE))


def match_track(
    matcher: Matcher,
    lonlat: NDArray[np.float64],
    at_s: NDArray[np.float64],
    accuracy_m: NDArray[np.float64],
) -> Matched:
    """The way that most likely explains one responder's fixes.

    Turn restrictions and closures are left aside: who drove, drove. A fix that is not later than
    those before it, or lies near no street, is OFF_STREET.

    Args:
        matcher: of the mode by which it was travelled.
        lonlat: (F, 2) degrees, WGS 84.
        at_s: (F,) seconds, ascending.
        accuracy_m: (F,) radius that holds the true place in 68 of 100 cases.
    """
    return match_tracks(matcher, np.array([0, len(lonlat)]), lonlat, at_s, accuracy_m)


def match_tracks(
    matcher: Matcher,
    first: NDArray[np.int64],
    lonlat: NDArray[np.float64],
    at_s: NDArray[np.float64],
    accuracy_m: NDArray[np.float64],
) -> Matched:
    """`match_track` of many at once: one call costs more than a short track.

    Args:
        matcher: of the mode by which all were travelled.
        first: (T + 1,) track t is the fixes first[t] to first[t + 1] - 1.
        lonlat: likewise, one track after the other.
        at_s: likewise.
        accuracy_m: likewise.
    """
    n = len(lonlat)
    number, along_m, sure = np.empty(n, np.int64), np.empty(n), np.empty(n)
    with matcher.turn:
        match_each(
            matcher.segments,
            matcher.admits,
            matcher.roads,
            matcher.work,
            np.ascontiguousarray(first, np.int64),
            np.ascontiguousarray(lonlat, np.float64),
            np.ascontiguousarray(at_s, np.float64),
            np.ascontiguousarray(accuracy_m, np.float64),
            MOST_MPS[matcher.mode],
            number,
            along_m,
            sure,
        )
    return matcher.places(number, along_m, sure)


def _roads_of(graph: Graph, admits: NDArray[np.bool_]) -> Roads:
    number = np.flatnonzero(admits.ravel())
    street, direction = number // 2, number % 2
    tail = graph.ends[street, direction]
    order = np.argsort(tail, kind="stable")
    counts = np.bincount(tail, minlength=len(graph.node_ids))
    return Roads(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        head=np.ascontiguousarray(graph.ends[street, 1 - direction][order]),
        length_m=graph.length_m[street][order],
        ends=np.ascontiguousarray(graph.ends),
        street_m=np.ascontiguousarray(graph.length_m),
    )
