"""What tags say of a street."""

from __future__ import annotations

import pytest

from routing.modes import Mode
from routing.sources.osm_rules import modes_of, properties_of, speed_of

FOOT, EBIKE, CAR, RESCUE = Mode
ALL = FOOT | EBIKE | CAR | RESCUE


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ("highway=residential", ALL, ALL),
        ("highway=residential oneway=yes", ALL, FOOT | RESCUE),
        ("highway=residential oneway=1", ALL, FOOT | RESCUE),
        ("highway=residential oneway=-1", FOOT | RESCUE, ALL),
        ("highway=residential oneway=no", ALL, ALL),
        ("highway=residential oneway=yes oneway:bicycle=no", ALL, FOOT | EBIKE | RESCUE),
        ("highway=residential oneway=yes cycleway=opposite_lane", ALL, FOOT | EBIKE | RESCUE),
        ("highway=primary oneway=yes cycleway:left=opposite_track", ALL, FOOT | EBIKE),
        ("highway=primary oneway=alternating", ALL, ALL),
        ("highway=residential oneway=reversible", FOOT | RESCUE, FOOT | RESCUE),
        ("highway=primary oneway=yes", ALL, FOOT),
        ("highway=primary oneway=reversible", FOOT, FOOT),
        ("highway=tertiary oneway=yes", ALL, FOOT | RESCUE),
        ("highway=tertiary junction=roundabout", ALL, FOOT),
        ("highway=tertiary junction=roundabout oneway=no", ALL, ALL),
        ("highway=motorway", CAR | RESCUE, 0),
        ("highway=motorway oneway=no", CAR | RESCUE, CAR | RESCUE),
        ("highway=motorway_link", CAR | RESCUE, CAR | RESCUE),
        ("highway=trunk motorroad=yes", CAR | RESCUE, CAR | RESCUE),
        ("highway=footway", FOOT, FOOT),
        ("highway=footway emergency=yes", FOOT | RESCUE, FOOT | RESCUE),
        ("highway=footway bicycle=designated", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=path", FOOT, FOOT),
        ("highway=pedestrian", FOOT | RESCUE, FOOT | RESCUE),
        ("highway=pedestrian emergency=no", FOOT, FOOT),
        ("highway=pedestrian motor_vehicle=yes", FOOT | CAR | RESCUE, FOOT | CAR | RESCUE),
        ("highway=steps bicycle=dismount", FOOT, FOOT),
        ("highway=cycleway", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=cycleway foot=no oneway=yes", EBIKE, 0),
        ("highway=track", FOOT | EBIKE | RESCUE, FOOT | EBIKE | RESCUE),
        ("highway=track motor_vehicle=forestry", FOOT | EBIKE | RESCUE, FOOT | EBIKE | RESCUE),
        ("highway=track motorcar=yes", ALL, ALL),
        ("highway=service access=private", RESCUE, RESCUE),
        ("highway=service access=private emergency=no", 0, 0),
        ("highway=service access=no foot=yes", FOOT | RESCUE, FOOT | RESCUE),
        ("highway=service access=private motor_vehicle=destination", CAR | RESCUE, CAR | RESCUE),
        ("highway=residential motor_vehicle=no", FOOT | EBIKE | RESCUE, FOOT | EBIKE | RESCUE),
        ("highway=residential vehicle=no", FOOT | RESCUE, FOOT | RESCUE),
        ("highway=residential vehicle=no bicycle=yes", ALL ^ CAR, ALL ^ CAR),
        ("highway=residential bicycle=use_sidepath foot=no", CAR | RESCUE, CAR | RESCUE),
        ("highway=residential motor_vehicle=agricultural;forestry", ALL ^ CAR, ALL ^ CAR),
        ("highway=service access=customers", ALL, ALL),
        ("highway=busway", RESCUE, RESCUE),
        ("highway=tertiary access=no bus=yes oneway=yes", RESCUE, RESCUE),
    ],
)
def test_who_may_travel_which_way(tags: str, forward: Mode, backward: Mode) -> None:
    parsed = dict(tag.split("=") for tag in tags.split())
    assert modes_of(parsed) == (forward, backward)


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "construction"},
        {"highway": "proposed"},
        {"highway": "pedestrian", "area": "yes"},
        {"highway": "service", "access": "private", "emergency": "no"},
        {"highway": "platform"},
        {},
    ],
)
def test_what_is_no_street(tags: dict[str, str]) -> None:
    assert properties_of(tags) is None


@pytest.mark.parametrize(
    ("maxspeed", "klass", "kph"),
    [
        ("50", "residential", 50),
        ("50 km/h", "residential", 50),
        ("30 mph", "residential", 48.28032),
        ("50;30", "residential", 40),
        ("CN:urban", "primary", 50),
        ("DE:zone:30", "residential", 30),
        ("CH:zone30", "residential", 30),
        ("CN:rural", "primary", 70),
        ("CN:motorway", "motorway", 120),
        ("XX:urban", "primary", 50),
        ("20 mph;30 mph", "residential", 40.2336),
        ("walk", "living_street", 5),
        ("none", "motorway", 110),
        ("signals", "motorway", 110),
        ("0", "residential", 30),
        ("9999", "residential", 30),
        (None, "living_street", 15),
        (None, "steps", 5),
    ],
)
def test_speed(maxspeed: str | None, klass: str, kph: float) -> None:
    assert speed_of(maxspeed, klass) == pytest.approx(kph)


@pytest.mark.parametrize(
    ("tags", "kph"),
    [
        ({"maxspeed:forward": "50", "maxspeed:backward": "30"}, 40),
        ({"maxspeed:backward": "50"}, 50),
        ({"maxspeed": "60", "maxspeed:forward": "50"}, 60),
        ({}, 60),
    ],
)
def test_speed_of_directions(tags: dict[str, str], kph: float) -> None:
    properties = properties_of({"highway": "primary"} | tags)
    assert properties is not None
    assert properties.speed_kph == pytest.approx(kph)


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({}, 0),
        ({"bridge": "yes"}, 1),
        ({"bridge": "viaduct", "layer": "2"}, 2),
        ({"bridge": "no"}, 0),
        ({"tunnel": "yes"}, -1),
        ({"tunnel": "yes", "layer": "-3"}, -3),
        ({"layer": "ground"}, 0),
    ],
)
def test_level(tags: dict[str, str], level: int) -> None:
    properties = properties_of({"highway": "primary"} | tags)
    assert properties is not None
    assert properties.level == level
