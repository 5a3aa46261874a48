"""Orders by the hundred over channels that lose and double, and what became of each."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

import psycopg

import ordertown
from api.dispatch.simulator import Simulator, Weather
from inthread import served
from layers.accounts.administration import AccountPlan, add_account, find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.delivery.settings import DeliverySettings, HttpSettings
from layers.roles import Role

BODY = {"to": "{to}", "text": "{text}", "id": "{message_id}"}
LADDER = (("sms",), ("voice",))
BAD_WEATHER = Weather(lose=0.3, double=0.1, fail=0.05, delay_s=(0.0, 0.1))


@dataclass
class People:
    """Some accept, some decline, some sleep; the slowest answer when it is too late."""

    chance: random.Random

    def react(self, _address: str) -> tuple[float, str] | None:
        """After how long, and what: to the first that comes of each message."""
        kind = self.chance.random()
        if kind < 0.1:
            return None
        if kind < 0.2:
            return self.chance.uniform(0, 0.3), "2"
        return self.chance.expovariate(1 / 0.4), "1"


def settings_for(gateway: str) -> DeliverySettings:
    """Both rungs go to the simulator."""
    return DeliverySettings(
        ladder=LADDER,
        sms=HttpSettings(f"{gateway}/sms", BODY),
        voice=HttpSettings(f"{gateway}/voice", BODY),
        send_within_s=1.0,
    )


def gateway_key(connection: psycopg.Connection) -> str:
    """With which a gateway tells what phones say."""
    add_account(connection, 1, AccountPlan("gateway", Role.SYSTEM, layers=("orders",)))
    account = find_account(connection, 1, "gateway")
    return str(add_key(connection, account, KeyPlan("gateway", may_write=True)))


@dataclass
class Storm:
    """What is there while it blows."""

    conninfo: str
    simulator: Simulator
    chance: random.Random
    responders: int

    def order(self, number: int) -> None:
        """Report an incident that four may be sent to; the first who is free is ordered."""
        ranking = self.chance.sample(range(1, self.responders + 1), 4)
        with psycopg.connect(self.conninfo) as connection:
            ordertown.report(connection, number, [f"r{each}" for each in ranking])

    def unsettled(self) -> int:
        """How many incidents for which somebody was ordered are neither accepted nor the desk's."""
        return self.ask(
            "SELECT count(*) FROM layers.incident WHERE state <> 'reported' AND NOT EXISTS ("
            " SELECT FROM layers.response_order AS sent"
            " LEFT JOIN layers.order_message AS message"
            "  ON message.order_id = sent.id AND message.channel = 'desk'"
            " WHERE sent.incident_id = incident.id"
            "  AND (sent.state = 'accepted' OR message.id IS NOT NULL))"
        )[0][0]

    def wait_until_settled(self, within_s: float) -> None:
        """Until every incident is accepted, or a dispatcher's."""
        end = time.monotonic() + within_s
        while self.unsettled():
            assert time.monotonic() < end, self.hanging()
            time.sleep(0.1)

    def hanging(self) -> list[tuple]:
        """The orders of incidents that nobody has accepted."""
        return self.ask(
            "SELECT incident_id, id, state, is_lead, replaces, ordered_at::time, ended_at::time, ("
            " SELECT array_agg(channel || kind || coalesce(error, '')) FROM layers.order_message"
            " WHERE order_id = response_order.id)"
            " FROM layers.response_order WHERE incident_id NOT IN ("
            " SELECT incident_id FROM layers.response_order WHERE accepted_at IS NOT NULL)"
            " ORDER BY incident_id, id"
        )

    def ask(self, query: str) -> list[tuple]:
        """Rows that the database has."""
        with psycopg.connect(self.conninfo) as connection:
            return connection.execute(query.encode()).fetchall()


__all__ = ["BAD_WEATHER", "People", "Storm", "gateway_key", "served", "settings_for"]
