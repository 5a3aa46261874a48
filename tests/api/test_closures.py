"""Closing streets over HTTP: who may, what it does to the next answer, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
import shapely

from api.auth.settings import AuthSettings
from layers.accounts.administration import AccountPlan, add_account
from layers.closures.relaying import Relaid, relay_closures
from layers.roles import Role
from routing.modes import ALL_MODES
from routing.network.graph import graph_from_streets
from routing.sources.assembly import make_streets
from routing.sources.osm_rules import Properties
from routing.stored.store import save_streets
from spatial.town import read_town

PASSWORD = "a password for tests"
UNIT = 0.001
LON, LAT = 120.05, 29.05
ALL = int(ALL_MODES)


def lonlat(x: float, y: float) -> list[float]:
    return [LON + x * UNIT, LAT + y * UNIT]


def _name(a: tuple[int, int], b: tuple[int, int]) -> str:
    return f"东街{a[1]}" if a[1] == b[1] else f"北街{a[0]}"


def squares(side: int = 3) -> Any:
    """A grid of side x side junctions, 100 m apart."""
    number = {(x, y): 1 + x + side * y for y in range(side) for x in range(side)}
    pairs = [((x, y), (x + 1, y)) for y in range(side) for x in range(side - 1)]
    pairs += [((x, y), (x, y + 1)) for y in range(side - 1) for x in range(side)]
    ends = np.array([[number[a], number[b]] for a, b in pairs], np.int64)
    lines = np.array([shapely.LineString([lonlat(*a), lonlat(*b)]) for a, b in pairs])
    properties = [
        Properties("residential", _name(a, b), None, False, False, 0, 30.0, ALL, ALL)
        for a, b in pairs
    ]
    return make_streets(ends, lines, properties, [None] * len(pairs))


@pytest.fixture(scope="module")
def town(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[tuple[str, str]]:
    """URL and conninfo of a town of nine junctions."""
    with new_database() as conninfo:
        fill_town(conninfo, synthetic=True)
        with psycopg.connect(conninfo) as connection:
            save_streets(connection, 1, 1, squares())
            for name, role, more in (
                ("traffic", Role.OFFICER, {"department": "traffic"}),
                ("market", Role.OFFICER, {"department": "market"}),
                ("signals", Role.SYSTEM, {"layers": ("closures",)}),
            ):
                add_account(
                    connection,
                    1,
                    AccountPlan(name, role, password=PASSWORD, must_change_password=False, **more),
                )
        with serve_app(conninfo, only_this_machine=False, auth=auth_settings) as url:
            yield url, conninfo


@pytest.fixture
def client(town: tuple[str, str]) -> Callable[[str | None], httpx.Client]:
    return lambda name: httpx.Client(
        base_url=town[0], timeout=60, auth=(name, PASSWORD) if name else None
    )


@pytest.fixture
def dispatcher(client: Any) -> Iterator[httpx.Client]:
    """A dispatcher; what the test left closed is opened afterwards."""
    with client("dispatcher") as opened:
        yield opened
        for feature in opened.get("/api/closures").json()["features"]:
            assert opened.delete(f"/api/closures/{feature['id']}").status_code == 204


LINE = {"type": "LineString", "coordinates": [lonlat(0.1, 0.01), lonlat(0.9, 0.01)]}


def put(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/closures", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def nearest_s(client: httpx.Client) -> float | None:
    """Seconds from (2, 0), where the responder stands, to (0, 0); None: no way."""
    inputs = {"lon": lonlat(0, 0.001)[0], "lat": lonlat(0, 0.001)[1], "k": 1}
    answer = client.post("/ogc/processes/nearest-responders/execution", json={"inputs": inputs})
    assert answer.status_code == 200, answer.text
    found = answer.json()["responders"]
    return found[0]["travel_time_s"] if found else None


@pytest.fixture
def responder(town: tuple[str, str]) -> None:
    with psycopg.connect(town[1]) as connection:
        connection.execute(
            "UPDATE layers.responder SET on_duty = key = 'r', mode = 'car', fix_at = now(),"
            " geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326)",
            lonlat(2, 0),
        )


def test_a_closure_acts_on_the_next_answer_and_ends(dispatcher: httpx.Client, responder: None):
    free_s = nearest_s(dispatcher)
    made = put(dispatcher, geometry=LINE, minutes=30, reason="accident", note="两车相撞")
    properties = made["closure"]["properties"]
    assert properties["kind"] == "closed"
    assert properties["names"] == "东街0"
    assert properties["streets"] == made["effects"]["streets"] == 1
    assert properties["author"]
    detour_s = nearest_s(dispatcher)
    assert detour_s > free_s + 10
    number = made["closure"]["id"]
    assert dispatcher.delete(f"/api/closures/{number}").status_code == 204
    assert nearest_s(dispatcher) == free_s
    events = dispatcher.get(f"/api/closures/{number}").json()["events"]
    assert [event["after"]["ends"] == properties["ends"] for event in events] == [True, False]
    assert all(event["account"] for event in events)
    # it is over: there is nothing to change any more
    assert dispatcher.delete(f"/api/closures/{number}").status_code == 404
    assert dispatcher.patch(f"/api/closures/{number}", json={"minutes": 5}).status_code == 404


def test_a_slowdown_slows_and_a_planned_closure_waits(dispatcher: httpx.Client, responder: None):
    free_s = nearest_s(dispatcher)
    put(dispatcher, geometry=LINE, kind="slow", speed_share=0.8)
    assert free_s < nearest_s(dispatcher) < 2 * free_s
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    planned = put(dispatcher, geometry=LINE, starts=tomorrow, minutes=60)
    assert planned["closure"]["properties"]["state"] == "planned"
    assert nearest_s(dispatcher) < 2 * free_s
    changed = dispatcher.patch(
        f"/api/closures/{planned['closure']['id']}",
        json={"starts": datetime.now(UTC).isoformat(), "ends": None, "note": "提前"},
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["closure"]["properties"]["state"] == "in_force"
    assert nearest_s(dispatcher) > 2 * free_s


def test_it_expires_by_itself(dispatcher: httpx.Client, responder: None):
    free_s = nearest_s(dispatcher)
    put(dispatcher, geometry=LINE, minutes=0.02)
    assert nearest_s(dispatcher) > free_s
    ends = datetime.now(UTC) + timedelta(seconds=3)
    while (now_s := nearest_s(dispatcher)) != free_s:
        assert datetime.now(UTC) < ends, now_s
    assert dispatcher.get("/api/closures").json()["features"] == []


def test_a_closure_across_everything_is_said(dispatcher: httpx.Client, responder: None):
    outline = [lonlat(-1, -1), lonlat(3, -1), lonlat(3, 3), lonlat(-1, 3), lonlat(-1, -1)]
    made = put(dispatcher, geometry={"type": "Polygon", "coordinates": [outline]})
    assert made["effects"]["share_closed"] == 1
    assert "100%" in made["effects"]["warnings"][0]["zh"]
    assert nearest_s(dispatcher) is None


def test_streets_are_closed_by_their_ids(dispatcher: httpx.Client, responder: None):
    streets = dispatcher.get("/ogc/collections/streets/items?limit=50").json()["features"]
    first = next(s for s in streets if s["properties"]["name"] == "东街0")
    free_s = nearest_s(dispatcher)
    one_way = put(dispatcher, streets=[-first["id"]])
    dispatcher.delete(f"/api/closures/{one_way['closure']['id']}")
    assert put(dispatcher, streets=[first["id"]])["closure"]["properties"]["streets"] == 1
    assert nearest_s(dispatcher) > free_s
    assert dispatcher.post("/api/closures", json={"streets": [99999]}).status_code == 404


def test_a_preview_closes_nothing(dispatcher: httpx.Client, client):
    answer = dispatcher.post("/api/closures/preview", json={"geometry": LINE})
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["streets"]) == answer.json()["effects"]["streets"] == 1
    assert dispatcher.get("/api/closures").json()["features"] == []
    assert client(None).post("/api/closures/preview", json={"geometry": LINE}).status_code == 403


def test_everybody_sees_what_is_closed_and_not_who_closed_it(dispatcher, client):
    put(dispatcher, geometry=LINE, note="内部备注", minutes=30)
    visitor = client(None)
    answer = visitor.get("/api/closures").json()
    (feature,) = answer["features"]
    assert answer["may_close"] is False
    assert feature["geometry"]["type"] == "MultiLineString"
    (item,) = visitor.get("/ogc/collections/closures/items").json()["features"]
    for each in (feature, item):
        assert each["properties"]["kind"] == "closed"
        assert not {"note", "author", "made_by"} & set(each["properties"])
    assert visitor.get(f"/api/closures/{feature['id']}").status_code == 403


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("dispatcher", True), ("traffic", True), ("officer", True), ("signals", True),
        ("market", False), ("system", False), ("planner", False), ("editor", False),
        ("auditor", False), (None, False),
    ],
)  # fmt: skip
def test_who_may_close(client, dispatcher, name: str | None, may: bool):
    answer = client(name).post("/api/closures", json={"geometry": LINE, "minutes": 1})
    assert answer.status_code == (201 if may else 403), answer.text
    assert client(name).get("/api/closures").json()["may_close"] is may


BAD = [
    ({}, "geometry or street ids"),
    ({"geometry": LINE, "streets": [1]}, "geometry or street ids"),
    ({"geometry": {"type": "Point", "coordinates": [0, 0]}}, "no street"),
    ({"geometry": {"type": "Point", "coordinates": ["a"]}}, "can't be read"),
    ({"geometry": {"type": "Point", "coordinates": [float("1e400"), 0]}}, "infinity"),
    ({"geometry": [1]}, "can't be read"),
    ({"geometry": LINE, "speed_share": 2}, "speed_share"),
    ({"geometry": LINE, "kind": "slow", "speed_share": 0}, "contradict"),
    ({"geometry": LINE, "kind": "slow", "speed_share": 1e-300}, "speed_share"),
    ({"geometry": LINE | {"crs": {"type": "name"}}}, "crs"),
    ({"geometry": LINE, "starts": "2020-01-01T00:00Z", "ends": "2020-01-02T00:00Z"}, "over"),
    ({"geometry": LINE, "modes": ["plane"]}, "no mode"),
    ({"geometry": LINE, "starts": "2026-01-01T00:00:00"}, "time zone"),
    ({"geometry": LINE, "ends": "soon"}, "no moment"),
    ({"geometry": LINE, "ends": "2020-01-01T00:00:00Z"}, "over"),
    ({"geometry": LINE, "minutes": -5}, "minutes"),
    ({"geometry": LINE, "reason": "whim"}, "no reason"),
    ({"geometry": LINE, "colour": "red"}, "colour"),
    ({"geometry": LINE, "note": "长" * 600}, "note"),
    ({"streets": ["1"]}, "list of ids"),
    ({"streets": [1, -2]}, "two closures"),
]


@pytest.mark.parametrize(("body", "words"), BAD)
def test_bad_input_is_refused_with_a_word(dispatcher: httpx.Client, body: Any, words: str):
    answer = dispatcher.post("/api/closures", content=json.dumps(body))
    assert answer.status_code == 400, answer.text
    assert words in answer.text


def bring(conninfo: str, streets: Any) -> dict[int, Relaid]:
    """Replace the town's streets; how its closures lie on them."""
    with psycopg.connect(conninfo) as connection:
        (batch,) = connection.execute(
            "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)"
            " VALUES (1, true, 'streets', 'other') RETURNING id"
        ).fetchone()
        save_streets(connection, 1, batch, streets)
        town = read_town(connection)
        relaid = relay_closures(connection, town, graph_from_streets(streets), batch)
        return {each.closure_id: each for each in relaid}


def test_closures_live_on_when_streets_are_replaced(dispatcher: httpx.Client, town, responder):
    drawn = put(dispatcher, geometry=LINE)["closure"]["id"]
    named = put(dispatcher, streets=[1, 2])["closure"]["id"]
    all_streets = squares()
    # the southern row of streets is gone, and all have other numbers
    rows = all_streets.streets
    others = rows[rows.geometry.apply(lambda line: line.centroid.y > LAT + UNIT / 10)]
    fewer = others.assign(id=others["id"] + 100).reset_index(drop=True)
    relaid = bring(town[1], replace(all_streets, streets=fewer))
    assert relaid[drawn].streets == relaid[named].streets == 0
    assert "no street any more" in relaid[drawn].note
    assert dispatcher.get("/ogc/collections/closures/items").json()["numberMatched"] == 0
    renumbered = rows.assign(id=rows["id"] + 200)
    relaid = bring(town[1], replace(all_streets, streets=renumbered))
    assert relaid[drawn].note is None
    assert (relaid[drawn].streets, relaid[named].streets) == (1, 2)
    closed_s = nearest_s(dispatcher)
    for number in (drawn, named):
        assert dispatcher.delete(f"/api/closures/{number}").status_code == 204
    assert nearest_s(dispatcher) < closed_s - 10
