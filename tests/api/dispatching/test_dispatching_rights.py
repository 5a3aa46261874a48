"""Who may report, order and act, and what each is told."""

from __future__ import annotations

import httpx
import pytest

from dispatchhands import move, report, said
from reporttown import lonlat

# What a file said to be open, two hours ago by the town's clock.
OPEN_OF_OLD = """
INSERT INTO layers.incident (town_id, key, category, state, source, occurred_at, cell, geom, inside)
SELECT id, 'old', 'theft', 'open', 'file', coalesce(as_of, now()) - interval '2 h', 0,
       ST_Point(120.04, 29.04, 4326), true FROM spatial.town
RETURNING id
"""


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


def test_whoever_dispatches_sees_where_nobody_is_and_how_long_it_waits(town):
    town.execute(OPEN_OF_OLD)
    number = report(town["dispatcher"], dispatch="suggest")["incident"]["id"]

    def seen(name: str) -> dict[int, int]:
        found = town[name].get("/api/incidents/unattended").json()
        assert found["reported"] + found["imported"] == len(found["incidents"])
        assert [each["number"] is None for each in found["incidents"]] == sorted(
            each["number"] is None for each in found["incidents"]
        )
        return {each["id"]: each["waited_s"] for each in found["incidents"]}

    for name in ("dispatcher", "police-desk", "patrol-1"):
        waited_s = seen(name)
        assert waited_s[number] < 60
        assert max(waited_s.values()) == pytest.approx(7200, abs=60)
    assert number not in seen("market-desk")
    assert town["member"].get("/api/incidents/unattended").status_code == 403
    sent = town["dispatcher"].post(f"/api/incidents/{number}/orders", json={"responder": "p1"})
    assert number not in seen("dispatcher")
    assert move(town["dispatcher"], sent.json(), "withdraw").status_code == 200
    assert number in seen("dispatcher")


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
