"""Several incidents at once over HTTP: a suggestion, its price, and orders by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import psycopg
import pytest

import reporttown
from api.auth.settings import AuthSettings

NUMBERS = itertools.count()
NAMES = ("dispatcher", "police-desk", "market-desk", "officer")


@pytest.fixture(scope="module")
def served(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[tuple[str, dict[str, httpx.Client]]]:
    with new_database() as conninfo:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            add_square_grids(connection, 1)
            reporttown.furnish(connection)
        with serve_app(conninfo, only_this_machine=False, auth=auth_settings) as url:
            clients = {
                name: httpx.Client(base_url=url, timeout=60, auth=(name, reporttown.PASSWORD))
                for name in NAMES
            }
            clients["anybody"] = httpx.Client(base_url=url, timeout=60)
            yield conninfo, clients
            for client in clients.values():
                client.close()


@pytest.fixture
def desk(served: tuple[str, dict[str, httpx.Client]]) -> dict[str, httpx.Client]:
    conninfo, clients = served
    with psycopg.connect(conninfo) as connection:
        reporttown.reset(connection)
        for (incident,) in connection.execute(
            "SELECT id FROM layers.incident WHERE state = 'triage' AND number IS NOT NULL"
        ).fetchall():
            connection.execute(
                "SELECT layers.add_event(%s, 'reject', '{\"reason\": \"over\"}')", (incident,)
            )
    return clients


def report(client: httpx.Client, x: float, y: float, category: str = "theft") -> int:
    lon, lat = reporttown.lonlat(x, y)
    answer = client.post(
        "/api/reports",
        json={"source": "110", "source_id": f"a{next(NUMBERS)}", "lon": lon, "lat": lat,
              "datum": "wgs84", "category": category, "dispatch": "suggest"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return int(answer.json()["incident"]["id"])


def asked(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/api/assignment", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_two_that_want_the_same_one_share_the_responders_best(desk) -> None:
    near, far = report(desk["dispatcher"], 7.1, 0.0), report(desk["dispatcher"], 8.0, 0.0)
    found = asked(desk["dispatcher"])
    pairs = {pair["incident"]: pair for pair in found["pairs"]}
    assert {pairs[near]["responder"], pairs[far]["responder"]} == {"p6", "p7"}
    assert found["misses"] == 0
    assert found["free"] == 10
    for incident in found["incidents"]:
        first, *others = incident["price_of_deviation"]
        assert first["key"] == incident["suggested"]["key"]
        assert (first["price"]["misses"], first["price"]["weighted_s"]) == (0, 0)
        assert all(other["price"]["weighted_s"] >= 0 for other in others)
        assert set(incident["words"]) == {"zh", "en"}
    process = desk["dispatcher"].post("/ogc/processes/assignment/execution", json={"inputs": {}})
    assert process.status_code == 200, process.text
    assert [p["responder"] for p in process.json()["pairs"]] == [
        p["responder"] for p in found["pairs"]
    ]


def test_what_is_ordered_is_kept_and_no_longer_open(desk) -> None:
    first, second = report(desk["dispatcher"], 1.2, 0.0), report(desk["dispatcher"], 5.2, 0.0)
    for pair in asked(desk["dispatcher"])["pairs"]:
        sent = desk["dispatcher"].post(
            f"/api/incidents/{pair['incident']}/orders",
            json={"responder": pair["responder"], "reason": "assignment"},
        )
        assert sent.status_code == 201, sent.text
        order = sent.json()
        assert order["eta_s"] == pytest.approx(pair["eta_s"], abs=1.0)
        assert order["distance_m"] > 0
        url = f"/api/decisions/{order['decision']}"
        decided = desk["dispatcher"].get(url).json()
        assert decided["incident"] == pair["incident"]
        assert pair["responder"] in {each["key"] for each in decided["answer"]["responders"]}
        assert desk["dispatcher"].post(f"{url}/replay").json()["same"]
    again = asked(desk["dispatcher"])
    assert {pair["action"] for pair in again["pairs"]} == {"keep"}
    # one more at the first one's door: nobody under way is turned for a few seconds
    third = report(desk["dispatcher"], 1.3, 0.0)
    actions = {pair["incident"]: pair["action"] for pair in asked(desk["dispatcher"])["pairs"]}
    assert actions == {first: "keep", second: "keep", third: "order"}
    for order in desk["dispatcher"].get("/api/orders?active=true").json()["orders"]:
        assert desk["dispatcher"].post(f"/api/orders/{order['id']}/arrive", json={}).is_success
    assert [i["id"] for i in asked(desk["dispatcher"])["incidents"]] == [third]


def test_a_what_if_changes_nothing(desk) -> None:
    incident = report(desk["dispatcher"], 2.0, 0.0)
    assert asked(desk["dispatcher"])["pairs"][0]["responder"] == "p2"
    lon, lat = reporttown.lonlat(2.1, 0.0)
    supposed = asked(
        desk["dispatcher"],
        incidents=[incident],
        what_if={"without": ["p2"], "moved": [{"key": "p7", "lon": lon, "lat": lat}]},
    )
    assert supposed["what_if"]
    assert supposed["pairs"][0]["responder"] == "p7"
    assert asked(desk["dispatcher"])["pairs"][0]["responder"] == "p2"


def test_each_desk_is_told_of_its_own(desk) -> None:
    theft = report(desk["dispatcher"], 3.0, 0.0)
    assert [i["id"] for i in asked(desk["police-desk"])["incidents"]] == [theft]
    assert asked(desk["market-desk"])["incidents"] == []
    assert (
        desk["market-desk"].post("/api/assignment", json={"incidents": [theft]}).status_code == 400
    )
    assert desk["officer"].post("/api/assignment", json={}).status_code == 403
    assert desk["anybody"].post("/api/assignment", json={}).status_code == 401


@pytest.mark.parametrize(
    "body", [{"incidents": [0]}, {"incidents": "all"}, {"more": 1}, {"incidents": [10**9]}]
)
def test_what_can_not_be_asked_is_said(desk, body: dict[str, Any]) -> None:
    assert desk["dispatcher"].post("/api/assignment", json=body).status_code == 400
