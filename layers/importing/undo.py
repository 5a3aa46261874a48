"""`import undo`: a batch taken back, and what it had changed put back."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql

from layers.hotspots import refresh_published_hotspots
from layers.importing.batches import take_turn
from layers.importing.grid_undo import undo_grids
from layers.importing.load import comma_separated, statement
from layers.importing.targets import find_target
from spatial.errors import ConflictError, NotFoundError
from spatial.town import Town, read_town

_IDENTITY_COLUMNS = ("id", "town_id", "key")


@dataclass(frozen=True)
class UndoReport:
    """What an undo did.

    Attributes:
        removed: rows that the batch had brought.
        restored: rows that it had changed.
    """

    layer: str
    source_name: str
    removed: int
    restored: int


def undo_batch(connection: psycopg.Connection, batch_id: int) -> UndoReport:
    """Take back a batch; the caller commits.

    Raises:
        NotFoundError: this town has no such batch.
        ConflictError: it is undone already, a later batch changed its rows, something refers to
            them, or its layer can't be undone.
    """
    town = read_town(connection)
    take_turn(connection, town)
    layer, source_name = _batch(connection, town, batch_id)
    if layer == "grids":
        removed, restored = undo_grids(connection, town, batch_id)
    else:
        removed, restored = _undo_rows(connection, town, layer, batch_id)
    if layer == "incidents":
        refresh_published_hotspots(connection, town)
    connection.execute("DELETE FROM layers.row_before WHERE batch_id = %s", (batch_id,))
    connection.execute("UPDATE spatial.batch SET undone_at = now() WHERE id = %s", (batch_id,))
    return UndoReport(layer, source_name, removed, restored)


def _batch(connection: psycopg.Connection, town: Town, batch_id: int) -> tuple[str, str]:
    row = connection.execute(
        "SELECT layer, source_name, undone_at FROM spatial.batch WHERE id = %s AND town_id = %s",
        (batch_id, town.id),
    ).fetchone()
    if row is None:
        raise NotFoundError(
            f"no import batch {batch_id} / 没有这个批次", remedy="./gridwhistle import list"
        )
    layer, source_name, undone_at = row
    if undone_at is not None:
        raise ConflictError(f"batch {batch_id} ({source_name}) was undone at {undone_at:%F %R}")
    if layer == "streets":
        raise ConflictError(
            "streets are replaced, not undone", remedy="./gridwhistle import streets OTHER_FILE"
        )
    return str(layer), str(source_name)


def _undo_rows(
    connection: psycopg.Connection, town: Town, layer: str, batch_id: int
) -> tuple[int, int]:
    table = find_target(layer, town.time_zone, None).table
    parts: dict[str, sql.Composable | int | str] = {
        "table": sql.Identifier(table),
        "layer": layer,
        "town_id": town.id,
        "batch_id": batch_id,
    }
    row = connection.execute(
        statement("newer_batch", town_id=town.id, layer=layer, batch_id=batch_id)
    ).fetchone()
    if row and row[0] is not None:
        raise ConflictError(
            f"batch {row[0]} changed rows of batch {batch_id} later",
            remedy=f"./gridwhistle import undo {row[0]} first",
        )
    try:
        removed = connection.execute(statement("remove_new", **parts)).rowcount
    except psycopg.errors.ForeignKeyViolation as error:
        raise ConflictError(
            f"rows of batch {batch_id} are in use: {error.diag.message_detail}",
            remedy="undo the batch that refers to them first",
        ) from error
    names = _columns(connection, table)
    before = comma_separated(names, "before")
    restored = connection.execute(
        statement("put_back", names=comma_separated(names), before=before, **parts)
    ).rowcount
    return removed, restored


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
        "AND NOT attisdropped AND attgenerated = ''",
        (f"layers.{table}",),
    ).fetchall()
    return [name for (name,) in rows if name not in _IDENTITY_COLUMNS]
