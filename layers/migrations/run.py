"""`migrate`: extensions, roles, tables, then everything that can be replaced."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from layers.published import publish

_HERE = Path(__file__).parent
_SQL_FOLDER = _HERE.parent / "sql"


def migrate(conninfo: str) -> None:
    """Bring the database at `conninfo` up to date; running it again changes nothing."""
    with psycopg.connect(conninfo) as connection:
        # Two processes that start at once take turns.
        connection.execute("SELECT pg_advisory_lock(hashtext('gridwhistle migrate'))")
        prepare(connection)
        _upgrade(conninfo)
        publish(connection)


def prepare(connection: psycopg.Connection) -> None:
    """Extensions, schemas and roles: what the tables and their grants stand on; committed."""
    connection.execute((_SQL_FOLDER / "before.sql").read_text())
    connection.commit()


def _upgrade(conninfo: str) -> None:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
