"""What changed since the arrays were made: a few names beside them, read again at each query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import psycopg

from layers.gazetteer.names import without
from layers.gazetteer.reading import FOLLOWED, read_features
from layers.gazetteer.search import Called, Index, make_index
from layers.gazetteer.stored import Stored

# Of what changed since the last look, the newest so many are read at once; what a bulk load brought
# besides is found when the arrays have been made anew. So many are kept at all.
_MOST_READ = 500
_MOST_KEPT = 2_000

type _Feature = tuple[str, int]

# In one snapshot, so that a change is seen with its number or without one, and never in neither.
_CHANGED = """
WITH changed AS (
    (SELECT layer, feature_id, NULL::bigint AS seq, id FROM layers.pending_change
     WHERE town_id = %(town)s AND layer = ANY (%(layers)s) ORDER BY id DESC LIMIT %(most)s)
    UNION ALL
    (SELECT layer, feature_id, seq, NULL FROM layers.change
     WHERE town_id = %(town)s AND layer = ANY (%(layers)s) AND seq > %(since)s
     ORDER BY seq DESC LIMIT %(most)s)
)
SELECT last, layer, feature_id FROM layers.change_position LEFT JOIN changed ON true
ORDER BY seq DESC NULLS FIRST, id DESC LIMIT %(most)s
"""


class Overlay:
    """The changed names over one version of the arrays. Not for several threads at once."""

    def __init__(self, stored: Stored, town_id: int) -> None:
        self._base = stored.index
        self._town_id = town_id
        self._reached = stored.seq
        self._changed: dict[_Feature, Called | None] = {}
        self.indexes: tuple[Index, ...] = (stored.index,)

    def catch_up(self, connection: psycopg.Connection[Any]) -> None:
        """Read the names of what has been committed, however short ago.

        Args:
            connection: of the web's own login or the owner, in no transaction.

        Raises:
            psycopg.Error: the database doesn't answer; what was read before stands.
        """
        last, features = self._changed_since(connection)
        read = self._read(connection, features)
        self._reached = last
        if any(key not in self._changed or self._changed[key] != read[key] for key in read):
            # The oldest first, as the newest are kept.
            self._changed = {k: v for k, v in self._changed.items() if k not in read} | read
            self._changed = dict(list(self._changed.items())[-_MOST_KEPT:])
            self._join()

    def _changed_since(self, connection: psycopg.Connection[Any]) -> tuple[int, list[_Feature]]:
        values = {
            "town": self._town_id,
            "layers": sorted(FOLLOWED),
            "since": self._reached,
            "most": _MOST_READ,
        }
        with connection.transaction():
            rows = connection.execute(_CHANGED, values).fetchall()
        features = dict.fromkeys((layer, row) for _, layer, row in rows if layer is not None)
        return rows[0][0], list(features)[::-1]

    def _read(
        self, connection: psycopg.Connection[Any], features: list[_Feature]
    ) -> dict[_Feature, Called | None]:
        called = {
            (layer, row): each
            for layer, rows in _by_layer(features).items()
            for row, each in read_features(connection, self._town_id, layer, rows).items()
        }
        return {feature: called.get(feature) for feature in features}

    def _join(self) -> None:
        places = self._base.places
        gone = np.zeros(len(places), np.bool_)
        for layer, rows in _by_layer(self._changed).items():
            gone |= places.among(layer, rows)
        base = replace(self._base, names=without(self._base.names, gone))
        self.indexes = (base, make_index(filter(None, self._changed.values())))


def _by_layer(features: Iterable[_Feature]) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = {}
    for layer, row in features:
        ids.setdefault(layer, []).append(row)
    return ids
