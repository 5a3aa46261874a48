"""What a responder knows of the own orders."""

from __future__ import annotations

from typing import Any

from spatial.database import AnyConnection


async def read_own_orders(connection: AnyConnection) -> dict[str, Any]:
    """Of the account whose transaction this is: {now, responder, accept_within_s, orders}.

    `responder` is None where the account is bound to none.
    """
    cursor = await connection.execute("SELECT layers.my_orders()")
    row = await cursor.fetchone()
    assert row is not None
    own: dict[str, Any] = row[0]
    return own
