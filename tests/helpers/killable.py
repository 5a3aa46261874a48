"""A courier in a process of its own, to be killed: CONNINFO GATEWAY."""

from __future__ import annotations

import asyncio
import sys

from layers.delivery.courier import Courier
from layers.delivery.settings import DeliverySettings, HttpSettings
from spatial.database import open_pool


def run(conninfo: str, gateway: str) -> None:
    """Carry until killed."""
    body = {"to": "{to}", "text": "{text}", "id": "{message_id}"}
    settings = DeliverySettings(ladder=(("sms",),), sms=HttpSettings(f"{gateway}/sms", body))
    with open_pool(conninfo) as owner:
        asyncio.run(Courier(conninfo, owner, settings).run())


if __name__ == "__main__":
    run(*sys.argv[1:])
