"""The views and grants of the published layers, made from the catalogue.

What everybody may see of a layer is one view in schema `published`. A role that sees other rows or
columns has a view of its own, in the schema of its name. Those are security barriers: no function
or operator of a query comes to see a row before the view's own conditions have let it through.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import psycopg
from psycopg import sql

from layers.catalogue import Entry, Release, Rows
from layers.entries import CATALOGUE
from layers.roles import Role

SCHEMA = "published"

# An entry's conditions run once a query: a subquery without references is evaluated beforehand.
_ROWS = {
    Rows.ALL: "true",
    Rows.OWN_DEPARTMENT: "((SELECT layers.my_department()) = '*' "
    "OR {department} = (SELECT layers.my_department()))",
    Rows.OWN_GRID: "{grid} = (SELECT layers.my_grid())",
    Rows.GRANTED: "'{layer}' = ANY ((SELECT layers.my_layers())::text[])",
}
# A trigger says these of a new row, whatever is written: clients that speak SQL, as QGIS does, name
# every column of a row that they add.
_SET_BY_THE_HOUSE = ("id", "town_id", "inside", "updated")


@dataclass(frozen=True)
class View:
    """One view, the roles that read it, and the columns that its editors write."""

    name: sql.Identifier
    definition: sql.Composable
    readers: tuple[Role, ...]
    editors: tuple[Role, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    is_barrier: bool


def view_of(entry: Entry, role: Role) -> sql.Identifier:
    """The qualified name of the view in which `role` finds a layer."""
    return sql.Identifier(SCHEMA if entry.is_public_to(role) else role.short_name, entry.id)


def view_names() -> set[str]:
    """Schema and name of every view that there has to be, joined by a point."""
    names = (view.name.as_string() for entry in CATALOGUE.entries for view in _views(entry))
    return {name.replace('"', "") for name in names}


def publish(connection: psycopg.Connection) -> None:
    """Make every view and grant anew, in the caller's transaction."""
    _drop_views(connection)
    for entry in CATALOGUE.entries:
        for view in _views(entry):
            _make(connection, view)


def fingerprint(*texts: str) -> str:
    """A hash of the catalogue's views and of `texts`; equal as long as nothing has to be remade."""
    views = (
        f"{view.name.as_string()} {view.readers} {view.editors} {view.added} {view.changed}"
        f" {view.definition.as_string()}"
        for entry in CATALOGUE.entries
        for view in _views(entry)
    )
    return hashlib.sha256("\n".join((*views, *texts)).encode()).hexdigest()


def columns_of(entry: Entry, role: Role) -> list[str]:
    """The columns of the view that `role` reads, in their order."""
    hidden = ["cell"] if entry.cell else []
    return ["id", "town_id", *hidden, *(each.name for each in entry.fields_for(role)), "geom"]


def row_condition(entry: Entry, role: Role) -> str:
    """SQL over the entry's relation: the rows that `role` sees of its own town.

    None where the session came for other layers only (10_identity.sql): that costs nothing more,
    since the town is asked for once a query anyway.
    """
    rule = row_rule(entry, role, department=entry.department, grid=entry.grid)
    town = f"{entry.town_column} = (SELECT layers.my_town_of('{entry.id}'))"
    return " AND ".join(f"({part})" for part in (town, entry.condition or "true", rule))


def row_rule(entry: Entry, role: Role, *, department: str | None, grid: str | None) -> str:
    """SQL: whether `role` sees a row of this layer that is of this department and grid."""
    rows = entry.rows_for(role)
    assert rows is not None  # nobody asks for a layer that the role doesn't see
    return _ROWS[rows].format(department=department, grid=grid, layer=entry.id)


def _views(entry: Entry) -> list[View]:
    """The public view, if there is one, and one for each role that sees something else."""
    readers = [role for role in Role if entry.readable_by(role)]
    alike = tuple(role for role in readers if entry.is_public_to(role))
    groups = [alike] if alike else []
    groups += [(role,) for role in readers if role not in alike]
    return [_view(entry, group) for group in groups]


def _view(entry: Entry, readers: tuple[Role, ...]) -> View:
    role = readers[0]
    return View(
        view_of(entry, role),
        _select(entry, role),
        readers,
        tuple(each for each in readers if each in entry.editors),
        added=(*_SET_BY_THE_HOUSE, *_editable(entry, role)),
        changed=_editable(entry, role),
        is_barrier=entry.release is not Release.PUBLIC,
    )


def _editable(entry: Entry, role: Role) -> tuple[str, ...]:
    properties = (each.name for each in entry.fields_for(role) if each.editable)
    return ("geom", *(["cell"] if entry.cell else []), *properties)


def _select(entry: Entry, role: Role) -> sql.Composable:
    """Plain enough to be written through, where an editor writes."""
    expressions = {
        "id": entry.id_column, "town_id": entry.town_column, "geom": entry.geometry_column,
    }  # fmt: skip
    expressions |= {each.name: each.expression or each.name for each in entry.fields}
    columns = [
        sql.SQL("{} AS {}").format(_trusted(expressions.get(name, name)), sql.Identifier(name))
        for name in columns_of(entry, role)
    ]
    return sql.SQL("SELECT {} FROM {} WHERE {}").format(
        sql.SQL(", ").join(columns),
        _trusted(entry.relation),
        _trusted(row_condition(entry, role)),
    )


def _trusted(text: str) -> sql.SQL:
    """SQL that the catalogue states; nothing of a request is ever in it."""
    return sql.SQL(text)


def _drop_views(connection: psycopg.Connection) -> None:
    schemas = [SCHEMA, *(role.short_name for role in Role)]
    names = connection.execute(
        "SELECT schemaname, viewname FROM pg_views WHERE schemaname = ANY (%s)", (schemas,)
    ).fetchall()
    for name in names:
        connection.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(*name)))


def _make(connection: psycopg.Connection, view: View) -> None:
    options = sql.SQL("WITH (security_barrier)" if view.is_barrier else "")
    check = sql.SQL("WITH CHECK OPTION" if view.editors else "")
    create = sql.SQL("CREATE VIEW {} {} AS {} {}")
    connection.execute(create.format(view.name, options, view.definition, check))
    _grant(connection, "SELECT", view.name, view.readers)
    rights = f"INSERT ({', '.join(view.added)}), UPDATE ({', '.join(view.changed)}), DELETE"
    _grant(connection, rights, view.name, view.editors)


def _grant(
    connection: psycopg.Connection, rights: str, name: sql.Identifier, roles: tuple[Role, ...]
) -> None:
    if roles:
        statement = sql.SQL("GRANT {} ON {} TO {}").format(
            _trusted(rights), name, sql.SQL(", ").join(sql.Identifier(role) for role in roles)
        )
        connection.execute(statement)
