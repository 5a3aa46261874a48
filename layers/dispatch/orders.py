"""Orders: sent to a responder, moved by those who dispatch and those who were sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from layers.dispatch.refusals import refusals_told

type Json = dict[str, Any]
Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Choice:
    """Whom a dispatcher sends.

    Attributes:
        responder: the key.
        decision: the answer by which this one was chosen.
        replaces: the order that ends with this one.
        reason: why this one, in the dispatcher's words.
    """

    responder: str
    decision: int | None = None
    replaces: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Move:
    """What is done to an order or an incident.

    Attributes:
        seen_revision: at which whoever acts has seen it; None: whatever it is.
    """

    action: str
    seen_revision: int | None = None
    reason: str | None = None


def order_first(
    connection: Connection, incident_id: int, candidates: Sequence[Json], decision: int | None
) -> Json | None:
    """Send the first candidate who is free; None where none is, or where somebody goes already.

    Args:
        candidates: best first: key, eta_s, distance_m, hold_probability.

    Raises:
        NotFoundError: no such incident, or it isn't the asker's to dispatch.
    """
    query = "SELECT layers.order_first(%s, %s, %s)"
    return _told(connection, query, (incident_id, Jsonb([*candidates]), decision))


def order_responder(connection: Connection, incident_id: int, choice: Choice) -> Json:
    """Send a responder to an incident.

    Raises:
        TakenError: somebody else has just ordered that responder.
        NotFoundError: no such incident or responder that the asker may dispatch.
        ConflictError: the responder is off duty, or the incident is over.
    """
    query = "SELECT layers.order_responder(%s, %s, %s, %s, %s)"
    values = (
        incident_id,
        choice.responder,
        choice.decision,
        choice.replaces,
        choice.reason,
    )
    return _told(connection, query, values) or {}


def act_on_order(connection: Connection, order_id: int, move: Move, *, own: bool) -> Json:
    """Move an order by one step; what was done already is done only once.

    Args:
        own: as the responder whose order it is; else as a dispatcher.

    Raises:
        NotFoundError: no such order of the asker's.
        StaleError: it has changed since it was seen.
        ConflictError: no step leads there from where it is.
        AccessError: the step isn't the asker's.
    """
    function = "act_on_own_order" if own else "act_on_order"
    query = f"SELECT layers.{function}(%s, %s, %s, %s)"
    return _told(connection, query, (order_id, move.action, move.seen_revision, move.reason)) or {}


def list_orders(connection: Connection, *, only_active: bool, most: int) -> list[Json]:
    """The orders that the asker may see, newest first."""
    with refusals_told():
        rows = connection.execute("SELECT layers.listed_orders(%s, %s)", (only_active, most))
        return [row[0] for row in rows]


def _told(connection: Connection, query: str, values: tuple[Any, ...]) -> Json | None:
    with refusals_told():
        row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None
