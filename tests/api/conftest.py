"""A small real town with an account for each role, behind a door that is really locked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from limits import parse

from api.auth.settings import AuthSettings
from drawn_town import DrawnTown, bend_squares
from gridfiles import MOST_BYTES, Files, FilesTown, signed_in
from layers.accounts.administration import AccountPlan, add_account
from layers.accounts.passwords import hash_password
from layers.accounts.sessions import SessionTimes
from layers.facts.store import save_facts
from layers.roles import Role

PASSWORD = "a password for tests"
PLANS = {
    "planner": (Role.PLANNER, {}),
    "officer": (Role.OFFICER, {"department": "police"}),
    "dispatcher": (Role.DISPATCHER, {"department": "*"}),
    "editor": (Role.GIS_EDITOR, {}),
    "system": (Role.SYSTEM, {"layers": ("responders",)}),
    "administrator": (Role.ADMINISTRATOR, {}),
    "security": (Role.SECURITY_OFFICER, {}),
    "auditor": (Role.AUDITOR, {}),
}


@dataclass(frozen=True)
class GuardedTown:
    """A served town.

    Attributes:
        conninfo: of the database's owner.
        ids: each account's number, by name.
    """

    url: str
    conninfo: str
    ids: dict[str, int] = field(default_factory=dict)
    password: str = PASSWORD

    def client(self, **options: Any) -> httpx.Client:
        """Like a browser on the page: it keeps cookies and says where it comes from."""
        return httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=30, **options)

    def signed_in(self, name: str) -> httpx.Client:
        """The client of an account; offices without a second factor lack a step."""
        client = self.client()
        body = {"name": name, "password": PASSWORD}
        answer = client.post("/api/session", json=body)
        assert answer.status_code == 201, answer.text
        return client

    def execute(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """As the owner of the database, committed."""
        with psycopg.connect(self.conninfo) as connection:
            cursor = connection.execute(statement.encode(), parameters)
            return cursor.fetchall() if cursor.description else []


def _add_features(connection: psycopg.Connection) -> None:
    """Three premises and two responders, in town 1."""
    save_facts(connection)
    connection.execute(
        "INSERT INTO layers.premises (town_id, key, kind, name, geom, inside, batch_id)"
        " SELECT 1, n::text, 'shop', '店' || n, 'SRID=4326;POINT(120.05 29.05)', true, 1"
        " FROM generate_series(1, 3) AS n"
    )
    connection.execute(
        "INSERT INTO layers.responder (town_id, key, label, department, geom, inside, batch_id)"
        " VALUES (1, 'r', '警01', 'police', 'SRID=4326;POINT(120.05 29.05)', true, 1),"
        " (1, 's', '救01', 'emergency', 'SRID=4326;POINT(120.06 29.05)', true, 1)"
    )


def _add_accounts(connection: psycopg.Connection, password_hash: str) -> dict[str, int]:
    """PLANS' accounts, in town 1, all with one password; their numbers."""
    ids = {
        name: add_account(connection, 1, AccountPlan(name, role, **more))
        for name, (role, more) in PLANS.items()
    }
    connection.execute("UPDATE layers.account_secret SET password_hash = %s", (password_hash,))
    return ids


@pytest.fixture(scope="session")
def client_of_each(
    demo_account: Callable[[Role], tuple[str, str]],
) -> Callable[..., AbstractContextManager[dict[Role, httpx.Client]]]:
    """`with client_of_each(base_url, roles)`: clients of the demo town, signed in."""

    @contextmanager
    def opened(base_url: str, roles: Iterable[Role]) -> Iterator[dict[Role, httpx.Client]]:
        with ExitStack() as stack:
            yield {
                role: stack.enter_context(
                    httpx.Client(
                        base_url=base_url,
                        timeout=60,
                        auth=None if role is Role.ANONYMOUS else demo_account(role),
                    )
                )
                for role in roles
            }

    return opened


@pytest.fixture(scope="session")
def fill_town(add_small_town: Callable[..., int]) -> Callable[..., dict[str, int]]:
    """`fill_town(conninfo, synthetic=...)`: the small town, lived in; its accounts' numbers."""
    password_hash = hash_password(PASSWORD)  # slow on purpose

    def fill(conninfo: str, *, synthetic: bool = False) -> dict[str, int]:
        with psycopg.connect(conninfo) as connection:
            add_small_town(connection, synthetic=synthetic)
            _add_features(connection)
            return _add_accounts(connection, password_hash)

    return fill


@pytest.fixture(scope="session")
def auth_settings() -> AuthSettings:
    """As they are by default, but for tests that sign in all the time."""
    return AuthSettings(
        sessions=SessionTimes(timedelta(minutes=30), timedelta(hours=12)),
        sign_in_rate=parse("10000/minute"),
    )


@pytest.fixture(scope="session")
def guarded(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[GuardedTown]:
    """One real town for all tests of the session: each makes what it changes."""
    with new_database() as conninfo:
        ids = fill_town(conninfo)
        with serve_app(conninfo, only_this_machine=True, auth=auth_settings) as url:
            yield GuardedTown(url, conninfo, ids)


@dataclass(frozen=True)
class SquareTown:
    """A served town of 16 square micro-grids; its units' ids by code."""

    url: str
    conninfo: str
    ids: dict[str, int]


@pytest.fixture(scope="session")
def serve_squares(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Callable[..., AbstractContextManager[SquareTown]]:
    """`with serve_squares(prepare) as town`: with a second editor, bert, who approves."""

    @contextmanager
    def serve(
        prepare: Callable[[psycopg.Connection], None], *, synthetic: bool = False
    ) -> Iterator[SquareTown]:
        with new_database() as conninfo:
            fill_town(conninfo, synthetic=synthetic)
            with psycopg.connect(conninfo) as connection:
                ids = add_square_grids(connection, 1)
                prepare(connection)
                plan = AccountPlan(
                    "bert", Role.GIS_EDITOR, password=PASSWORD, must_change_password=False
                )
                add_account(connection, 1, plan)
            with serve_app(conninfo, only_this_machine=True, auth=auth_settings) as url:
                yield SquareTown(url, conninfo, ids)

    return serve


@pytest.fixture(scope="session")
def open_drawn(
    serve_squares: Callable[..., AbstractContextManager[SquareTown]],
) -> Callable[[], AbstractContextManager[DrawnTown]]:
    @contextmanager
    def run() -> Iterator[DrawnTown]:
        with serve_squares(bend_squares) as town:
            found = DrawnTown(town.url, town.conninfo, town.ids)
            yield found
            for client in found.clients.values():
                client.close()

    return run


@pytest.fixture(scope="session")
def drawn_town(
    open_drawn: Callable[[], AbstractContextManager[DrawnTown]],
) -> Iterator[DrawnTown]:
    """One for the tests that make nothing effective; each has a client of its own."""
    with open_drawn() as found:
        yield found


@pytest.fixture
def own_drawn(open_drawn: Callable[[], AbstractContextManager[DrawnTown]]) -> Iterator[DrawnTown]:
    """One for a test that makes something effective."""
    with open_drawn() as found:
        yield found


@pytest.fixture
def own_town(
    database: str,
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
) -> Callable[..., AbstractContextManager[GuardedTown]]:
    """`with own_town(lockout=...) as town`: one for a single test, with settings of its own."""

    @contextmanager
    def serve(*, synthetic: bool = False, **settings: Any) -> Iterator[GuardedTown]:
        ids = fill_town(database, synthetic=synthetic)
        auth = AuthSettings(**settings)
        with serve_app(database, only_this_machine=True, auth=auth) as url:
            yield GuardedTown(url, database, ids)

    return serve


@pytest.fixture(scope="session")
def working_town(
    guarded: GuardedTown, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GuardedTown]:
    """The guarded town with the real worker, in a process of its own."""
    folder = tmp_path_factory.mktemp("worker")
    command = [sys.executable, "-m", "api.cli", "--data", str(folder), "worker"]
    environment = os.environ | {"DATABASE_URL": guarded.conninfo}
    with subprocess.Popen(command, env=environment) as process:
        try:
            alive = "SELECT 1 FROM procrastinate.procrastinate_workers"
            while not guarded.execute(alive):
                assert process.poll() is None, "the worker did not start"
                time.sleep(0.1)
            yield guarded
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def files_town(
    new_database: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    serve_app: Callable[..., AbstractContextManager[str]],
    auth_settings: AuthSettings,
) -> Iterator[FilesTown]:
    """Its tests make drafts, and take none into effect."""
    with new_database() as conninfo:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            add_square_grids(connection, 1)
        auth = replace(auth_settings, max_body_bytes=MOST_BYTES)
        with (
            serve_app(conninfo, only_this_machine=True, auth=auth) as url,
            signed_in(url, "editor") as editor,
        ):
            yield FilesTown(url, conninfo, Files(editor))


@pytest.fixture(scope="session")
def file_editor(files_town: FilesTown) -> httpx.Client:
    """Somebody who drafts in the town of files."""
    return files_town.files.editor


@pytest.fixture
def package(files_town: FilesTown, tmp_path: Path) -> Path:
    """Its grids."""
    return files_town.files.put(tmp_path, "gpkg")
