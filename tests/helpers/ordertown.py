"""A small town whose incidents wait for responders: all ranked, each with addresses on channels."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg.types.json import Jsonb

from layers.facts.store import save_facts
from smalltown import add_town

RESPONDER = """
INSERT INTO layers.responder (town_id, key, label, department, geom, inside, fix_at)
SELECT 1, 'r' || n, '队' || n, (SELECT min(code) FROM layers.department),
       ST_Point(120.05 + n * 1e-5, 29.05, 4326), true, now()
FROM generate_series(1, %s) AS n
"""
CONTACTS = """
INSERT INTO layers.responder_contact (town_id, responder_id, channel, address)
SELECT 1, responder.id, channel, responder.key || '@' || channel
FROM layers.responder, unnest(%s::text[]) AS channel
"""
INCIDENT = """
INSERT INTO layers.incident (town_id, key, number, category, state, source, occurred_at,
                             reported_at, cell, geom, inside)
SELECT 1, 'e' || %(n)s, 'E' || %(n)s, min(code), 'reported', '110', now(), now(), 0,
       ST_Point(120.05, 29.05, 4326), true FROM layers.category
RETURNING id
"""
DECISION = """
INSERT INTO layers.decision (town_id, incident_id, k, inputs, answer)
VALUES (1, %s, %s, '{}', %s) RETURNING id
"""


def make(
    connection: psycopg.Connection,
    *,
    responders: int,
    channels: Sequence[str] = ("sms", "voice"),
    accept_within_s: int = 1,
) -> None:
    """The town is 1; responders r1, r2, … have the address `r1@sms` on `sms`."""
    add_town(connection)
    add_responders(connection, responders, channels=channels, accept_within_s=accept_within_s)


def add_responders(
    connection: psycopg.Connection,
    responders: int,
    *,
    channels: Sequence[str] = (),
    accept_within_s: int = 1,
) -> None:
    """The same into the small town as it is."""
    save_facts(connection)
    connection.execute(RESPONDER, (responders,))
    connection.execute(CONTACTS, ([*channels],))
    connection.execute(
        "INSERT INTO layers.dispatch_setting (town_id, accept_within_s) VALUES (1, %s)",
        (accept_within_s,),
    )


def report(
    connection: psycopg.Connection,
    number: int,
    ranking: Sequence[str],
    route: Sequence[tuple[float, float]] = (),
) -> int | None:
    """An incident for which the first free one of `ranking` is ordered; the order, if any is."""
    drawn = {"type": "LineString", "coordinates": route} if route else None
    (incident,) = connection.execute(INCIDENT, {"n": number}).fetchone()  # type: ignore[misc]
    connection.execute("SELECT layers.add_event(%s, 'report', '{}')", (incident,))
    ranked = [
        {"key": key, "eta_s": 60.0 + place, "distance_m": 400.0, "route": drawn}
        for place, key in enumerate(ranking)
    ]
    values = (incident, len(ranking), Jsonb({"responders": ranked}))
    (decision,) = connection.execute(DECISION, values).fetchone()  # type: ignore[misc]
    (order,) = connection.execute(  # type: ignore[misc]
        "SELECT layers.order_first_of(%s, %s, %s)", (incident, Jsonb(ranked), decision)
    ).fetchone()
    return order
