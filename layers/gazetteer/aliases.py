"""What people call places: listed, added and taken away on behalf of somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from grids.cells import STORED_RESOLUTION, cells_of_points
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from spatial.errors import AccessError, InputError, NotFoundError

ENTRY = CATALOGUE.entry("place-aliases")
_LONGEST_NAME, _LONGEST_NOTE = 60, 200
_MOST = 500
_TOLD = ("name", "note", "added_by", "updated")

_LIST = sql.SQL("""
SELECT id, {columns}, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM {view} ORDER BY updated DESC, id DESC LIMIT %(most)s
""")
_ADD = sql.SQL("""
INSERT INTO {view} (name, note, geom, cell)
VALUES (%(name)s, %(note)s, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(cell)s)
RETURNING id
""")
_REMOVE = sql.SQL("DELETE FROM {view} WHERE id = %(id)s RETURNING id")


@dataclass(frozen=True)
class Alias:
    """A name that people give a place.

    Attributes:
        lon, lat: WGS 84, degrees.
    """

    name: str
    lon: float
    lat: float
    note: str | None = None


def may_name(role: Role) -> bool:
    """Whether a role gives places other names."""
    return role in ENTRY.editors


def list_aliases(connection: psycopg.Connection[Any], role: Role) -> list[dict[str, Any]]:
    """The aliases, the latest first.

    Raises:
        AccessError: they aren't for this role.
    """
    if not ENTRY.readable_by(role):
        raise AccessError("aliases are for the town's staff / 地名别称仅供内部使用")
    seen = [each.name for each in ENTRY.fields_for(role) if each.name in _TOLD]
    statement = _LIST.format(
        columns=sql.SQL(", ").join(map(sql.Identifier, seen)), view=view_of(ENTRY, role)
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, {"most": _MOST}).fetchall()


def add_alias(connection: psycopg.Connection[Any], role: Role, alias: Alias) -> int:
    """Keep a name; its number.

    Raises:
        AccessError: this role names nothing.
        InputError: the name is empty or too long.
    """
    _require_editor(role)
    name, note = alias.name.strip(), (alias.note or "").strip()
    if not 1 <= len(name) <= _LONGEST_NAME or len(note) > _LONGEST_NOTE:
        raise InputError(f"a name has 1 to {_LONGEST_NAME} characters / 别称为 1 到 60 个字")
    cell = cells_of_points([alias.lon], [alias.lat], STORED_RESOLUTION)[0]
    row = connection.execute(
        _ADD.format(view=view_of(ENTRY, role)),
        {
            "name": name,
            "note": note or None,
            "lon": alias.lon,
            "lat": alias.lat,
            "cell": int(cell),
        },
    ).fetchone()
    assert row is not None
    return int(row[0])


def remove_alias(connection: psycopg.Connection[Any], role: Role, alias_id: int) -> None:
    """Take a name away.

    Raises:
        AccessError: this role names nothing.
        NotFoundError: there is no such alias.
    """
    _require_editor(role)
    statement = _REMOVE.format(view=view_of(ENTRY, role))
    if connection.execute(statement, {"id": alias_id}).fetchone() is None:
        raise NotFoundError("there is no such alias / 没有这个别称")


def _require_editor(role: Role) -> None:
    if not may_name(role):
        raise AccessError(
            "aliases are added by dispatchers and GIS editors / 别称由调度员和地理信息编辑维护"
        )
