"""The access log's writer: lines are collected in memory and written once a second."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field
from itertools import islice

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from layers.accounts.access_log import Access, write_accesses
from spatial.database import AnyConnection

LOGGER = logging.getLogger(__name__)
_PAUSE_S = 1.0
_MOST_AT_ONCE = 2_000
# While the database is away lines wait; so many are an hour of a busy town.
_MOST_WAITING = 100_000


@dataclass
class Journal:
    """Lines that wait to be written, off the requests' path."""

    pool: AsyncConnectionPool[AnyConnection]
    _waiting: deque[Access] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))

    def add(self, access: Access) -> None:
        """Note one answered request."""
        if len(self._waiting) == _MOST_WAITING:
            LOGGER.error("the access log can't be written: its oldest waiting line is lost")
        self._waiting.append(access)

    async def run(self) -> None:
        """Write what waits, once a second, without end."""
        while True:
            await asyncio.sleep(_PAUSE_S)
            await self.write()

    async def write(self) -> None:
        """Write what waits now; what can't be written waits on.

        What comes meanwhile is left for the next second: under load something always comes.
        """
        left = len(self._waiting)
        try:
            while left > 0:
                lines = list(islice(self._waiting, min(left, _MOST_AT_ONCE)))
                async with self.pool.connection() as connection:
                    await write_accesses(connection, lines)
                for _ in lines:
                    self._waiting.popleft()
                left -= len(lines)
        except (psycopg.Error, PoolTimeout) as error:
            LOGGER.warning("the access log waits for the database: %s", type(error).__name__)
