"""Migrating: once, twice, at the same time, and never backwards."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.conninfo import make_conninfo

import layers.migrations
from layers.migrations.revision import newest_revision, stored_revision
from layers.migrations.run import migrate
from spatial.errors import SetupError


@pytest.fixture
def bare(server: str) -> Iterator[str]:
    """A database without anything."""
    name = f"bare_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield make_conninfo(server, dbname=name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_files_names_say_what_alembic_says() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(layers.migrations.__path__[0])))
    assert ScriptDirectory.from_config(config).get_current_head() == newest_revision()


def test_two_starts_at_once_take_turns(bare: str) -> None:
    with ThreadPoolExecutor(2) as two:
        list(two.map(migrate, [bare, bare]))
    migrate(bare)
    with psycopg.connect(bare) as connection:
        assert stored_revision(connection) == newest_revision()


def test_a_later_versions_database_is_left_alone(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE layers.alembic_version SET version_num = '9999'")
    with pytest.raises(SetupError, match=r"later version.*9999"):
        migrate(database)


def test_an_empty_database_has_no_revision(bare: str) -> None:
    with psycopg.connect(bare) as connection:
        assert stored_revision(connection) is None


def test_a_missing_right_is_said_with_its_remedy(bare: str) -> None:
    role = f"nobody_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(bare, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
        try:
            with pytest.raises(SetupError, match="CREATE EXTENSION postgis"):
                migrate(make_conninfo(bare, user=role))
        finally:
            connection.execute(f"DROP ROLE {role}")
