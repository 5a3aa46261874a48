"""A real PostGIS for every test that touches it: one template database a session."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from layers.migrations.run import migrate
from spatial.server import PrivateServer

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; a test that needs it is skipped where it is not."""
    if not SHARED_DATA.exists():
        pytest.skip("../shared/data is not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Conninfo of a running server: DATABASE_URL, or a private one of this session."""
    url = os.environ.get("DATABASE_URL")
    if url:
        yield url
        return
    folder = tmp_path_factory.mktemp("postgresql", numbered=True)
    for parent in (folder, *folder.parents[:2]):  # the server's user must get there
        parent.chmod(0o755)
    with PrivateServer(folder).lease() as conninfo:
        yield conninfo


def _create(server: str, name: str, template: str = "template1") -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_conninfo(server, dbname=name)


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """The name of a migrated, empty database that others are cloned from."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    migrate(_create(server, name))
    yield name
    _drop(server, name)


@pytest.fixture(scope="session")
def new_database(server: str, template: str) -> Callable[[], AbstractContextManager[str]]:
    """`with new_database() as conninfo`: a clone of the template, dropped afterwards."""

    @contextmanager
    def clone() -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex[:8]}"
        yield _create(server, name, template)
        _drop(server, name)

    return clone


@pytest.fixture
def database(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """Conninfo of a clone of the template, for a test that must commit."""
    with new_database() as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def empty_database(new_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """Conninfo of one clone for all tests that roll back."""
    with new_database() as conninfo:
        yield conninfo


@pytest.fixture
def connection(empty_database: str) -> Iterator[psycopg.Connection]:
    """A connection whose changes are rolled back after the test."""
    with psycopg.connect(empty_database) as connection:
        yield connection
        connection.rollback()
