"""What a responder knows of the own orders."""

from __future__ import annotations

from typing import Any

from psycopg_pool import AsyncConnectionPool

from spatial.database import AnyConnection, Principal, fetch_row

_OWN = b"SELECT layers.my_orders()"


async def read_own_orders(
    pool: AsyncConnectionPool[AnyConnection], principal: Principal
) -> dict[str, Any]:
    """Of the principal's account: {now, responder, accept_within_s, orders}.

    `responder` is None where the account is bound to none. In one round trip: every page of those
    who are sent asks whenever one of its orders moves.
    """
    async with pool.connection() as connection:
        row = await fetch_row(connection, principal, _OWN, {})
    own: dict[str, Any] = row[0]
    return own
