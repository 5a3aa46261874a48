"""The arrays of a town's names, made anew by a process of its own where they are due."""

from __future__ import annotations

import psycopg

from layers.gazetteer.reading import read_index
from layers.gazetteer.stored import read_standing, save_index

_TURN = "SELECT pg_advisory_lock(hashtext('gridwhistle gazetteer'), %s)"


def build_gazetteer(conninfo: str, town_id: int) -> bool:
    """Make and save the arrays if they are due; whether they were.

    Whoever comes second waits, and finds that nothing is due any more.

    Args:
        conninfo: of the database's owner.
        town_id: whose.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_TURN, (town_id,))
        # Looked at before anything is read: what is committed meanwhile is told once more.
        standing = read_standing(connection, town_id)
        if standing.is_due:
            save_index(connection, town_id, read_index(connection, town_id), standing.last)
        return standing.is_due
