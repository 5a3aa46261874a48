"""One tile from another server: an image, or an error that says whose fault it is.

No error says the address, which may hold a key.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import NamedTuple

import httpx

from spatial.errors import NotFoundError, UpstreamError, UpstreamSilentError

MOST_BYTES = 2 * 2**20
_CONNECTIONS = 16
# By their first bytes: what a server calls its tiles is not always true.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)
_NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.NO_CONTENT)
# 418 is what Tianditu says to a key that it doesn't like.
_REFUSED = (401, 403, 418, 429)


class Image(NamedTuple):
    """A tile, and what it is."""

    content: bytes
    media_type: str


@asynccontextmanager
async def open_client(timeout_s: float) -> AsyncIterator[httpx.AsyncClient]:
    """A client for all tiles; it follows no redirect, so that no server leads it to another."""
    for name in ("httpx", "httpcore"):
        # Below this they quote addresses.
        logging.getLogger(name).setLevel(logging.WARNING)
    limits = httpx.Limits(max_connections=_CONNECTIONS)
    # Pictures are packed already; what is packed again and again could unfold without end.
    headers = {
        "User-Agent": "gridwhistle", "Accept": "image/*", "Accept-Encoding": "identity",
    }  # fmt: skip
    async with httpx.AsyncClient(timeout=timeout_s, limits=limits, headers=headers) as client:
        yield client


async def fetch_image(client: httpx.AsyncClient, address: str, timeout_s: float) -> Image:
    """Ask for one image.

    Args:
        timeout_s: for all of it; the client's own begins anew with every byte.

    Raises:
        NotFoundError: the server has none there.
        UpstreamSilentError: it took too long.
        UpstreamError: it can't be reached, refuses, or answers with something else.
    """
    try:
        async with asyncio.timeout(timeout_s):
            content = await _read(client, address)
    except (TimeoutError, httpx.TimeoutException):
        raise UpstreamSilentError(
            f"the picture's server took longer than {timeout_s:g} s / 底图服务器没有及时应答"
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise UpstreamError("the picture's server can't be reached / 连不上底图服务器") from None
    return Image(content, _media_type(content))


async def _read(client: httpx.AsyncClient, address: str) -> bytes:
    async with client.stream("GET", address) as response:
        _check_status(response.status_code)
        content = bytearray()
        async for piece in response.aiter_raw():
            content += piece
            _check_size(content)
        return _unpacked(bytes(content), response.headers.get("Content-Encoding", "identity"))


def _check_size(content: bytes | bytearray) -> None:
    if len(content) > MOST_BYTES:
        raise UpstreamError("the picture's server sends no tile but more / 底图瓦片过大")


def _unpacked(content: bytes, coding: str) -> bytes:
    """The content of an answer that some servers pack though nobody wants it."""
    if coding == "identity":
        return content
    if coding != "gzip":
        raise UpstreamError("the picture's server packs its tiles otherwise / 底图瓦片编码不支持")
    try:
        unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(content, MOST_BYTES + 1)
    except zlib.error:
        raise UpstreamError("the picture's server sends broken tiles / 底图瓦片损坏") from None
    _check_size(unpacked)
    return unpacked


def _check_status(status: int) -> None:
    if status in _NOT_THERE:
        raise NotFoundError("there is no picture here / 此处没有底图")
    if status != HTTPStatus.OK:
        raise UpstreamError(
            f"the picture's server answered {status} / 底图服务器返回 {status}",
            remedy="look at the key and its quota / 检查密钥与配额" if status in _REFUSED else None,
        )


def _media_type(content: bytes) -> str:
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise UpstreamError("the picture's server answered with no image / 底图服务器返回的不是图片")
