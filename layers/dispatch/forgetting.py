"""Decisions stay; where responders were is forgotten in them as everywhere, after the same term."""

from __future__ import annotations

from typing import Any

import psycopg

from spatial.town import Town

# So that a run is short; the next one goes on.
_MOST = 5_000


def forget_places_in_decisions(connection: psycopg.Connection[Any], town: Town) -> int:
    """Take responders' places out of decisions older than positions are kept; out of how many."""
    query = "SELECT layers.forget_places_in_decisions(%s, %s)"
    row = connection.execute(query, (town.id, _MOST)).fetchone()
    return int(row[0]) if row else 0
