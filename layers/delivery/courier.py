"""The courier of the worker: carries orders to their responders, by channel after channel.

It is woken by the database when an order is given or moves, looks by itself at least once a second,
and keeps nothing in memory that isn't in the database: one that is killed is replaced by another.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from layers.delivery.channels import Channel, Outgoing, RefusedError, UnreachedError
from layers.delivery.outbox import Taken, note_failed, note_sent, take_message
from layers.delivery.plan import reachable_rungs
from layers.delivery.settings import PAGE, DeliverySettings
from layers.delivery.steps import Steps
from layers.delivery.wording import text_of_order, text_of_stand_down
from spatial.changes import notices
from spatial.database import AnyConnection
from spatial.logs import kind_of

LOGGER = logging.getLogger(__name__)

ORDERS_CHANNEL = "gridwhistle_orders"
SWEEP_S = 1.0
# What moves within this time is looked at together: each look reads all orders that wait.
TOGETHER_S = 0.1
_RETRY_S = 1.0
# A gateway that hangs holds up its own messages, and a few senders.
_SENDERS = 12
_SENDERS_OF_ONE = 5


@dataclass
class Courier:
    """Carries orders over one database.

    Attributes:
        conninfo: as the database's owner.
        owner: connections of the same.
        sweep_s: it looks by itself so often, should a notice be lost.
    """

    conninfo: str
    owner: ConnectionPool[Any]
    settings: DeliverySettings
    sweep_s: float = SWEEP_S
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _mail: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until cancelled."""
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                httpx.AsyncClient(timeout=self.settings.send_within_s)
            )
            pool = await stack.enter_async_context(
                AsyncConnectionPool(self.conninfo, min_size=1, max_size=_SENDERS + 1, open=False)
            )
            channels = self.settings.channels(client)
            ladder = reachable_rungs(self.settings.ladder, frozenset({PAGE, *channels}))
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            tasks.create_task(self._listen())
            tasks.create_task(self._step(Steps(self.owner, ladder)))
            tasks.create_task(_Senders(pool, channels, self.settings, self._mail).run())

    async def _listen(self) -> None:
        async for _ in notices(self.conninfo, ORDERS_CHANNEL):
            self._news.set()

    async def _step(self, steps: Steps) -> None:
        """Carry out what is due, then sleep until something is."""
        while True:
            self._news.clear()
            try:
                until_next = await asyncio.to_thread(steps.carry_out)
            except psycopg.Error as error:
                LOGGER.warning("orders can't be carried on, tries again: %s", kind_of(error))
                await asyncio.sleep(_RETRY_S)
                continue
            self._mail.set()
            pause_s = until_next.total_seconds() if until_next is not None else self.sweep_s
            with suppress(TimeoutError):
                async with asyncio.timeout(min(max(pause_s, 0.01), self.sweep_s)):
                    await self._news.wait()
                    await asyncio.sleep(TOGETHER_S)


@dataclass
class _Senders:
    """Sends what is in the outbox, several messages at a time."""

    pool: AsyncConnectionPool[AnyConnection]
    channels: Mapping[str, Channel]
    settings: DeliverySettings
    mail: asyncio.Event
    at_work: Counter[str] = field(default_factory=Counter)
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_SENDERS))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                self.mail.clear()
                await self.slots.acquire()
                taken = asyncio.get_running_loop().create_future()
                tasks.create_task(self._send_one(taken))
                if await taken:
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_S):
                        await self.mail.wait()

    async def _send_one(self, taken: asyncio.Future[bool]) -> None:
        """Take a message and send it; `taken` learns early whether there was one."""
        try:
            async with self.pool.connection() as connection:
                busy = [name for name, count in self.at_work.items() if count >= _SENDERS_OF_ONE]
                message = await take_message(connection, busy)
                if message is None:
                    return
                self.at_work[message.channel] += 1
                taken.set_result(True)
                try:
                    await self._send(connection, message)
                finally:
                    self.at_work[message.channel] -= 1
        except (psycopg.Error, TimeoutError) as error:
            LOGGER.warning("a message can't be sent, tries again: %s", kind_of(error))
        finally:
            if taken.done():
                self.mail.set()  # its channel may take another one
            else:
                taken.set_result(False)
            self.slots.release()

    async def _send(self, connection: AnyConnection, message: Taken) -> None:
        channel = self.channels.get(message.channel)
        if not message.wanted or channel is None or message.address is None:
            reason = "no longer wanted" if not message.wanted else "no way to send it"
            await note_failed(connection, message, reason, may_try_again=False)
            return
        try:
            receipt = await channel.send(self._in_words(message, message.address))
        except RefusedError as error:
            await note_failed(connection, message, error.message, may_try_again=False)
        except UnreachedError as error:
            await note_failed(connection, message, error.message, may_try_again=True)
        else:
            await note_sent(connection, message, receipt)

    def _in_words(self, message: Taken, address: str) -> Outgoing:
        is_order = message.kind == "order"
        text = text_of_order(message.told) if is_order else text_of_stand_down(message.told)
        public = self.settings.public_url
        page = f"answer/{message.message_id}" if is_order else "duty"
        return Outgoing(message.message_id, address, text, f"{public}/{page}" if public else None)
