"""Reading the log of changes as somebody: what changed since a number, and how it looks now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from layers.catalogue import Catalogue
from layers.changes.views import changes_of
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.reading.crs import DEGREE_DIGITS
from layers.reading.geojson import feature_json, geometry_json
from layers.roles import Role
from spatial.database import AnyConnection, Principal
from spatial.errors import GoneError, InputError
from spatial.numerals import row_id

FEED_CHANNEL = "gridwhistle_feed"
Box = tuple[float, float, float, float]

_SINCE = sql.SQL("""
SELECT seq, layer, feature_id, kind, at, {before} AS box_before, {after} AS box_after
FROM {view}
WHERE layer = ANY (%(layers)s) AND seq > %(since)s AND seq <= %(until)s
ORDER BY seq LIMIT %(limit)s
""")
_TOUCHED = """
SELECT layer, {before}, {after} FROM layers.change
WHERE town_id = %(town_id)s AND seq > %(since)s AND seq <= %(until)s
"""
_FEATURES = sql.SQL("SELECT id, {feature} FROM {view} AS feature WHERE id = ANY (%(ids)s)")


def _corners(box: str) -> str:
    """SQL: a box as west, south, east, north; PostgreSQL keeps the upper right corner first."""
    return (
        f"CASE WHEN {box} IS NOT NULL THEN "
        f"ARRAY[({box}[1])[0], ({box}[1])[1], ({box}[0])[0], ({box}[0])[1]] END"
    )


_CORNERS = {"before": _corners("box_before"), "after": _corners("box_after")}


@dataclass(frozen=True)
class Position:
    """How far the log goes.

    Attributes:
        last: the number that was given last.
        forgotten: changes up to this number are gone.
    """

    last: int
    forgotten: int


@dataclass(frozen=True)
class Change:
    """One change, as it is to somebody.

    Attributes:
        kind: insert, update or delete; a feature that leaves somebody's sight is deleted to them.
        box_before, box_after: west, south, east, north in degrees, where there was and is one.
    """

    seq: int
    layer: str
    feature_id: int
    kind: str
    at: datetime
    box_before: Sequence[float] | None
    box_after: Sequence[float] | None


async def number_changes(connection: AnyConnection) -> Position:
    """Number what has been committed; says how far the log goes.

    Args:
        connection: of the owner or of the web's own login, without a role taken on; the caller
            commits before anybody reads on.
    """
    row = await (await connection.execute("SELECT * FROM layers.number_changes()")).fetchone()
    assert row is not None  # the function gives one row
    return Position(*row)


def number_changes_now(connection: psycopg.Connection) -> Position:
    """The same for those who wait, on a connection of the owner's; committed."""
    with connection.transaction():
        row = connection.execute("SELECT * FROM layers.number_changes()").fetchone()
    assert row is not None  # the function gives one row
    return Position(*row)


def parse_token(text: str, position: Position) -> int:
    """The number that a token stands for.

    Raises:
        InputError: it is none.
        GoneError: what came after it is gone, or it is of a log that went further than this one.
    """
    since = row_id(text)
    if since is None:
        raise InputError(f"{text[:40]!r} is no token of this server / 不是有效的令牌")
    if not position.forgotten <= since <= position.last:
        raise GoneError(
            "what changed since then is no longer known / 该时间点之后的变化已不再保留",
            remedy="start over: ask for changes without since=, then read all items",
        )
    return since


def readable_layers(
    role: Role, wanted: Iterable[str] | None = None, catalogue: Catalogue = CATALOGUE
) -> list[str]:
    """The layers that `role` reads; of these the wanted ones, if any are named."""
    readable = [entry.id for entry in catalogue.readable_by(role)]
    return readable if wanted is None else [name for name in readable if name in set(wanted)]


async def read_changes(
    connection: AnyConnection,
    principal: Principal,
    layers: list[str],
    span: tuple[int, int],
    limit: int | None = None,
) -> list[Change]:
    """The changes of `layers` that the principal may see, in order.

    Args:
        connection: in a transaction as the principal.
        span: after the first number, up to the second; numbered already.
        limit: at most so many; None for all.
    """
    statement = changes_statement(Role(principal.role))
    values = {"layers": layers, "since": span[0], "until": span[1], "limit": limit}
    async with connection.cursor(row_factory=class_row(Change)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()


@lru_cache
def changes_statement(role: Role) -> bytes:
    """The statement that reads the log as `role`: layers, since, until, limit."""
    corners = {side: sql.SQL(text) for side, text in _CORNERS.items()}
    return _SINCE.format(view=changes_of(role), **corners).as_bytes()


async def read_features(
    connection: AnyConnection, principal: Principal, layer: str, ids: Iterable[int]
) -> dict[int, str]:
    """GeoJSON of those features that are there and that the principal sees, by id."""
    statement = _features_statement(layer, Role(principal.role))
    cursor = await connection.execute(statement, {"ids": list(ids)})
    return dict(await cursor.fetchall())


@lru_cache
def _features_statement(layer: str, role: Role) -> bytes:
    entry = CATALOGUE.entry(layer)
    names = (each.name for each in entry.fields_for(role))
    geometry = geometry_json(sql.Identifier("feature", "geom"), DEGREE_DIGITS)
    feature = feature_json("feature", names, geometry)
    return _FEATURES.format(view=view_of(entry, role), feature=feature).as_bytes()


async def read_touched(
    connection: AnyConnection, town_id: int, span: tuple[int, int]
) -> dict[str, list[Box]]:
    """Where layers changed, to whomever, before and after; for the web's own login."""
    values = {"town_id": town_id, "since": span[0], "until": span[1]}
    cursor = await connection.execute(_TOUCHED.format(**_CORNERS).encode(), values)
    touched: dict[str, list[Box]] = {}
    for layer, *boxes in await cursor.fetchall():
        touched.setdefault(layer, []).extend(tuple(box) for box in boxes if box)
    return touched


def forget_old_changes(connection: psycopg.Connection, kept: timedelta) -> int:
    """Forget changes that are older, in the caller's transaction; says how many."""
    row = connection.execute("SELECT layers.forget_changes(now() - %s)", (kept,)).fetchone()
    return int(row[0]) if row else 0


def note_passing_time(connection: psycopg.Connection) -> bool:
    """Note features that came or went by the calendar alone; whether any did."""
    row = connection.execute("SELECT layers.log_passing_time()").fetchone()
    return bool(row and row[0])


def tagged(feature: str, **members: str) -> str:
    """A GeoJSON feature with further members at its head."""
    head = json.dumps(members, ensure_ascii=False, separators=(",", ":"))[1:-1]
    return f"{{{head},{feature[1:]}"
