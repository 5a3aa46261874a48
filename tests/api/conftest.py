"""A small real town with an account for each role, behind a door that is really locked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from limits import parse

from api.auth.settings import AuthSettings
from layers.accounts.administration import AccountPlan, add_account
from layers.accounts.sessions import SessionTimes
from layers.facts.store import save_facts
from layers.roles import Role

PASSWORD = "a password for tests"
SQUARE = "SRID=4326;MULTIPOLYGON(((120 29,120.1 29,120.1 29.1,120 29.1,120 29)))"
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


def _fill_town(conninfo: str, *, synthetic: bool) -> dict[str, int]:
    """A town of a square with three premises and PLANS' accounts; their numbers."""
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid,"
            " synthetic) VALUES ('t', '小镇', 'Small', %s, 'Asia/Shanghai', 4549, %s)",
            (SQUARE, synthetic),
        )
        save_facts(connection)
        connection.execute(
            "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)"
            " VALUES (1, %s, 'premises', 'synthetic')",
            (synthetic,),
        )
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
        return {
            name: add_account(
                connection,
                1,
                AccountPlan(name, role, password=PASSWORD, must_change_password=False, **more),
            )
            for name, (role, more) in PLANS.items()
        }


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
    auth_settings: AuthSettings,
) -> Iterator[GuardedTown]:
    """One real town for all tests of the session: each makes what it changes."""
    with new_database() as conninfo:
        ids = _fill_town(conninfo, synthetic=False)
        with serve_app(conninfo, only_this_machine=True, auth=auth_settings) as url:
            yield GuardedTown(url, conninfo, ids)


@pytest.fixture
def own_town(
    database: str, serve_app: Callable[..., AbstractContextManager[str]]
) -> Callable[..., AbstractContextManager[GuardedTown]]:
    """`with own_town(lockout=...) as town`: one for a single test, with settings of its own."""

    @contextmanager
    def serve(*, synthetic: bool = False, **settings: Any) -> Iterator[GuardedTown]:
        ids = _fill_town(database, synthetic=synthetic)
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
def fill_town() -> Callable[..., dict[str, int]]:
    """`fill_town(conninfo, synthetic=...)`: a small town and its accounts' numbers by name."""
    return _fill_town
