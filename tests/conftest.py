"""A real PostGIS for every test that touches it: one template database a session."""

from __future__ import annotations

import functools
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from hypothesis import settings

import recycling
import smalltown
from api.app import create_app
from halves import FromBothEnds, in_order
from layers.accounts.demo import demo_password, make_demo_accounts
from layers.demo.load import load_town
from layers.demo.plan import Plan
from layers.demo.start import generate
from layers.demo.town import DemoTown
from layers.migrations.run import migrate
from layers.roles import Role
from spatial.server import PrivateServer
from spatial.settings import Settings

# Commands that tests start compile the code once, not each of them all of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A busy machine is no failure.
settings.register_profile("gridwhistle", deadline=None)
settings.load_profile("gridwhistle")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FromBothEnds:
    return FromBothEnds(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = in_order(items)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the project; a test that needs it is skipped where it is not."""
    if not SHARED_DATA.exists():
        pytest.skip("../shared/data is not here")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def _one_tls_context() -> Iterator[None]:
    """Every client of httpx reads all certificates anew: longer than most requests of a test."""
    with pytest.MonkeyPatch.context() as patch:
        context = functools.cache(httpx.create_ssl_context)
        patch.setattr("httpx._transports.default.create_ssl_context", context)
        yield


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that the server's user may reach when root runs the tests.

    Not pytest's: every session that starts as root closes those to all others.
    """
    with tempfile.TemporaryDirectory(prefix="gridwhistle-test-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def server(open_folder: Path) -> Iterator[str]:
    """Conninfo of a running server: DATABASE_URL, or a private one of this session."""
    url = os.environ.get("DATABASE_URL")
    if url:
        yield url
        return
    with PrivateServer(open_folder / "postgresql").lease() as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            # Nothing here must survive a power cut.
            for safety in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {safety} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield conninfo


@pytest.fixture(scope="session")
def template(server: str) -> Iterator[str]:
    """The name of a migrated, empty database that others are cloned from."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    migrate(recycling.create(server, name))
    yield name
    recycling.drop(server, name)


@pytest.fixture(scope="session")
def new_database(
    server: str, template: str
) -> Iterator[Callable[..., AbstractContextManager[str]]]:
    """`with new_database() as conninfo`: a clone of the template, and nobody else's meanwhile.

    `new_database(like=conninfo)`: of that database, to which nobody is connected.
    """
    databases = recycling.Databases(server, template)
    yield databases.lend
    databases.drop_all()


@pytest.fixture
def database(new_database: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """Conninfo of a clone of the template, for a test that must commit."""
    with new_database() as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def empty_database(new_database: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """Conninfo of one clone for all tests that roll back."""
    with new_database() as conninfo:
        yield conninfo


@pytest.fixture(scope="session")
def add_small_town() -> Callable[..., int]:
    """`add_small_town(connection, synthetic=...)`: a square of 0.1° and one batch; its number."""
    return smalltown.add_town


@pytest.fixture(scope="session")
def small_town(
    new_database: Callable[..., AbstractContextManager[str]],
) -> Callable[..., AbstractContextManager[str]]:
    """`with small_town(synthetic=...) as conninfo`: town 1 with batch 1, and nothing in it yet."""

    @contextmanager
    def make(*, synthetic: bool = False) -> Iterator[str]:
        with new_database() as conninfo:
            with psycopg.connect(conninfo) as connection:
                smalltown.add_town(connection, synthetic=synthetic)
            yield conninfo

    return make


@pytest.fixture
def connection(empty_database: str) -> Iterator[psycopg.Connection]:
    """A connection whose changes are rolled back after the test."""
    with psycopg.connect(empty_database) as connection:
        yield connection
        connection.rollback()


@contextmanager
def _serving(
    conninfo: str, data_folder: Path, installed: dict[str, Any] | None = None, **how: Any
) -> Iterator[str]:
    """The base URL of the app, served in a thread of this process; `installed` are settings."""
    app = create_app(Settings(data_folder, **(installed or {})), conninfo, **how)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", timeout=60)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


@pytest.fixture(scope="session")
def serve_app(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[str]]:
    """`with serve_app(conninfo, only_this_machine=...) as base_url`."""
    return lambda conninfo, **how: _serving(conninfo, tmp_path_factory.mktemp("app"), **how)


@pytest.fixture(scope="session")
def demo_secret() -> bytes:
    """From which the passwords of the demo's accounts follow."""
    return secrets.token_bytes(32)


@pytest.fixture(scope="session")
def demo_account(demo_secret: bytes) -> Callable[[Role], tuple[str, str]]:
    """`name, password = demo_account(role)`: for HTTP Basic, `/login` or `/api/session`."""

    def find(role: Role) -> tuple[str, str]:
        name = role.short_name.replace("_", "-")
        return name, demo_password(demo_secret, name)

    return find


@pytest.fixture(scope="session")
def generated_town() -> tuple[DemoTown, str]:
    """The default demo town and its digest, made once; tests only read it."""
    return generate(Plan())


@pytest.fixture(scope="session")
def demo_database(
    new_database: Callable[..., AbstractContextManager[str]],
    generated_town: tuple[DemoTown, str],
    demo_secret: bytes,
) -> Iterator[str]:
    """Conninfo of one demo town with an account for each role, made once; tests only read it."""
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            make_demo_accounts(connection, load_town(connection, *generated_town), demo_secret)
        yield conninfo


@pytest.fixture(scope="session")
def demo_url(demo_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of the demo town as its own machine sees it: its page shows internal layers too.

    It is served by the real command in a process of its own, since some clients (GDAL in Python)
    hold the interpreter's lock while they wait.
    """
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0"]
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {"DATABASE_URL": demo_database, "GRIDWHISTLE_DATA": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            first_line = process.stdout.readline()
            yield first_line.split()[-1].rstrip("/")
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def public_url(
    demo_database: str, serve_app: Callable[..., AbstractContextManager[str]]
) -> Iterator[str]:
    """Base URL of the demo town as anonymous visitors from elsewhere see it."""
    with serve_app(demo_database, only_this_machine=False) as base_url:
        yield base_url


@pytest.fixture(scope="session")
def add_square_grids() -> Callable[..., dict[str, int]]:
    """`ids = add_square_grids(connection, town_id)`: a coverage of 16 squares; ids by code."""
    return smalltown.add_square_grids
