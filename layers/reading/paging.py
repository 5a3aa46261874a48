"""Where a page begins: after or before a row, whose sort keys are the page's cursor.

A cursor names a row by its values, not by its number, so rows that come or go on other pages move
nothing. Nulls sort as PostgreSQL sorts them: last when ascending, first when descending.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

from psycopg import sql

from spatial.errors import InputError

Sort = tuple[tuple[str, bool], ...]
Key = str | int | float | bool | None
# json.dumps would make one each time.
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Position:
    """Beside a row.

    Attributes:
        keys: the row's values of the sort's properties, then its id.
        backward: the page ends before the row, instead of beginning after it.
    """

    keys: tuple[Key, ...]
    backward: bool


def whole_sort(sort: Sort) -> Sort:
    """The sort, and the id to tell equal rows apart."""
    names = [name for name, _ in sort]
    return sort[: names.index("id") + 1] if "id" in names else (*sort, ("id", True))


def write_position(layer_id: str, sort: Sort, position: Position) -> str:
    """The cursor that `parse_position` reads."""
    document = [_check_of(layer_id, sort), int(position.backward), *position.keys]
    text = _ENCODER.encode(document)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parse_position(layer_id: str, sort: Sort, cursor: str) -> Position:
    """The position that a cursor of this layer and sort means.

    Raises:
        InputError: it is none, or one of another layer or sort.
    """
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, backward, *keys = json.loads(text)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        check, backward, keys = None, None, []
    scalar = all(each is None or isinstance(each, str | int | float) for each in keys)
    if check != _check_of(layer_id, sort) or len(keys) != len(whole_sort(sort)) or not scalar:
        raise InputError(
            "cursor is not one that this query gave", remedy="follow the links next and prev"
        )
    return Position(tuple(keys), bool(backward))


@lru_cache(maxsize=1024)
def _check_of(layer_id: str, sort: Sort) -> int:
    """Tells a cursor of another query; it keeps no secret, since none is in it."""
    return crc32(json.dumps([layer_id, sort]).encode())


def order_of(sort: Sort, *, backward: bool) -> sql.Composable:
    """ORDER BY, the other way round for a page before a row."""
    keys = [
        sql.SQL("{} {}").format(
            sql.Identifier(name), sql.SQL("ASC" if ascending != backward else "DESC")
        )
        for name, ascending in whole_sort(sort)
    ]
    return sql.SQL(", ").join(keys)


def beyond(sort: Sort, position: Position, types: dict[str, str]) -> sql.Composable:
    """The rows on the page's side of the position; its keys are bound as key0, key1, …

    Args:
        types: the SQL type of each property of the sort.
    """
    keys = [
        _Key(
            sql.Identifier(name),
            sql.SQL("{}::{}").format(sql.Placeholder(f"key{number}"), _type(types[name])),
            ascending=ascending != position.backward,
            is_null=position.keys[number] is None,
        )
        for number, (name, ascending) in enumerate(whole_sort(sort))
    ]
    return _beyond(keys)


def key_values(position: Position) -> dict[str, Any]:
    """What `beyond` binds."""
    return {f"key{number}": value for number, value in enumerate(position.keys)}


def _type(name: str) -> sql.SQL:
    return sql.SQL(name)


@dataclass(frozen=True)
class _Key:
    column: sql.Composable
    value: sql.Composable
    ascending: bool
    is_null: bool

    def after(self) -> sql.Composable | None:
        """Rows whose key lies beyond the value; None where there are none."""
        if self.is_null:  # last when ascending, first when descending
            return None if self.ascending else sql.SQL("{} IS NOT NULL").format(self.column)
        if self.ascending:
            return sql.SQL("({0} > {1} OR {0} IS NULL)").format(self.column, self.value)
        return sql.SQL("{} < {}").format(self.column, self.value)

    def same(self) -> sql.Composable:
        """Rows whose key is the value."""
        if self.is_null:
            return sql.SQL("{} IS NULL").format(self.column)
        return sql.SQL("{} = {}").format(self.column, self.value)

    def bound(self) -> sql.Composable | None:
        """What an index can use: no row beyond the position fails it."""
        if self.is_null or self.ascending:
            return None
        return sql.SQL("{} <= {}").format(self.column, self.value)


def _beyond(keys: list[_Key]) -> sql.Composable:
    """Lexicographic: the first key lies beyond, or it is the same and the rest lies beyond."""
    if len(keys) == 1:  # the id, which is never null
        operator = sql.SQL(">" if keys[0].ascending else "<")
        return sql.SQL("{} {} {}").format(keys[0].column, operator, keys[0].value)
    first, *rest = keys
    equal = sql.SQL("({} AND {})").format(first.same(), _beyond(rest))
    after = first.after()
    either = equal if after is None else sql.SQL("({} OR {})").format(after, equal)
    bound = first.bound()
    return either if bound is None else sql.SQL("({} AND {})").format(bound, either)
