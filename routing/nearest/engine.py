"""Who can be there first: the k responders nearest to a point in travel time over the streets.

Everybody is on a street, at a fraction of it, not at a junction; the way from a point to its street
isn't counted, but how far it is is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.nearest.answers import Origin, Ranking, Reason, Snap, Unreachable
from routing.nearest.arrivals import arrivals_of, has_ties, kth_eta_s, snaps_of
from routing.nearest.fleet import Fleet
from routing.nearest.lane import Lane, Place
from routing.nearest.routes import Legs, Lines, draw
from routing.network.graph import Graph
from routing.network.live_speeds import LiveSpeeds, Speeds
from routing.network.measures import Measure, Measures
from routing.network.mode_network import make_mode_network
from routing.network.segment_grid import Segments
from routing.network.snapping import OFF_STREET, Snaps, segments_of, snap
from spatial.errors import InputError

# A point farther than this from every street is in no town; nearer ones are told their distance.
MAX_SNAP_M = 5_000.0
Floats = NDArray[np.float64]


class OffStreetError(InputError):
    """A point lies too far from every street."""


@dataclass(frozen=True)
class _Incident:
    """Where an incident lies for one mode."""

    place: Place
    snap: Snap


class Engine:
    """Answers from arrays in memory; built once, compiled before the first question.

    Thread-safe. What is in force on the streets (`measures`) acts on the next question.
    """

    def __init__(
        self, graph: Graph, *, max_snap_m: float = MAX_SNAP_M, version: int | None = None
    ) -> None:
        """Build the networks of all modes and compile the search.

        Args:
            graph: the streets.
            max_snap_m: a point farther than this from every street is off street.
            version: of the graph, as it is stored; None for one that isn't.
        """
        self.version = version
        self.graph = graph = graph.read_only()
        self.max_snap_m = max_snap_m
        self.measures = Measures(graph.street_ids)
        self._segments = segments_of(graph)
        self._speeds = LiveSpeeds()
        self._lanes = {
            mode: Lane(graph, make_mode_network(graph, mode), self._segments, self._speeds)
            for mode in Mode
        }
        self._warm_up()

    def lane(self, mode: Mode) -> Lane:
        """One mode's part, for searches other than for the nearest."""
        return self._lanes[mode]

    @property
    def segments(self) -> Segments:
        """Its streets, to be found by nearness."""
        return self._segments

    def places_of(self, mode: Mode, lonlat: Floats, *, leaving: bool) -> Snaps:
        """Where on the mode's streets (P, 2) points in degrees lie; see `snap`."""
        network = self._lanes[mode].network
        return snap(self._segments, network, lonlat, max_m=self.max_snap_m, leaving=leaving)

    def lines_of(self, legs: Legs) -> Lines:
        """Parts of streets drawn as lines."""
        graph = self.graph
        return Lines(*draw(self._segments, graph.first_vertex, graph.length_m, legs))

    def under(self, measures: Mapping[str, Measure]) -> Engine:
        """The same streets with these measures in force and no others; leaves this one as it is.

        Raises:
            InputError: a street isn't known.
        """
        other = copy(self)
        other.measures = Measures(self.graph.street_ids)
        other.measures.replace_all(measures)
        speeds = LiveSpeeds(self.speeds)
        lanes = {mode: lane.apart(speeds) for mode, lane in self._lanes.items()}
        other._speeds, other._lanes = speeds, lanes  # noqa: SLF001 - one of our own kind
        return other

    @property
    def speeds(self) -> Speeds:
        """What counts now beside the streets themselves."""
        return self._speeds.now

    def learn(self, speeds: Speeds) -> None:
        """Other speeds from the next question on, of all modes at once; nothing is built anew."""
        self._speeds.now = speeds

    def fleet(self) -> Fleet:
        """Nobody yet; whoever joins stands on this engine's streets."""
        return Fleet(
            self.graph,
            {mode: lane.network for mode, lane in self._lanes.items()},
            self._segments,
            self.max_snap_m,
        )

    def nearest(
        self,
        lon: float,
        lat: float,
        origins: Iterable[Origin],
        k: int = 5,
        at: datetime | None = None,
    ) -> Ranking:
        """The k of `origins` who can be at a point first, and all who can't be there.

        Args:
            lon: of the incident, degrees.
            lat: of the incident, degrees.
            origins: who can be sent; each travels by its own mode.
            k: how many.
            at: the moment, in the town's time; None for free streets.

        Raises:
            OffStreetError: the point lies too far from every street of every mode.
        """
        fleet = self.fleet()
        fleet.join(origins)
        incidents = self._incidents(fleet, lon, lat)
        ranking = self._rank(fleet, incidents, k, None, at)
        for mode in fleet.rosters:
            ranking.unreachable.extend(self._unreachable(fleet, mode, incidents.get(mode), at))
        return ranking

    def nearest_of(  # noqa: PLR0913 - whose, where, how many, who and when
        self,
        fleet: Fleet,
        lon: float,
        lat: float,
        k: int = 5,
        *,
        only: Sequence[str] | None = None,
        at: datetime | None = None,
    ) -> Ranking:
        """The k of a fleet who can be at a point first.

        Args:
            fleet: of this engine.
            lon: of the incident, degrees.
            lat: of the incident, degrees.
            k: how many.
            only: keys of those who are asked for; None for everybody.
            at: the moment, in the town's time; None for free streets.

        Raises:
            OffStreetError: the point lies too far from every street of every mode.
        """
        return self._rank(fleet, self._incidents(fleet, lon, lat), k, only, at)

    def _rank(
        self,
        fleet: Fleet,
        incidents: Mapping[Mode, _Incident],
        k: int,
        only: Sequence[str] | None,
        at: datetime | None,
    ) -> Ranking:
        """The k of a fleet who can first be where the incident lies for their mode."""
        ranking = Ranking({mode: each.snap for mode, each in incidents.items()}, [], [])
        for mode, roster in fleet.rosters.items():
            incident = incidents.get(mode)
            if incident is None:
                continue
            allowed = fleet.rows_that(mode, only) & (roster.standing.street != OFF_STREET)
            wanted = min(k, int(allowed.sum()))
            if wanted > 0:
                limit_s = kth_eta_s(ranking.arrivals, k)
                ways = self._lanes[mode].nearest(
                    self.measures, roster, allowed, incident.place, wanted, at, limit_s
                )
                ranking.arrivals.extend(arrivals_of(self.graph, fleet, mode, ways, incident.snap))
        if len(fleet.rosters) > 1 or has_ties(ranking.arrivals):
            ranking.arrivals.sort(key=lambda a: (a.eta_s, a.origin.key))
        del ranking.arrivals[k:]
        return ranking

    def snap_of(
        self, mode: Mode, lon: float, lat: float, *, leaving: bool
    ) -> tuple[int, float] | None:
        """Index of the street at which a point lies, and share of its length; None if too far.

        Args:
            mode: whose streets.
            lon: degrees.
            lat: degrees.
            leaving: a travel begins there; else it ends there.
        """
        at = self._snap(mode, lon, lat, leaving=leaving)
        return (int(at.street[0]), float(at.fraction[0])) if at.street[0] != OFF_STREET else None

    def _unreachable(
        self,
        fleet: Fleet,
        mode: Mode,
        incident: _Incident | None,
        at: datetime | None,
    ) -> list[Unreachable]:
        roster = fleet.rosters[mode]
        if incident is None:
            return [
                Unreachable(fleet.origin_at(mode, row), Reason.INCIDENT_OFF_STREET)
                for row in np.flatnonzero(roster.present).tolist()
            ]
        lost = self._lanes[mode].cannot_come(self.measures, roster, incident.place, at)
        off_street = roster.standing.street == OFF_STREET
        return [
            Unreachable(
                fleet.origin_at(mode, row),
                Reason.OFF_STREET if off_street[row] else Reason.NO_WAY,
            )
            for row in np.flatnonzero(lost & roster.present).tolist()
        ]

    def _incidents(self, fleet: Fleet, lon: float, lat: float) -> dict[Mode, _Incident]:
        """Where an incident lies for each mode that somebody has; for cars, where nobody is."""
        found = {mode: self._incident(mode, lon, lat) for mode in fleet.rosters or (Mode.CAR,)}
        incidents = {mode: each for mode, each in found.items() if each is not None}
        if not incidents:
            raise self._off_street(lon, lat)
        return incidents

    def _incident(self, mode: Mode, lon: float, lat: float) -> _Incident | None:
        at = self._snap(mode, lon, lat, leaving=False)
        street = int(at.street[0])
        if street == OFF_STREET:
            return None
        (its_snap,) = snaps_of(
            self.graph, self._lanes[mode].network, at.street, at.fraction, at.distance_m
        )
        return _Incident(Place(street, float(at.fraction[0])), its_snap)

    def _snap(self, mode: Mode, lon: float, lat: float, *, leaving: bool) -> Snaps:
        return snap(
            self._segments,
            self._lanes[mode].network,
            np.array([[lon, lat]]),
            max_m=self.max_snap_m,
            leaving=leaving,
        )

    def _off_street(self, lon: float, lat: float) -> OffStreetError:
        return OffStreetError(
            f"({lon:g}, {lat:g}) lies more than {self.max_snap_m:g} m from any street / 离道路太远",
            remedy="give longitude, then latitude, of a place in the town",
        )

    def _warm_up(self) -> None:
        """Compile: the first question shall be as quick as the next."""
        for mode, lane in self._lanes.items():
            streets = np.flatnonzero(lane.network.admits.any(axis=1))[:1]
            for street in streets.tolist():
                lon, lat = self.graph.vertices[self.graph.first_vertex[street]].tolist()
                self.nearest(lon, lat, [Origin("", lon, lat, mode)], 1)
