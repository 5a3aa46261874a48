"""Who can be there first: the k responders nearest to a point in travel time over the streets.

Everybody is on a street, at a fraction of it, not at a junction; the way from a point to its street
isn't counted, but how far it is is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString

from routing.graph import Graph
from routing.mode_network import ModeNetwork, make_mode_network
from routing.modes import Mode
from routing.paths import join, piece
from routing.question import Leg, Position, Question, ask
from routing.search import Found, reaching
from routing.snapping import OFF_STREET, Snaps, lines_in_metres, metres_around
from spatial.errors import InputError

# A point farther than this from every street is in no town; nearer ones are told their distance.
MAX_SNAP_M = 5_000.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Origin:
    """Somebody who can be sent, at lon, lat in degrees."""

    key: str
    lon: float
    lat: float
    mode: Mode = Mode.CAR


@dataclass(frozen=True)
class EdgePosition:
    """A place on the directed edge (u, v, key), `fraction` of its length and time from u."""

    u: int
    v: int
    key: int
    fraction: float


@dataclass(frozen=True)
class Snap:
    """Where a point lies on the streets.

    Attributes:
        edge: on a directed edge that the mode may use; if it may use both directions, on the one
            along the street's geometry.
        reverse: the same place on the edge of the other direction; None where the mode may not
            use it.
        distance_m: metres from the point to the street.
    """

    edge: EdgePosition
    reverse: EdgePosition | None
    distance_m: float


@dataclass(frozen=True)
class Arrival:
    """One who can be there, and how.

    Attributes:
        origin: who.
        travel_time_s: seconds over the streets.
        distance_m: great-circle metres of the route.
        route: from the origin's place on its street to the incident's, in degrees.
        snap, incident_snap: those two places.
    """

    origin: Origin
    travel_time_s: float
    distance_m: float
    route: LineString
    snap: Snap
    incident_snap: Snap


class Reason(StrEnum):
    """Why somebody can't be there."""

    OFF_STREET = "off_street"
    INCIDENT_OFF_STREET = "incident_off_street"
    NO_WAY = "no_way"


@dataclass(frozen=True)
class Unreachable:
    """One who can't be there over the streets."""

    origin: Origin
    reason: Reason


@dataclass(frozen=True)
class Ranking:
    """The answer: who is there first, first.

    Attributes:
        incident_snaps: by mode; a mode without a street near enough is missing.
        arrivals: at most k, ordered by travel time.
        unreachable: all who can't be there.
    """

    incident_snaps: dict[Mode, Snap]
    arrivals: list[Arrival]
    unreachable: list[Unreachable]


class Engine:
    """Answers from arrays in memory; built once, compiled before the first question.

    Thread-safe: a question changes nothing in it.
    """

    def __init__(self, graph: Graph, *, max_snap_m: float = MAX_SNAP_M) -> None:
        """Build the networks of all modes and compile the search.

        Args:
            graph: the streets.
            max_snap_m: a point farther than this from every street is off street.
        """
        self.graph = graph
        self.max_snap_m = max_snap_m
        to_metres = metres_around(graph.vertices)
        lines = lines_in_metres(graph.lines, to_metres)
        self._networks = {mode: make_mode_network(graph, mode, lines, to_metres) for mode in Mode}
        self._warm_up()

    def nearest(self, lon: float, lat: float, origins: Iterable[Origin], k: int = 5) -> Ranking:
        """The k of `origins` who can be at a point first.

        Args:
            lon: of the incident, degrees.
            lat: of the incident, degrees.
            origins: who can be sent; each travels by its own mode.
            k: how many.

        Raises:
            InputError: the point lies too far from every street of every mode.
        """
        by_mode: dict[Mode, list[Origin]] = {}
        for origin in origins:
            by_mode.setdefault(origin.mode, []).append(origin)
        ranking = Ranking({}, [], [])
        for mode, several in (by_mode or {Mode.CAR: []}).items():
            self._rank(ranking, self._networks[mode], (lon, lat), several, k)
        if not ranking.incident_snaps:
            raise self._off_street(lon, lat)
        ranking.arrivals.sort(key=lambda arrival: (arrival.travel_time_s, arrival.origin.key))
        del ranking.arrivals[k:]
        return ranking

    def _rank(
        self,
        ranking: Ranking,
        network: ModeNetwork,
        lonlat: tuple[float, float],
        origins: list[Origin],
        k: int,
    ) -> None:
        """Add what is true of one mode."""
        at = self._snap([lonlat], network, leaving=False)
        if at.street[0] == OFF_STREET:
            reason = Reason.INCIDENT_OFF_STREET
            ranking.unreachable.extend(Unreachable(origin, reason) for origin in origins)
            return
        incident = Position(int(at.street[0]), float(at.fraction[0]))
        snap = self._describe(network, incident, float(at.distance_m[0]))
        ranking.incident_snaps[network.mode] = snap
        if not origins:
            return
        snaps = self._snap([(o.lon, o.lat) for o in origins], network, leaving=True)
        question = ask(self.graph, network, incident, snaps)
        found = question.search(k)
        for r in question.first(found, k).tolist():
            ranking.arrivals.append(self._arrival(question, found, r, origins[r], snap))
        for r in question.unreachable(found).tolist():
            reason = Reason.OFF_STREET if snaps.street[r] == OFF_STREET else Reason.NO_WAY
            ranking.unreachable.append(Unreachable(origins[r], reason))

    def _arrival(
        self, question: Question, found: Found, r: int, origin: Origin, incident_snap: Snap
    ) -> Arrival:
        legs = question.legs(found, r)
        snaps = question.responders
        position = Position(int(snaps.street[r]), float(snaps.fraction[r]))
        return Arrival(
            origin=origin,
            travel_time_s=float(found.responder_time_s[r]),
            distance_m=float(sum(self._length_m(leg) for leg in legs)),
            route=join([piece(self._vertices(leg.street), leg.start, leg.end) for leg in legs]),
            snap=self._describe(question.network, position, float(snaps.distance_m[r])),
            incident_snap=incident_snap,
        )

    def _length_m(self, leg: Leg) -> float:
        return abs(leg.end - leg.start) * float(self.graph.length_m[leg.street])

    def _vertices(self, street: int) -> Floats:
        first, last = self.graph.first_vertex[street : street + 2]
        return self.graph.vertices[first:last]

    def _snap(
        self, lonlat: Sequence[tuple[float, float]], network: ModeNetwork, *, leaving: bool
    ) -> Snaps:
        lon, lat = np.array(lonlat, dtype=np.float64).T
        return network.snapper.snap(lon, lat, max_m=self.max_snap_m, leaving=leaving)

    def _describe(self, network: ModeNetwork, at: Position, distance_m: float) -> Snap:
        u, v = self.graph.node_ids[self.graph.ends[at.street]].tolist()
        key = int(self.graph.keys[at.street])
        along = EdgePosition(u, v, key, at.fraction)
        against = EdgePosition(v, u, key + (u == v), 1 - at.fraction)
        forward, backward = network.admits[at.street]
        if not forward:
            return Snap(against, None, distance_m)
        return Snap(along, against if backward else None, distance_m)

    def _off_street(self, lon: float, lat: float) -> InputError:
        return InputError(
            f"({lon:g}, {lat:g}) lies more than {self.max_snap_m:g} m from any street / 离道路太远",
            remedy="give longitude, then latitude, of a place in the town",
        )

    def _warm_up(self) -> None:
        """Compile: the first question shall be as quick as the next."""
        for network in self._networks.values():
            streets = np.flatnonzero(network.admits.any(axis=1))[:1]
            snaps = Snaps(streets, np.full(len(streets), 0.5), np.zeros(len(streets)))
            if len(streets):
                at = Position(int(streets[0]), 0.25)
                ask(self.graph, network, at, snaps).search(1)
                reaching(network.edges, np.zeros(1, np.int64))
