"""Reach, coverage and standby over HTTP, on the demo town."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest
import shapely

from layers.roles import Role

HOLD_S = 180
RING = [[120.0, 29.19], [120.05, 29.19], [120.05, 29.22], [120.0, 29.22], [120.0, 29.19]]
TOWN_CENTRE = {"type": "Polygon", "coordinates": [RING]}


@pytest.fixture(scope="module")
def as_role(
    public_url: str, demo_account: Callable[[Role], tuple[str, str]]
) -> Iterator[Callable[[Role], httpx.Client]]:
    clients: list[httpx.Client] = []

    def client(role: Role) -> httpx.Client:
        auth = None if role is Role.ANONYMOUS else demo_account(role)
        clients.append(httpx.Client(base_url=public_url, auth=auth, timeout=60))
        return clients[-1]

    yield client
    for each in clients:
        each.close()


@pytest.fixture(scope="module")
def dispatcher(as_role: Callable[[Role], httpx.Client]) -> httpx.Client:
    return as_role(Role.DISPATCHER)


def test_areas_around_a_point_lie_in_each_other(dispatcher: httpx.Client) -> None:
    answer = dispatcher.get("/api/reach", params={"lon": 120.02, "lat": 29.2, "seconds": "60,180"})
    assert answer.headers["content-type"] == "application/geo+json"
    features = answer.json()["features"]
    assert [f["properties"]["seconds"] for f in features] == [60, 180]
    small, large = (shapely.from_geojson(httpx.Response(200, json=f).text) for f in features)
    assert shapely.difference(small, large).area < 1e-12 < small.area < large.area
    process = dispatcher.post(
        "/ogc/processes/reach/execution",
        json={"inputs": {"lon": 120.02, "lat": 29.2, "seconds": [60, 180]}},
    )
    assert process.json()["features"] == features
    to = dispatcher.get("/api/reach?lon=120.02&lat=29.2&seconds=60&direction=to&mode=foot").json()
    assert to["features"][0]["properties"] | {"street_km": 0} == {
        "seconds": 60, "mode": "foot", "direction": "to", "street_km": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("lat=29.2", "lon"),
        ("lon=x&lat=29.2", "lon"),
        ("lon=nan&lat=29.2", "lon"),
        ("lon=120.02&lat=29.2&seconds=", "seconds"),
        ("lon=120.02&lat=29.2&seconds=60,x", "seconds"),
        ("lon=120.02&lat=29.2&seconds=99999", "seconds"),
        ("lon=120.02&lat=29.2&mode=boat", "mode"),
        ("lon=120.02&lat=29.2&direction=up", "direction"),
        ("lon=30&lat=-30", "street"),
        ("lon=29.2&lat=120.02", "lat"),
    ],
)
def test_what_can_not_be_asked_is_said(dispatcher: httpx.Client, query: str, says: str) -> None:
    answer = dispatcher.get(f"/api/reach?{query}")
    assert answer.status_code == 400
    assert says in answer.text


def test_coverage_says_what_is_reached_by_one_and_by_two(dispatcher: httpx.Client) -> None:
    answer = dispatcher.get("/api/response-coverage", params={"areas": "true"}).json()
    assert [each["seconds"] for each in answer["limits"]] == [60, 120, 180, 300]
    for each in answer["limits"]:
        single, double = each["single"], each["double"]
        for name in ("share_premises", "share_rooms", "share_expected"):
            assert 0 <= double[name] <= single[name] <= 1
        outside = 1 - single["premises_outside"] / answer["premises"]
        assert single["share_premises"] == pytest.approx(outside, abs=1e-4)
    for shorter, longer in pairwise(answer["limits"]):
        assert shorter["single"]["share_expected"] <= longer["single"]["share_expected"]
    assert answer["responders"] == 87
    version = answer["cells"]["version"]
    kept = dispatcher.get("/api/response-coverage/cells", params={"version": version})
    assert "immutable" in kept.headers["cache-control"]
    assert (
        "immutable" not in dispatcher.get("/api/response-coverage/cells").headers["cache-control"]
    )
    cells = kept.json()["features"]
    assert [cell["id"] for cell in cells] == list(range(1, len(cells) + 1))
    assert len(cells) == len(answer["cells"]["single"]) == len(answer["cells"]["double"])
    assert set(answer["cells"]["single"]) <= set("01234")
    late = dispatcher.get(f"/api/response-coverage/premises?seconds={HOLD_S}").json()
    held = next(each for each in answer["limits"] if each["seconds"] == HOLD_S)
    assert len(late["features"]) == held["single"]["premises_outside"]
    assert all(feature["properties"]["name"] for feature in late["features"])
    areas = [f for f in answer["areas"]["features"] if f["properties"]["depth"] == 1]
    shapes = [shapely.from_geojson(httpx.Response(200, json=f).text) for f in areas]
    for small, large in pairwise(shapes):
        assert shapely.difference(small, large).area < 1e-12


def test_nothing_changes_by_asking_what_if(dispatcher: httpx.Client) -> None:
    def coverage(**inputs: Any) -> Any:
        body = {"inputs": {"seconds": [HOLD_S], **inputs}, "outputs": {"result": {}}}
        answer = dispatcher.post("/ogc/processes/coverage/execution", json=body)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        return found.get("result", found)["limits"][0]["single"]

    now = coverage()
    keys = [f"demo-responder-{n:03d}" for n in range(1, 60)]
    fewer = coverage(what_if={"without": keys})
    assert fewer["share_expected"] < now["share_expected"]
    closed = coverage(what_if={"closures": [{"geometry": TOWN_CENTRE}]})
    assert closed["share_expected"] < now["share_expected"]
    more = [{"lon": 119.96 + 0.01 * x, "lat": 29.17 + 0.01 * y} for x in range(9) for y in range(7)]
    assert coverage(what_if={"added": more})["share_expected"] > now["share_expected"]
    assert coverage() == now
    refused = dispatcher.post(
        "/ogc/processes/coverage/execution",
        json={"inputs": {"what_if": {"closures": [{"streets": [10**9]}]}}},
    )
    assert refused.status_code in {400, 404}


def test_what_is_closed_by_the_real_clock_counts_where_the_towns_stands_still(
    dispatcher: httpx.Client,
) -> None:
    def street_km() -> float:
        query = {"lon": 120.02, "lat": 29.2, "mode": "car", "seconds": "180"}
        (area,) = dispatcher.get("/api/reach", params=query).json()["features"]
        return float(area["properties"]["street_km"])

    before = street_km()
    made = dispatcher.post("/api/closures", json={"geometry": TOWN_CENTRE, "minutes": 5}).json()
    try:
        assert street_km() < before / 2
    finally:
        dispatcher.delete(f"/api/closures/{made['closure']['id']}")


def test_idle_teams_are_sent_where_more_is_reached(dispatcher: httpx.Client) -> None:
    answer = dispatcher.post("/api/standby", json={"teams": 3, "seconds": 120})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["share_now"] < found["share_then"] <= found["share_bound"] + 1e-9
    assert (found["share_bound"] - found["share_then"]) / found["share_bound"] < 0.02
    assert len({each["team"] for each in found["stands"]}) == len(found["stands"]) == 3
    assert all(each["label"] and each["travel_time_s"] > 0 for each in found["stands"])
    assert 0 < found["one_more"]["gain"] < 1
    nobody = dispatcher.post("/api/standby", json={"teams": 0, "seconds": 120}).json()
    assert nobody["stands"] == []
    assert nobody["share_now"] == nobody["share_then"] == found["share_now"]
    assert dispatcher.post("/api/standby", json={"teams": -1}).status_code == 400
    assert dispatcher.post("/api/standby", json={"what_if": {"closures": 1}}).status_code == 400


def test_sending_somebody_has_a_price(dispatcher: httpx.Client) -> None:
    keys = [f"demo-responder-{n:03d}" for n in range(1, 6)]
    url = "/api/response-coverage/price"
    found = dispatcher.get(url, params={"keys": ",".join([*keys, "nobody"])}).json()
    prices = found["prices"]
    assert set(prices) <= set(keys)
    assert len(prices) > 2
    assert any(each["single_lost"] + each["double_lost"] > 0 for each in prices.values())
    body = {"inputs": {"seconds": [HOLD_S]}, "outputs": {"result": {}}}
    key = max(prices, key=lambda each: prices[each]["single_lost"])
    now, without = (
        dispatcher.post("/ogc/processes/coverage/execution", json=each).json()
        for each in (body, {**body, "inputs": {"seconds": [180], "what_if": {"without": [key]}}})
    )
    for depth, lost in (("single", "single_lost"), ("double", "double_lost")):
        shares = [(each.get("result", each))["limits"][0][depth] for each in (now, without)]
        difference = shares[0]["share_expected"] - shares[1]["share_expected"]
        assert prices[key][lost] == pytest.approx(difference, abs=2e-4)
    assert dispatcher.get(url, params={"keys": "," * 200}).status_code == 400


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.PLANNER, Role.GIS_EDITOR, Role.AUDITOR])
def test_coverage_is_told_to_who_sees_the_responders(
    as_role: Callable[[Role], httpx.Client], role: Role
) -> None:
    client = as_role(role)
    for path in ("", "/cells", "/premises", "/price?keys=a"):
        assert client.get(f"/api/response-coverage{path}").status_code in {401, 403}
    assert client.post("/api/standby", json={}).status_code in {401, 403}
    assert client.get("/api/reach?lon=120.02&lat=29.2&seconds=60").status_code == 200


def test_an_officer_is_told_of_the_own_department_and_of_no_rooms(
    as_role: Callable[[Role], httpx.Client], dispatcher: httpx.Client
) -> None:
    theirs = as_role(Role.OFFICER).get("/api/response-coverage").json()
    everybody = dispatcher.get("/api/response-coverage").json()
    assert 0 < theirs["responders"] < everybody["responders"]
    assert theirs["rooms"] is None
    assert theirs["limits"][0]["single"]["share_rooms"] is None
    assert everybody["rooms"] == 39718
