"""`serve`: the web app, until Ctrl-C."""

from __future__ import annotations

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
from spatial.errors import InputError
from spatial.settings import Settings


@click.command()
@listening_options
@worker_option
@click.option(
    "--show-internal",
    is_flag=True,
    help="Show internal layers and responders too, to whoever sits at this machine; with a "
    "loopback address only. A demo does so by itself.",
)
@click.pass_obj
def serve(settings: Settings, host: str, port: int, show_internal: bool, with_worker: bool) -> None:
    """Serve this town: the map page at /, OGC API at /ogc, until Ctrl-C.

    Starts the town's own database server when it does not run, and stops it at the end.
    """
    if show_internal and not is_this_machine(host):
        raise InputError(
            f"--show-internal would show internal layers to all who reach {host}",
            remedy="--host 127.0.0.1",
        )
    refuse_port_in_use(host, port)
    with running_database(settings) as conninfo, worker_beside(settings, wanted=with_worker):
        run_server(settings, conninfo, host, port, show_internal=show_internal)


def run_server(
    settings: Settings, conninfo: str, host: str, port: int, *, show_internal: bool = False
) -> None:
    """Serve the app until Ctrl-C, SIGTERM, or the terminal closes."""
    with listening_socket(host, port) as listener:
        app = create_app(
            settings,
            conninfo,
            only_this_machine=is_this_machine(host),
            trust_this_machine=show_internal,
        )
        run_app(app, listener)
