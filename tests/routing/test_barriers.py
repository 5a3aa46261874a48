"""Barriers on ways: whom each lets through, and what becomes of streets that have one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from routing.modes import ALL_MODES, Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.sources.barriers import modes_past
from routing.sources.files import StreetFile, read_street_file

FOOT, EBIKE, CAR, EMERGENCY = Mode
BESIDE_CARS = FOOT | EBIKE
Tags = dict[str, str]
BOLLARD = {"barrier": "bollard"}
STREET = {"highway": "residential"}


@pytest.mark.parametrize(
    ("tags", "passing"),
    [
        (BOLLARD, BESIDE_CARS),
        (BOLLARD | {"bicycle": "no"}, FOOT),
        (BOLLARD | {"access": "yes"}, BESIDE_CARS),
        (BOLLARD | {"motor_vehicle": "yes"}, ALL_MODES),
        (BOLLARD | {"emergency": "yes"}, BESIDE_CARS | EMERGENCY),
        ({"barrier": "block"}, BESIDE_CARS),
        ({"barrier": "cycle_barrier"}, BESIDE_CARS),
        ({"barrier": "cycle_barrier", "foot": "no"}, EBIKE),
        ({"barrier": "kissing_gate"}, FOOT),
        ({"barrier": "gate"}, ALL_MODES),
        ({"barrier": "gate", "access": "private"}, EMERGENCY),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, FOOT | EMERGENCY),
        ({"barrier": "gate", "locked": "yes"}, EMERGENCY),
        ({"barrier": "gate", "emergency": "no"}, ALL_MODES & ~EMERGENCY),
        ({"barrier": "lift_gate", "motor_vehicle": "private"}, ALL_MODES & ~CAR),
        ({"barrier": "lift_gate", "motor_vehicle": "destination"}, ALL_MODES),
        ({"barrier": "toll_booth"}, ALL_MODES),
        ({"barrier": "entrance", "access": "no"}, EMERGENCY),
    ],
)
def test_whom_a_barrier_lets_through(tags: Tags, passing: Mode) -> None:
    assert modes_past(tags) == passing


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., StreetFile]:
    """Streets between nodes 100 m apart, some of which carry tags."""

    def run(barriers: dict[int, Tags], *ways: tuple[list[int], Tags]) -> StreetFile:
        lines = ['<osm version="0.6">']
        for n in sorted({node for nodes, _ in ways for node in nodes}):
            place = f'lon="{10 + n % 10 * 0.0009:.7f}" lat="{n // 10 * 0.0009:.7f}"'
            lines.append(f'<node id="{n}" version="1" {place}>{_tags(barriers.get(n, {}))}</node>')
        for number, (nodes, tags) in enumerate(ways, 1):
            members = "".join(f'<nd ref="{node}"/>' for node in nodes)
            lines.append(f'<way id="{number}" version="1">{members}{_tags(tags)}</way>')
        path = tmp_path / "town.osm"
        path.write_text("".join([*lines, "</osm>"]), encoding="utf-8")
        return read_street_file(path)

    return run


def _tags(tags: Tags) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())


def who_comes(file: StreetFile, to: int, begin: int = 1) -> Mode:
    """The modes that get from one node to another."""
    engine = Engine(graph_from_streets(file.streets))
    origins = [Origin(m.label, 10 + begin * 0.0009, 0.0, m) for m in Mode]
    ranking = engine.nearest(10 + to * 0.0009, 0.0, origins, k=4)
    arrived = Mode(0)
    for arrival in ranking.arrivals:
        arrived |= arrival.origin.mode
    return arrived


@pytest.mark.parametrize(
    "ways",
    [
        [([1, 2, 3, 4, 5], STREET)],
        [([1, 2, 3], STREET), ([3, 4, 5], STREET)],
        [([1, 2, 3], STREET), ([5, 4, 3], STREET)],
    ],
)
def test_a_barrier_stops_whom_it_stops_on_either_side(
    read: Callable[..., StreetFile], ways: list[tuple[list[int], Tags]]
) -> None:
    assert who_comes(read({}, *ways), to=5) == ALL_MODES
    barred = read({3: BOLLARD}, *ways)
    assert who_comes(barred, to=5) == who_comes(barred, to=1, begin=5) == BESIDE_CARS
    assert who_comes(barred, to=2) == ALL_MODES
    assert barred.notes == [
        "barriers: passages closed (foot 0, ebike 0, car 1, emergency 1) / 路障、门禁"
    ]
    private = read({3: {"barrier": "gate", "access": "private"}}, *ways)
    assert who_comes(private, to=5) == EMERGENCY


def test_only_two_metres_of_the_street_are_barred(read: Callable[..., StreetFile]) -> None:
    plain = read({}, ([1, 2, 3, 4, 5], STREET)).streets.streets
    barred = read({3: BOLLARD, 4: BOLLARD}, ([1, 2, 3, 4, 5], STREET)).streets.streets
    assert barred["length_m"].sum() == pytest.approx(plain["length_m"].sum(), rel=1e-9)
    closed = barred[barred["forward_modes"] == int(BESIDE_CARS)]
    assert closed["length_m"].tolist() == pytest.approx([2.0, 2.0], abs=0.01)
    assert len(barred) == 5


def test_a_barrier_that_stops_nobody_who_comes_there_cuts_nothing(
    read: Callable[..., StreetFile],
) -> None:
    path = read({2: BOLLARD}, ([1, 2, 3], {"highway": "footway"}))
    assert (len(path.streets.streets), path.notes) == (1, [])


def test_at_a_junction_it_is_not_said_which_street_is_barred(
    read: Callable[..., StreetFile],
) -> None:
    walk = {"highway": "footway"}
    file = read({3: BOLLARD}, ([1, 2, 3, 4, 5], STREET), ([3, 13], walk))
    assert who_comes(file, to=5) == ALL_MODES
    assert file.notes[0].startswith("barriers: 1 stand at junctions")


def test_a_way_past_the_barrier_is_taken(read: Callable[..., StreetFile]) -> None:
    around = ([1, 11, 12, 13, 14, 15, 5], STREET)
    engine = Engine(
        graph_from_streets(read({3: BOLLARD}, ([1, 2, 3, 4, 5], STREET), around).streets)
    )
    origins = [Origin("car", 10.0018, 0.0, CAR), Origin("foot", 10.0018, 0.0, FOOT)]
    found = {
        a.origin.key: a.distance_m for a in engine.nearest(10.0036, 0.0, origins, k=2).arrivals
    }
    assert found["foot"] == pytest.approx(200, abs=2)
    assert found["car"] == pytest.approx(800, abs=5)
