"""A courier at work, in a thread of this process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from layers.delivery.courier import Courier
from layers.delivery.settings import DeliverySettings
from spatial.database import open_pool


@contextmanager
def carrying(conninfo: str, settings: DeliverySettings) -> Iterator[None]:
    """A courier in a thread."""
    with open_pool(conninfo) as owner:
        loop = asyncio.new_event_loop()
        task = loop.create_task(Courier(conninfo, owner, settings).run())

        def run() -> None:
            try:
                loop.run_until_complete(task)
            except asyncio.CancelledError:
                loop.run_until_complete(loop.shutdown_default_executor())

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join()
            loop.close()
