"""Reading names from the layers: all of them, or those of some features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from layers.gazetteer.search import Called, Index, make_index
from layers.gazetteer.sources import SOURCES, Source
from spatial.database import Principal, become

# The layers whose changes are told by rows, and those of which places are made by several.
FOLLOWED = frozenset(source.layer for source in SOURCES if source.by_row)
JOINED = frozenset(source.layer for source in SOURCES if not source.by_row)

_TIMEOUT_MS = 60_000
_OF_SOME: LiteralString = "SELECT * FROM ({}) AS called WHERE id = ANY (%(ids)s)"


def read_index(connection: psycopg.Connection[Any], town_id: int) -> Index:
    """All names of a town, on a connection that may take on roles and is in no transaction."""
    return make_index(
        called for source in SOURCES for called in _read(connection, town_id, source, None)
    )


def read_features(
    connection: psycopg.Connection[Any], town_id: int, layer: str, ids: Sequence[int]
) -> dict[int, Called]:
    """What features are called that are there and have a name, on a connection likewise."""
    source = next(each for each in SOURCES if each.by_row and each.layer == layer)
    called = _read(connection, town_id, source, ids)
    return {each[0].row: each for each in called if each[0].row is not None}


def _read(
    connection: psycopg.Connection[Any], town_id: int, source: Source, ids: Sequence[int] | None
) -> Iterator[Called]:
    reader = Principal(
        source.reader, town_id, department="*", may_write=False, timeout_ms=_TIMEOUT_MS
    )
    statement = sql.SQL("{}" if ids is None else _OF_SOME).format(sql.SQL(source.statement))
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        become(connection, reader)
        rows = cursor.execute(statement, {"ids": ids}).fetchall()
    return filter(None, map(source.call, rows))
