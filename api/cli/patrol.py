"""The patrol of a demo's responders, in a thread of the worker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from layers.demo.patrol import patrol_until


@contextmanager
def riding_about(conninfo: str, *, wanted: bool) -> Iterator[None]:
    """While this is open the responders of a demo town ride about, if that is wanted."""
    if not wanted:
        yield
        return
    stopping = Event()
    thread = Thread(target=patrol_until, args=(stopping, conninfo), name="patrol", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(5)
