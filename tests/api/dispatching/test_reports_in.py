"""Reports over HTTP: taken in, refused, and who is sent at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import httpx
import psycopg
import pytest

import reporttown
from dispatchhands import report, said
from reporttown import lonlat
from spatial.datum import wgs84_to_bd09, wgs84_to_gcj02


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
    moved = "UPDATE layers.responder SET geom = ST_Point(%s, %s, 4326) WHERE key = 'p0'"
    town.execute(moved, *lonlat(*reporttown.FAR))
    try:
        taken = report(town["dispatcher"], 8.0, 8.0)
        assert (taken["order"], taken["problem"]["code"]) == (None, "too_far")
        (far,) = taken["answer"]["responders"]
        assert far["key"] == "p0"
        assert far["distance_m"] > 29_900
        assert "30.0 km" in far["why"]["en"]
    finally:
        town.execute(moved, *lonlat(0, 0))


def test_no_rule_wants_what_nobody_can_have(town):
    for column in ("skills", "co_departments"):
        with pytest.raises(psycopg.errors.CheckViolation, match="extinguishr"):
            town.execute(f"UPDATE layers.dispatch_rule SET {column} = '{{extinguishr}}'")


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
    assert "已被派往其他事件" in told["detail"]
    assert told["taken"]["order"] == winner.json()["id"]
    assert told["taken"]["number"] == winner.json()["number"]
    assert told["taken"]["seconds_ago"] >= 0
    active = "SELECT count(*) FROM layers.response_order JOIN layers.responder ON responder.id ="
    active += " responder_id WHERE key = 'p5' AND ended_at IS NULL"
    assert town.execute(active) == [(1,)]
    again = send(answers.index(winner))
    assert again.status_code == 409
    assert "P5 已派往本事件" in again.json()["detail"]


def test_reports_at_once_send_each_responder_once(town):
    with ThreadPoolExecutor(8) as eight:
        taken = list(eight.map(lambda _: report(town["dispatcher"]), range(12)))
    sent = [each["order"]["responder"] for each in taken if each["order"]]
    assert len(sent) == len(set(sent)) == reporttown.POLICE
    problems = {each["problem"]["code"] for each in taken if not each["order"]}
    assert problems <= {"all_taken", "nobody_reachable"}
