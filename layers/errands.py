"""Work in a process of its own, on somebody's behalf: what it needs to reach the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from spatial.database import Principal, become
from spatial.town import Town


@dataclass(frozen=True)
class Errand:
    """Who has sent it, and where.

    Attributes:
        conninfo: of the web's own login; what is done takes on the principal's role.
    """

    conninfo: str
    principal: Principal
    town: Town

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[Any]]:
        """A transaction as the principal; committed on leaving, rolled back on an error."""
        with psycopg.connect(self.conninfo) as connection:
            # Should this process be killed, the server notices while a statement runs.
            connection.execute("SET client_connection_check_interval = '1s'")
            become(connection, self.principal)
            yield connection
