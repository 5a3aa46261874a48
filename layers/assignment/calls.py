"""The incidents where nobody is yet, as the one who asks may dispatch them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from layers.dispatch.refusals import refusals_told

# More than a desk can have in view; the most urgent, then the oldest are taken.
MOST_CALLS = 100


@dataclass(frozen=True)
class OpenCall:
    """An incident to which nobody has come.

    Attributes:
        waited_s: since it was reported.
        departments: whose responders may go.
        skills: all of which are wanted.
        order_id, order_state, responder, responder_label: of the leading order, where there is one.
    """

    id: int
    number: str
    title: str | None
    category: str
    category_en: str
    state: str
    severity: int
    lon: float
    lat: float
    waited_s: float
    departments: list[str]
    skills: list[str]
    order_id: int | None
    order_state: str | None
    responder: str | None
    responder_label: str | None


def read_orders_in_shift(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """By key, how many orders somebody has accepted since he came on duty."""
    with refusals_told():
        return dict(connection.execute("SELECT key, orders FROM layers.orders_in_shift()"))


def read_open_calls(connection: psycopg.Connection[Any]) -> list[OpenCall]:
    """In a transaction of somebody who dispatches: the most urgent first.

    Raises:
        AccessError: the asker doesn't dispatch.
    """
    with refusals_told(), connection.cursor(row_factory=class_row(OpenCall)) as cursor:
        query = "SELECT * FROM layers.calls_to_assign(%s)"
        return cursor.execute(query, (MOST_CALLS,)).fetchall()
