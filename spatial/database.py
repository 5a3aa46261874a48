"""Connections, and the one way to a transaction: as somebody.

The database decides what a principal may see: a transaction takes on the role of the principal's
rights class, so that a check forgotten further up shows nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool

AnyConnection = psycopg.AsyncConnection[Any]


class RightsClass(StrEnum):
    """A database role; each may read what the one before it may, and more."""

    ANONYMOUS = "gridwhistle_anonymous"
    INTERNAL = "gridwhistle_internal"


@dataclass(frozen=True)
class Principal:
    """On whose behalf a transaction runs, in which town and at which clock."""

    rights: RightsClass
    town_id: int
    time_zone: str = "UTC"
    timeout_ms: int = 30_000


# One statement, so that taking on a role costs one round trip.
_BECOME = """
SELECT set_config('role', %s, true), set_config('gridwhistle.town_id', %s, true),
       set_config('TimeZone', %s, true), set_config('statement_timeout', %s, true)
"""


def _identity(principal: Principal) -> tuple[str, ...]:
    return (
        principal.rights.value,
        str(principal.town_id),
        principal.time_zone,
        str(principal.timeout_ms),
    )


@contextmanager
def transaction(pool: ConnectionPool, principal: Principal) -> Iterator[psycopg.Connection[Any]]:
    """A transaction as `principal`; committed on leaving, rolled back on an error."""
    with pool.connection() as connection, connection.transaction():
        connection.execute(_BECOME, _identity(principal))
        yield connection


@asynccontextmanager
async def async_transaction(
    pool: AsyncConnectionPool, principal: Principal
) -> AsyncIterator[AnyConnection]:
    """The same on the event loop; the role switch rides in the same pipeline as the query."""
    async with pool.connection() as connection, connection.pipeline(), connection.transaction():
        await connection.execute(_BECOME, _identity(principal))
        yield connection


def open_pool(url: str, *, max_size: int = 8) -> ConnectionPool:
    """A pool of plain connections, opened and checked."""
    pool = ConnectionPool(url, min_size=1, max_size=max_size, open=False)
    pool.open(wait=True, timeout=10)
    return pool
