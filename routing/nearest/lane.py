"""One mode's part of the engine: its network, its times, and the memory of its searches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from routing.nearest.offers import Best, make_best
from routing.nearest.roster import Roster
from routing.nearest.routes import Legs, Lines, draw, trace
from routing.nearest.search import make_workspace, search_back
from routing.network.graph import Graph
from routing.network.live_speeds import LiveSpeeds, Shares
from routing.network.measures import LiveTimes, Measures
from routing.network.mode_network import ModeNetwork
from routing.network.network_arrays import NOBODY, Standing, Times
from routing.network.reachable import entries_of, reaching
from routing.network.segment_grid import Segments
from routing.network.speeds import PACES
from routing.network.travel_times import travel_times_s
from routing.reach.network import ReachNetwork, make_reach_network

_LAST_QUESTION = 2**31 - 2
# Times are kept for so many different hours of the day.
_MOST_HOURS = 4


@dataclass(frozen=True)
class Place:
    """A place on a street: a share of its length from the beginning of its geometry."""

    street: int
    fraction: float


@dataclass(frozen=True)
class Ways:
    """The best and how they go.

    Attributes:
        turn_s: (n,) seconds that each one takes to turn round first.
    """

    best: Best
    lines: Lines
    turn_s: NDArray[np.float64]


class Lane:
    """Answers for one mode, one question after the other: each takes less than a millisecond."""

    def __init__(
        self, graph: Graph, network: ModeNetwork, segments: Segments, speeds: LiveSpeeds
    ) -> None:
        """Answers over `network`, which is one mode's of `graph`; `speeds` may change."""
        self.mode = network.mode
        self.network = network
        self.turn = Lock()
        self._graph = graph
        self._segments = segments
        self._work = make_workspace(self.network.edges)
        self._question = 0
        self._live: dict[tuple[bool, Shares], LiveTimes] = {}
        self._speeds = speeds
        self._live_of = speeds.now

    def apart(self, speeds: LiveSpeeds) -> Lane:
        """The same network, with speeds, times and memory of its own."""
        return Lane(self._graph, self.network, self._segments, speeds)

    def nearest(  # noqa: PLR0913, PLR0917 - what, who, where, how many and when
        self,
        measures: Measures,
        roster: Roster,
        may_go: NDArray[np.bool_],
        place: Place,
        k: int,
        at: datetime | None,
        limit_s: float = np.inf,
    ) -> Ways:
        """The k of a roster who are at a place first.

        Args:
            measures: what is in force.
            roster: who can be sent.
            may_go: (R,) who is asked for.
            place: of the incident.
            k: how many.
            at: the moment, in the town's time; None for free streets.
            limit_s: who comes later isn't wanted, and is named only by chance.
        """
        best = make_best(k, limit_s)
        with self.turn:
            times = self.live(at).bring_to(measures, self.mode, at)
            search_back(
                self.network.edges,
                times,
                roster.standing,
                may_go,
                self._work,
                best,
                self._next_question(),
                place.street,
                place.fraction,
                self._u_turn_s(roster),
            )
            legs = Legs(*trace(self._work, best, roster.standing, place.fraction))
            turn_s = _turning_s(best, roster.standing, place)
        graph = self._graph
        lines = Lines(*draw(self._segments, graph.first_vertex, graph.length_m, legs))
        return Ways(best, lines, turn_s)

    def etas_s(
        self, measures: Measures, roster: Roster, place: Place, at: datetime | None
    ) -> NDArray[np.float64]:
        """(R,) seconds until each of a roster is at a place; inf who can't, or isn't there.

        One search, without drawing anything; each one's delay is counted.
        """
        best = make_best(max(len(roster.present), 1))
        with self.turn:
            search_back(
                self.network.edges,
                self.live(at).bring_to(measures, self.mode, at),
                roster.standing,
                roster.present,
                self._work,
                best,
                self._next_question(),
                place.street,
                place.fraction,
                self._u_turn_s(roster),
            )
        found = np.full(len(roster.present), np.inf)
        n = int(best.size[0])
        found[best.responder[:n]] = best.time_s[:n]
        return found

    def cannot_come(
        self, measures: Measures, roster: Roster, place: Place, at: datetime | None
    ) -> NDArray[np.bool_]:
        """(R,) who can't get to a place; everything is searched only if somebody may be cut off."""
        edges = self.network.edges
        with self.turn:
            live = self.live(at)
            times = live.bring_to(measures, self.mode, at)
            part = live.main_part()
            if part[entries_of(edges, place.street)].any():
                cut_off = self._cut_off(part, roster.standing, place)
                if not (cut_off & roster.present & (roster.standing.street >= 0)).any():
                    return cut_off
            return self._cut_off(reaching(edges, times, place.street), roster.standing, place)

    def _cut_off(
        self, reaches: NDArray[np.bool_], standing: Standing, place: Place
    ) -> NDArray[np.bool_]:
        """(R,) who can't get to a place that is reached from some nodes."""
        comes = np.zeros(len(standing.street), np.bool_)
        for direction in (0, 1):
            node = self.network.arrival_node[2 * standing.street + direction]
            comes |= (node >= 0) & reaches[node]
            faces = self.network.admits[place.street, direction]
            ahead = (place.fraction - standing.fraction) * (1 - 2 * direction)
            comes |= (standing.street == place.street) & ((faces & (ahead > 0)) | (ahead == 0))
        return np.asarray(~comes | (standing.street < 0))

    @cached_property
    def reach_network(self) -> ReachNetwork:
        """The streets as searches to everywhere want them; made when first asked for."""
        return make_reach_network(self.network)

    def times(self, measures: Measures, at: datetime | None) -> Times:
        """A copy of the times at a moment."""
        with self.turn:
            times = self.live(at).bring_to(measures, self.mode, at)
            return Times(times.through_s.copy(), times.along_s.copy())

    def live(self, at: datetime | None) -> LiveTimes:
        """The times of the hour of `at`."""
        speeds = self._speeds.now
        if speeds is not self._live_of:
            self._live.clear()
            self._live_of = speeds
        key = speeds.key(self.mode, at)
        if key not in self._live:
            if len(self._live) >= _MOST_HOURS:
                del self._live[next(iter(self._live))]
            free_s = travel_times_s(self._graph, self.mode, at, speeds)
            self._live[key] = LiveTimes(self.network.edges, free_s)
        return self._live[key]

    def _u_turn_s(self, roster: Roster) -> float:
        """Seconds to turn round; negative where that is never part of a quickest way."""
        pace_s = PACES[self.mode].u_turn_s
        minds = self.network.minds_u_turns or roster.has_headings
        return pace_s if minds and pace_s > 0 else -1.0

    def _next_question(self) -> int:
        if self._question >= _LAST_QUESTION:
            self._work.labels["question"] = 0
            self._question = 0
        self._question += 1
        return self._question


def _turning_s(best: Best, standing: Standing, place: Place) -> NDArray[np.float64]:
    """(n,) seconds that each of the best takes to turn round before it sets off."""
    n = int(best.size[0])
    rows, way_out = best.responder[:n], best.exit[:n]
    ahead = place.fraction - standing.fraction[rows]
    straight = np.where(ahead == 0, 0.0, standing.turn_s[2 * rows + (ahead < 0)])
    return np.where(way_out == NOBODY, straight, standing.turn_s[way_out])
