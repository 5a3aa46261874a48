"""The change feed: which tables changed, as PostgreSQL's NOTIFY tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg

CHANNEL = "gridwhistle_changes"
ANYTHING = "*"
_PAUSE_S = 1.0


def table_changes(conninfo: str) -> AsyncIterator[str]:
    """Names of tables (`schema.table`) as their changes are committed, without end.

    ANYTHING comes first, and again after every lost connection.
    """
    return notices(conninfo, CHANNEL)


async def notices(conninfo: str, channel: str) -> AsyncIterator[str]:
    """What is told on a channel, without end.

    ANYTHING comes first, and again after every lost connection: whoever keeps a copy looks once
    more, since what was told meanwhile was not heard.
    """
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as listener:
                await listener.execute(f"LISTEN {channel}")
                yield ANYTHING
                async for notice in listener.notifies():
                    yield notice.payload
        except psycopg.OperationalError:
            await asyncio.sleep(_PAUSE_S)
