"""Taking back a batch of grids."""

from __future__ import annotations

import json
from datetime import datetime

import psycopg
import shapely

from layers.boundaries.arc_store import store_arcs
from layers.boundaries.effect.attribution import attribute_incidents_anew
from layers.importing.load import attribute_incidents
from layers.towns import refresh_inside
from spatial.errors import ConflictError
from spatial.town import Town, read_town

_LATER = """
SELECT max(id) FROM spatial.batch
WHERE town_id = %s AND layer = 'grids' AND id > %s AND undone_at IS NULL
"""
_REDRAWN = """
SELECT id, name FROM grids.draft
WHERE town_id = %s AND state = 'effective' AND effective_from >= %s ORDER BY id LIMIT 1
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
_SHAPELESS = """
SELECT id FROM grids.unit
WHERE town_id = %s AND level > 1 AND name IS NULL
  AND NOT EXISTS (SELECT 1 FROM grids.version WHERE version.unit_id = unit.id)
"""
_ANSWERED_FOR = """
SELECT account.name, unit.code FROM layers.account JOIN grids.unit ON unit.id = account.grid_id
WHERE unit.id = ANY (%s) ORDER BY account.name LIMIT 1
"""


def undo_grids(connection: psycopg.Connection, town: Town, batch_id: int) -> tuple[int, int]:
    """Remove the batch's versions and put back what it ended; (removed, restored).

    Raises:
        ConflictError: a later file of grids, or a draft, stands upon it, or a member answers for
            a grid that only it has brought.
    """
    row = connection.execute(_LATER, (town.id, batch_id)).fetchone()
    if row and row[0] is not None:
        raise ConflictError(
            f"batch {row[0]} changed the grids later",
            remedy=f"./gridwhistle import undo {row[0]} first",
        )
    began = connection.execute(_BEGAN, (batch_id,)).fetchone()
    _refuse_below_redraws(connection, town, began[0] if began else None)
    connection.execute(_RELEASE, (batch_id,))
    removed = connection.execute(
        "DELETE FROM grids.version WHERE batch_id = %s", (batch_id,)
    ).rowcount
    restored = _put_back(connection, town, batch_id)
    if began and began[0] is not None:
        store_arcs(connection, read_town(connection), began[0])
    _remove_shapeless(connection, town)
    attribute_incidents(connection, town)
    attribute_incidents_anew(connection, town, town.now(), town.now())
    return removed, restored


def _refuse_below_redraws(
    connection: psycopg.Connection, town: Town, began: datetime | None
) -> None:
    row = connection.execute(_REDRAWN, (town.id, began)).fetchone()
    if row is not None:
        raise ConflictError(
            f"draft {row[0]} ({row[1]}) took effect upon these grids / 其后已有草案生效",
            remedy="import the former file again, from now on",
        )


def _remove_shapeless(connection: psycopg.Connection, town: Town) -> None:
    """Remove the units of which nothing is left."""
    units = [row[0] for row in connection.execute(_SHAPELESS, (town.id,)).fetchall()]
    answered_for = connection.execute(_ANSWERED_FOR, (units,)).fetchone()
    if answered_for is not None:
        name, code = answered_for
        raise ConflictError(
            f"{name} answers for grid {code}, which would be gone / 网格员仍负责该网格",
            remedy="give the member another grid first",
        )
    connection.execute("DELETE FROM grids.unit WHERE id = ANY (%s)", (units,))


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
