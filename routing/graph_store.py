"""The saved arrays of the streets. Knows nothing of the tables that they were made from."""

from __future__ import annotations

from typing import Any

import psycopg

from routing.graph import Graph, graph_from_bytes
from spatial.errors import NotFoundError

AnyConnection = psycopg.Connection[Any]


def load_graph(connection: AnyConnection, town_id: int) -> Graph:
    """The arrays of the town's present streets.

    Raises:
        NotFoundError: there are no streets.
    """
    row = connection.execute(
        "SELECT arrays FROM routing.graph WHERE town_id = %s ORDER BY version DESC LIMIT 1",
        (town_id,),
    ).fetchone()
    if row is None:
        raise no_streets()
    return graph_from_bytes(row[0])


def graph_version(connection: AnyConnection, town_id: int) -> int | None:
    """The version of the town's present streets; None while there are none."""
    row = connection.execute(
        "SELECT max(version) FROM routing.graph WHERE town_id = %s", (town_id,)
    ).fetchone()
    return row[0] if row else None


def no_streets() -> NotFoundError:
    """The error that says that there are no streets, and what to do."""
    return NotFoundError(
        "this town has no streets yet / 本镇街还没有道路",
        remedy="./gridwhistle import streets FILE",
    )
