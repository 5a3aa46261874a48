"""A responder's orders over HTTP, pushed as they come; receipts and answers of gateways."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import httpx
import psycopg
import pytest

import ordertown
from layers.accounts.administration import AccountPlan, add_account
from layers.delivery.contacts import save_contacts
from layers.roles import Role
from orderstorm import gateway_key
from spatial.errors import InputError

PASSWORD = "a password for tests"
RESPONDERS = ("rita", "rolf")
BASIC = {name: (name, PASSWORD) for name in (*RESPONDERS, "otto", "desk")}


@dataclass(frozen=True)
class Served:
    url: str
    conninfo: str
    key: str

    def order(self, number: int, responder: str) -> int:
        with psycopg.connect(self.conninfo) as connection:
            order = ordertown.report(connection, number, [responder], [(120.0, 29.0), (120.1, 29)])
            assert order is not None
            for channel in ("sms", "voice"):
                connection.execute(
                    "INSERT INTO layers.order_message (town_id, order_id, channel, sent_at)"
                    " VALUES (1, %s, %s, now())",
                    (order, channel),
                )
            return order

    def ask(self, query: str, *values):
        with psycopg.connect(self.conninfo) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def get(self, path: str, who: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", auth=BASIC[who], timeout=30)

    def tell(self, what: str, **body) -> httpx.Response:
        headers = {"X-API-Key": self.key}
        return httpx.post(f"{self.url}/api/delivery/{what}", json=body, headers=headers, timeout=30)

    def end(self) -> None:
        with psycopg.connect(self.conninfo) as connection:
            connection.execute(
                "SELECT layers.move_order(id, 'withdraw', 'system') FROM layers.response_order"
                " WHERE ended_at IS NULL"
            )


@pytest.fixture(scope="module")
def town(
    new_database: Callable[..., AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
) -> Iterator[Served]:
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            ordertown.make(connection, responders=3, accept_within_s=600)
            (department,) = connection.execute("SELECT min(code) FROM layers.department").fetchone()
            roles = {"desk": Role.DISPATCHER}
            for name in BASIC:
                role = roles.get(name, Role.OFFICER)
                plan = AccountPlan(
                    name, role, department=department, password=PASSWORD, must_change_password=False
                )
                account = add_account(connection, 1, plan)
                if name in RESPONDERS:
                    connection.execute(
                        "UPDATE layers.account SET responder_id = (SELECT id FROM layers.responder"
                        " WHERE key = %s) WHERE id = %s",
                        (f"r{RESPONDERS.index(name) + 1}", account),
                    )
            key = gateway_key(connection)
        with serve_app(conninfo) as url:
            yield Served(url, conninfo, key)


@pytest.fixture
def served(town: Served) -> Iterator[Served]:
    yield town
    town.end()


def test_a_responder_sees_the_own_order_and_nobody_elses(served):
    order = served.order(1, "r1")
    own = served.get("/api/my/orders", "rita").json()
    assert [(each["id"], each["state"]) for each in own["orders"]] == [(order, "sent")]
    assert own["responder"]["key"] == "r1"
    assert own["orders"][0]["route"]["coordinates"] == [[120, 29], [120.1, 29]]
    assert "contact" not in json.dumps(own)
    assert served.get("/api/my/orders", "rolf").json()["orders"] == []
    unbound = served.get("/api/my/orders", "otto").json()
    assert (unbound["responder"], unbound["orders"]) == (None, [])


@pytest.mark.parametrize("path", ["/api/my/orders", "/api/my/orders/stream"])
def test_who_is_sent_nowhere_is_refused(served, path):
    assert httpx.get(f"{served.url}{path}").status_code == 401
    assert served.get(path, "desk").status_code == 403
    if path.endswith("stream"):
        assert served.get(path, "otto").status_code == 403


def _events(response: httpx.Response) -> Iterator[dict]:
    for line in response.iter_lines():
        if line.startswith("data: ") and line != "data: {}":
            yield json.loads(line.removeprefix("data: "))


def test_orders_are_pushed_as_they_come_and_move(served):
    """Each event says all there is: whoever was cut off needs nothing of what it missed."""
    url = f"{served.url}/api/my/orders/stream"
    with httpx.stream("GET", url, auth=BASIC["rita"], timeout=30) as response:
        events = _events(response)
        before = [each["id"] for each in next(events)["orders"]]
        order = served.order(2, "r1")
        news = next(events)["orders"]
        assert [each["id"] for each in news if each["id"] not in before] == [order]
        with psycopg.connect(served.conninfo) as connection:
            connection.execute("SELECT layers.move_order(%s, 'accept', 'responder')", (order,))
        assert next(events)["orders"][0]["state"] == "accepted"
    with httpx.stream("GET", url, auth=BASIC["rita"], timeout=30) as response:
        assert next(_events(response))["orders"][0]["state"] == "accepted"


def test_a_receipt_delivers_once_and_an_unknown_one_harms_nothing(served):
    order = served.order(3, "r2")
    message = "SELECT message_id FROM layers.order_message WHERE order_id = %s AND channel = 'sms'"
    ((message_id,),) = served.ask(message, order)
    for _ in range(2):
        told = served.tell("receipts", message_id=str(message_id), status="delivered")
        assert told.status_code == 204
    assert served.tell("receipts", message_id=str(message_id), status="failed").status_code == 204
    rows = (
        "SELECT delivered_at IS NOT NULL, failed_at FROM layers.order_message WHERE order_id = %s"
    )
    assert sorted(served.ask(rows, order)) == [(False, None), (True, None)]
    assert served.ask("SELECT state FROM layers.response_order WHERE id = %s", order) == [
        ("delivered",)
    ]
    unknown = served.tell("receipts", message_id=str(uuid.uuid4()), status="delivered")
    assert unknown.status_code == 204
    assert served.tell("receipts", message_id="1", status="delivered").status_code == 400
    assert served.tell("receipts", message_id=str(message_id), status="eaten").status_code == 400


def test_answers_by_phone_move_the_order_and_who_is_too_late_is_told(served):
    order = served.order(4, "r2")
    say = {"channel": "sms", "from": "r2@sms"}
    assert served.tell("replies", text="什么", **say).json()["state"] == "sent"
    assert served.tell("replies", text=" 1。", **say).json() == {
        "done": True,
        "state": "accepted",
        "text": "已收到,请速到场。Accepted.",
    }
    assert served.tell("replies", text="1", **say).json()["done"] is True
    served.end()
    late = served.tell("replies", text="3", **say).json()
    assert (late["done"], late["state"]) == (False, "withdrawn")
    assert "不用去了" in late["text"]
    stay = "SELECT channel FROM layers.order_message WHERE order_id = %s AND kind = 'stand_down'"
    assert sorted(served.ask(stay, order)) == [("sms",), ("voice",)]
    stranger = served.tell("replies", channel="sms", text="1", **{"from": "nobody"}).json()
    assert (stranger["done"], stranger["state"]) == (False, None)


def test_the_link_in_a_message_answers_once_and_only_by_its_button(served):
    order = served.order(40, "r1")
    ((message,),) = served.ask(
        "SELECT message_id FROM layers.order_message WHERE order_id = %s AND channel = 'sms'", order
    )
    link = f"{served.url}/answer/{message}"
    opened = httpx.get(link)
    assert (opened.status_code, "收到" in opened.text) == (200, True)
    state = "SELECT state FROM layers.response_order WHERE id = %s"
    assert served.ask(state, order) == [("sent",)]
    assert httpx.post(link, data={"action": "arrive"}).status_code == 400
    assert "请速到场" in httpx.post(link, data={"action": "accept"}).text
    assert served.ask(state, order) == [("accepted",)]
    httpx.post(link, data={"action": "decline"})  # it has answered
    assert served.ask(state, order) == [("accepted",)]
    served.end()
    assert "不用去了" in httpx.post(link, data={"action": "accept"}).text
    assert served.ask(state, order) == [("withdrawn",)]


@pytest.mark.parametrize("message", [str(uuid.UUID(int=0)), "x", "%00"])
def test_a_link_of_nothing_says_so(served, message):
    for ask in (httpx.get, lambda link: httpx.post(link, data={"action": "accept"})):
        answer = ask(f"{served.url}/answer/{message}")
        assert (answer.status_code, "已过期" in answer.text) == (404, True)


def test_only_a_gateways_key_speaks_for_phones(served):
    url = f"{served.url}/api/delivery/replies"
    body = {"channel": "sms", "from": "r1@sms", "text": "1"}
    assert httpx.post(url, json=body).status_code == 401
    for name in ("rita", "desk"):
        assert httpx.post(url, json=body, auth=BASIC[name]).status_code == 403


def test_addresses_come_from_a_file_all_or_nothing(served, tmp_path):
    file = tmp_path / "contacts.csv"
    file.write_text("key,sms,wecom\nr3,+86 138,\nr1,r1@sms,w1\n")
    with psycopg.connect(served.conninfo) as connection:
        assert save_contacts(connection, 1, file) == {"sms": 2, "wecom": 1}
        file.write_text("key,voice\nr3,\n")
        assert save_contacts(connection, 1, file) == {"removed": 1}
        for text in ("key,fax\nr1,1\n", "key,sms\nnobody,1\n", f"key,sms\nr1,{'1' * 101}\n"):
            file.write_text(text)
            with pytest.raises(InputError):
                save_contacts(connection, 1, file)
        connection.rollback()
