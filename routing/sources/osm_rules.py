"""What OSM tags say of a street: who may use it, which way, and how fast.

Access goes from the particular to the general, as on wiki.openstreetmap.org/wiki/Key:access:
`motorcar` before `motor_vehicle` before `vehicle` before `access`. E-bikes are bicycles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from routing.modes import ALL_MODES, Mode
from routing.network.speeds import FALLBACK_SPEED_KPH, IMPLICIT_SPEED_KPH, SPEED_KPH_BY_CLASS

Tags = Mapping[str, str]

_WALKS = frozenset({"footway", "path", "bridleway", "steps"})
_MOTORWAYS = frozenset({"motorway", "motorway_link"})
# Streets so slow and narrow that who comes towards one is seen.
_LOCAL = frozenset(
    {"tertiary", "unclassified", "residential", "road", "living_street", "service", "pedestrian"}
)
_ROUNDABOUTS = {"roundabout", "circular"}
_CLOSED = frozenset(
    {
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
)


class _Rule(NamedTuple):
    """Where one mode may go.

    Attributes:
        closed_classes: OSM highway values that don't admit it of themselves.
        opening: keys that open such a way all the same.
        access: keys that say whether it is admitted, the most particular first.
        closed: values of these that close.
        oneway: keys that say which way, the most particular first.
        against: classes whose one-ways don't bind it.
    """

    closed_classes: frozenset[str]
    opening: tuple[str, ...]
    access: tuple[str, ...]
    closed: frozenset[str]
    oneway: tuple[str, ...]
    against: frozenset[str] = frozenset()


_RULES = {
    Mode.FOOT: _Rule(
        closed_classes=_MOTORWAYS | {"busway"},
        opening=("foot",),
        access=("foot", "access"),
        closed=_CLOSED,
        oneway=("oneway:foot",),
    ),
    # 道路交通安全法 art. 57, 67: non-motor vehicles keep off motorways.
    Mode.EBIKE: _Rule(
        closed_classes=_MOTORWAYS | _WALKS | {"pedestrian", "busway"},
        opening=("bicycle",),
        access=("bicycle", "vehicle", "access"),
        closed=_CLOSED,
        oneway=("oneway:bicycle", "oneway:vehicle", "oneway"),
    ),
    Mode.CAR: _Rule(
        closed_classes=_WALKS | {"pedestrian", "busway", "track", "cycleway"},
        opening=("motorcar", "motor_vehicle"),
        access=("motorcar", "motor_vehicle", "vehicle", "access"),
        closed=_CLOSED,
        oneway=("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"),
    ),
    # art. 53: on an emergency run bound by no route and no direction where it is safe: bus lanes,
    # walkers' streets, tracks, gates and private drives, local one-ways from the wrong end. Never
    # where it doesn't fit (paths, steps), nor against the traffic of main roads and roundabouts.
    Mode.EMERGENCY: _Rule(
        closed_classes=_WALKS | {"cycleway"},
        opening=("emergency", "motorcar", "motor_vehicle"),
        access=("emergency",),
        closed=frozenset({"no"}),
        oneway=("oneway:emergency", "oneway"),
        against=_LOCAL | {"busway", "track"},
    ),
}
_CYCLEWAYS = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
_OPENING = {"yes", "permissive", "designated", "official"}
_ALONG = {"yes", "true", "1"}
_AGAINST = {"-1", "reverse"}
_NO = {"no", "false", "0"}

_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(mph)?(?:\s*km/?h|\s*kph)?", re.IGNORECASE)
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
        speed_kph=speed_of(_limit(tags), klass),
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


def _limit(tags: Tags) -> str | None:
    """The stated limit; where each direction has its own, both."""
    each = (tags.get("maxspeed:forward"), tags.get("maxspeed:backward"))
    return tags.get("maxspeed") or ";".join(filter(None, each)) or None


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
    """One limit: `50`, `30 mph`, `CN:urban`, `DE:zone:30`, `walk`; None if it says no number."""
    text = text.strip()
    match = _SPEED.fullmatch(text)
    if match:
        kph = float(match[1]) * (_KPH_PER_MPH if match[2] else 1)
        return kph if 0 < kph <= _FASTEST_KPH else None
    zone = re.search(r"zone:?(\d+)$", text)
    if zone:
        return float(zone[1]) or None
    of_country = IMPLICIT_SPEED_KPH.get(text)
    return of_country or IMPLICIT_SPEED_KPH.get(text.rpartition(":")[2])


def _admits(tags: Tags, mode: Mode) -> bool:
    rule = _RULES[mode]
    motorroad = tags.get("motorroad") == "yes" and mode in Mode.FOOT | Mode.EBIKE
    if tags["highway"] in rule.closed_classes or motorroad:
        return is_opened_by(tags, mode)
    return not is_closed_by(tags, mode)


def is_opened_by(tags: Tags, mode: Mode) -> bool:
    """Whether access tags say that a mode may go where one of its kind may not."""
    return any(tags.get(key) in _OPENING for key in _RULES[mode].opening)


def is_closed_by(tags: Tags, mode: Mode) -> bool:
    """Whether access tags say that a mode may not go where one of its kind may."""
    rule = _RULES[mode]
    tagged = next((tags[key] for key in rule.access if key in tags), "yes")
    return all(part.strip() in rule.closed for part in tagged.split(";"))


def _directions(tags: Tags, mode: Mode) -> tuple[bool, bool]:
    """Whether a mode that is admitted may travel along and against."""
    rule = _RULES[mode]
    around = tags.get("junction") in _ROUNDABOUTS
    if tags["highway"] in rule.against and not around:
        return True, True
    if mode == Mode.EBIKE and any(tags.get(k, "").startswith("opposite") for k in _CYCLEWAYS):
        return True, True
    value = next((tags[key] for key in rule.oneway if key in tags), None)
    if value in _NO:
        return True, True
    if value in _AGAINST:
        return False, True
    if value == "reversible" and mode != Mode.FOOT:
        return False, False
    implied = mode != Mode.FOOT and (tags["highway"] == "motorway" or around)
    return True, not (value in _ALONG or implied)


def _is_set(tags: Tags, key: str) -> bool:
    return tags.get(key, "no") not in _NO
