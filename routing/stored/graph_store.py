"""The saved arrays of the streets. Knows nothing of the tables that they were made from.

Each array is one bytea. The first process of a machine that starts writes what it read into a
folder of shared memory; all map it from there, so that a graph is in memory once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any
from uuid import UUID

import psycopg
from numpy.typing import NDArray

from routing.network.graph import Graph
from spatial.errors import NotFoundError
from spatial.shared_arrays import map_arrays
from spatial.stored_arrays import as_stored, from_stored

AnyConnection = psycopg.Connection[Any]
_Arrays = dict[str, NDArray[Any]]
_NAMES = tuple(field.name for field in fields(Graph))


def save_graph(connection: AnyConnection, town_id: int, version: int, graph: Graph) -> None:
    """Save arrays under a version that has never been used, in the caller's transaction."""
    connection.execute(
        "INSERT INTO routing.graph (town_id, version) VALUES (%s, %s)", (town_id, version)
    )
    for name in _NAMES:
        connection.execute(
            "INSERT INTO routing.graph_array (town_id, version, name, dtype, shape, data) "
            "VALUES (%s, %s, %s, %s, %s, %b)",
            (town_id, version, name, *as_stored(getattr(graph, name))),
        )


def load_graph(connection: AnyConnection, town_id: int, version: int | None = None) -> Graph:
    """The arrays of the town's streets, shared with the machine's other processes.

    Args:
        connection: to where they are stored.
        town_id: whose.
        version: of former streets; None for the present ones.

    Raises:
        NotFoundError: there are no streets, or this version isn't kept any more.
    """
    row = connection.execute(
        """
        SELECT version, key FROM routing.graph
        WHERE town_id = %(town)s AND (%(version)s::integer IS NULL OR version = %(version)s)
        ORDER BY version DESC LIMIT 1
        """,
        {"town": town_id, "version": version},
    ).fetchone()
    if row is None:
        raise no_streets() if version is None else _gone(version)
    found, key = row
    assert isinstance(key, UUID)
    arrays = map_arrays(key, _NAMES, lambda: _read(connection, town_id, found))
    return Graph(**arrays)


def forget_graphs(connection: AnyConnection, town_id: int, keep: Iterable[int]) -> None:
    """Delete the arrays of former streets, and what was in force on them, but for some versions."""
    connection.execute(
        """
        DELETE FROM routing.graph g WHERE town_id = %s AND version <> ALL (%s) AND version <
            (SELECT max(newer.version) FROM routing.graph newer WHERE newer.town_id = g.town_id)
        """,
        (town_id, list(keep)),
    )


def _read(connection: AnyConnection, town_id: int, version: int) -> _Arrays:
    arrays: _Arrays = {}
    for name in _NAMES:
        cursor = connection.cursor(binary=True)
        row = cursor.execute(
            "SELECT dtype, shape, data FROM routing.graph_array "
            "WHERE town_id = %s AND version = %s AND name = %s",
            (town_id, version, name),
        ).fetchone()
        if row is None:
            raise no_streets()
        arrays[name] = from_stored(*row)
    return arrays


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


def _gone(version: int) -> NotFoundError:
    return NotFoundError(
        f"the streets of version {version} are not kept any more / 该版本的路网已不再保存",
        remedy="the setting streets_kept_days says how long they are",
    )
