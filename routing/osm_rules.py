"""What OSM tags say of a street: who may use it, which way, and how fast.

Access goes from the particular to the general, as on wiki.openstreetmap.org/wiki/Key:access:
`motorcar` before `motor_vehicle` before `vehicle` before `access`. E-bikes are bicycles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from routing.modes import ALL_MODES, Mode

Tags = Mapping[str, str]

# Kilometres an hour of a car where no limit is stated; on ways without cars, the most that
# an e-bike does there among walkers.
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
FALLBACK_SPEED_KPH = 30.0
FALLBACK_CLASS = "unclassified"

_MOTORWAYS = {"motorway", "motorway_link"}
_WALKS = {"pedestrian", "footway", "path", "bridleway", "steps"}
_WITHOUT_CARS = _WALKS | {"busway", "track", "cycleway"}
_WITHOUT_EBIKES = _WALKS | {"busway"}

_ACCESS_KEYS = {
    Mode.CAR: ("motorcar", "motor_vehicle", "vehicle", "access"),
    Mode.EBIKE: ("bicycle", "vehicle", "access"),
    Mode.FOOT: ("foot", "access"),
}
# These open a way whose class would not admit the mode.
_OPENING_KEYS = {
    Mode.CAR: ("motorcar", "motor_vehicle"),
    Mode.EBIKE: ("bicycle",),
    Mode.FOOT: ("foot",),
}
_OPENING = {"yes", "permissive", "designated", "official"}
_CLOSED = {
    "no",
    "private",
    "agricultural",
    "forestry",
    "military",
    "restricted",
    "bus",
    "psv",
    "emergency",
    "use_sidepath",
    "dismount",
}
_ONEWAY_KEYS = {
    Mode.CAR: ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"),
    Mode.EBIKE: ("oneway:bicycle", "oneway:vehicle", "oneway"),
    Mode.FOOT: ("oneway:foot",),
}
_ALONG = {"yes", "true", "1"}
_AGAINST = {"-1", "reverse"}
_NO = {"no", "false", "0"}

_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(mph)?(?:\s*km/?h|\s*kph)?", re.IGNORECASE)
_IMPLICIT_SPEED_KPH = {"urban": 50.0, "rural": 90.0, "living_street": 15.0, "walk": 5.0}
_KPH_PER_MPH = 1.609344
_FASTEST_KPH = 200.0


class Properties(NamedTuple):
    """What is true of a street all along.

    Attributes:
        klass: OSM highway value.
        level: OSM layer; where it isn't tagged 1 on bridges, -1 in tunnels, else 0.
        speed_kph: a car's.
        forward_modes: who may travel along the geometry.
        backward_modes: who may travel against it.
    """

    klass: str
    name: str | None
    ref: str | None
    bridge: bool
    tunnel: bool
    level: int
    speed_kph: float
    forward_modes: int
    backward_modes: int

    def reversed(self) -> Properties:
        """The same street seen from its other end."""
        return self._replace(forward_modes=self.backward_modes, backward_modes=self.forward_modes)


def properties_of(tags: Tags) -> Properties | None:
    """What the tags of a way say; None if it is no street for any of our modes."""
    klass = tags.get("highway")
    if klass not in SPEED_KPH_BY_CLASS or tags.get("area") == "yes":
        return None
    forward, backward = modes_of(tags)
    if not forward | backward:
        return None
    bridge, tunnel = _is_set(tags, "bridge"), _is_set(tags, "tunnel")
    return Properties(
        klass=klass,
        name=tags.get("name"),
        ref=tags.get("ref"),
        bridge=bridge,
        tunnel=tunnel,
        level=level_of(tags.get("layer"), bridge=bridge, tunnel=tunnel),
        speed_kph=speed_of(tags.get("maxspeed"), klass),
        forward_modes=int(forward),
        backward_modes=int(backward),
    )


def modes_of(tags: Tags) -> tuple[Mode, Mode]:
    """Who may travel along a way and who against it."""
    forward = backward = Mode(0)
    for mode in Mode:
        if _admits(tags, mode):
            along, against = _directions(tags, mode)
            forward |= mode if along else Mode(0)
            backward |= mode if against else Mode(0)
    return forward & ALL_MODES, backward & ALL_MODES


def level_of(layer: str | None, *, bridge: bool, tunnel: bool) -> int:
    """How far above the ground, in storeys of a junction."""
    try:
        return int(float(layer or ""))
    except ValueError:
        return int(bridge) - int(tunnel)


def speed_of(maxspeed: str | None, klass: str) -> float:
    """Kilometres an hour of a car: the limit, or what is usual on such a street.

    Several limits (`50;30`) are averaged, as osmnx does.
    """
    stated = [_one_speed(part) for part in re.split(r"[;|,]", maxspeed or "")]
    known = [speed for speed in stated if speed is not None]
    if not known:
        return SPEED_KPH_BY_CLASS.get(klass, FALLBACK_SPEED_KPH)
    return sum(known) / len(known)


def _one_speed(text: str) -> float | None:
    match = _SPEED.fullmatch(text.strip())
    if match:
        kph = float(match[1]) * (_KPH_PER_MPH if match[2] else 1)
        return kph if 0 < kph <= _FASTEST_KPH else None
    # CN:urban, DE:zone:30, walk
    zone = re.search(r"zone:?(\d+)$", text)
    if zone:
        return float(zone[1]) or None
    return _IMPLICIT_SPEED_KPH.get(text.strip().rpartition(":")[2])


def _admits(tags: Tags, mode: Mode) -> bool:
    if _closed_by_class(tags, mode):
        return any(tags.get(key) in _OPENING for key in _OPENING_KEYS[mode])
    tagged = next((tags[key] for key in _ACCESS_KEYS[mode] if key in tags), "yes")
    return not _is_closed(tagged)


def _closed_by_class(tags: Tags, mode: Mode) -> bool:
    klass = tags["highway"]
    if mode == Mode.CAR:
        return klass in _WITHOUT_CARS
    if klass in _MOTORWAYS or tags.get("motorroad") == "yes":
        return True
    return klass in (_WITHOUT_EBIKES if mode == Mode.EBIKE else {"busway"})


def _is_closed(value: str) -> bool:
    return all(part.strip() in _CLOSED for part in value.split(";"))


def _directions(tags: Tags, mode: Mode) -> tuple[bool, bool]:
    """Whether a mode that is admitted may travel along and against."""
    if mode == Mode.EBIKE and tags.get("cycleway", "").startswith("opposite"):
        return True, True
    value = next((tags[key] for key in _ONEWAY_KEYS[mode] if key in tags), None)
    if value in _NO:
        return True, True
    if value in _AGAINST:
        return False, True
    if value == "reversible" and mode != Mode.FOOT:
        return False, False
    implied = mode != Mode.FOOT and (
        tags["highway"] == "motorway" or tags.get("junction") in {"roundabout", "circular"}
    )
    return True, not (value in _ALONG or implied)


def _is_set(tags: Tags, key: str) -> bool:
    return tags.get(key, "no") not in _NO
