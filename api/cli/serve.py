"""`serve`: the web app, until Ctrl-C."""

from __future__ import annotations

import signal
import socket
from types import FrameType

import click
import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.cli.context import running_database
from api.cli.listening import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    is_this_machine,
    listening_socket,
    refuse_port_in_use,
)
from spatial.errors import SetupError
from spatial.settings import Settings

# Open connections (a page that waits for news) don't hold up the end for longer.
GRACE_S = 3
# Ctrl-C, systemd, a terminal that was closed
_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.pass_obj
def serve(settings: Settings, host: str, port: int) -> None:
    """Serve this town: the map page at /, OGC API at /ogc, until Ctrl-C.

    Starts the town's own database server when it does not run, and stops it at the end.
    """
    refuse_port_in_use(host, port)
    with running_database(settings) as conninfo:
        run_server(settings, conninfo, host, port)


def run_server(settings: Settings, conninfo: str, host: str, port: int) -> None:
    """Serve the app until Ctrl-C, SIGTERM, or the terminal closes."""
    with listening_socket(host, port) as listener:
        app = create_app(settings, conninfo, only_this_machine=is_this_machine(host))
        run_app(app, listener)


def run_app(app: ASGIApp, listener: socket.socket) -> None:
    """Serve `app`; says where to look once it listens."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_S
    )
    server = _Server(config)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn raises the signal that ended it once more, to whoever handled it before.
    before = {number: signal.signal(number, stop) for number in _ENDING_SIGNALS}
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if not server.started:
        raise SetupError("the web app did not start", remedy="see the lines above")
    click.echo("已停止 / stopped", err=True)


class _Server(uvicorn.Server):
    """Says where to look once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            click.echo(where_to_look(*sockets[0].getsockname()[:2]))


def where_to_look(host: str, port: int) -> str:
    """Where a browser on this machine finds the page and the endpoints."""
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  # compared only
    if ":" in here and not here.startswith("["):
        here = f"[{here}]"
    base = f"http://{here}:{port}"
    return "\n".join(
        (
            f"地图 Map            {base}/",
            f"OGC API             {base}/ogc",
            f"状态 Health         {base}/health",
            "Ctrl-C 停止 / stops everything",
        )
    )
