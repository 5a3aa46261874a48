"""The gazetteer of one process: read soon after the start, and again where something changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool
from starlette.concurrency import run_in_threadpool

from layers.gazetteer.gazetteer import Gazetteer
from spatial.errors import SetupError
from spatial.logs import kind_of

LOGGER = logging.getLogger(__name__)
# The first answers of a process aren't kept waiting for a gazetteer that nobody has asked for yet.
_FIRST_AFTER_S = 3.0
# Changes are read together that come within this time.
_TOGETHER_S = 0.15
# What was deleted is never told, but takes room; what a long transaction wrote is missed at first.
# Both are put right so long after a change.
_THOROUGH_AFTER_S = 120.0
_RETRY_S = 1.0
_MOST_WAIT_S = 45.0


class PlaceIndex:
    """Keeps a gazetteer current, and says when it can be asked."""

    def __init__(self, pool: ConnectionPool[Any], town_id: int) -> None:
        self.gazetteer = Gazetteer(town_id)
        self._pool = pool
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._stale: set[str] = set()
        self._all_stale = True
        self._unsure: set[str] = set()
        self._thorough_at = 0.0

    def touch(self, layers: Iterable[str] | None = None) -> None:
        """Something changed in these layers; None: in any."""
        if layers is None:
            self._all_stale = True
        else:
            self._stale.update(layers)
        if self._ready.is_set():
            self._wanted.set()

    async def ready(self) -> Gazetteer:
        """The gazetteer, read at least once.

        Raises:
            SetupError: it takes too long.
        """
        if not self._ready.is_set():
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
        with suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_AFTER_S):
                await self._wanted.wait()
        while True:
            self._wanted.clear()
            await self._refresh()
            await asyncio.sleep(_TOGETHER_S)
            await self._wait()

    async def _wait(self) -> None:
        """Until something has changed; a while after a change everything is read once more."""
        if self._unsure:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._thorough_at):
                    await self._wanted.wait()
                    return
            unsure, self._unsure = self._unsure, set()
            if not await self._read(self.gazetteer.read, unsure):
                self._all_stale = True
                self._wanted.set()
        await self._wanted.wait()

    async def _refresh(self) -> None:
        touched = None if self._all_stale else frozenset(self._stale)
        if touched and not self._unsure:
            self._thorough_at = asyncio.get_running_loop().time() + _THOROUGH_AFTER_S
        self._unsure |= touched or set()
        self._all_stale, self._stale = False, set()
        if await self._read(self.gazetteer.refresh, touched):
            self._ready.set()
            return
        self._all_stale = True
        await asyncio.sleep(_RETRY_S)
        self._wanted.set()

    async def _read(self, read: Callable[..., None], touched: Iterable[str] | None) -> bool:
        try:
            await run_in_threadpool(read, self._pool, touched)
        except psycopg.Error as error:
            LOGGER.warning("the gazetteer can't be read, tries again: %s", kind_of(error))
            return False
        return True
