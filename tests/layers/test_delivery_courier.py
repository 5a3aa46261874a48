"""The courier over a real database and real gateways: next channel, next responder, the desk."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

import ordertown
from api.dispatch.simulator import Simulator, Weather
from carrying import carrying
from inthread import served
from layers.delivery.settings import DeliverySettings, HttpSettings

SOON_S = 20
KILLABLE = Path(__file__).parents[1] / "helpers" / "killable.py"
BODY = {"to": "{to}", "text": "{text}", "id": "{message_id}"}
TWO_RUNGS = (("sms",), ("voice",))


def settings_for(gateway: str) -> DeliverySettings:
    return DeliverySettings(
        ladder=TWO_RUNGS,
        sms=HttpSettings(f"{gateway}/sms", BODY),
        voice=HttpSettings(f"{gateway}/voice", BODY),
        send_within_s=1.0,
    )


@pytest.fixture
def phones() -> Iterator[tuple[Simulator, DeliverySettings]]:
    simulator = Simulator(Weather(), random.Random(3))
    with served(simulator.app()) as url:
        yield simulator, settings_for(url)


def rows(conninfo: str, query: str, *values):
    with psycopg.connect(conninfo) as connection:
        return connection.execute(query, values).fetchall()


def until[Answer](ask: Callable[[], Answer]) -> Answer:
    end = time.monotonic() + SOON_S
    while not (answer := ask()):
        assert time.monotonic() < end, "it has not happened"
        time.sleep(0.02)
    return answer


def orders(conninfo: str) -> list[tuple[str, str]]:
    return rows(
        conninfo,
        "SELECT key, state FROM layers.response_order JOIN layers.responder ON"
        " responder.id = responder_id ORDER BY response_order.id",
    )


def act(conninfo: str, order: int, action: str, who: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT layers.move_order(%s, %s, %s)", (order, action, who))


def order_one(conninfo: str, ranking=("r1", "r2"), responders=3, **how) -> int:
    with psycopg.connect(conninfo) as connection:
        ordertown.make(connection, responders=responders, **how)
        order = ordertown.report(connection, 1, ranking)
    assert order is not None
    return order


def told(simulator: Simulator) -> list[str]:
    return [
        f"{each.to} {'stay' if '不用去了' in each.text else 'go'}" for each in simulator.arrived
    ]


def test_next_channel_next_responder_then_the_desk(database, phones):
    """Nobody answers: each is told once by each channel, and who lapsed is told to stay."""
    simulator, settings = phones
    order_one(database)
    desk = "SELECT order_id FROM layers.order_message WHERE channel = 'desk'"
    with carrying(database, settings):
        until(lambda: rows(database, desk))
        until(lambda: len(told(simulator)) == 6)
        time.sleep(0.3)
    assert orders(database) == [("r1", "lapsed"), ("r2", "sent")]
    assert sorted(told(simulator)) == sorted(
        ["r1@sms go", "r1@voice go", "r1@sms stay", "r1@voice stay", "r2@sms go", "r2@voice go"]
    )
    waits = rows(
        database,
        "SELECT extract(epoch FROM later.queued_at - earlier.queued_at)"
        " FROM layers.order_message AS earlier JOIN layers.order_message AS later USING (order_id)"
        " WHERE earlier.channel = 'sms' AND later.channel = 'voice'"
        " AND earlier.kind = 'order' AND later.kind = 'order'",
    )
    assert all(1 <= wait < 3 for (wait,) in waits)


def test_who_accepts_is_told_no_more_and_who_is_late_changes_nothing(database, phones):
    simulator, settings = phones
    order = order_one(database)
    with carrying(database, settings):
        until(lambda: told(simulator) == ["r1@sms go"])
        act(database, order, "accept", "responder")
        act(database, order, "accept", "responder")
        time.sleep(1.5)
    assert told(simulator) == ["r1@sms go"]
    assert orders(database) == [("r1", "accepted")]


def test_declined_is_passed_on_at_once(database, phones):
    simulator, settings = phones
    order = order_one(database, accept_within_s=600)
    with carrying(database, settings):
        until(lambda: told(simulator) == ["r1@sms go"])
        act(database, order, "decline", "responder")
        until(lambda: "r2@sms go" in told(simulator))
    assert orders(database) == [("r1", "declined"), ("r2", "sent")]
    assert rows(database, "SELECT replaces, is_lead FROM layers.response_order ORDER BY id")[1] == (
        order,
        True,
    )


def test_a_refusal_is_not_waited_for_and_a_busy_gateway_is_asked_again(database):
    """SMS refuses: voice at once, though an acceptance is waited for a long time."""
    busy = Simulator(Weather(fail=0.5), random.Random(5))
    with served(busy.app()) as url:
        settings = replace(settings_for(url), sms=HttpSettings(f"{url}/no/such/gateway", BODY))
        order_one(database, accept_within_s=600)
        with carrying(database, settings):
            until(lambda: told(busy) == ["r1@voice go"])
    errors = rows(database, "SELECT channel, error FROM layers.order_message ORDER BY id")
    assert errors == [("sms", "HTTP 404"), ("voice", None)]


def test_whom_no_channel_reaches_the_desk_calls(database, phones):
    simulator, settings = phones
    order_one(database, channels=())
    with carrying(database, settings):
        until(lambda: rows(database, "SELECT 1 FROM layers.order_message WHERE channel = 'desk'"))
    assert orders(database) == [("r1", "sent")]
    assert told(simulator) == []


def test_two_couriers_do_not_tell_twice(database, phones):
    simulator, settings = phones
    with psycopg.connect(database) as connection:
        ordertown.make(connection, responders=30, accept_within_s=600)
        for number in range(1, 31):
            ordertown.report(connection, number, [f"r{number}"])
    with carrying(database, settings), carrying(database, settings):
        until(lambda: len(told(simulator)) >= 30)
        time.sleep(0.3)
    assert sorted(told(simulator)) == sorted(f"r{number}@sms go" for number in range(1, 31))


def test_a_killed_courier_loses_nothing_and_what_it_repeats_bears_the_same_number(database):
    """Killed while messages are on their way: another takes them over, under their own ids."""
    slow = Simulator(Weather(), random.Random(3), answer_after_s=0.4)
    with psycopg.connect(database) as connection:
        ordertown.make(connection, responders=20, accept_within_s=600)
        for number in range(1, 21):
            ordertown.report(connection, number, [f"r{number}"])
    with served(slow.app()) as url:
        command = [sys.executable, "-P", str(KILLABLE), database, url]
        paths = os.pathsep.join([*sys.path, str(KILLABLE.parent)])
        with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": paths}) as process:
            until(lambda: slow.taken >= 7)
            process.kill()
        with carrying(database, settings_for(url)):
            unsent = "SELECT 1 FROM layers.order_message WHERE sent_at IS NULL"
            until(lambda: len({each.to for each in slow.arrived}) == 20)
            until(lambda: not rows(database, unsent))
    numbers = {(each.to, each.message_id) for each in slow.arrived}
    assert len(numbers) == 20
    assert len(slow.arrived) <= 25, "no more than were on their way"
