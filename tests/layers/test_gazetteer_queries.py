"""The gazetteer of the demo town: what people type, and whether the right place comes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
import pytest
from psycopg_pool import ConnectionPool

from callerspeech import KINDS, asked_of
from layers.gazetteer.building import build_gazetteer
from layers.gazetteer.gazetteer import Gazetteer, Query, confirmed, confirming
from layers.gazetteer.places import Place
from layers.roles import Role
from placequeries import WRITTEN, made_queries
from spatial.database import Principal, open_pool, transaction
from spatial.town import Town, read_town


class Desk:
    """Somebody who looks for places of the demo town."""

    def __init__(self, pool: ConnectionPool[Any], town: Town) -> None:
        self.pool, self.town = pool, town
        self.gazetteer = Gazetteer(town.id)
        self.gazetteer.load(pool)

    def find(
        self, text: str, role: Role = Role.DISPATCHER, near: tuple[float, float] | None = None
    ) -> list[Place]:
        principal = Principal(role, self.town.id, department="*")
        found = self.gazetteer.propose(self.pool, self.town, principal, Query(text, 8, near))
        statement = confirming(principal, found)
        with transaction(self.pool, principal) as connection:
            rows = connection.execute(statement).fetchall() if statement else []
        return [each.place for each in confirmed(found, rows, 8)]

    def share_found(self, queries: Sequence[tuple[str, str]]) -> float:
        """In how many of the queries the right place is among the first three."""
        found = [any(p.label == label for p in self.find(text)[:3]) for text, label in queries]
        return sum(found) / len(found)


@pytest.fixture(scope="module")
def desk(demo_database: str) -> Iterator[Desk]:
    with psycopg.connect(demo_database) as connection:
        town = read_town(connection)
    build_gazetteer(demo_database, town.id)
    pool = open_pool(demo_database, max_size=2)
    yield Desk(pool, town)
    pool.close()


def test_what_people_type_finds_the_place(desk: Desk) -> None:
    found = {text: [each.label for each in desk.find(text)[:3]] for text, _ in WRITTEN}
    assert {text: found[text] for text, label in WRITTEN if label not in found[text]} == {}


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_slips_of_the_finger_find_the_place(desk: Desk, seed: int) -> None:
    places = desk.gazetteer.places
    assert desk.share_found(made_queries(places, seed, 200)) >= 0.95


@pytest.mark.parametrize(
    ("count", "least"), [(20, 0.9), pytest.param(200, 0.95, marks=pytest.mark.long)]
)
def test_each_way_to_say_a_place_finds_it(desk: Desk, count: int, least: float) -> None:
    """Of 20 two may be ambiguous by chance; of all together hardly any is."""
    places = desk.gazetteer.places
    shares = {kind: desk.share_found(asked_of(places, kind, 7, count)) for kind in KINDS}
    assert {kind: share for kind, share in shares.items() if share < least} == {}
    assert sum(shares.values()) / len(shares) >= 0.97


def test_the_best_known_name_comes_first(desk: Desk) -> None:
    for text in ("大成社区", "dcsq", "dachengshequ", "大城社区"):
        assert desk.find(text)[0].label == "大成社区"
    assert desk.find("灯杆1500")[0].kind == "lamp-post"
    assert desk.find("丹溪路与大成路交叉口")[0].kind == "crossing"


def test_namesakes_near_the_middle_of_the_map_come_first(desk: Desk) -> None:
    stations = [p for p in desk.find("大成社区卫生服务站") if p.label == "大成社区卫生服务站"]
    assert len(stations) > 1
    for station in stations:
        near = (station.lon, station.lat)
        assert desk.find("大成社区卫生服务站", near=near)[0].id == station.id


def test_nobody_finds_rooms_households_or_responders(desk: Desk) -> None:
    with desk.pool.connection() as connection:
        labels = connection.execute("SELECT label FROM layers.responder LIMIT 3").fetchall()
    assert {p.layer for p in desk.gazetteer.places}.isdisjoint({"responders", "incidents"})
    for (label,) in labels:
        assert label not in [each.label for each in desk.find(label, Role.ADMINISTRATOR)]
    found = desk.find("演示花苑2幢1单元601室")
    assert all("室" not in each.label for each in found)


def test_a_key_for_some_layers_finds_places_of_those_alone(desk: Desk) -> None:
    principal = Principal(Role.SYSTEM, desk.town.id, only_layers=("premises",))
    found = desk.gazetteer.propose(desk.pool, desk.town, principal, Query("大成"))
    assert {each.place.layer for each in found} == {"premises"}


@pytest.mark.parametrize(
    "text", ["", " ", "，。", "qqqqqqqqqq", "𠮷", "\x00", "a" * 200, "99999999999"]
)
def test_nonsense_finds_nothing_or_something_but_never_fails(desk: Desk, text: str) -> None:
    assert len(desk.find(text)) <= 8
