"""How fast one moves and where one waits: every number of it, with where it comes from.

What isn't measured is said to be assumed; a town's own tracks are to replace it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from routing.modes import Mode

# Kilometres an hour of a car where no limit is stated; on ways without cars, the most that an
# e-bike does there among walkers. Assumed: Chinese limits (实施条例 art. 45: 30 in towns and 40
# outside where there is no centre line) less what junctions and parked cars take.
SPEED_KPH_BY_CLASS = {
    "motorway": 110.0,
    "motorway_link": 60.0,
    "trunk": 80.0,
    "trunk_link": 50.0,
    "primary": 60.0,
    "primary_link": 40.0,
    "secondary": 50.0,
    "secondary_link": 40.0,
    "tertiary": 40.0,
    "tertiary_link": 30.0,
    "unclassified": 40.0,
    "residential": 30.0,
    "road": 30.0,
    "living_street": 15.0,
    "service": 20.0,
    "busway": 30.0,
    "track": 20.0,
    "cycleway": 20.0,
    "pedestrian": 10.0,
    "footway": 10.0,
    "path": 10.0,
    "bridleway": 10.0,
    "steps": 5.0,
}
CLASSES = tuple(SPEED_KPH_BY_CLASS)
FALLBACK_SPEED_KPH = 30.0
FALLBACK_CLASS = "unclassified"

# What a limit without a number means (wiki.openstreetmap.org, Key:maxspeed, "Implicit maxspeed
# values"); by country and kind, then by kind alone. CN: 实施条例 art. 45 and 78.
IMPLICIT_SPEED_KPH = {
    "CN:urban": 50.0,
    "CN:rural": 70.0,
    "CN:trunk": 80.0,
    "CN:motorway": 120.0,
    "CN:living_street": 15.0,
    "CH:rural": 80.0,
    "CH:trunk": 100.0,
    "CH:motorway": 120.0,
    "AT:rural": 100.0,
    "AT:motorway": 130.0,
    "urban": 50.0,
    "rural": 90.0,
    "living_street": 15.0,
    "bicycle_road": 30.0,
    "walk": 5.0,
}


@dataclass(frozen=True)
class Pace:
    """How one mode moves.

    Attributes:
        fixed_kph: its speed, whatever a car's; None where it is a car's.
        most_kph: it is never faster.
        against_oneway: share of its speed where it may go against a one-way.
        signal_s: seconds that a signal costs on average.
        crossing_s: seconds that a pedestrian crossing without signal costs on average.
        u_turn_s: seconds to turn round at a node.
        keeps_restrictions: whether turn restrictions bind it.
        feels_hours: whether the hour of the day slows it.
    """

    fixed_kph: float | None
    most_kph: float
    against_oneway: float
    signal_s: float
    crossing_s: float
    u_turn_s: float
    keeps_restrictions: bool
    feels_hours: bool


PACES = {
    # 5 km/h: usual walking pace (e.g. Valhalla 5.1, OSRM 5). A walker waits for a green man, too.
    Mode.FOOT: Pace(5.0, 5.0, 1.0, 10.0, 0.0, 0.0, keeps_restrictions=False, feels_hours=False),
    # GB 17761-2018 ends the motor's help at 25 km/h; art. 58 of the law allows 15 on cycle lanes.
    # 20 is what is ridden. Delays assumed.
    Mode.EBIKE: Pace(None, 20.0, 1.0, 10.0, 0.0, 5.0, keeps_restrictions=True, feels_hours=False),
    # A cycle of 60 s, half of it red, met at random: 0.5 · 15 s. Assumed for towns without counts.
    Mode.CAR: Pace(None, 200.0, 1.0, 7.5, 1.0, 20.0, keeps_restrictions=True, feels_hours=True),
    # Law art. 53: on an emergency run not bound by route, direction, speed and signals where it is
    # safe. Assumed: it slows at signals, goes against one-ways at half speed, and is no
    # faster than others elsewhere: the promise of 180 s is not made of speeding.
    Mode.EMERGENCY: Pace(
        None, 200.0, 0.5, 3.0, 1.0, 10.0, keeps_restrictions=False, feels_hours=False
    ),
}

_FREE: tuple[float, ...] = (1.0,) * len(CLASSES)
# Share of the free speed left at the peaks of a working day, by class. Assumed, for small towns:
# the main streets feel the peaks, lanes don't.
_PEAK_SHARES = {
    "trunk": 0.85,
    "trunk_link": 0.85,
    "primary": 0.75,
    "primary_link": 0.8,
    "secondary": 0.8,
    "secondary_link": 0.85,
    "tertiary": 0.85,
    "tertiary_link": 0.9,
    "unclassified": 0.95,
}
_PEAK = tuple(_PEAK_SHARES.get(klass, 1.0) for klass in CLASSES)
PEAK_HOURS = frozenset({7, 8, 17, 18})
_WEEKEND = 5


def speed_shares(mode: Mode, at: datetime | None) -> tuple[float, ...]:
    """By class (in the order of CLASSES), the share of the free speed that is left at a moment.

    Args:
        mode: who moves.
        at: in the town's own time; None for streets that are free.
    """
    if at is None or not PACES[mode].feels_hours:
        return _FREE
    return _PEAK if at.weekday() < _WEEKEND and at.hour in PEAK_HOURS else _FREE
