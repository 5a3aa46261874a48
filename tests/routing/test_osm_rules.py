"""What tags say of a street."""

from __future__ import annotations

import pytest

from routing.modes import Mode
from routing.osm_rules import modes_of, properties_of, speed_of

FOOT, EBIKE, CAR = Mode.FOOT, Mode.EBIKE, Mode.CAR
ALL = FOOT | EBIKE | CAR


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ("highway=residential", ALL, ALL),
        ("highway=residential oneway=yes", ALL, FOOT),
        ("highway=residential oneway=1", ALL, FOOT),
        ("highway=residential oneway=-1", FOOT, ALL),
        ("highway=residential oneway=no", ALL, ALL),
        ("highway=residential oneway=yes oneway:bicycle=no", ALL, FOOT | EBIKE),
        ("highway=residential oneway=yes cycleway=opposite_lane", ALL, FOOT | EBIKE),
        ("highway=residential oneway=reversible", FOOT, FOOT),
        ("highway=tertiary junction=roundabout", ALL, FOOT),
        ("highway=tertiary junction=roundabout oneway=no", ALL, ALL),
        ("highway=motorway", CAR, 0),
        ("highway=motorway oneway=no", CAR, CAR),
        ("highway=motorway_link", CAR, CAR),
        ("highway=trunk motorroad=yes", CAR, CAR),
        ("highway=footway", FOOT, FOOT),
        ("highway=footway bicycle=designated", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=path", FOOT, FOOT),
        ("highway=pedestrian motor_vehicle=yes", FOOT | CAR, FOOT | CAR),
        ("highway=steps bicycle=dismount", FOOT, FOOT),
        ("highway=cycleway", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=cycleway foot=no oneway=yes", EBIKE, 0),
        ("highway=track", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=track motor_vehicle=agricultural", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=track motorcar=yes", ALL, ALL),
        ("highway=service access=private", 0, 0),
        ("highway=service access=no foot=yes", FOOT, FOOT),
        ("highway=service access=private motor_vehicle=destination", CAR, CAR),
        ("highway=residential motor_vehicle=no", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=residential vehicle=no", FOOT, FOOT),
        ("highway=residential vehicle=no bicycle=yes", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=residential bicycle=use_sidepath foot=no", CAR, CAR),
        ("highway=residential motor_vehicle=agricultural;forestry", FOOT | EBIKE, FOOT | EBIKE),
        ("highway=service access=customers", ALL, ALL),
        ("highway=busway", 0, 0),
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
        {"highway": "service", "access": "private"},
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
