"""Heavy work in a process of its own: it holds up nobody, and it can be ended at any moment.

A thread that computes can neither be stopped nor be kept from holding the interpreter's lock: the
event loop beside it would stand still, and a worker's heart with it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from layers.dispatch.current_engine import CurrentEngine
from layers.jobs.context import Context, Dismissed
from layers.jobs.outputs import JsonText, as_json_texts
from spatial.database import Principal
from spatial.errors import GridwhistleError
from spatial.logs import ElsewhereError, describe, kind_of
from spatial.town import Town

LOGGER = logging.getLogger(__name__)

# A module's function; the process of its own finds it by name.
Work = Callable[[Context, Mapping[str, Any]], Mapping[str, Any]]

_LOOK_S = 0.1
_NICENESS = 5
# Forked from a server without threads that has loaded what they need: 20 ms instead of seconds.
_PROCESSES = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class _Order:
    """What the other process needs to know."""

    conninfo: str
    principal: Principal
    town: Town
    job_id: uuid.UUID | None


def warm_up(modules: Iterable[str]) -> None:
    """Load `modules` where the processes are forked from, beside whatever else happens now."""
    _PROCESSES.set_forkserver_preload(["layers.jobs.apart", *modules])
    forkserver.ensure_running()


def run_apart(work: Work, context: Context, inputs: Mapping[str, Any]) -> dict[str, JsonText]:
    """Do `work` in a process of its own, at lower priority; its progress is the context's.

    Raises:
        Dismissed: it is no longer wanted; the process has ended.
        GridwhistleError: as `work` does, or the process was killed from elsewhere.
    """
    receiver, sender = _PROCESSES.Pipe(duplex=False)
    order = _Order(context.conninfo, context.principal, context.town, context.job_id)
    process = _PROCESSES.Process(target=_work, args=(sender, work, order, inputs), daemon=True)
    process.start()
    sender.close()
    try:
        return _attend(receiver, context)
    finally:
        process.kill()
        process.join()
        receiver.close()


@contextmanager
def started_apart(work: Callable[..., object], *arguments: object) -> Iterator[BaseProcess]:
    """A process of its own at lower priority that does `work`; killed where it isn't waited for."""
    process = _PROCESSES.Process(target=_work_quietly, args=(work, arguments), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _work_quietly(work: Callable[..., object], arguments: Iterable[object]) -> None:
    """The other process: what is written is all that comes of it, and whether it failed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICENESS)
    try:
        work(*arguments)
    except Exception as error:  # noqa: BLE001  # whoever waits is told that it failed
        LOGGER.warning("a process apart failed: %s", kind_of(error))
        sys.exit(1)


def _attend(receiver: Pipe, context: Context) -> dict[str, JsonText]:
    """Pass progress on until the results come."""
    while True:
        context.check()
        if not receiver.poll(_LOOK_S):
            continue
        try:
            kind, content = receiver.recv()
        except EOFError:
            raise GridwhistleError(
                "the computation was killed, perhaps for want of memory / 计算进程被终止"
            ) from None
        if kind == "results":
            return {name: JsonText(text) for name, text in content.items()}
        if kind == "dismissed":
            raise Dismissed
        if kind == "error":
            raise content
        if kind == "defect":
            raise ElsewhereError(content)
        context.progress(*content)


def _work(sender: Pipe, work: Work, order: _Order, inputs: Mapping[str, Any]) -> None:
    """The other process: all of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    os.nice(_NICENESS)
    try:
        with ConnectionPool(
            order.conninfo, min_size=1, max_size=2, open=False, configure=_end_with_client
        ) as pool:
            context = Context(
                pool,
                order.principal,
                order.town,
                CurrentEngine(order.town),
                lambda percent, message: sender.send(("progress", (percent, message))),
            )
            context.job_id = order.job_id
            texts = as_json_texts(work(context, inputs))
        sender.send(("results", texts))
    except Dismissed:
        sender.send(("dismissed", None))
    except GridwhistleError as error:
        sender.send(("error", error))
    except Exception as error:  # noqa: BLE001  # the parent logs it
        sender.send(("defect", describe(error)))


def _end_with_client(connection: psycopg.Connection[Any]) -> None:
    """Let the server end a statement whose client was killed, within half a second."""
    connection.execute("SET client_connection_check_interval = '500ms'")
    connection.commit()
