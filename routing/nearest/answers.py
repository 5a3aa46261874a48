"""What the engine is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shapely.geometry import LineString

from routing.modes import Mode


class Heading(NamedTuple):
    """A street that somebody travels, as its track was matched.

    Attributes:
        street_id: of the street.
        fraction: of its geometry, where one is.
        forward: along its geometry; else against it.
    """

    street_id: int
    fraction: float
    forward: bool


@dataclass(frozen=True)
class Origin:
    """Somebody who can be sent, at lon, lat in degrees; moves after `delay_s` seconds.

    Attributes:
        heading: where it is known how one moves; else one stands on the nearest street, and may
            leave it either way at no cost.
    """

    key: str
    lon: float
    lat: float
    mode: Mode = Mode.CAR
    delay_s: float = 0.0
    heading: Heading | None = None


class EdgePosition(NamedTuple):
    """A place on the directed edge (u, v, key), `fraction` of its length and time from u."""

    u: int
    v: int
    key: int
    fraction: float


class Snap(NamedTuple):
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


def snap_between(  # noqa: PLR0913, PLR0917 - an edge, its directions, and where on it
    u: int, v: int, key: int, admits: list[bool], fraction: float, distance_m: float
) -> Snap:
    """A place on the edge (u, v, key), whose directions are admitted or not.

    Args:
        u, v, key: the edge along its street's geometry.
        admits: whether it may be travelled along and against that.
        fraction: of its length, where the place is.
        distance_m: from the point to it.
    """
    along = EdgePosition(u, v, key, fraction)
    if admits[0] and not admits[1]:
        return Snap(along, None, distance_m)
    against = EdgePosition(v, u, key + (u == v), 1 - fraction)
    if not admits[0]:
        return Snap(against, None, distance_m)
    return Snap(along, against, distance_m)


class Arrival(NamedTuple):
    """One who can be there, and how.

    Attributes:
        origin: who.
        eta_s: seconds until one is there, the delay before one moves included.
        travel_time_s: seconds of them on the streets, turning round included.
        distance_m: great-circle metres of the route.
        route: from the origin's place on its street to the incident's, in degrees.
        snap, incident_snap: those two places.
        turn_s: seconds that it takes to turn round first; 0 for who needn't.
    """

    origin: Origin
    eta_s: float
    travel_time_s: float
    distance_m: float
    route: LineString
    snap: Snap
    incident_snap: Snap
    turn_s: float = 0.0


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
        arrivals: at most k, ordered by eta, then by key.
        unreachable: all who can't be there, as far as it was asked for.
    """

    incident_snaps: dict[Mode, Snap]
    arrivals: list[Arrival]
    unreachable: list[Unreachable]
