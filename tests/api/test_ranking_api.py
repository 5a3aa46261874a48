"""Who can be there first over HTTP, on the demo town: words, what-if, and decisions made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from layers.roles import Role

HERE = {"lon": 120.02, "lat": 29.2}


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


@pytest.fixture(scope="module")
def ask(dispatcher: httpx.Client) -> Callable[..., Any]:
    def run(**asked: Any) -> Any:
        answer = dispatcher.post("/api/nearest", json=HERE | asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return run


def test_the_route_and_the_process_say_the_same(
    dispatcher: httpx.Client, ask: Callable[..., Any]
) -> None:
    answer = ask(k=3)
    process = dispatcher.post(
        "/ogc/processes/nearest-responders/execution", json={"inputs": HERE | {"k": 3}}
    ).json()
    assert [each | {"at": None} for each in process["responders"]] == [
        each | {"at": None} for each in answer["responders"]
    ]
    etas = [each["eta_s"] for each in answer["responders"]]
    assert etas == sorted(etas)
    assert all(each["why"]["zh"] and each["why"]["en"] for each in answer["responders"])
    assert answer["verdict"]["code"] in {"holds", "at_risk", "nobody_within"}
    assert {"off_duty"} <= {each["reason"] for each in answer["left_out"]}
    total = len(answer["responders"]) + answer["further"] + len(answer["left_out"])
    assert total > 50


def test_filters(ask: Callable[..., Any]) -> None:
    police = ask(departments=["police"], mode="car", k=100)
    assert {(r["department"], r["mode"]) for r in police["responders"]} == {("police", "car")}
    first, second = (each["key"] for each in police["responders"][:2])
    assert (
        ask(departments=["police"], mode="car", exclude=[first])["responders"][0]["key"] == second
    )
    nobody = ask(skills=["firefighting", "food_inspection"])
    assert nobody["responders"] == []
    assert "缺技能" in nobody["verdict"]["words"]["zh"]


def test_what_if_changes_nothing(ask: Callable[..., Any]) -> None:
    plain = ask(k=4)
    last = plain["responders"][-1]["key"]
    first = plain["responders"][0]["key"]
    moved = ask(k=4, what_if={"moved": [{"key": last, **HERE}], "without": [first]})
    assert moved["what_if"]
    assert moved["responders"][0]["key"] == last
    assert first not in {each["key"] for each in moved["responders"]}
    added = ask(k=1, what_if={"added": [{"label": "加一组", **HERE}]})
    assert added["responders"][0]["label"] == "加一组"
    around = {"type": "Polygon", "coordinates": [
        [[119, 28], [121, 28], [121, 30], [119, 30], [119, 28]]
    ]}  # fmt: skip
    closed = ask(what_if={"closures": [{"geometry": around}]})
    assert "cut_off" in {each["reason"] for each in closed["left_out"]}
    again = ask(k=4)
    assert [r["eta_s"] for r in again["responders"]] == [r["eta_s"] for r in plain["responders"]]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"lat": None}, "lat"),
        ({"lon": 400}, "lon"),
        ({"k": 0}, "k"),
        ({"mode": "boat"}, "mode"),
        ({"what_if": {"moved": [{"key": "a"}]}}, "what_if"),
        ({"what_if": {"closures": [{"streets": [-(10**15)]}]}}, "street"),
        ({"what_if": {"closures": [{"geometry": {"type": "Point"}}]}}, "geometry"),
        ({"nonsense": 1}, "nonsense"),
        ({"skills": ["aed", "firefigting"]}, "no skill firefigting"),
        ({"departments": ["polise"]}, "known: "),
        ({"what_if": {"added": [{**HERE, "department": "polise"}]}}, "no department polise"),
    ],
)
def test_bad_questions_are_told(dispatcher: httpx.Client, asked: dict[str, Any], says: str) -> None:
    answer = dispatcher.post("/api/nearest", json=HERE | asked)
    assert answer.status_code in {400, 404}, answer.text
    assert says in answer.text


def test_a_point_in_the_sea_is_answered(ask: Callable[..., Any]) -> None:
    answer = ask(lon=125.0, lat=28.0)
    assert answer["responders"] == []
    assert answer["verdict"]["code"] == "nobody_within"
    assert "道路" in answer["verdict"]["words"]["zh"]


def test_who_sees_no_responders_is_told_nothing(as_role: Callable[[Role], httpx.Client]) -> None:
    for role in (Role.ANONYMOUS, Role.PLANNER, Role.GRID_MEMBER, Role.AUDITOR):
        client = as_role(role)
        assert client.post("/api/nearest", json=HERE).status_code in {401, 403}, role
        for answer in (
            client.get("/api/decisions/1"),
            client.post("/api/decisions/1/replay"),
        ):
            assert answer.status_code in {401, 403, 404}, role
    officer = as_role(Role.OFFICER).post("/api/nearest", json=HERE | {"k": 100}).json()
    assert len({each["department"] for each in officer["responders"]}) == 1
