"""Positions over HTTP: who may tell them, what is answered, what each sees of the own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from api.auth.settings import AuthSettings

ADD = """
INSERT INTO layers.responder (town_id, key, label, department, mode, on_duty, geom, inside)
VALUES (1, %s, %s, %s, 'car', true, 'SRID=4326;POINT(120.05 29.05)', true) RETURNING id
"""
PASSWORD = "a password for tests"
FIX = {"lon": 120.06, "lat": 29.06, "datum": "wgs84", "accuracy_m": 8}


@dataclass(frozen=True)
class Town:
    url: str
    conninfo: str
    ids: dict[str, int]

    def as_(self, name: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, auth=(name, PASSWORD), timeout=30)


@pytest.fixture(scope="module")
def town(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[Town]:
    with new_database() as conninfo:
        # Synthetic, so that the offices enter by name and password alone.
        ids = dict(fill_town(conninfo, synthetic=True))
        with psycopg.connect(conninfo) as connection:
            for key, department in (("mine", "police"), ("other", "emergency")):
                row = connection.execute(ADD, (key, key, department)).fetchone()
                assert row
                ids[key] = row[0]
            connection.execute(
                "UPDATE layers.account SET responder_id = %s WHERE id = %s",
                (ids["mine"], ids["officer"]),
            )
        with serve_app(conninfo, only_this_machine=False, auth=auth_settings) as url:
            yield Town(url, conninfo, ids)


def place_of(town: Town, key: str) -> tuple[float, float]:
    with psycopg.connect(town.conninfo) as connection:
        row = connection.execute(
            "SELECT ST_X(geom), ST_Y(geom) FROM layers.responder WHERE key = %s", (key,)
        ).fetchone()
    assert row
    return row


def test_a_bound_officer_tells_of_itself_alone(town: Town) -> None:
    with town.as_("officer") as client:
        assert client.post("/api/positions", json=FIX).json()["taken"] == 1
        assert place_of(town, "mine") == (120.06, 29.06)
        refused = client.post("/api/positions", json=FIX | {"responder": "other"})
        assert refused.status_code == 403
        again = client.post("/api/positions", json=FIX | {"at": time.time() - 600}).json()
        assert again["taken"] == 0
        assert again["ignored"] == {"late": 1}
        assert again["words"]["late"]["zh"]


def test_a_system_tells_of_a_fleet_and_is_told_what_became_of_each(town: Town) -> None:
    fleet = [
        FIX | {"responder": "mine", "at": time.time()},
        FIX | {"responder": "other", "at": time.time()},
        FIX | {"responder": "nobody"},
        FIX | {"responder": "other", "at": time.time() + 7200},
        FIX | {"responder": "other", "lon": 0, "lat": 0.0},
        FIX | {"responder": "other", "at": 0},
        FIX | {"responder": "other", "lon": 29.06, "lat": 12.06},
        FIX | {"responder": "other", "datum": "nad27"},
    ]
    with town.as_("system") as client:
        said = client.post("/api/positions", json=fleet).json()
    assert said["taken"] == 2
    assert said["ignored"] == {
        "refused": 1, "ahead": 1, "no_fix": 1, "too_old": 1, "far_away": 1
    }  # fmt: skip
    assert set(said["words"]) == set(said["ignored"])
    assert said["malformed"] == 1
    assert [each["position"] for each in said["set_aside"]] == [2, 3, 4, 5, 6, 7]
    assert "datum" in said["set_aside"][-1]["says"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("dispatcher", 403), ("planner", 403), ("administrator", 403), ("auditor", 403)],
)
def test_others_tell_nothing(town: Town, who: str, status: int) -> None:
    with town.as_(who) as client:
        assert client.post("/api/positions", json=FIX).status_code == status


def test_visitors_tell_nothing(town: Town) -> None:
    assert httpx.post(f"{town.url}/api/positions", json=FIX).status_code == 401
    for path in ("/api/my/positions", "/api/my/track", "/api/my/duty", "/api/skills"):
        assert httpx.get(f"{town.url}{path}").status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b'{"lon":1,"lat":2}', b'{"positions":5}', b"9" * 3_000_000]
)
def test_what_is_no_position_is_refused_in_words(town: Town, body: bytes) -> None:
    with town.as_("system") as client:
        answer = client.post("/api/positions", content=body)
    assert answer.status_code in {400, 413}
    assert "Traceback" not in answer.text


def test_duty_ends_what_is_taken_and_an_order_keeps_one_on_duty(town: Town) -> None:
    with town.as_("officer") as client:
        assert client.get("/api/my/duty").json()["on_duty"] is True
        assert client.post("/api/my/duty", json={"on": False}).json()["on_duty"] is False
        off = client.post("/api/positions", json=FIX)
        assert (off.status_code, "在岗" in off.text) == (409, True)
        back = client.post("/api/my/duty", json={"on": True}).json()
        assert back["duty_since"]
        pause = client.post("/api/my/duty", json={"on": True, "break_minutes": 15}).json()
        assert pause["break_until"]
        assert client.post("/api/my/duty", json={"on": True}).json()["break_until"] is None
        for wrong in (
            {},
            {"on": 1},
            {"on": False, "break_minutes": 5},
            {"on": True, "break_minutes": -1},
        ):
            assert client.post("/api/my/duty", json=wrong).status_code == 400
    for who in ("dispatcher", "system"):
        with town.as_(who) as client:
            assert client.post("/api/my/duty", json={"on": True}).status_code == 403


def test_each_sees_what_is_kept_of_the_own_and_for_how_long(town: Town) -> None:
    with town.as_("officer") as client:
        client.post("/api/positions", json=FIX)
        kept = client.get("/api/my/positions").json()
    assert kept["responder"]["key"] == "mine"
    assert kept["kept_days"] == 30
    assert kept["positions"]
    assert {"at", "lon", "lat", "accuracy_m"} <= kept["positions"][0].keys()
    with town.as_("dispatcher") as client:
        assert client.get("/api/my/positions").status_code == 403


def test_each_sees_the_own_way_and_nobody_elses(town: Town) -> None:
    with town.as_("officer") as client:
        assert client.get("/api/my/track").json()["features"] == []
        with psycopg.connect(town.conninfo) as connection:
            connection.execute(
                "INSERT INTO layers.track"
                " (responder_id, town_id, from_at, to_at, points, length_m, geom)"
                " SELECT id, town_id, now(), now(), 2, length(key),"
                " 'SRID=4326;LINESTRING(120.05 29.05, 120.06 29.05)' FROM layers.responder"
            )
        (track,) = client.get("/api/my/track").json()["features"]
    assert track["geometry"]["type"] == "LineString"
    assert track["properties"]["length_m"] == len("mine")
    with town.as_("dispatcher") as client:
        assert client.get("/api/my/track").status_code == 403


def test_the_account_page_leads_to_what_is_kept(town: Town) -> None:
    with httpx.Client(base_url=town.url, headers={"Origin": town.url}, timeout=30) as client:
        assert client.get("/account/positions").status_code == 303
        client.post("/api/session", json={"name": "officer", "password": PASSWORD})
        assert "/account/positions" in client.get("/account").text
        page = client.get("/account/positions")
        assert page.status_code == 200
        assert "我的定位" in page.text
        assert "派单决策会记录当时各力量的位置" in page.text
        assert "mine" in page.text
        assert "My positions" in client.get("/account/positions?lang=en").text
    with httpx.Client(base_url=town.url, headers={"Origin": town.url}, timeout=30) as client:
        client.post("/api/session", json={"name": "dispatcher", "password": PASSWORD})
        assert "/account/positions" not in client.get("/account").text
        assert client.get("/account/positions").status_code == 403


def test_moves_reach_those_who_follow_the_layer_as_far_as_they_see_it(town: Town) -> None:
    """By an event without a number: the log isn't told of every second."""
    heard: list[dict[str, Any]] = []
    begun, done = threading.Event(), threading.Event()

    def listen() -> None:
        with (
            town.as_("officer") as client,
            client.stream("GET", "/ogc/collections/responders/subscribe") as stream,
        ):
            event = ""
            for line in stream.iter_lines():
                begun.set()
                event = line.removeprefix("event: ") if line.startswith("event: ") else event
                if line.startswith("data: ") and event == "moves":
                    heard.append(json.loads(line[6:]))
                    done.set()
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert begun.wait(10)
    with town.as_("system") as client:
        for n in range(20):
            fleet = [
                FIX | {"responder": key, "lon": 120.07 + n * 1e-5, "at": time.time()}
                for key in ("mine", "other")
            ]
            client.post("/api/positions", json=fleet)
            if done.wait(0.3):
                break
    assert done.wait(5)
    ids = {move[0] for move in heard[0]["moves"]}
    assert town.ids["mine"] in ids
    assert town.ids["other"] not in ids


def test_administrators_edit_team_and_skills_and_nobody_else(town: Town) -> None:
    path = f"/ogc/collections/responders/items/{town.ids['other']}"
    with town.as_("administrator") as client:
        patch = {"properties": {"team": "二队", "skills": "aed, first_aid"}}
        headers = {"Content-Type": "application/merge-patch+json"}
        assert client.patch(path, json=patch, headers=headers).status_code in {200, 204}
        said = client.get(path).json()["properties"]
        assert (said["team"], said["skills"]) == ("二队", "aed,first_aid")
        wrong = client.patch(path, json={"properties": {"skills": "flying"}}, headers=headers)
        assert wrong.status_code == 400
        new = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [120.05, 29.05]},
            "properties": {"label": "巡逻9", "mode": "ebike", "department": "police"},
        }
        made = client.post(
            "/ogc/collections/responders/items",
            json=new,
            headers={"Content-Type": "application/geo+json"},
        )
        assert made.status_code == 201
    with psycopg.connect(town.conninfo) as connection:
        row = connection.execute(
            "SELECT skills, inside FROM layers.responder WHERE id = %s",
            (town.ids["other"],),
        ).fetchone()
    assert row == (["aed", "first_aid"], True)
    with town.as_("officer") as client:
        assert client.patch(path, json=patch, headers=headers).status_code in {403, 404}
