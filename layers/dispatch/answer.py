"""The answer to who can be there first, and its form for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shapely.geometry import mapping

from layers.catalogue import Text
from layers.dispatch.asked import Inputs, Json, Known, NeighbourPost
from layers.dispatch.sifting import LeftOut, Why
from routing.nearest.answers import Arrival, EdgePosition, Ranking, Reason, Snap

_BY_STREET = frozenset(reason.value for reason in Reason)


class Holds(StrEnum):
    """Whether somebody is there in time."""

    HOLDS = "holds"
    AT_RISK = "at_risk"
    NOBODY_WITHIN = "nobody_within"


@dataclass(frozen=True)
class Candidate:
    """One who can be there.

    Attributes:
        turnout_s: seconds before it moves.
        eta_low_s, eta_high_s: four of five arrivals lie between.
        hold_probability: of being there in time.
        air_m: metres as the crow flies.
        why: why it has its rank, in words.
    """

    known: Known
    arrival: Arrival
    turnout_s: float
    eta_low_s: float
    eta_high_s: float
    hold_probability: float
    air_m: float
    why: Text


@dataclass(frozen=True)
class Told:
    """One who is left out, in words."""

    left_out: LeftOut
    words: Text


@dataclass(frozen=True)
class Neighbour:
    """Somebody of a neighbouring town.

    Attributes:
        arrival: over our streets; None where these don't lead there.
        air_m: metres as the crow flies.
    """

    post: NeighbourPost
    arrival: Arrival | None
    air_m: float
    why: Text


@dataclass(frozen=True)
class Answer:
    """Who can be at a place first.

    Attributes:
        inputs: what it was made of.
        ranking: what the streets say; None where the place lies off all of them.
        candidates: the first, at most k, in order.
        further: how many more could come, later.
        left_out: all others, by key.
        holds, verdict: whether somebody is there in time, as a code and in words.
        neighbours: who of other towns could come, where it isn't sure that somebody of this one
            is in time; the first first.
    """

    inputs: Inputs
    ranking: Ranking | None
    candidates: tuple[Candidate, ...]
    further: int
    left_out: tuple[Told, ...]
    holds: Holds
    verdict: Text
    neighbours: tuple[Neighbour, ...]

    @property
    def sendable(self) -> tuple[Candidate, ...]:
        """Whom the platform may send by itself: a break is ended by a dispatcher alone."""
        return tuple(each for each in self.candidates if each.known.state != "break")

    def as_json(self) -> Json:
        """The answer for machines; the help of `nearest` says what its fields mean."""
        request, inputs = self.inputs.request, self.inputs
        snaps = self.ranking.incident_snaps if self.ranking else {}
        return {
            "incident": {
                "lon": request.lon,
                "lat": request.lat,
                "snap": {mode.label: _snap(snap) for mode, snap in snaps.items()},
            },
            "verdict": {"code": self.holds.value, "words": self.verdict.as_json()},
            "responders": [_candidate(each) for each in self.candidates],
            "further": self.further,
            "unreachable": [
                _who(told.left_out.known) | {"reason": _reason(told.left_out.why)}
                for told in self.left_out
                if _reason(told.left_out.why) in _BY_STREET
            ],
            "left_out": [
                {
                    "key": told.left_out.known.key,
                    "label": told.left_out.known.label,
                    "department": told.left_out.known.department,
                    "mode": told.left_out.known.mode,
                    "reason": told.left_out.why.value,
                    "words": told.words.as_json(),
                }
                for told in self.left_out
            ],
            "neighbours": [_neighbour(each) for each in self.neighbours],
            "hold_s": inputs.settings.hold_s,
            "at": inputs.at.isoformat(),
            "graph_version": inputs.graph_version,
            "measure_revision": inputs.measure_revision,
            "what_if": inputs.what_if,
        }


def _reason(why: Why) -> str:
    """What the streets alone say of it."""
    return Why.NO_WAY.value if why is Why.CUT_OFF else why.value


def _who(known: Known) -> Json:
    return {
        "key": known.key,
        "label": known.label,
        "department": known.department,
        "mode": known.mode,
        "lon": known.lon,
        "lat": known.lat,
    }


def _candidate(each: Candidate) -> Json:
    known, arrival = each.known, each.arrival
    return {
        **_who(known),
        "team": known.team,
        "skills": list(known.skills),
        "state": known.state,
        "fix_age_s": known.fix_age_s,
        "accuracy_m": known.accuracy_m,
        "turnout_s": each.turnout_s,
        "travel_time_s": arrival.travel_time_s,
        "turn_s": arrival.turn_s,
        "eta_s": arrival.eta_s,
        "eta_low_s": round(each.eta_low_s, 1),
        "eta_high_s": round(each.eta_high_s, 1),
        "hold_probability": round(each.hold_probability, 3),
        "distance_m": arrival.distance_m,
        "air_distance_m": round(each.air_m, 1),
        "holds_180_s": arrival.travel_time_s <= 180.0,
        "why": each.why.as_json(),
        **_way(arrival),
    }


def _neighbour(each: Neighbour) -> Json:
    arrival = each.arrival
    return {
        **each.post._asdict(),
        "turnout_s": arrival.origin.delay_s if arrival else None,
        "travel_time_s": arrival.travel_time_s if arrival else None,
        "eta_s": arrival.eta_s if arrival else None,
        "distance_m": arrival.distance_m if arrival else None,
        "air_distance_m": round(each.air_m, 1),
        "route": mapping(arrival.route) if arrival else None,
        "why": each.why.as_json(),
    }


def _way(arrival: Arrival) -> Mapping[str, Any]:
    return {
        "snap": _snap(arrival.snap),
        "incident_snap": _snap(arrival.incident_snap),
        "route": mapping(arrival.route),
    }


def _snap(snap: Snap) -> Json:
    return {
        **_position(snap.edge),
        "distance_m": snap.distance_m,
        "reverse": _position(snap.reverse) if snap.reverse else None,
    }


def _position(position: EdgePosition) -> Json:
    return {
        "u": position.u,
        "v": position.v,
        "key": position.key,
        "fraction": position.fraction,
    }
