"""The gazetteer of one process: mapped at its start, and again when another one has made it anew.

Making it holds the interpreter's lock for seconds, which every other request would feel: a process
of its own does that, the web's only looks whether it is due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool
from starlette.concurrency import run_in_threadpool

from layers.gazetteer.building import build_gazetteer
from layers.gazetteer.gazetteer import Gazetteer
from layers.gazetteer.reading import FOLLOWED, JOINED
from layers.gazetteer.stored import read_standing
from layers.jobs.apart import started_apart
from spatial.errors import SetupError
from spatial.logs import kind_of

LOGGER = logging.getLogger(__name__)
# The first answers of a process share the machine with nobody who makes what wasn't asked for yet.
_FIRST_AFTER_S = 3.0
# What is changed together is looked at together: a bulk load comes in several transactions.
_TOGETHER_S = 2.0
# Arrays grow old where few things change.
_LOOK_AGAIN_S = 300.0
_LOOK_S = 0.05
_RETRY_S = 2.0
_MOST_WAIT_S = 45.0


class PlaceIndex:
    """Keeps a gazetteer current, and says when it can be asked."""

    def __init__(self, pool: ConnectionPool[Any], owner_conninfo: str, town_id: int) -> None:
        self.gazetteer = Gazetteer(town_id)
        self._pool = pool
        self._owner_conninfo = owner_conninfo
        self._town_id = town_id
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._touched = asyncio.Event()

    def touch(self, layers: Iterable[str] | None = None) -> None:
        """Something changed in these layers; None: in any."""
        if layers is None or not (FOLLOWED | JOINED).isdisjoint(layers):
            self._touched.set()

    async def ready(self) -> Gazetteer:
        """The gazetteer, once there is one.

        Raises:
            SetupError: it takes too long.
        """
        self._wanted.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(_MOST_WAIT_S):
                await self._ready.wait()
        if not self._ready.is_set():
            raise SetupError(
                "the gazetteer is still being read / 地名库正在载入", remedy="ask again in a moment"
            )
        return self.gazetteer

    async def run(self) -> None:
        """Follow until cancelled."""
        await self._try(self._load)
        await _any_within(_FIRST_AFTER_S, self._wanted)
        while True:
            self._touched.clear()
            if not await self._try(self._renew):
                await asyncio.sleep(_RETRY_S)
                continue
            await _any_within(_LOOK_AGAIN_S, self._touched)
            await asyncio.sleep(_TOGETHER_S)

    async def _try(self, act: Callable[[], Any]) -> bool:
        try:
            await act()
        except psycopg.Error as error:
            LOGGER.warning("the gazetteer can't be read, tries again: %s", kind_of(error))
            return False
        return True

    async def _load(self) -> None:
        await run_in_threadpool(self.gazetteer.load, self._pool)
        if self.gazetteer.is_ready:
            self._ready.set()

    async def _renew(self) -> None:
        """Take over what another process has made; else have it made, if that is due."""
        await self._load()
        if await run_in_threadpool(self._is_due):
            with started_apart(build_gazetteer, self._owner_conninfo, self._town_id) as process:
                while process.is_alive():
                    await asyncio.sleep(_LOOK_S)
                if process.exitcode:
                    raise psycopg.OperationalError("the process that makes the gazetteer failed")
            await self._load()

    def _is_due(self) -> bool:
        with self._pool.connection() as connection:
            return read_standing(connection, self._town_id).is_due


async def _any_within(seconds: float, event: asyncio.Event) -> None:
    """Until the event, or so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
