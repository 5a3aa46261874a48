"""Which revision of the tables stands in a database, and which one this version wants.

Without Alembic, which takes a second to load: at most starts there is nothing to migrate.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

_VERSIONS = Path(__file__).with_name("versions")


def known_revisions() -> list[str]:
    """The revisions of this version, oldest first; each file's name begins with its own."""
    return sorted(file.name.partition("_")[0] for file in _VERSIONS.glob("[0-9]*_*.py"))


def newest_revision() -> str:
    """The revision that this version wants."""
    return known_revisions()[-1]


def stored_revision(connection: psycopg.Connection) -> str | None:
    """The revision of the database; None before the first migration."""
    there = connection.execute("SELECT to_regclass('layers.alembic_version')").fetchone()
    if there is None or there[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM layers.alembic_version").fetchone()
    return str(row[0]) if row else None
