"""Moves of responders to the streams of those who follow the layer: some a second, by no log.

A move is told as it is now, without a number: who was away asks for the layer once more. So what
moves every second costs one short query a second for each rights class, not a line of the log.
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import datetime, timedelta
from functools import partial

import psycopg
from psycopg_pool import AsyncConnectionPool

from api.push.audience import Audience
from layers.changes.log import Box
from layers.positions.moves import CHANNEL, LAYER, Move, read_moves
from spatial.changes import notices
from spatial.database import AnyConnection, async_transaction
from spatial.logs import kind_of

LOGGER = logging.getLogger(__name__)
_EVERY_S = 1.0
# What was being committed while the last look was taken is told by the next one.
_OVERLAP = timedelta(seconds=2)


class MoveFeed:
    """Follows positions as they are stored by whatever process."""

    def __init__(
        self, pool: AsyncConnectionPool[AnyConnection], conninfo: str, audience: Audience
    ) -> None:
        """A feed that does nothing yet.

        Args:
            pool: of the web's own login, as is `conninfo`.
            audience: those who listen.
        """
        self._pool = pool
        self._conninfo = conninfo
        self._audience = audience
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._follow())

    async def _listen(self) -> None:
        async for _ in notices(self._conninfo, CHANNEL):
            self._news.set()

    async def _follow(self) -> None:
        since: datetime | None = None
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                since = await self._tell(since)
            except psycopg.Error as error:
                LOGGER.warning("moves can't be told: %s", kind_of(error))
            await asyncio.sleep(_EVERY_S)

    async def _tell(self, since: datetime | None) -> datetime:
        """Tell everybody what moved; the moment up to which that is."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
        assert row is not None  # it is one row
        now: datetime = row[0]
        for principal, layers in self._audience.rights() if since else ():
            if LAYER not in layers:
                continue
            async with async_transaction(self._pool, principal) as connection:
                moves = await read_moves(connection, principal, (since or now) - _OVERLAP)
            self._audience.tell(principal, LAYER, partial(_event, moves))
        return now


def _event(moves: list[Move], box: Box | None) -> bytes:
    """The moves that lie in a box, or all; nothing where there are none."""
    lines = [
        [
            each.id, round(each.lon, 6), round(each.lat, 6), _whole(each.fix_age_s),
            _whole(each.bearing_deg), each.speed_mps and round(each.speed_mps, 1),
        ]
        for each in moves
        if box is None or (box[0] <= each.lon <= box[2] and box[1] <= each.lat <= box[3])
    ]  # fmt: skip
    if not lines:
        return b""
    head = {"collection": LAYER, "columns": ["id", "lon", "lat", "age_s", "bearing", "speed"]}
    return f"event: moves\ndata: {json.dumps(head | {'moves': lines})}\n\n".encode()


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)
