"""The incidents on which nobody is, as those who dispatch have to see them."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from layers.dispatch.refusals import refusals_told

type Json = dict[str, Any]


def read_unattended(connection: psycopg.Connection[Any], most: int) -> Json:
    """How many there are, and of how many it is told how long they wait.

    Args:
        connection: in a transaction of somebody who sees incidents and orders.
        most: so many are told, those reported here first, by urgency and then by age.

    Returns:
        reported, imported: how many came as reports, and how many in files of older ones;
        incidents: each with `waited_s`, `place` (premises, else micro-grid), and a `number` where
        it came as a report.

    Raises:
        AccessError: the asker may not see who is sent.
    """
    query = "SELECT * FROM layers.unattended_incidents(%s)"
    with refusals_told(), connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, (most,)).fetchall()
    return {
        "reported": rows[0]["reported"] if rows else 0,
        "imported": rows[0]["imported"] if rows else 0,
        "incidents": [_told(row) for row in rows],
    }


def _told(row: Json) -> Json:
    names = ("id", "number", "title", "severity", "place", "place_en", "lon", "lat")
    told = {name: row[name] for name in names}
    category = {"zh": row["category"], "en": row["category_en"]}
    return told | {"category": category, "waited_s": round(row["waited_s"])}
