"""Closures and slowdowns in the database, for every process's next answer."""

from __future__ import annotations

from datetime import datetime

from routing.modes import Mode
from routing.network.measures import Measure, Measures
from routing.stored.graph_store import AnyConnection, no_streets
from spatial.errors import NotFoundError


def add_measure(
    connection: AnyConnection, town_id: int, measure: Measure, note: str | None = None
) -> int:
    """Put a closure or slowdown in force on the town's present streets.

    Returns:
        Its id.

    Raises:
        NotFoundError: there are no streets.
    """
    row = connection.execute(
        """
        INSERT INTO routing.measure
            (town_id, version, steps, speed_share, modes, starts, ends, note)
        SELECT town_id, version, %s, %s, %s, %s, %s, %s FROM routing.graph
        WHERE town_id = %s ORDER BY version DESC LIMIT 1 RETURNING id
        """,
        (
            list(measure.steps),
            measure.speed_share,
            int(measure.modes),
            measure.starts,
            measure.ends,
            note,
            town_id,
        ),
    ).fetchone()
    if row is None:
        raise no_streets()
    return int(row[0])


def end_measure(connection: AnyConnection, town_id: int, measure_id: int, at: datetime) -> None:
    """Let one end; one that hasn't begun never holds.

    Raises:
        NotFoundError: there is none, or it has ended.
    """
    done = connection.execute(
        """
        UPDATE routing.measure
        SET ends = greatest(%(at)s, starts + interval '1 microsecond'),
            speed_share = CASE WHEN starts >= %(at)s THEN 1 ELSE speed_share END,
            revision = nextval('routing.measure_revision')
        WHERE town_id = %(town)s AND id = %(id)s AND (ends IS NULL OR ends > %(at)s)
        """,
        {"at": at, "town": town_id, "id": measure_id},
    )
    if not done.rowcount:
        raise NotFoundError(f"there is no closure {measure_id} in force / 没有这条封路信息")


def streets_version(connection: AnyConnection, town_id: int) -> tuple[int | None, int | None]:
    """Versions of the town's present streets and of what is in force and known of speeds on them.

    Both take their revisions from one sequence, so that the greater one tells of any change.
    """
    row = connection.execute(
        """
        SELECT g.version, greatest(
            (SELECT max(m.revision) FROM routing.measure m
             WHERE m.town_id = g.town_id AND m.version = g.version),
            (SELECT s.revision FROM routing.speed_setting s WHERE s.town_id = g.town_id))
        FROM routing.graph g WHERE g.town_id = %s ORDER BY g.version DESC LIMIT 1
        """,
        (town_id,),
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def load_measures(
    connection: AnyConnection, town_id: int, version: int, measures: Measures
) -> None:
    """Bring `measures` to what is stored for a version of the streets."""
    rows = connection.execute(
        """
        SELECT id::text, steps, speed_share, modes, starts, ends
        FROM routing.measure WHERE town_id = %s AND version = %s AND speed_share < 1
        """,
        (town_id, version),
    ).fetchall()
    measures.replace_all(
        {
            key: Measure(tuple(steps), share, Mode(modes), starts, ends)
            for key, steps, share, modes, starts, ends in rows
        }
    )
