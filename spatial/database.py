"""Connections, and the one way to a transaction: as somebody.

The database decides what a principal may see: a transaction takes on the principal's role, so that
a check forgotten further up shows nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool

AnyConnection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True)
class Principal:
    """On whose behalf a transaction runs, in which town and at which clock.

    Attributes:
        role: the database role that is taken on.
        account_id: whose changes these are; None for somebody without an account.
        department: whose rows are the principal's own; "*" for every department.
        grid_id: the grid whose rows are the principal's own.
        layers: the internal layers that the principal's account is granted by name.
        only_layers: the only layers that it came for, as a key may be; None for all that it may.
        may_write: whether anything may be changed on its behalf; else PostgreSQL refuses it.
        moment: at which layers that keep their versions are looked at; None for now.
    """

    role: str
    town_id: int
    account_id: int | None = None
    department: str | None = None
    grid_id: int | None = None
    layers: tuple[str, ...] = ()
    only_layers: tuple[str, ...] | None = None
    may_write: bool = True
    time_zone: str = "UTC"
    timeout_ms: int = 30_000
    moment: datetime | None = None

    @property
    def rights_class(self) -> RightsClass:
        """What the principal's rights hang on: principals of one class see the same."""
        return RightsClass(
            self.role, self.town_id, self.department, self.grid_id, self.layers, self.only_layers
        )

    def reaches(self, layer: str) -> bool:
        """Whether it came for this layer too, as far as its role sees it."""
        return self.only_layers is None or layer in self.only_layers


class RightsClass(NamedTuple):
    """A key by which caches and feeds evaluate rights once for many principals."""

    role: str
    town_id: int
    department: str | None = None
    grid_id: int | None = None
    layers: tuple[str, ...] = ()
    only_layers: tuple[str, ...] | None = None


# One statement, so that taking on a role costs one round trip. It takes a snapshot: from then on
# PostgreSQL refuses to set a read-only transaction writing (but RESET does it, before version 16).
_BECOME = """
SELECT set_config('role', %s, true), set_config('gridwhistle.town_id', %s, true),
       set_config('gridwhistle.account_id', %s, true),
       set_config('gridwhistle.department', %s, true),
       set_config('gridwhistle.grid_id', %s, true), set_config('gridwhistle.layers', %s, true),
       set_config('gridwhistle.only_layers', %s, true), set_config('gridwhistle.moment', %s, true),
       set_config('TimeZone', %s, true), set_config('statement_timeout', %s, true),
       set_config('transaction_read_only', %s, true)
"""
_EVERY_LAYER = "*"


def _identity(principal: Principal) -> tuple[str, ...]:
    return (
        principal.role,
        str(principal.town_id),
        _text(principal.account_id),
        principal.department or "",
        _text(principal.grid_id),
        ",".join(principal.layers),
        _EVERY_LAYER if principal.only_layers is None else ",".join(principal.only_layers),
        principal.moment.isoformat() if principal.moment else "",
        principal.time_zone,
        str(principal.timeout_ms),
        "off" if principal.may_write else "on",
    )


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def become(connection: psycopg.Connection[Any], principal: Principal) -> None:
    """Take on the principal's role for the rest of the current transaction."""
    connection.execute(_BECOME, _identity(principal))


@contextmanager
def transaction(pool: ConnectionPool, principal: Principal) -> Iterator[psycopg.Connection[Any]]:
    """A transaction as `principal`; committed on leaving, rolled back on an error."""
    with pool.connection() as connection, connection.transaction():
        become(connection, principal)
        yield connection


@asynccontextmanager
async def async_transaction(
    pool: AsyncConnectionPool, principal: Principal
) -> AsyncIterator[AnyConnection]:
    """The same on the event loop; the role switch rides in the same pipeline as the query."""
    async with pool.connection() as connection, connection.pipeline(), connection.transaction():
        await connection.execute(_BECOME, _identity(principal))
        yield connection


async def fetch_row(
    connection: AnyConnection,
    principal: Principal,
    query: bytes,
    values: Mapping[str, Any],
    *,
    binary: bool = False,
) -> Any:
    """The first row that one statement gives `principal`, or None; in one round trip.

    The connection is one of autocommit. Role and statement leave in one pipeline, and what a
    pipeline holds outside a transaction block is one transaction (PostgreSQL, libpq, "Pipeline
    mode"), which ends with it: BEGIN and COMMIT would cost as much again.
    """
    async with connection.pipeline():
        await connection.execute(_BECOME, _identity(principal))
        cursor = await connection.execute(query, values, binary=binary)
    return await cursor.fetchone()


@asynccontextmanager
async def copying_transaction(
    pool: AsyncConnectionPool, principal: Principal
) -> AsyncIterator[AnyConnection]:
    """The same without a pipeline, which COPY can't ride in."""
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(_BECOME, _identity(principal))
        yield connection


def open_pool(url: str, *, min_size: int = 1, max_size: int = 8) -> ConnectionPool:
    """A pool of plain connections, opened and checked.

    Args:
        url: of the database.
        min_size: so many stay open.
        max_size: so many are open at most.
    """
    pool = ConnectionPool(url, min_size=min_size, max_size=max_size, open=False)
    pool.open(wait=True, timeout=10)
    return pool
