"""What commands share: the installation's running database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from layers.migrations.run import migrate
from spatial.errors import SetupError
from spatial.server import PrivateServer
from spatial.settings import Settings


def private_server(settings: Settings) -> PrivateServer:
    """The installation's own server, not started yet."""
    return PrivateServer(settings.data_folder / "postgresql", settings.postgresql_listen)


@contextmanager
def started_database(settings: Settings) -> Iterator[str]:
    """The conninfo of the installation's database, running, be it migrated or not.

    The private server is started when nobody runs it, and stopped when nobody needs it any more.

    Raises:
        SetupError: it does not run.
    """
    if settings.database_url:
        _refuse_unreachable(settings.database_url)
        yield settings.database_url
        return
    with private_server(settings).lease() as conninfo:
        yield conninfo


@contextmanager
def running_database(settings: Settings) -> Iterator[str]:
    """The same, migrated."""
    with started_database(settings) as conninfo:
        migrate(conninfo)
        yield conninfo


@contextmanager
def connected(settings: Settings) -> Iterator[psycopg.Connection]:
    """One connection to the running database; what was not committed is rolled back."""
    with running_database(settings) as conninfo, psycopg.connect(conninfo) as connection:
        yield connection


def _refuse_unreachable(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]  # names the host, never the password
        raise SetupError(
            f"DATABASE_URL can't be reached: {reason}", remedy="correct or unset DATABASE_URL"
        ) from error
