"""What commands share: the installation's running database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from layers.migrations.run import migrate
from spatial.server import PrivateServer
from spatial.settings import Settings


@contextmanager
def running_database(settings: Settings) -> Iterator[str]:
    """The conninfo of the installation's database, running and migrated.

    The private server is started when nobody runs it, and stopped when nobody needs it any more.
    """
    if settings.database_url:
        migrate(settings.database_url)
        yield settings.database_url
        return
    with PrivateServer(settings.data_folder / "postgresql").lease() as conninfo:
        migrate(conninfo)
        yield conninfo


@contextmanager
def connected(settings: Settings) -> Iterator[psycopg.Connection]:
    """One connection to the running database; what was not committed is rolled back."""
    with running_database(settings) as conninfo, psycopg.connect(conninfo) as connection:
        yield connection
