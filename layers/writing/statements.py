"""The statements that write one feature through its editor's view."""

from __future__ import annotations

from typing import Any

from psycopg import sql

from layers.catalogue import Entry
from layers.published import view_of
from layers.roles import Role
from layers.writing.change import Change
from layers.writing.shapes import cell_of
from spatial.database import Principal

# A statement with its parameters.
type Statement = tuple[sql.Composed, dict[str, Any]]

_VERSION = sql.SQL("SELECT updated FROM {view} WHERE id = %(id)s FOR UPDATE")
_INSERT = sql.SQL("INSERT INTO {view} ({columns}) VALUES ({values}) RETURNING id")
_UPDATE = sql.SQL("UPDATE {view} SET {assignments} WHERE id = %(id)s RETURNING id")
_DELETE = sql.SQL("DELETE FROM {view} WHERE id = %(id)s RETURNING id")


def lock_statement(entry: Entry, principal: Principal, feature_id: int) -> Statement:
    """Hold the row until the transaction ends, and say when it was last changed."""
    return _VERSION.format(view=_view(entry, principal)), {"id": feature_id}


def insert_statement(entry: Entry, principal: Principal, change: Change) -> Statement:
    """A new row; its id comes back."""
    columns = {"town_id": principal.town_id} | _columns(entry, change)
    statement = _INSERT.format(
        view=_view(entry, principal),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        values=sql.SQL(", ").join(map(_placeholder, columns)),
    )
    return statement, _parameters(columns)


def update_statement(
    entry: Entry, principal: Principal, feature_id: int, change: Change
) -> Statement:
    """New values in a row; its id comes back."""
    columns = _columns(entry, change)
    assignments = [
        sql.SQL("{} = {}").format(sql.Identifier(name), _placeholder(name)) for name in columns
    ]
    statement = _UPDATE.format(
        view=_view(entry, principal), assignments=sql.SQL(", ").join(assignments)
    )
    return statement, _parameters(columns) | {"id": feature_id}


def delete_statement(entry: Entry, principal: Principal, feature_id: int) -> Statement:
    """Without the row; its id comes back."""
    return _DELETE.format(view=_view(entry, principal)), {"id": feature_id}


def _view(entry: Entry, principal: Principal) -> sql.Identifier:
    return view_of(entry, Role(principal.role))


def _columns(entry: Entry, change: Change) -> dict[str, Any]:
    columns = dict(change.values)
    if change.shape is not None:
        columns["geom"] = change.shape.wkb
        if entry.cell:
            columns["cell"] = cell_of(change.shape)
    return columns


def _placeholder(name: str) -> sql.Composable:
    # No property's name is left to be read as part of the statement.
    placeholder = sql.Placeholder(f"new_{name}")
    return (
        sql.SQL("ST_GeomFromWKB({}, 4326)").format(placeholder) if name == "geom" else placeholder
    )


def _parameters(columns: dict[str, Any]) -> dict[str, Any]:
    return {f"new_{name}": value for name, value in columns.items()}


def names_nothing(change: Change) -> bool:
    """Whether there is nothing to write."""
    return not change.values and change.shape is None
