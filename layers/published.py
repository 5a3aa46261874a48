"""The views and grants of the published layers, made from the catalogue."""

from __future__ import annotations

import hashlib

import psycopg
from psycopg import sql

from layers.catalogue import Entry, Release
from layers.entries import CATALOGUE
from spatial.database import RightsClass

SCHEMA = "published"


def publish(connection: psycopg.Connection) -> None:
    """Make every entry's view and grants anew, in the caller's transaction."""
    _drop_views(connection)
    for entry in CATALOGUE.entries:
        _make_view(connection, entry)


def fingerprint(*texts: str) -> str:
    """A hash of the catalogue's views and of `texts`; equal as long as nothing has to be remade."""
    views = (f"{e.id} {e.release} {_columns(e)} {e.select}" for e in CATALOGUE.entries)
    return hashlib.sha256("\n".join((*views, *texts)).encode()).hexdigest()


def view_of(entry: Entry) -> sql.Identifier:
    """The qualified name of an entry's view."""
    return sql.Identifier(SCHEMA, entry.id)


def _drop_views(connection: psycopg.Connection) -> None:
    names = connection.execute(
        "SELECT viewname FROM pg_views WHERE schemaname = %s", (SCHEMA,)
    ).fetchall()
    for (name,) in names:
        connection.execute(sql.SQL("DROP VIEW {}").format(sql.Identifier(SCHEMA, name)))


def _columns(entry: Entry) -> list[str]:
    return ["id", "town_id", *(field.name for field in entry.fields), "geom"]


def _make_view(connection: psycopg.Connection, entry: Entry) -> None:
    """The outer SELECT names the public columns, so that no other can slip through."""
    columns = sql.SQL(", ").join(map(sql.Identifier, _columns(entry)))
    statement = sql.SQL("CREATE VIEW {} AS SELECT {} FROM ({}) AS layer")
    connection.execute(statement.format(view_of(entry), columns, sql.SQL(entry.select)))
    for rights in _readers(entry):
        grant = sql.SQL("GRANT SELECT ON {} TO {}")
        connection.execute(grant.format(view_of(entry), sql.Identifier(rights.value)))


def _readers(entry: Entry) -> list[RightsClass]:
    public = [RightsClass.ANONYMOUS] if entry.release is Release.PUBLIC else []
    return [*public, RightsClass.INTERNAL]
