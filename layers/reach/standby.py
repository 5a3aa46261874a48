"""Use case: where idle teams would stand best, and what one more team would gain.

The teams that are missed least are moved: one by one the one without whom the town loses the least
of the expected incidents. They go where most of what is left over is reached in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from layers.reach.ground import Ground, Targets
from layers.reach.members import Members
from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.nearest.routes import Legs
from routing.network.network_arrays import NOBODY
from routing.reach.coverage import Places
from routing.reach.field import Direction, Sources, spread
from routing.reach.standby import Siting, reach_matrix, restand

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
MOST_TEAMS = 30
_NEVER_S = 1e9


@dataclass(frozen=True)
class Stand:
    """Where one team would stand by.

    Attributes:
        lon, lat: degrees, on a street.
        gain: share of the expected incidents that it adds.
        team: who would go there, from where it is now; None where nobody can get there.
        travel_time_s: its way; None likewise.
    """

    lon: float
    lat: float
    gain: float
    team: Origin | None
    travel_time_s: float | None


@dataclass(frozen=True)
class Standby:
    """The suggestion.

    Attributes:
        mode: of the teams that would move.
        seconds: within which an incident has to be reached.
        stands: the one that adds most first.
        now, then, bound: shares of the expected incidents that somebody reaches in time: as all
            stand now, as suggested, and what no choice of these sites exceeds.
        one_more: what a further team of this mode would add, and where; None where nothing.
    """

    mode: Mode
    seconds: int
    stands: tuple[Stand, ...]
    now: float
    then: float
    bound: float
    one_more: Stand | None

    def as_json(self, labels: Mapping[str, str]) -> dict[str, Any]:
        """The suggestion for machines; `labels` are call signs by key."""

        def stand(each: Stand) -> dict[str, Any]:
            return {
                "lon": round(each.lon, 6),
                "lat": round(each.lat, 6),
                "gain": round(each.gain, 4),
                "team": each.team and each.team.key,
                "label": each.team and labels.get(each.team.key),
                "from": each.team and [each.team.lon, each.team.lat],
                "travel_time_s": each.travel_time_s and round(each.travel_time_s, 1),
            }

        return {
            "mode": self.mode.label,
            "seconds": self.seconds,
            "share_now": round(self.now, 4),
            "share_then": round(self.then, 4),
            "share_bound": round(self.bound, 4),
            "stands": [stand(each) for each in self.stands],
            "one_more": self.one_more and stand(self.one_more),
        }


def suggest_standby(  # noqa: PLR0913 - where, who, for what, how many, how fast and how
    ground: Ground,
    members: Members,
    demand: Targets,
    *,
    teams: int,
    seconds: int,
    mode: Mode | None = None,
    at: datetime | None = None,
) -> Standby:
    """Where `teams` of the idle would stand best; nobody is moved unless the town gains by it.

    Args:
        ground: of their streets.
        members: who covers the town, and who of them is idle.
        demand: expected incidents.
        teams: how many may be moved.
        seconds: within which an incident has to be reached, once they stand there.
        mode: of those who may be moved; None for the one that most of the idle have.
        at: the moment, in the town's time.
    """
    mode = mode or _most_common(members)
    plan = _Plan(members.engine, mode, demand, seconds, at)
    keys = list(members.origins)
    reached = plan.reached_by(list(members.origins.values()))
    movable = [i for i, key in enumerate(keys) if _may_move(members, key, mode)]
    sites = plan.sites(ground.sites)
    options = plan.reached_from(sites)
    found = restand(reached, options, plan.weight, movable, teams)
    siting = found.siting
    if found.gain <= 0 or not found.moved:
        # As they stand it is no worse; what is left to say is what one more would add.
        bound = max(found.now, siting.bound)
        return _nothing_to_move(plan, sites, options, reached.any(axis=0), bound)
    who = [members.origins[keys[i]] for i in found.moved]
    stands = plan.stands(sites, siting, who)
    covered = found.kept | options[list(siting.sites)].any(axis=0)
    one_more = plan.one_more(sites, options, covered)
    return Standby(mode, seconds, stands, found.now, siting.covered, siting.bound, one_more)


class _Plan:
    """The demand of one question as its mode's streets see it."""

    def __init__(
        self, engine: Engine, mode: Mode, demand: Targets, seconds: int, at: datetime | None
    ) -> None:
        self.mode, self.seconds = mode, seconds
        self.weight: Floats = demand.weight / (float(demand.weight.sum()) or 1.0)
        self._engine, self._demand, self._at = engine, demand, at

    def reached_by(self, origins: list[Origin]) -> Bools:
        """(R, I) what each of some members reaches in time from where it is, by its own mode."""
        reached = np.zeros((len(origins), len(self.weight)), np.bool_)
        for mode in {origin.mode for origin in origins}:
            rows = [i for i, origin in enumerate(origins) if origin.mode is mode]
            lonlat = np.array([(origins[i].lon, origins[i].lat) for i in rows])
            snaps = self._engine.places_of(mode, lonlat, leaving=True)
            delay_s = np.array([origins[i].delay_s for i in rows], np.float64)
            reached[rows] = self._matrix(mode, Sources(snaps.street, snaps.fraction, delay_s))
        return reached

    def sites(self, lonlat: Floats) -> Places:
        """Sites on the streets of those who would move, one on each place."""
        return Places(self._engine, lonlat)

    def reached_from(self, sites: Places) -> Bools:
        """(J, I) what is reached from each site in time."""
        return self._matrix(self.mode, Sources(*sites.on(self.mode), np.zeros(len(sites))))

    def stands(self, sites: Places, siting: Siting, teams: list[Origin]) -> tuple[Stand, ...]:
        """Who goes where, so that all of them together are there soonest."""
        ways_s = self._ways_s(sites, siting.sites, teams)
        team_of = dict(zip(*reversed(linear_sum_assignment(ways_s)), strict=True))
        stands = []
        for j, (site, gain) in enumerate(zip(siting.sites, siting.gain, strict=True)):
            way_s = float(ways_s[team_of[j], j])
            gets_there = way_s < _NEVER_S
            stands.append(
                Stand(
                    *self._lonlat(sites, site),
                    gain,
                    teams[team_of[j]] if gets_there else None,
                    way_s if gets_there else None,
                )
            )
        return tuple(stands)

    def one_more(self, sites: Places, options: Bools, covered: Bools) -> Stand | None:
        """The site that adds most to what is covered."""
        if not len(options):
            return None
        gain = options @ np.where(covered, 0.0, self.weight)
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            return None
        return Stand(*self._lonlat(sites, best), float(gain[best]), None, None)

    def _matrix(self, mode: Mode, sources: Sources) -> Bools:
        lane = self._engine.lane(mode)
        times = lane.times(self._engine.measures, self._at)
        places = self._demand.places.on(mode)
        return reach_matrix(lane.reach_network, times, sources, places, self.seconds)

    def _ways_s(self, sites: Places, chosen: tuple[int, ...], teams: list[Origin]) -> Floats:
        """(R, J) seconds of each team to each chosen site."""
        lane = self._engine.lane(self.mode)
        times = lane.times(self._engine.measures, self._at)
        lonlat = np.array([(team.lon, team.lat) for team in teams])
        begins = self._engine.places_of(self.mode, lonlat, leaving=True)
        street, fraction = sites.on(self.mode)
        ways_s = np.full((len(teams), len(chosen)), _NEVER_S)
        for j, site in enumerate(chosen):
            there = Sources(street[[site]], fraction[[site]], np.zeros(1))
            field = spread(lane.reach_network, times, there, direction=Direction.TO)
            ways_s[:, j] = field.at(begins.street, begins.fraction).time_s[:, 0]
        return np.asarray(np.minimum(ways_s, _NEVER_S))

    def _lonlat(self, sites: Places, site: int) -> tuple[float, float]:
        """Where a site lies on its street."""
        street, fraction = sites.on(self.mode)
        if street[site] == NOBODY:
            lon, lat = sites.lonlat[site].tolist()
            return lon, lat
        point = Legs(np.array([0, 1]), street[[site]], fraction[[site]], fraction[[site]])
        lon, lat = self._engine.lines_of(point).xy[0].tolist()
        return lon, lat


def _nothing_to_move(
    plan: _Plan, sites: Places, options: Bools, covered: Bools, bound: float
) -> Standby:
    now = float(plan.weight[covered].sum())
    one_more = plan.one_more(sites, options, covered)
    return Standby(plan.mode, plan.seconds, (), now, now, bound, one_more)


def _most_common(members: Members) -> Mode:
    modes = [members.origins[key].mode for key in sorted(members.idle)]
    return max(modes, key=modes.count, default=Mode.CAR)


def _may_move(members: Members, key: str, mode: Mode) -> bool:
    return key in members.idle and members.origins[key].mode is mode
