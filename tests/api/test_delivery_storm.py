"""Channels that lose 30 % and double 10 %: every order is accepted or escalated, none twice."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg
import pytest

import ordertown
from api.dispatch.simulator import Simulator
from carrying import carrying
from orderstorm import BAD_WEATHER, People, Storm, gateway_key, served, settings_for

ACCEPT_WITHIN_S = 1
RUNGS = 2
# Sweeps, two busy cores, and gateways that ask to be tried again.
SLACK_S = 6.0


@pytest.mark.parametrize(
    ("orders", "a_second"), [(40, 30), pytest.param(1000, 20, marks=pytest.mark.long)]
)
def test_every_order_is_accepted_or_escalated_in_time_and_none_twice(
    database: str,
    serve_app: Callable[..., AbstractContextManager[str]],
    orders: int,
    a_second: int,
) -> None:
    chance = random.Random(11)
    responders = 3 * orders
    with psycopg.connect(database) as connection:
        ordertown.make(connection, responders=responders, accept_within_s=ACCEPT_WITHIN_S)
        key = gateway_key(connection)
    with serve_app(database) as town_url:
        simulator = Simulator(
            BAD_WEATHER,
            random.Random(12),
            callback=town_url,
            headers={"X-API-Key": key},
            reaction=People(random.Random(13)).react,
        )
        storm = Storm(database, simulator, chance, responders)
        with served(simulator.app()) as gateway, carrying(database, settings_for(gateway)):
            for number in range(orders):
                storm.order(number)
                time.sleep(1 / a_second)
            storm.wait_until_settled(25)
            time.sleep(0.5)
    _check(storm, orders)


def _check(storm: Storm, orders: int) -> None:
    # Who says yes to one message and no to the next has changed their mind: the next one goes.
    accepted = storm.ask(
        "SELECT incident_id, count(*) FROM layers.response_order"
        " WHERE accepted_at IS NOT NULL AND state <> 'declined' GROUP BY 1"
    )
    desk = storm.ask("SELECT count(*) FROM layers.order_message WHERE channel = 'desk'")[0][0]
    assert all(count == 1 for _, count in accepted), "accepted twice"
    unordered = storm.ask("SELECT count(*) FROM layers.incident WHERE state = 'reported'")[0][0]
    assert len(accepted) + desk + unordered >= orders
    assert len(accepted) > orders * 0.8, "most find somebody"
    asked = storm.ask("SELECT incident_id, responder_id FROM layers.response_order")
    assert len(set(asked)) == len(asked), "somebody was asked twice"
    assert len(asked) > orders, "nobody was ever next"
    _check_messages(storm)
    _check_times(storm)
    broken = storm.ask("SELECT * FROM layers.broken_chains(1::smallint)")
    assert broken == []


def _check_messages(storm: Storm) -> None:
    """What a gateway took, it took once; what arrived twice was doubled on the way."""
    (sent,) = storm.ask(
        "SELECT count(*) FROM layers.order_message WHERE sent_at IS NOT NULL AND channel <> 'desk'"
    )[0]
    assert storm.simulator.taken == sent
    arrived = Counter(each.message_id for each in storm.simulator.arrived)
    assert max(arrived.values()) == 2


def _check_times(storm: Storm) -> None:
    """From the order to its acceptance, its end, or the desk."""
    (longest,) = storm.ask(
        "SELECT max(extract(epoch FROM least(coalesce(accepted_at, 'infinity'),"
        " coalesce(ended_at, 'infinity'), coalesce(message.queued_at, 'infinity'))"
        " - ordered_at))::float FROM layers.response_order"
        " LEFT JOIN layers.order_message AS message"
        " ON message.order_id = response_order.id AND message.channel = 'desk'"
    )[0]
    assert longest < RUNGS * ACCEPT_WITHIN_S + SLACK_S
