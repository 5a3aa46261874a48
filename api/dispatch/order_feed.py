"""Who waits for orders on an open page, and is woken when one of theirs moves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
from psycopg_pool import AsyncConnectionPool

from layers.accounts.identity import Identity
from layers.accounts.watching import ended_identities
from layers.delivery.courier import ORDERS_CHANNEL
from spatial.changes import ANYTHING, notices
from spatial.database import AnyConnection
from spatial.errors import LimitError

_MOST_LISTENERS = 2_000
_CHECK_CREDENTIALS_S = 1.0


@dataclass(eq=False)
class Listener:
    """An open page.

    Attributes:
        responder_id: whose orders it shows.
        news: set when there may be some.
        ended: whether its credentials are good no more, or the server stops.
    """

    responder_id: int
    identity: Identity | None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def end(self) -> None:
        """Let it go."""
        self.ended = True
        self.news.set()


class OrderFeed:
    """Hears of orders as they are given and move, and wakes the pages of those they are for."""

    def __init__(
        self, pool: AsyncConnectionPool[AnyConnection], conninfo: str, *, session_idle: timedelta
    ) -> None:
        """A feed that does nothing yet.

        Args:
            pool: of the web's own login, as is `conninfo`.
            session_idle: a session that nobody used for so long is over.
        """
        self._pool = pool
        self._conninfo = conninfo
        self._session_idle = session_idle
        self._listeners: dict[int, set[Listener]] = {}

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._check_credentials())

    def end(self) -> None:
        """Let all go."""
        for listener in self._all():
            listener.end()

    def join(self, listener: Listener) -> None:
        """Wake this one from now on.

        Raises:
            LimitError: there are too many.
        """
        if sum(map(len, self._listeners.values())) >= _MOST_LISTENERS:
            raise LimitError("too many pages wait for orders / 等待指令的页面过多")
        self._listeners.setdefault(listener.responder_id, set()).add(listener)

    def leave(self, listener: Listener) -> None:
        """Wake it no more."""
        left = self._listeners.get(listener.responder_id, set())
        left.discard(listener)
        if not left:
            self._listeners.pop(listener.responder_id, None)

    def _all(self) -> list[Listener]:
        return [each for listeners in self._listeners.values() for each in listeners]

    async def _listen(self) -> None:
        """A notice is `responder order`; after a lost connection anything may have happened."""
        async for notice in notices(self._conninfo, ORDERS_CHANNEL):
            responder, _, _order = notice.partition(" ")
            heard: Iterable[Listener] = ()
            if notice == ANYTHING:
                heard = self._all()
            elif responder.isdecimal():
                heard = self._listeners.get(int(responder), ())
            for listener in heard:
                listener.news.set()

    async def _check_credentials(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_CREDENTIALS_S)
            identities = {each.identity for each in self._all() if each.identity}
            if not identities:
                continue
            with suppress(psycopg.Error):
                async with self._pool.connection() as connection:
                    ended = await ended_identities(connection, identities, self._session_idle)
                for listener in self._all():
                    if listener.identity in ended:
                        listener.end()
