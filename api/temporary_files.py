"""Answers that are files made for them: written in a process of their own, sent, and removed."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

from anyio import open_file
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.cancelling import run_in_process
from api.services import services_of

CHUNK_BYTES = 256 * 1024


class ClosingResponse(StreamingResponse):
    """A stream that gives back what it was made of, however it ends."""

    def __init__(self, stack: AsyncExitStack, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then close."""
        async with self._stack:
            await super().__call__(scope, receive, send)


async def pieces_of(path: Path) -> AsyncIterator[bytes]:
    """A file, piece by piece."""
    async with await open_file(path, "rb") as file:
        while piece := await file.read(CHUNK_BYTES):
            yield piece


class FileKind(NamedTuple):
    """What a file is to be called, and what it is."""

    name: str
    media_type: str


async def answer_with_file(
    request: Request, kind: FileKind, write: Callable[..., None], *arguments: object
) -> ClosingResponse:
    """The file that `write(*arguments, path)` writes; some are made at a time, more take turns."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(services_of(request).download_slots)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gridwhistle-download-"))
        path = Path(folder) / kind.name
        await run_in_process(request, write, *arguments, path)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{kind.name}"',
            "Content-Length": str(path.stat().st_size),
        }
        pieces = pieces_of(path)
        return ClosingResponse(stack.pop_all(), pieces, media_type=kind.media_type, headers=headers)
    raise AssertionError  # no context of the stack swallows an error
