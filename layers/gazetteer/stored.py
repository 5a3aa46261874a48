"""The arrays of a town's names as they are stored: made by one process, mapped by all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
from numpy.typing import NDArray

from layers.gazetteer.arrays import Names, UnitArrays
from layers.gazetteer.names import UnitTable
from layers.gazetteer.places import PlaceArrays, Places, bytes_of, text_of
from layers.gazetteer.reading import FOLLOWED, JOINED
from layers.gazetteer.search import Index
from spatial.shared_arrays import map_arrays
from spatial.stored_arrays import as_stored, from_stored

# Another number whenever arrays, features or the cutting of names mean something else.
LAYOUT = 1
# Made anew when so much has changed, or something has and they are so old.
_MOST_CHANGED = 500
_OLD = timedelta(minutes=10)

_GROUPS: dict[str, type[Any]] = {"names": Names, "units": UnitArrays, "places": PlaceArrays}
_ARRAYS = tuple(f"{group}.{name}" for group, kind in _GROUPS.items() for name in kind._fields)
_NAMES = (*_ARRAYS, "common", "table.units", "table.syllables")

type _Arrays = dict[str, NDArray[Any]]

_NEWEST = """
SELECT version, seq, key FROM layers.gazetteer
WHERE town_id = %(town)s AND layout = %(layout)s AND version > %(known)s
ORDER BY version DESC LIMIT 1
"""
_STANDING = """
SELECT newest.seq, newest.age, position.last, position.forgotten, changes.followed, changes.joined
FROM layers.change_position AS position
LEFT JOIN LATERAL (
    SELECT seq, now() - made_at AS age FROM layers.gazetteer
    WHERE town_id = %(town)s AND layout = %(layout)s ORDER BY version DESC LIMIT 1
) AS newest ON true
CROSS JOIN LATERAL (
    SELECT count(*) AS followed, count(*) FILTER (WHERE layer = 'streets') AS joined
    FROM layers.change
    WHERE town_id = %(town)s AND layer = ANY (%(layers)s) AND seq > newest.seq
) AS changes
"""


@dataclass(frozen=True)
class Stored:
    """One version of the arrays.

    Attributes:
        seq: changes up to this number are in it.
    """

    version: int
    seq: int
    index: Index


@dataclass(frozen=True)
class Standing:
    """How the newest arrays stand to the log of changes.

    Attributes:
        seq, age: of the newest arrays; None where there are none.
        last, forgotten: numbers of the log's end and of what is no longer in it.
        followed: how many changes came since.
        joined: how many of them change places that are made of several features.
    """

    seq: int | None
    age: timedelta | None
    last: int
    forgotten: int
    followed: int
    joined: int

    @property
    def is_due(self) -> bool:
        """Whether the arrays have to be made anew."""
        if self.seq is None or self.age is None or not self.forgotten <= self.seq <= self.last:
            return True
        is_old = self.followed > 0 and self.age > _OLD
        return self.joined > 0 or self.followed > _MOST_CHANGED or is_old


def read_standing(connection: psycopg.Connection[Any], town_id: int) -> Standing:
    """How the newest arrays of a town stand; for the owner or the web's own login."""
    values = {"town": town_id, "layout": LAYOUT, "layers": sorted(FOLLOWED | JOINED)}
    row = connection.execute(_STANDING, values).fetchone()
    assert row is not None  # the log has one position
    return Standing(*row)


def save_index(connection: psycopg.Connection[Any], town_id: int, index: Index, seq: int) -> None:
    """Save the arrays under the next version and forget those before, in one transaction."""
    with connection.transaction():
        row = connection.execute(
            "INSERT INTO layers.gazetteer (town_id, version, seq, layout)"
            " SELECT %(town)s, coalesce(max(version), 0) + 1, %(seq)s, %(layout)s"
            " FROM layers.gazetteer WHERE town_id = %(town)s RETURNING version",
            {"town": town_id, "seq": seq, "layout": LAYOUT},
        ).fetchone()
        assert row is not None  # INSERT gives what it made
        for name, array in _arrays_of(index).items():
            connection.execute(
                "INSERT INTO layers.gazetteer_array (town_id, version, name, dtype, shape, data)"
                " VALUES (%s, %s, %s, %s, %s, %b)",
                (town_id, row[0], name, *as_stored(array)),
            )
        connection.execute(
            "DELETE FROM layers.gazetteer WHERE town_id = %s AND version < %s", (town_id, row[0])
        )


def load_newer(connection: psycopg.Connection[Any], town_id: int, known: int = 0) -> Stored | None:
    """The newest arrays of a version above `known`, shared with the machine's other processes."""
    values = {"town": town_id, "layout": LAYOUT, "known": known}
    row = connection.execute(_NEWEST, values).fetchone()
    if row is None:
        return None
    version, seq, key = row
    assert isinstance(key, UUID)
    try:
        arrays = map_arrays(key, _NAMES, lambda: _read(connection, town_id, version))
    except LookupError:  # a newer version came in this moment
        return None
    return Stored(version, seq, _index_of(arrays))


def _read(connection: psycopg.Connection[Any], town_id: int, version: int) -> _Arrays:
    """The arrays as they are stored.

    Raises:
        LookupError: this version has been replaced meanwhile.
    """
    cursor = connection.cursor(binary=True).execute(
        "SELECT name, dtype, shape, data FROM layers.gazetteer_array"
        " WHERE town_id = %s AND version = %s",
        (town_id, version),
    )
    arrays = {name: from_stored(*columns) for name, *columns in cursor}
    if set(arrays) != set(_NAMES):
        raise LookupError(version)
    return arrays


def _arrays_of(index: Index) -> _Arrays:
    groups: dict[str, tuple[NDArray[Any], ...]] = {
        "names": index.names, "units": index.units, "places": index.places.arrays
    }  # fmt: skip
    texts = {"table.units": index.table.units, "table.syllables": index.table.syllables}
    arrays: _Arrays = {
        f"{group}.{name}": array
        for group, kind in _GROUPS.items()
        for name, array in zip(kind._fields, groups[group], strict=True)
    }
    arrays["common"] = index.common
    return arrays | {name: bytes_of("\n".join(lines)) for name, lines in texts.items()}


def _index_of(arrays: _Arrays) -> Index:
    made = {
        group: kind(*(arrays[f"{group}.{name}"] for name in kind._fields))
        for group, kind in _GROUPS.items()
    }
    units, syllables = (text_of(arrays[f"table.{name}"]).splitlines() for name in _TEXTS)
    table = UnitTable(units, syllables, made["units"])
    common = np.asarray(arrays["common"])
    return Index(made["names"], Places(made["places"]), table, made["units"], common)


_TEXTS = ("units", "syllables")
