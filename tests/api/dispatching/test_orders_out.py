"""Orders and incidents over HTTP: their steps, and what is refused."""

from __future__ import annotations

import json

import pytest

from dispatchhands import act, move, report


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
