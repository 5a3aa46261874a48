"""Taking back a batch of grids."""

from __future__ import annotations

import json

import psycopg
import shapely

from layers.boundaries.arc_store import store_arcs
from layers.importing.load import attribute_incidents
from layers.towns import refresh_inside
from spatial.errors import ConflictError
from spatial.town import Town, read_town

_LATER = """
SELECT max(id) FROM spatial.batch
WHERE town_id = %s AND layer = 'grids' AND id > %s AND undone_at IS NULL
"""
_BEGAN = "SELECT min(lower(valid)) FROM grids.version WHERE batch_id = %s"
_HANG = {
    "unit": "UPDATE grids.unit SET parent_id = %s WHERE id = %s",
    "parent": "UPDATE grids.version SET parent_id = %s WHERE id = %s",
}
_RELEASE = """
UPDATE layers.incident SET grid_version_id = NULL
FROM grids.version WHERE version.id = incident.grid_version_id AND version.batch_id = %s
"""
_REMOVE_UNITS = """
DELETE FROM grids.unit
WHERE town_id = %s AND level > 1 AND name IS NULL
  AND NOT EXISTS (SELECT 1 FROM grids.version WHERE version.unit_id = unit.id)
"""


def undo_grids(connection: psycopg.Connection, town: Town, batch_id: int) -> tuple[int, int]:
    """Remove the batch's versions and put back what it ended; (removed, restored).

    Raises:
        ConflictError: a later file of grids stands upon it.
    """
    row = connection.execute(_LATER, (town.id, batch_id)).fetchone()
    if row and row[0] is not None:
        raise ConflictError(
            f"batch {row[0]} changed the grids later",
            remedy=f"./gridwhistle import undo {row[0]} first",
        )
    began = connection.execute(_BEGAN, (batch_id,)).fetchone()
    connection.execute(_RELEASE, (batch_id,))
    removed = connection.execute(
        "DELETE FROM grids.version WHERE batch_id = %s", (batch_id,)
    ).rowcount
    restored = _put_back(connection, town, batch_id)
    connection.execute(_REMOVE_UNITS, (town.id,))
    attribute_incidents(connection, town)
    if began and began[0] is not None:
        store_arcs(connection, read_town(connection), began[0])
    return removed, restored


def _put_back(connection: psycopg.Connection, town: Town, batch_id: int) -> int:
    """What the batch had changed, as it was; how many versions hold again."""
    rows = connection.execute(
        "SELECT key, row FROM layers.row_before WHERE batch_id = %s", (batch_id,)
    ).fetchall()
    restored = 0
    for key, text in rows:
        kind, _, number = key.partition(":")
        before = json.loads(text)
        if kind == "version":
            restored += _put_back_version(connection, int(number), before["valid"])
        elif kind in _HANG:
            connection.execute(_HANG[kind], (before["parent_id"], number))
        else:
            _put_back_outline(connection, town, before["outline"], before["metric_srid"])
    return restored


def _put_back_version(connection: psycopg.Connection, version_id: int, valid: str) -> int:
    return connection.execute(
        "UPDATE grids.version SET valid = %s::tstzrange WHERE id = %s", (valid, version_id)
    ).rowcount


def _put_back_outline(
    connection: psycopg.Connection, town: Town, outline: str | None, metric_srid: int | None
) -> None:
    shape = shapely.from_wkb(bytes.fromhex(outline)).wkb if outline else None
    connection.execute(
        "UPDATE spatial.town SET outline = ST_GeomFromWKB(%s, 4326), metric_srid = %s "
        "WHERE id = %s",
        (shape, metric_srid, town.id),
    )
    refresh_inside(connection, town)
