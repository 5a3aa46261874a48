"""Reports in, orders out: over HTTP, as those who may and those who may not."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import psycopg
import pytest

import reporttown
from api.auth.settings import AuthSettings
from reporttown import lonlat
from spatial.datum import wgs84_to_bd09, wgs84_to_gcj02

NUMBERS = itertools.count()


@dataclass(frozen=True)
class ReportTown:
    """A served town that takes reports."""

    url: str
    conninfo: str
    clients: dict[str, httpx.Client]

    def __getitem__(self, name: str) -> httpx.Client:
        return self.clients[name]

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """As the owner, committed."""
        with psycopg.connect(self.conninfo) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def served(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[ReportTown]:
    with new_database() as conninfo, ExitStack() as stack:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            add_square_grids(connection, 1)
            reporttown.furnish(connection)
            reporttown.add_members(connection, "t101", "t102")
        url = stack.enter_context(serve_app(conninfo, only_this_machine=False, auth=auth_settings))
        names = ["dispatcher", "officer", "planner"]
        names += [name for name, *_ in reporttown.ACCOUNTS]
        names += reporttown.MEMBERS
        clients = {name: _client(url, name) for name in names}
        yield ReportTown(url, conninfo, clients)
        for client in clients.values():
            client.close()


def _client(url: str, name: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, auth=(name, reporttown.PASSWORD))


@pytest.fixture
def town(served: ReportTown) -> Iterator[ReportTown]:
    with psycopg.connect(served.conninfo) as connection:
        reporttown.reset(connection)
    yield served
    # Whatever a test did, every chain holds.
    assert served.execute("SELECT * FROM layers.broken_chains(1::smallint)") == []


def said(x: float = 1.2, y: float = 0.0, **more: Any) -> dict[str, Any]:
    lon, lat = lonlat(x, y)
    return {
        "source": "110", "source_id": f"n{next(NUMBERS)}", "lon": lon, "lat": lat,
        "datum": "wgs84", "category": "theft", "dispatch": "order",
    } | more  # fmt: skip


def report(client: httpx.Client, *place: float, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/reports", json=said(*place, **more))
    assert answer.status_code == 201, answer.text
    return answer.json()


def move(client: httpx.Client, order: dict[str, Any], action: str, **body: Any) -> httpx.Response:
    return client.post(f"/api/orders/{order['id']}/{action}", json=body)


def act(client: httpx.Client, incident: int, action: str, **body: Any) -> httpx.Response:
    known = client.get(f"/api/incidents/{incident}").json()
    body = {"revision": known.get("revision", 0)} | body
    return client.post(f"/api/incidents/{incident}/{action}", json=body)


def test_a_report_is_placed_classified_ranked_and_ordered_at_once(town):
    taken = report(town["dispatcher"], 4.0, 4.0, accuracy_m=10, text="有人偷车", contact="139")
    incident, order = taken["incident"], taken["order"]
    assert (incident["state"], incident["department"], incident["severity"]) == (
        "dispatched", "police", 1,
    )  # fmt: skip
    assert incident["number"].startswith("E20")
    assert incident["premises"] == "小学"
    assert incident["micro_grid"] is not None
    assert order["state"] == "sent"
    assert order["is_lead"]
    assert order["responder"] == taken["answer"]["responders"][0]["key"]
    assert order["eta_s"] == pytest.approx(taken["answer"]["responders"][0]["eta_s"])
    assert taken["decision"] == order["decision"]
    assert taken["notes"] == []
    document = town["dispatcher"].get(f"/api/incidents/{incident['id']}").json()
    assert [event["action"] for event in document["events"]] == ["report", "classify", "order"]
    assert document["reports"][0]["text"] == "有人偷车"
    assert {"action": "cancel", "needs": ["reason"]} in document["actions"]


def test_the_same_report_is_the_same_incident_however_often_and_at_once(town):
    body = said()
    with ThreadPoolExecutor(6) as six:
        answers = list(
            six.map(lambda _: town["dispatcher"].post("/api/reports", json=body), range(6))
        )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["incident"]["id"] for answer in answers}) == 1
    assert len(answers[0].json()["incident"]["orders"]) == 1
    assert sum(answer.json()["order"] is not None for answer in answers) == 1


def test_a_suggestion_sends_nobody(town):
    taken = report(town["dispatcher"], dispatch="suggest")
    assert (taken["order"], taken["problem"]) == (None, None)
    assert taken["incident"]["state"] == "triage"
    assert taken["answer"]["responders"][0]["key"] == "p1"


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_a_shifted_place_is_brought_to_where_it_is(town, datum, shift):
    lon, lat = lonlat(3, 0.0)
    shifted = shift(lon, lat)
    taken = report(town["dispatcher"], lon=float(shifted[0]), lat=float(shifted[1]), datum=datum)
    assert (taken["incident"]["lon"], taken["incident"]["lat"]) == pytest.approx((lon, lat))
    assert taken["order"]["responder"] == "p3"


WRONG = {
    "no datum": {"datum": None},
    "an unknown datum": {"datum": "beijing54"},
    "a negative accuracy": {"accuracy_m": -1},
    "no number": {"lon": "120"},
    "no place on earth": {"lat": 119.5},
    "endless": {"lon": 1e400},
    "a truth": {"lat": True},
    "an unknown category": {"category": "ufo"},
    "an unknown source": {"source": "rumour"},
    "an empty number": {"source_id": " "},
    "a zero byte": {"source_id": "a\0b"},
    "no moment": {"occurred_at": "yesterday"},
    "an unknown wish": {"dispatch": "now"},
    "an unknown member": {"speed": 3},
    "a long text": {"text": "长" * 5000},
    "half a character": {"source_id": "\ud800"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_no_report_is_refused_and_leaves_nothing(town, wrong):
    before = town.execute("SELECT count(*) FROM layers.incident")
    body = said() | wrong
    content = json.dumps(body).replace("Infinity", "1e400")
    answer = town["dispatcher"].post(
        "/api/reports", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400, answer.text
    assert town.execute("SELECT count(*) FROM layers.incident") == before


def test_a_point_in_the_sea_is_taken_down_and_nobody_is_sent(town):
    taken = report(town["dispatcher"], lon=125.0, lat=28.0)
    assert taken["order"] is None
    assert taken["problem"]["code"] == "off_streets"
    assert [note["code"] for note in taken["notes"]] == ["outside_town"]
    assert taken["incident"]["state"] == "triage"
    assert not taken["incident"]["inside"]


def test_an_island_that_nobody_can_reach_is_told(town):
    taken = report(town["dispatcher"], 30.5, 30.0)
    assert (taken["order"], taken["problem"]["code"]) == (None, "nobody_reachable")
    assert {each["reason"] for each in taken["answer"]["unreachable"]} == {"no_way"}


def test_a_closure_across_everything_sends_nobody(town):
    town.execute("UPDATE layers.responder SET on_duty = key IN ('p0', 'p1', 'p2')")
    corners = [(4.4, -1), (5.6, -1), (5.6, 9), (4.4, 9), (4.4, -1)]
    fence = {"type": "Polygon", "coordinates": [[lonlat(*corner) for corner in corners]]}
    made = town["dispatcher"].post("/api/closures", json={"geometry": fence, "minutes": 30})
    assert made.status_code == 201, made.text
    try:
        taken = report(town["dispatcher"], 7.2, 4.0)
        assert (taken["order"], taken["problem"]["code"]) == (None, "nobody_reachable")
        reasons = {each["key"]: each["reason"] for each in taken["answer"]["left_out"]}
        assert reasons["p0"] == "cut_off"
    finally:
        town["dispatcher"].delete(f"/api/closures/{made.json()['closure']['id']}")
    assert report(town["dispatcher"], 7.2, 4.0)["order"]["responder"] == "p2"


def test_the_only_one_thirty_kilometres_away_is_a_dispatchers_decision(town):
    town.execute("UPDATE layers.responder SET on_duty = key = 'p0'")
    town.execute("INSERT INTO layers.dispatch_setting (town_id, order_reach_s) VALUES (1, 60)")
    try:
        taken = report(town["dispatcher"], 8.0, 8.0)
        assert (taken["order"], taken["problem"]["code"]) == (None, "too_far")
        assert taken["answer"]["responders"][0]["key"] == "p0"
    finally:
        town.execute("DELETE FROM layers.dispatch_setting")


def test_a_vague_place_is_a_dispatchers_decision(town):
    taken = report(town["dispatcher"], accuracy_m=1500)
    assert (taken["order"], taken["problem"]["code"]) == (None, "vague_place")


@pytest.mark.parametrize(
    ("away", "doubt"),
    [
        (timedelta(hours=3), "clock_ahead"),
        (timedelta(days=-20_000), "clock_behind"),
        (timedelta(minutes=2), None),
        (timedelta(minutes=-40), None),
    ],
)
def test_a_clock_that_jumps_is_told_and_believed_no_further(town, away, doubt):
    stated = datetime.now(UTC) + away
    taken = report(town["dispatcher"], occurred_at=stated.isoformat())
    assert [note["code"] for note in taken["notes"]] == ([doubt] if doubt else [])
    happened = datetime.fromisoformat(taken["incident"]["occurred_at"])
    expected = datetime.now(UTC) if doubt or away > timedelta(0) else stated
    assert abs((happened - expected).total_seconds()) < 60
    assert taken["order"] is not None


def test_an_offset_that_postgresql_does_not_know_is_one(town):
    stated = datetime.now(UTC) - timedelta(hours=1)
    far_east = stated.astimezone(timezone(timedelta(hours=23, minutes=59)))
    taken = report(town["dispatcher"], occurred_at=far_east.isoformat())
    assert datetime.fromisoformat(taken["incident"]["occurred_at"]) == stated


def test_of_two_dispatchers_at_once_one_is_told_who_was_faster(town):
    desks = [town["dispatcher"], town["second"]]
    incidents = [report(desk, dispatch="suggest")["incident"]["id"] for desk in desks]

    def send(n: int) -> httpx.Response:
        return desks[n].post(f"/api/incidents/{incidents[n]}/orders", json={"responder": "p5"})

    with ThreadPoolExecutor(2) as two:
        answers = list(two.map(send, range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    winner, loser = sorted(answers, key=lambda answer: answer.status_code)
    told = loser.json()
    assert "P5" in told["detail"]
    assert "已被派往" in told["detail"]
    assert told["taken"]["order"] == winner.json()["id"]
    assert told["taken"]["number"] == winner.json()["number"]
    assert told["taken"]["seconds_ago"] >= 0
    active = "SELECT count(*) FROM layers.response_order JOIN layers.responder ON responder.id ="
    active += " responder_id WHERE key = 'p5' AND ended_at IS NULL"
    assert town.execute(active) == [(1,)]


def test_reports_at_once_send_each_responder_once(town):
    with ThreadPoolExecutor(8) as eight:
        taken = list(eight.map(lambda _: report(town["dispatcher"]), range(12)))
    sent = [each["order"]["responder"] for each in taken if each["order"]]
    assert len(sent) == len(set(sent)) == reporttown.POLICE
    problems = {each["problem"]["code"] for each in taken if not each["order"]}
    assert problems <= {"all_taken", "nobody_reachable"}


def test_an_order_lives_through_its_steps_and_its_incident_follows(town):
    order = report(town["dispatcher"], 0.0, 0.0)["order"]
    assert order["responder"] == "p0"
    patrol, states = town["patrol-1"], []
    for action in ("seen", "accept", "accept", "arrive", "report", "done"):
        answer = move(patrol, order, action)
        assert answer.status_code == 200, answer.text
        states.append(answer.json()["state"])
    assert states == ["seen", "accepted", "accepted", "arrived", "reported", "done"]
    document = town["dispatcher"].get(f"/api/incidents/{order['incident']}").json()
    assert document["state"] == "handled"
    assert [event["action"] for event in document["events"]][2:] == [
        "order", "order_accept", "order_arrive", "order_report", "order_done", "finish",
    ]  # fmt: skip
    assert move(patrol, order, "decline").status_code == 409
    for action, state in (("verify", "verifying"), ("confirm", "closed")):
        assert act(town["dispatcher"], order["incident"], action).json()["state"] == state


@pytest.mark.parametrize("ending", ["decline", "withdraw"])
def test_an_order_that_ends_early_frees_its_responder_and_the_incident_waits(town, ending):
    order = report(town["dispatcher"])["order"]
    ended = move(town["dispatcher"], order, ending, reason="车坏了").json()
    assert ended["ended_at"] is not None
    assert ended["reason"] == "车坏了"
    incident = town["dispatcher"].get(f"/api/incidents/{order['incident']}").json()
    assert incident["state"] == "triage"
    assert report(town["dispatcher"])["order"]["responder"] == order["responder"]


def test_an_order_that_replaces_another_ends_it_and_leads(town):
    order = report(town["dispatcher"])["order"]
    body = {"responder": "p6", "replaces": order["id"], "reason": "离得更近"}
    other = town["second"].post(f"/api/incidents/{order['incident']}/orders", json=body)
    assert other.status_code == 201, other.text
    incident = town["dispatcher"].get(f"/api/incidents/{order['incident']}").json()
    states = {each["responder"]: (each["state"], each["is_lead"]) for each in incident["orders"]}
    assert states[order["responder"]][0] == "withdrawn"
    assert states["p6"] == ("sent", True)
    assert incident["state"] == "dispatched"


def test_what_is_replaced_has_to_be_there(town):
    incident = report(town["dispatcher"], dispatch="suggest")["incident"]
    body = {"responder": "p6", "replaces": 10**6}
    answer = town["dispatcher"].post(f"/api/incidents/{incident['id']}/orders", json=body)
    assert (answer.status_code, "1000000" in answer.text) == (404, True)


def test_a_second_responder_helps_and_does_not_lead(town):
    order = report(town["dispatcher"])["order"]
    url = f"/api/incidents/{order['incident']}/orders"
    other = town["dispatcher"].post(url, json={"responder": "m0"}).json()
    assert (order["is_lead"], other["is_lead"]) == (True, False)
    listed = town["dispatcher"].get("/api/orders?active=true").json()["orders"]
    assert {each["id"] for each in listed} == {order["id"], other["id"]}
    assert act(town["dispatcher"], order["incident"], "cancel", reason="误报").status_code == 200
    assert town["dispatcher"].get("/api/orders?active=true").json()["orders"] == []


def test_who_is_off_duty_or_unknown_is_not_sent(town):
    incident = report(town["dispatcher"], dispatch="suggest")["incident"]["id"]
    town.execute("UPDATE layers.responder SET on_duty = false WHERE key = 'p2'")
    url = f"/api/incidents/{incident}/orders"
    assert town["dispatcher"].post(url, json={"responder": "p2"}).status_code == 409
    assert town["dispatcher"].post(url, json={"responder": "nobody"}).status_code == 404
    assert town["dispatcher"].post(url, json={"responder": "p3", "decision": 0}).status_code == 404


@pytest.mark.parametrize("reason", ["\ud800", "a\0b"])
def test_what_no_text_can_hold_is_refused_wherever_it_stands(town, reason):
    incident = report(town["dispatcher"], dispatch="suggest")["incident"]
    steps = {
        "orders": {"responder": "p5", "reason": reason},
        "reject": {"revision": incident["revision"], "reason": reason},
        "reject%00": {"revision": incident["revision"]},
    }
    for step, body in steps.items():
        answer = town["dispatcher"].post(
            f"/api/incidents/{incident['id']}/{step}", content=json.dumps(body)
        )
        assert answer.status_code in (400, 404), answer.text
    assert town["dispatcher"].get("/api/orders?active=true").json()["orders"] == []


def test_whoever_saw_an_older_state_is_told(town):
    incident = report(town["dispatcher"], dispatch="suggest")["incident"]
    url = f"/api/incidents/{incident['id']}/classify"
    body = {"category": "noise", "revision": incident["revision"]}
    changed = town["dispatcher"].post(url, json=body)
    assert changed.json()["department"] == "police" or changed.json()["department"]
    assert town["second"].post(url, json=body).status_code == 412
    assert town["second"].post(url, json={"category": "noise"}).status_code == 400
    unknown = body | {"revision": changed.json()["revision"], "category": "ufo"}
    assert town["second"].post(url, json=unknown).status_code == 400
    skipped = town["second"].post(
        f"/api/incidents/{incident['id']}/confirm", json={"revision": changed.json()["revision"]}
    )
    assert skipped.status_code == 409


def test_two_reports_of_one_thing_become_one_incident(town):
    kept, double = (
        report(town["dispatcher"], dispatch="suggest")["incident"]["id"] for _ in range(2)
    )
    merged = act(town["dispatcher"], double, "merge", into=kept)
    assert (merged.json()["state"], merged.json()["merged_into"]) == ("merged", kept)
    reports = town["dispatcher"].get(f"/api/incidents/{kept}").json()["reports"]
    assert len(reports) == 2
    assert act(town["dispatcher"], kept, "merge", into=double).status_code == 409
    assert act(town["dispatcher"], kept, "merge", into=kept).status_code == 409
    assert act(town["dispatcher"], kept, "merge", into=2**40).status_code == 404


def test_a_department_dispatches_its_own_alone(town):
    police = report(town["police-desk"])
    assert {each["department"] for each in police["answer"]["responders"]} == {"police"}
    food = report(town["police-desk"], category="food_safety")
    assert (food["order"], food["problem"]["code"]) == (None, "other_department")
    number = food["incident"]["id"]
    assert town["police-desk"].get(f"/api/incidents/{number}").status_code == 404
    assert town["market-desk"].get(f"/api/incidents/{number}").status_code == 200
    order = police["order"]
    assert move(town["market-desk"], order, "withdraw").status_code == 404
    url = f"/api/incidents/{number}/orders"
    assert town["market-desk"].post(url, json={"responder": "p7"}).status_code == 404
    listed = town["market-desk"].get("/api/orders").json()["orders"]
    assert {each["department"] for each in listed} <= {"market"}


def test_a_responder_acts_on_the_own_order_alone(town):
    order = report(town["dispatcher"], 0.0, 0.0)["order"]
    assert order["responder"] == "p0"
    assert move(town["patrol-2"], order, "accept").status_code == 404
    assert move(town["officer"], order, "accept").status_code == 404
    assert move(town["patrol-1"], order, "withdraw").status_code == 403
    assert move(town["patrol-1"], order, "dance").status_code == 409
    assert move(town["patrol-1"], order, "accept", revision=99).status_code == 412
    assert move(town["patrol-1"], order, "accept", revision=0).json()["state"] == "accepted"


def test_systems_report_as_far_as_they_are_granted(town):
    taken = report(town["alarms"], source="iot", category="fire_hazard")
    assert (taken["incident"]["department"], taken["incident"]["severity"]) == ("emergency", 1)
    assert taken["order"] is not None
    taken = report(town["hotline"], source="12345")
    assert (taken["answer"], taken["order"]) == (None, None)
    assert taken["problem"]["code"] == "other_department"
    assert town["stranger"].post("/api/reports", json=said()).status_code == 403
    assert town["alarms"].get("/api/incidents").status_code == 403


def test_grid_members_report_what_they_find_in_their_own_grid(town):
    found = {"source": "grid_member", "dispatch": "suggest", "source_id": "found-1"}
    taken = report(town["member"], **found)
    assert taken["incident"]["micro_grid"].startswith("t101")
    assert "orders" not in taken["incident"]
    assert (taken["answer"], taken["order"], taken["decision"]) == (None, None, None)
    assert taken["problem"]["code"] == "for_dispatchers"
    again = town["member"].post("/api/reports", json=said(**found))
    assert (again.status_code, again.json()["incident"]["id"]) == (200, taken["incident"]["id"])
    # a phone's place may lie some metres across the border, which is 1.1 km north
    across = found | {"source_id": "found-2"}
    assert town["member"].post("/api/reports", json=said(1.2, 10.3, **across)).status_code == 201
    before = town.execute("SELECT count(*) FROM layers.report")
    refused = (
        said(1.2, 12.0, **found | {"source_id": "found-3"}),  # the neighbour's grid
        said(**found | {"dispatch": "order", "source_id": "found-4"}),
        said(**found | {"source": "110", "source_id": "found-5"}),
    )
    for body in refused:
        assert town["member"].post("/api/reports", json=body).status_code == 403, body
    theirs = town["neighbour"].post("/api/reports", json=said(1.2, 12.0, **found))
    assert theirs.status_code == 403  # the number is another's, whose incident nobody is told
    assert "incident" not in theirs.json()
    assert town.execute("SELECT count(*) FROM layers.report") == before
    assert town["member"].get("/api/incidents").status_code == 403
    order = town["member"].post(
        f"/api/incidents/{taken['incident']['id']}/orders", json={"responder": "p1"}
    )
    assert order.status_code == 403


@pytest.mark.parametrize("name", ["planner", "officer"])
def test_others_report_and_order_nothing(town, name):
    incident = report(town["dispatcher"], dispatch="suggest")["incident"]["id"]
    assert town[name].post("/api/reports", json=said()).status_code == 403
    order = town[name].post(f"/api/incidents/{incident}/orders", json={"responder": "p1"})
    assert order.status_code == 403
    body = {"revision": 2, "reason": "x"}
    assert town[name].post(f"/api/incidents/{incident}/cancel", json=body).status_code == 403


def test_visitors_are_asked_to_sign_in(town):
    with httpx.Client(base_url=town.url) as visitor:
        for path in ("/api/incidents", "/api/incidents/1", "/api/orders"):
            assert visitor.get(path).status_code == 401
        for path in ("/api/reports", "/api/incidents/1/orders", "/api/orders/1/accept"):
            assert visitor.post(path, json={}).status_code == 401


def test_lists_tell_what_they_are_asked_for(town):
    number = report(town["dispatcher"], dispatch="suggest")["incident"]["id"]
    listed = town["dispatcher"].get("/api/incidents?open=true&limit=1").json()["incidents"]
    assert [each["id"] for each in listed] == [number]
    for wrong in ("open=yes", "limit=0", "limit=x", "limit=501"):
        assert town["dispatcher"].get(f"/api/incidents?{wrong}").status_code == 400
    assert town["dispatcher"].get("/api/incidents/none").status_code == 404
    assert town["dispatcher"].get(f"/api/incidents/{2**40}").status_code == 404


def test_the_layer_of_orders_shows_where_they_lead(town):
    order = report(town["dispatcher"])["order"]
    url = f"/ogc/collections/orders/items/{order['id']}"
    feature = town["dispatcher"].get(url, params={"f": "json"}).json()
    assert feature["geometry"]["coordinates"] == pytest.approx(lonlat(1.2, 0))
    assert feature["properties"]["responder"] == order["label"]
    assert feature["properties"]["incident"] == order["number"]
    assert town["market-desk"].get(url).status_code == 404
    assert town["planner"].get(url).status_code == 404


def test_the_log_and_the_feed_tell_nothing_personal(town):
    report(town["dispatcher"], text="我是王小明", contact="13900001111")
    for table in ("incident_event", "decision", "pending_change", "change"):
        rows = town.execute(f"SELECT t::text FROM layers.{table} AS t")
        assert not any("王小明" in text or "13900001111" in text for (text,) in rows), table
