"""`serve`: the web app, until Ctrl-C."""

from __future__ import annotations

import socket

import click

from api.app import create_app
from api.cli.context import running_database
from api.cli.listening import (
    is_this_machine,
    listening_options,
    listening_socket,
    refuse_port_in_use,
)
from api.cli.running import run_app
from api.cli.worker_process import worker_beside, worker_option
from spatial.settings import Settings


@click.command()
@listening_options
@worker_option
@click.pass_obj
def serve(settings: Settings, host: str, port: int, with_worker: bool) -> None:
    """Serve this town: the map page at /, OGC API at /ogc, until Ctrl-C.

    Starts the town's own database server when it does not run, and stops it at the end.
    """
    refuse_port_in_use(host, port)
    with (
        running_database(settings) as conninfo,
        worker_beside(settings, wanted=with_worker),
        listening_socket(host, port) as listener,
    ):
        run_server(settings, conninfo, listener)


def run_server(settings: Settings, conninfo: str, listener: socket.socket) -> None:
    """Serve the app until Ctrl-C, SIGTERM, or the terminal closes."""
    alone = is_this_machine(listener.getsockname()[0])
    app = create_app(settings, conninfo, only_this_machine=alone)

    def end_streams() -> None:
        app.state.feed.end()  # which there is once the app has started

    run_app(app, listener, before_end=end_streams)
