"""Running a web app on a socket: says where to look, and ends well."""

from __future__ import annotations

import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import override

import click
import uvicorn
from starlette.types import ASGIApp

from spatial.errors import SetupError
from spatial.logs import log_to_stderr

# Open connections (a page that waits for news) don't hold up the end for longer.
GRACE_S = 3
# A thread that computes lets another one on after so long. At Python's own 5 ms whoever waits for a
# dozen answers of the database, as a report does, waits as often behind whoever ranks or matches.
_SWITCH_AFTER_S = 0.0005
# So many things more than a moment ago, and garbage is searched for. One report makes some
# thousands, nearly all of which go by themselves: with Python's 700 it searched in vain always.
_SEARCHED_AFTER = 20_000
# Ctrl-C, systemd, a terminal that was closed
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_app(
    app: ASGIApp, listener: socket.socket, *, before_end: Callable[[], None] | None = None
) -> None:
    """Serve `app` until Ctrl-C, SIGTERM, or the terminal closes.

    Args:
        before_end: ends what would go on for ever; called on the event loop, while connections
            are still open.

    Raises:
        SetupError: the app did not start.
    """
    # Before pygeoapi sets the log up, which would keep the news of every defect out of it.
    log_to_stderr("web")
    logging.getLogger("pygeoapi").setLevel(logging.CRITICAL)
    sys.setswitchinterval(_SWITCH_AFTER_S)
    # Forwarded headers are believed by our own rules: api/proxy.py.
    config = uvicorn.Config(
        app,
        log_level="warning",
        log_config=None,  # its own would tell all that an error says
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = _Server(config, before_end)
    asked_to_stop = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked_to_stop.set()
        server.should_exit = True

    # uvicorn raises the signal that ended it once more, to whoever handled it before.
    before = {number: signal.signal(number, stop) for number in _ENDING_SIGNALS}
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if not asked_to_stop.is_set():
        raise SetupError("the web app did not start", remedy="see the lines above")
    click.echo("已停止 / stopped", err=True)


class _Server(uvicorn.Server):
    """Says where to look once it listens, and good-bye before it waits for connections to end."""

    def __init__(self, config: uvicorn.Config, before_end: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._before_end = before_end

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._before_end and self.started:
            self._before_end()
        await super().shutdown(sockets)

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What the start has made stays: no search for garbage has to look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_SEARCHED_AFTER)
        if self.started and sockets:
            click.echo(where_to_look(*sockets[0].getsockname()[:2]))


def base_url(host: str, port: int) -> str:
    """The address for whoever is on this machine."""
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  # compared only
    if ":" in here and not here.startswith("["):
        here = f"[{here}]"
    return f"http://{here}:{port}"


def where_to_look(host: str, port: int) -> str:
    """Where a browser on this machine finds the page and the endpoints."""
    base = base_url(host, port)
    return "\n".join(
        (
            f"地图 Map            {base}/",
            f"网格编辑 Grids       {base}/grids",
            f"OGC API             {base}/ogc",
            f"状态 Health         {base}/health",
            "Ctrl-C 停止 / stops everything",
        )
    )
