"""Migrating: once, twice, at the same time, and never backwards."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import h3
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

import layers.migrations
from layers.migrations.metadata import ROOMS, metadata
from layers.migrations.revision import newest_revision, stored_revision
from layers.migrations.run import migrate, prepare
from spatial.errors import SetupError

OLD_TOWN = """
INSERT INTO spatial.town (code, name, name_en, time_zone, synthetic)
VALUES ('330421111', '姚庄镇', 'Yaozhuang', 'Asia/Shanghai', false);
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
SELECT id, synthetic, 'premises', 'shops.csv' FROM spatial.town;
INSERT INTO layers.premises (town_id, key, kind, name, geom, inside, batch_id)
SELECT town_id, '1', 'shop', '甲', 'SRID=4326;POINT(120 29.2)', true, id FROM spatial.batch;
"""


def first_tables() -> bytes:
    versions = Path(layers.migrations.__path__[0]) / "versions"
    return (versions / "0001_the_town.sql").read_bytes()


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


@pytest.mark.parametrize(
    "tables",
    [
        ("routing.closure", "layers.incident"),
        ("layers.premises", "layers.responder"),
    ],
)
def test_a_replay_beside_work_in_progress_ends_neither(
    new_database: Callable[[], AbstractContextManager[str]], tables: tuple[str, str]
) -> None:
    first, then = tables
    with new_database() as conninfo, ThreadPoolExecutor(1) as another:
        with psycopg.connect(conninfo) as worker:
            worker.execute("COMMENT ON SCHEMA published IS 'as it was made before'")
            worker.commit()
            worker.execute(f"DELETE FROM {first}".encode())
            replay = another.submit(migrate, conninfo)
            time.sleep(0.6)
            worker.execute(f"DELETE FROM {then}".encode())
            worker.commit()
        replay.result(timeout=60)


def test_a_later_versions_database_is_left_alone(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE layers.alembic_version SET version_num = '9999'")
    with pytest.raises(SetupError, match=r"later version.*9999"):
        migrate(database)


def test_the_migrations_make_the_tables_that_the_rooms_declare(database: str) -> None:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(database), poolclass=NullPool
    )
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _parents: kind != "schema" or name in ROOMS,
        "include_object": lambda _object, name, *_rest: name != "alembic_version",
    }
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_a_town_of_the_first_revision_becomes_one_of_the_newest(bare: str) -> None:
    with psycopg.connect(bare) as connection:
        prepare(connection)
        connection.execute(first_tables())
        connection.execute("CREATE TABLE layers.alembic_version (version_num text)")
        connection.execute("INSERT INTO layers.alembic_version VALUES ('0001')")
        connection.execute(OLD_TOWN)
    migrate(bare)
    with psycopg.connect(bare) as connection:
        assert stored_revision(connection) == newest_revision()
        cell, updated = connection.execute("SELECT cell, updated FROM layers.premises").fetchone()
    assert cell == h3.str_to_int(h3.latlng_to_cell(29.2, 120.0, 11))
    assert updated is not None


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
