"""The body of a request that writes: its media type, its size, its CRS."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.services import reader_of
from layers.reading.crs import OutputCrs
from spatial.numerals import whole_number

MAX_BODY_BYTES = 5_000_000
MERGE_PATCH = "application/merge-patch+json"
FEATURE_TYPES = ("application/geo+json", "application/json")
PATCH_TYPES = (MERGE_PATCH, *FEATURE_TYPES)


def content_crs(request: Request) -> OutputCrs:
    """Part 2 names the CRS of an answer by this header; Part 4 that of a body."""
    return reader_of(request).crs(request.headers.get("content-crs"))


async def read_body(request: Request, media_types: Sequence[str], accept_header: str) -> bytes:
    """The bytes of a body that is of one of `media_types`.

    Args:
        accept_header: the header in which a refusal says what is taken: Accept-Post, Accept-Patch.

    Raises:
        HTTPException: 400 without a media type (OGC 20-002, /req/create-replace-delete/
            post-content-type), 415 for another one, 413 for too much.
    """
    _check_media_type(request, media_types, accept_header)
    if (whole_number(request.headers.get("content-length", "0")) or 0) > MAX_BODY_BYTES:
        raise _too_large()
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise _too_large()
    return bytes(content)


def _check_media_type(request: Request, media_types: Sequence[str], accept_header: str) -> None:
    header = request.headers.get("content-type", "")
    if not header.strip():
        raise HTTPException(
            HTTPStatus.BAD_REQUEST, f"Content-Type is missing / 缺少 Content-Type: {media_types[0]}"
        )
    media_type, _, parameters = header.lower().partition(";")
    charset = parameters.partition("charset=")[2].split(";")[0].strip(' "')
    encoding = request.headers.get("content-encoding", "identity").lower()
    if (
        media_type.strip() not in media_types
        or charset not in {"", "utf-8", "utf8"}
        or encoding != "identity"
    ):
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"a body is taken as {' or '.join(media_types)} in UTF-8 / 不支持的正文格式",
            {accept_header: ", ".join(media_types)},
        )


def _too_large() -> HTTPException:
    return HTTPException(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"a body may have {MAX_BODY_BYTES:,} bytes at most / 正文过大",
        {"Connection": "close"},
    )
