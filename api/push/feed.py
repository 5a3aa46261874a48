"""The feed of one process: hears of changes, numbers them, and hands them to who needs them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from psycopg_pool import AsyncConnectionPool

from api.push.audience import ENDING, INTERRUPTED, NO_LONGER_VALID, Audience, Subscription
from api.push.events import Event, joined, make_events
from layers.accounts.watching import ended_identities
from layers.changes.log import (
    FEED_CHANNEL,
    Box,
    number_changes,
    read_changes,
    read_touched,
)
from spatial.changes import ANYTHING, notices
from spatial.database import AnyConnection, Principal, RightsClass, async_transaction
from spatial.logs import kind_of

LOGGER = logging.getLogger(__name__)
# Changes are read together that come within this time: one query for each rights class.
_TOGETHER_S = 0.1
_AT_A_TIME = 500
# Looks by itself too, should a notice be lost.
_LOOK_AGAIN_S = 5.0
_RETRY_S = 1.0
_CHECK_CREDENTIALS_S = 0.7
# Waiting for a query of somebody else's would hold up everybody's changes.
_OWN_CONNECTIONS = 2
_LOST_STATES = ("08", "57P")

# By layer, the boxes in which something was or is.
Touched = Mapping[str, Sequence[Box]]


@dataclass(frozen=True)
class Copies:
    """What somebody keeps in memory of the layers.

    Attributes:
        touched: is told where they changed.
        missed: is told when something may not have been heard.
    """

    touched: Callable[[Touched], None]
    missed: Callable[[], None]


@dataclass(frozen=True)
class _Read:
    """What one rights class sees of a span, of the layers that its subscribers want."""

    principal: Principal
    layers: frozenset[str]
    events: list[Event]


class ChangeFeed:
    """Follows the log of changes.

    Whoever keeps copies is told which boxes of which layers were touched, before any subscriber is.
    After a lost connection it goes on from the last number, so subscribers miss nothing.

    Attributes:
        last: changes up to this number have been handed on.
        audience: the subscribers.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[AnyConnection],
        conninfo: str,
        town_id: int,
        *,
        copies: Copies,
        session_idle: timedelta,
    ) -> None:
        """A feed that does nothing yet.

        Args:
            pool: of the web's own login, as is `conninfo`; serves those who catch up.
            copies: what is kept in memory of the layers.
            session_idle: a session that nobody used for so long is over.
        """
        self.last = 0
        self.audience = Audience()
        self._pool = pool
        self._conninfo = conninfo
        self._town_id = town_id
        self._copies = copies
        self._session_idle = session_idle
        self._own: AsyncConnectionPool[AnyConnection] = AsyncConnectionPool(
            conninfo, min_size=1, max_size=_OWN_CONNECTIONS, open=False
        )
        self._news = asyncio.Event()
        self._ready = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled."""
        async with self._own, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._follow())
            tasks.create_task(self._check_credentials())

    def end(self) -> None:
        """Say good-bye to all subscribers."""
        self.audience.end(ENDING)

    async def wait_ready(self) -> None:
        """Until it knows where the log stands."""
        await self._ready.wait()

    async def read_missed(self, subscription: Subscription, since: int) -> tuple[bytes, int]:
        """The next few events that a subscriber missed, and the number up to which it has read."""
        principal, until = subscription.principal, self.last
        layers = sorted(subscription.selection.layers)
        async with async_transaction(self._pool, principal) as connection:
            changes = await read_changes(connection, principal, layers, (since, until), _AT_A_TIME)
            events = await make_events(connection, principal, changes)
        reached = changes[-1].seq if len(changes) == _AT_A_TIME else until
        return joined(events, subscription.selection), reached

    async def _listen(self) -> None:
        async for notice in notices(self._conninfo, FEED_CHANNEL):
            if notice == ANYTHING:
                self._copies.missed()
            self._news.set()

    async def _follow(self) -> None:
        while True:
            try:
                await self._go_on()
            except psycopg.Error as error:
                reason = kind_of(error)
                LOGGER.warning("the change feed stopped at %s, tries again: %s", self.last, reason)
                self._copies.missed()
                await asyncio.sleep(_RETRY_S)
                continue
            await asyncio.sleep(_TOGETHER_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN_S):
                    await self._news.wait()

    async def _go_on(self) -> None:
        self._news.clear()
        async with self._own.connection() as connection:
            position = await number_changes(connection)
        if not self._ready.is_set():
            self.last = position.last
            self._ready.set()
        while self.last < position.last:
            await self._hand_on((self.last, min(self.last + _AT_A_TIME, position.last)))

    async def _hand_on(self, span: tuple[int, int]) -> None:
        async with self._own.connection() as connection:
            touched = await read_touched(connection, self._town_id, span)
        self._copies.touched(touched)
        read: dict[RightsClass, _Read] = {}
        # Whoever joined meanwhile had read up to `last`: this span is the first one they get.
        while unread := self._unread(read):
            for principal, layers in unread:
                events = await self._events(principal, layers, span)
                read[principal.rights_class] = _Read(principal, frozenset(layers), events)
        for each in read.values():
            self.audience.give(each.principal, each.events)
        self.last = span[1]

    def _unread(self, read: Mapping[RightsClass, _Read]) -> list[tuple[Principal, list[str]]]:
        """For whom the changes of which layers have still to be read."""
        return [
            (principal, layers)
            for principal, layers in self.audience.rights()
            if principal.rights_class not in read
            or not read[principal.rights_class].layers.issuperset(layers)
        ]

    async def _events(
        self, principal: Principal, layers: list[str], span: tuple[int, int]
    ) -> list[Event]:
        """What one rights class sees; where that can't be read, its streams end and say so."""
        try:
            async with async_transaction(self._own, principal) as connection:
                changes = await read_changes(connection, principal, layers, span)
                return await make_events(connection, principal, changes)
        except psycopg.Error as error:
            if error.sqlstate is None or error.sqlstate.startswith(_LOST_STATES):
                raise
            LOGGER.exception("changes can't be read as %s", principal.role)
            self.audience.end_rights(principal, INTERRUPTED)
            return []

    async def _check_credentials(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_CREDENTIALS_S)
            identities = self.audience.identities()
            if not identities:
                continue
            with suppress(psycopg.Error):
                async with self._own.connection() as connection:
                    ended = await ended_identities(connection, identities, self._session_idle)
                if ended:
                    self.audience.end(NO_LONGER_VALID, ended)
