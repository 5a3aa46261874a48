"""The names of one source, kept current: all read once, then only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from psycopg.rows import dict_row

from layers.gazetteer.arrays import Names
from layers.gazetteer.names import Name, UnitTable, make_names
from layers.gazetteer.search import Place
from layers.gazetteer.sources import Called, Source

_EVER = datetime(1900, 1, 1, tzinfo=UTC)
# A row says when its statement ran; its transaction usually ended no later than this.
_LATE = timedelta(seconds=10)
_MOST_FRESH = 4_000


class SourceNames:
    """What one source calls its places. Not for several threads at once."""

    def __init__(self, source: Source, table: UnitTable) -> None:
        self.source = source
        self._table = table
        self._known: dict[Any, Called] = {}
        self._base_rows: dict[Any, int] = {}
        self._base_places: list[Place] = []
        self._base = make_names(table, [])
        self._fresh_places: list[Place] = []
        self._fresh = self._base
        self._changed: dict[Any, Called | None] = {}
        self._latest: datetime | None = None

    @property
    def parts(self) -> list[tuple[Names, list[Place]]]:
        """The names as they are now, and the places that they are names of."""
        return [(self._base, self._base_places), (self._fresh, self._fresh_places)]

    def refresh(self, connection: psycopg.Connection[Any]) -> bool:
        """Read what changed since the last time; whether anything did.

        What was deleted, and what came of a long transaction, only `read` tells.
        """
        if self._latest is None or not self.source.grows:
            return self.read(connection)
        return self._change(self._called(connection, self._latest - _LATE))

    def read(self, connection: psycopg.Connection[Any]) -> bool:
        """Read everything; whether anything is otherwise than before."""
        return self._replace(self._called(connection, _EVER))

    def _called(
        self, connection: psycopg.Connection[Any], since: datetime
    ) -> dict[Any, Called | None]:
        with connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(self.source.statement.encode(), {"since": since}).fetchall()
        self._latest = max((row["updated"] for row in rows), default=self._latest)
        return {_key(row): self.source.call(row) for row in rows}

    def _replace(self, called: Mapping[Any, Called | None]) -> bool:
        known = {key: each for key, each in called.items() if each}
        if known == self._known:
            return False
        self._known = known
        self._rebuild()
        return True

    def _change(self, called: Mapping[Any, Called | None]) -> bool:
        changed = {key: each for key, each in called.items() if self._known.get(key) != each}
        if not changed:
            return False
        for key, each in changed.items():
            if each:
                self._known[key] = each
            else:
                self._known.pop(key, None)
        self._changed |= changed
        if len(self._changed) > _MOST_FRESH:
            self._rebuild()
        else:
            self._add_fresh()
        return True

    def _rebuild(self) -> None:
        self._changed = {}
        self._base_rows = {key: number for number, key in enumerate(self._known)}
        self._base_places, self._base = self._make(self._known.values())
        self._fresh_places, self._fresh = self._make([])

    def _add_fresh(self) -> None:
        stale = [self._base_rows[key] for key in self._changed if key in self._base_rows]
        alive = ~np.isin(self._base.place, np.array(stale, np.int32))
        self._base = self._base._replace(alive=alive)
        self._fresh_places, self._fresh = self._make(filter(None, self._changed.values()))

    def _make(self, called: Iterable[Called]) -> tuple[list[Place], Names]:
        places: list[Place] = []
        given: list[Name] = []
        for place, texts in called:
            given += [Name(text, len(places), extra) for text, extra in texts]
            places.append(place)
        return places, make_names(self._table, given)


def _key(row: Mapping[str, Any]) -> Any:
    """What a row is known again by; some sources make several of one feature."""
    return (row["id"], row.get("one"), row.get("other"), row.get("entrance"))
