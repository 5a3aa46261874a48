"""Clients that hang up in the middle of a slow query (and what others notice of it)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import psycopg

from ogc_speed.load import Load, Outcome
from ogc_speed.processes import Server, press_in_process

CLIENTS = 20
# No row matches, no index helps: every text of the layer is folded and looked through.
SLOW = (
    "CASEI(ACCENTI(name)) LIKE CASEI(ACCENTI('%nothing%')) OR CASEI(ACCENTI(address)) LIKE '%x%y%'"
)
_PATH = f"/ogc/collections/premises/items?limit=1&filter={quote(SLOW)}"
_LANDING = "/ogc?f=json"
_RUNNING = """
SELECT count(*) FROM pg_stat_activity
WHERE usename = 'gridwhistle_web' AND state = 'active' AND query LIKE '%premises%'
"""


@dataclass(frozen=True)
class HangUp:
    """What was seen.

    Attributes:
        running: queries that ran when all clients hung up together.
        clear_after_s: until none of them did.
        idle: the landing page with nobody else there.
        meanwhile: the landing page from the first slow query to the last one's end.
    """

    running: int
    clear_after_s: float
    idle: Outcome
    meanwhile: Outcome


def hang_up(server: Server, conninfo: str, *, seconds: float) -> HangUp:
    """Ask the landing page alone, then beside CLIENTS who leave in the middle."""
    landing = Load(server.port, [_LANDING], connections=1, seconds=seconds, pause_s=0.005)
    idle = press_in_process(landing)
    with (
        psycopg.connect(conninfo, autocommit=True) as watcher,
        ThreadPoolExecutor(1) as aside,
    ):
        visitors = aside.submit(press_in_process, landing)
        with _waiting_clients(server.port):
            running = _wait_for(watcher, at_least=8, within_s=seconds / 2)
            time.sleep(seconds / 2)
        start = time.monotonic()
        while _count(watcher):
            time.sleep(0.005)
        return HangUp(running, time.monotonic() - start, idle, visitors.result())


@contextmanager
def _waiting_clients(port: int) -> Iterator[None]:
    """Connections that have asked and wait; all are closed at once."""
    request = f"GET {_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(CLIENTS)]
    for client in clients:
        client.sendall(request)
    try:
        yield
    finally:
        for client in clients:
            client.close()


def _wait_for(watcher: psycopg.Connection, *, at_least: int, within_s: float) -> int:
    deadline = time.monotonic() + within_s
    most = 0
    while time.monotonic() < deadline and most < at_least:
        most = max(most, _count(watcher))
        time.sleep(0.02)
    return most


def _count(watcher: psycopg.Connection) -> int:
    row = watcher.execute(_RUNNING).fetchone()
    return int(row[0]) if row else 0
