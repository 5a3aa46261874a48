"""HTTP as a benchmark wants it: a tenth of what a whole client takes of the same processors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

type Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_LONGEST_LINE = 2**20


class LightClient:
    """One account's connections: as many as it has requests at a time, and one for each stream."""

    def __init__(self, base_url: str, key: str) -> None:
        """Nothing is connected yet.

        Args:
            base_url: http://host:port
            key: of the account.
        """
        address = urlsplit(base_url)
        self._host, self._port = address.hostname, address.port
        self._head = f"Host: {address.netloc}\r\nX-API-Key: {key}\r\n"
        self._idle: list[Line] = []

    async def __aenter__(self) -> Self:
        """As it is."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        for _, writer in self._idle:
            writer.close()

    async def post(self, path: str, document: Any) -> tuple[int, Any]:
        """Status and document of the answer."""
        body = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY)
        head = (
            f"POST {path} HTTP/1.1\r\n{self._head}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        line = reader, writer = await self._free_line()
        writer.write(head.encode() + body)
        status, length = await _read_head(reader)
        answered = orjson.loads(await reader.readexactly(length))
        self._idle.append(line)
        return status, answered

    async def events(self, path: str) -> AsyncIterator[bytes]:
        """What comes as `data:` in a stream of events, as long as it lasts."""
        reader, writer = await self._connect()
        try:
            writer.write(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())
            while line := await reader.readline():  # sizes of chunks are lines of their own
                if line.startswith(b"data:"):
                    yield line[5:]
        finally:
            writer.close()

    async def _free_line(self) -> Line:
        """One that the server has not closed: it does when nothing was asked for some seconds."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return await self._connect()

    async def _connect(self) -> Line:
        return await asyncio.open_connection(self._host, self._port, limit=_LONGEST_LINE)


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status, and length of the body."""
    status_line, *lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
    lengths = [line for line in lines if line.startswith(b"content-length:")]
    if not lengths:
        raise ValueError(f"an answer without a length: {status_line!r}")
    return int(status_line.split()[1]), int(lengths[0].partition(b":")[2])
