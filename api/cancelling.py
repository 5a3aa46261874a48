"""What runs for a client, a query or a process, ends when the client has gone."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from typing import Any, Self

import psycopg
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.types import Receive

from spatial.database import AnyConnection
from spatial.errors import GridwhistleError
from spatial.logs import ElsewhereError, describe

# Forked from a server that has loaded what they need (`layers.jobs.apart.warm_up`).
_PROCESSES = multiprocessing.get_context("forkserver")
_CANCEL_WITHIN_S = 5.0
# Most statements are over before it pays to watch, also where eight clients ask at once.
_WATCH_FROM_S = 0.15


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


@asynccontextmanager
async def taking_turn(request: Request, slots: CapacityLimiter) -> AsyncIterator[None]:
    """The block runs when a slot is free, unless the client has hung up while it waited.

    Raises:
        ClientGoneError: it has.
    """
    async with slots:
        await request.body()
        if await request.is_disconnected():
            raise ClientGoneError
        yield


@asynccontextmanager
async def cancelled_on_disconnect(
    request: Request, connection: AnyConnection
) -> AsyncIterator[None]:
    """Statements on `connection` inside the block are cancelled when the client hangs up.

    The request's body has to have been read, if it has one.

    Raises:
        ClientGoneError: it did, and a statement ended for that.
    """

    async def cancel() -> None:
        await connection.cancel_safe(timeout=_CANCEL_WITHIN_S)

    async with _Watch(request.receive, cancel) as watch:
        try:
            yield
        except psycopg.errors.QueryCanceled:
            if watch.is_gone:
                raise ClientGoneError from None
            raise


class _Watch:
    """What takes long inside the block is ended by `end` when the client hangs up."""

    def __init__(self, receive: Receive, end: Callable[[], Awaitable[None]]) -> None:
        self.is_gone = False
        self._receive = receive
        self._end = end
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._timer = asyncio.get_running_loop().call_later(_WATCH_FROM_S, self._look_out)
        return self

    async def __aexit__(self, *_error: object) -> None:
        """An ending on its way is awaited, or it would hit the next user."""
        self._timer.cancel()
        if self._task is None:
            return
        if not self.is_gone:
            self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _look_out(self) -> None:
        self._task = asyncio.create_task(self._end_when_gone())

    async def _end_when_gone(self) -> None:
        await _disconnected(self._receive)
        self.is_gone = True
        await self._end()


async def unless_gone[T](request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns; it is cancelled when the client hangs up.

    Raises:
        ClientGoneError: the client hung up before the end.
    """

    async def end() -> None:
        patience.reschedule(asyncio.get_running_loop().time())

    try:
        async with asyncio.timeout(None) as patience, _Watch(request.receive, end):
            return await work
    except TimeoutError:
        if patience.expired():
            raise ClientGoneError from None
        raise


async def run_in_process[T](request: Request, function: Callable[..., T], *arguments: object) -> T:
    """What `function` returns in a process of its own, which is ended when the client hangs up.

    Function, arguments and what it returns have to be picklable.

    Raises:
        GridwhistleError: what the function raised of that kind.
        ClientGoneError: the client hung up before the end.
        ElsewhereError: a defect there, described without what it was about.
        RuntimeError: the process was killed from elsewhere.
    """
    heard, told = _PROCESSES.Pipe(duplex=False)
    process = _PROCESSES.Process(target=_tell_end, args=(told, function, arguments), daemon=True)
    await asyncio.to_thread(process.start)
    told.close()
    try:
        await _first_of(_readable(heard), _disconnected(request.receive))
        if not heard.poll():
            raise ClientGoneError
        result, error = heard.recv()
    except EOFError:
        raise RuntimeError(f"{function.__name__} ended without a word") from None
    finally:
        process.kill()
        heard.close()
    if error is not None:
        raise error
    found: T = result
    return found


def _tell_end(
    told: Connection, function: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    """In the process: tell what it returned, or why not.

    Nothing but what is meant for a person leaves it as it was said: of another error the process
    itself would print all, and what a defect says may quote a row of somebody's file.
    """
    try:
        told.send((function(*arguments), None))
    except GridwhistleError as error:
        told.send((None, error))
    except Exception as error:  # noqa: BLE001  # the parent logs it
        told.send((None, ElsewhereError(describe(error))))


async def _first_of(*waits: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()


async def _readable(connection: Connection) -> None:
    """Until the other end has said something, or closed."""
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(connection.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection.fileno())


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
