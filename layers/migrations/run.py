"""`migrate`: extensions, roles, tables, then everything that can be replaced."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from layers.changes.triggers import change_triggers, install_change_triggers
from layers.changes.views import change_views, publish_changes
from layers.facts.store import save_facts
from layers.jobs.queue import install_queue
from layers.migrations.locking import lock_everything
from layers.migrations.revision import known_revisions, newest_revision, stored_revision
from layers.published import SCHEMA, fingerprint, publish
from spatial.errors import SetupError
from spatial.town import find_town
from spatial.web_login import admit_web_login

_SQL_FOLDER = Path(__file__).parents[1] / "sql"


def migrate(conninfo: str) -> None:
    """Bring the database at `conninfo` up to date; running it again changes nothing.

    Raises:
        SetupError: a later version has migrated it already, or a right is missing.
    """
    with psycopg.connect(conninfo) as connection:
        # Two processes that start at once take turns.
        connection.execute("SELECT pg_advisory_lock(hashtext('gridwhistle migrate'))")
        prepare(connection)
        _upgrade_if_needed(connection, conninfo)
        install_queue(connection)
        _replay(connection)
        admit_web_login(connection, conninfo)


def prepare(connection: psycopg.Connection) -> None:
    """Extensions, schemas and roles: what the tables and their grants stand on; committed.

    Raises:
        SetupError: the user may not make them.
    """
    try:
        connection.execute((_SQL_FOLDER / "before.sql").read_text())
    except psycopg.errors.InsufficientPrivilege as error:
        raise SetupError(
            f"the database's user lacks a right: {error.diag.message_primary}",
            remedy="as an administrator, in this database: CREATE EXTENSION postgis; "
            "CREATE EXTENSION btree_gist; ALTER ROLE … CREATEROLE",
        ) from error
    connection.commit()


def _replay(connection: psycopg.Connection) -> None:
    """Functions, triggers and views: all anew where their text has changed, else nothing.

    Making them locks tables, for which a command beside a long import would wait.
    """
    files = [file.read_text() for file in sorted((_SQL_FOLDER / "after").glob("*.sql"))]
    made = [change_triggers(), *(view.as_string() for view in change_views())]
    wanted = fingerprint(*files, *made)
    if _replayed(connection) == wanted:
        return
    with connection.transaction():
        lock_everything(connection)
        for statements in files:
            connection.execute(statements.encode())
        publish(connection)
        publish_changes(connection)
        install_change_triggers(connection)
        note = sql.SQL("COMMENT ON SCHEMA {} IS {}")
        connection.execute(note.format(sql.Identifier(SCHEMA), sql.Literal(wanted)))


def _replayed(connection: psycopg.Connection) -> str | None:
    row = connection.execute(
        "SELECT obj_description(to_regnamespace(%s), 'pg_namespace')", (SCHEMA,)
    ).fetchone()
    return row[0] if row else None


def _upgrade_if_needed(connection: psycopg.Connection, conninfo: str) -> None:
    stored = stored_revision(connection)
    connection.commit()
    if stored == newest_revision():
        return
    if stored is not None and stored not in known_revisions():
        raise SetupError(
            f"the database was migrated by a later version of gridwhistle ({stored})",
            remedy="start that version, or restore a backup made by this one",
        )
    # Imported when there is something to do: Alembic takes a second to load.
    from layers.migrations.upgrade import upgrade  # noqa: PLC0415

    upgrade(conninfo)
    # Likewise: pandas and its kin.
    from routing.stored.store import save_missing_graphs  # noqa: PLC0415

    save_missing_graphs(connection)
    if find_town(connection):
        save_facts(connection)  # those that came with this version
    connection.commit()
