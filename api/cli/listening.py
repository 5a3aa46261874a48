"""Where the web app listens."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Callable

import click

from spatial.errors import SetupError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000


def listening_options[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """The options --host and --port of a command that serves."""
    port = click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=DEFAULT_PORT,
        show_default=True,
        help="Port to listen on; 0 takes a free one.",
    )
    host = click.option(
        "--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on."
    )
    return host(port(command))


def refuse_port_in_use(host: str, port: int) -> None:
    """Say that a port is in use before anything long begins.

    Raises:
        SetupError: the port is in use or may not be had.
    """
    listening_socket(host, port).close()


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens on `port`; 0 is any free one.

    Raises:
        SetupError: the port is in use or may not be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise SetupError(f"no such address: {host}", remedy="--host 127.0.0.1") from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        # Two that bind at once would both succeed; only one may listen.
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"端口被占用 / port {port} on {host} is in use"
        else:
            message = f"can't listen on {host} port {port}: {os.strerror(error.errno or 0)}"
        raise SetupError(message, remedy=f"--port {port % 65535 + 1}") from error
    return listener


def is_this_machine(host: str) -> bool:
    """Whether only this machine can reach an app that listens on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
