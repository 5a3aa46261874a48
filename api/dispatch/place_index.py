"""The gazetteer of one process: read soon after the start, and again where something changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
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
            await self._wanted.wait()

    async def _refresh(self) -> None:
        touched = None if self._all_stale else frozenset(self._stale)
        self._all_stale, self._stale = False, set()
        try:
            await run_in_threadpool(self.gazetteer.refresh, self._pool, touched)
        except psycopg.Error as error:
            LOGGER.warning("the gazetteer can't be read, tries again: %s", kind_of(error))
            self._all_stale = True
            await asyncio.sleep(_RETRY_S)
            self._wanted.set()
            return
        self._ready.set()
