"""An answer of server-sent events that goes on until either side has enough."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator
from typing import override

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

HEARTBEAT_S = 15.0


class LastingAnswer(Response):
    """Events as they come; `_texts` makes them, `_leave` is called at the end, whoever ended it."""

    media_type = "text/event-stream"

    def __init__(self) -> None:
        # A proxy that buffers would hold events back.
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]

    @abstractmethod
    def _texts(self) -> AsyncIterator[bytes]:
        """The events, as long as there are any."""

    @abstractmethod
    def _leave(self) -> None:
        """Nobody listens any more."""

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client hangs up or the events end."""
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        sending = asyncio.create_task(self._send(send))
        hanging_up = asyncio.create_task(_hung_up(receive))
        try:
            await asyncio.wait({sending, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            self._leave()
            sending.cancel()
            hanging_up.cancel()
            await asyncio.gather(sending, hanging_up, return_exceptions=True)

    async def _send(self, send: Send) -> None:
        async for text in self._texts():
            await send({"type": "http.response.body", "body": text, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
