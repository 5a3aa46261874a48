"""One served town that takes reports, for all tests of this room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import httpx
import psycopg
import pytest

import reporttown
from api.auth.settings import AuthSettings
from dispatchhands import ReportTown


@pytest.fixture(scope="session")
def served(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[ReportTown]:
    with new_database() as conninfo, ExitStack() as stack:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            add_square_grids(connection, 1)
            reporttown.furnish(connection)
            reporttown.add_members(connection, "t101", "t102")
        url = stack.enter_context(serve_app(conninfo, only_this_machine=False, auth=auth_settings))
        names = ["dispatcher", "officer", "planner"]
        names += [name for name, *_ in reporttown.ACCOUNTS]
        names += reporttown.MEMBERS
        clients = {name: _client(url, name) for name in names}
        yield ReportTown(url, conninfo, clients)
        for client in clients.values():
            client.close()


def _client(url: str, name: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, auth=(name, reporttown.PASSWORD))


@pytest.fixture
def town(served: ReportTown) -> Iterator[ReportTown]:
    with psycopg.connect(served.conninfo) as connection:
        reporttown.reset(connection)
    yield served
    # Whatever a test did, every chain holds.
    assert served.execute("SELECT * FROM layers.broken_chains(1::smallint)") == []
