"""Bodies of requests: JSON objects and forms, checked as far as their types go."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from spatial.errors import InputError

_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 50


async def read_object(request: Request, *, most_bytes: int = _MOST_BYTES) -> dict[str, Any]:
    """The JSON object in the body; an empty one where there is no body.

    Raises:
        InputError: it is something else.
    """
    body = await request.body()
    try:
        document = json.loads(body) if len(body) <= most_bytes else None
    except (ValueError, RecursionError):
        document = None
    if body and not isinstance(document, dict):
        raise InputError("the body has to be a JSON object / 请求体应为 JSON 对象")
    return document or {}


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that a page sent.

    Raises:
        InputError: it is something else.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    body = await request.body()
    is_form = kind == "application/x-www-form-urlencoded" or not body
    if not is_form or len(body) > _MOST_BYTES:
        raise InputError("the body has to be a form / 请求体应为表单")
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise InputError("the form can't be read / 表单无法解析") from error
    return dict(fields)


def text_of(body: dict[str, Any], name: str, default: str | None = None) -> str:
    """A member that is a text.

    Raises:
        InputError: it is missing or something else.
    """
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > 1000 or "\0" in value:
        raise InputError(f"{name} has to be a text / {name} 应为文本")
    return value


def optional_text(body: dict[str, Any], name: str) -> str | None:
    """A member that is a text, or null, or missing."""
    return None if body.get(name) is None else text_of(body, name)


def texts_of(body: dict[str, Any], name: str) -> tuple[str, ...]:
    """A member that is a list of texts; none where it is missing.

    Raises:
        InputError: it is something else.
    """
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InputError(f"{name} has to be a list of texts / {name} 应为文本列表")
    return tuple(value)


def number_of(body: dict[str, Any], name: str, default: float) -> float:
    """A member that is a number.

    Raises:
        InputError: it is something else.
    """
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise InputError(f"{name} has to be a number / {name} 应为数字")
    return value


def moment_of(text: str | None, name: str) -> datetime | None:
    """An instant with its time zone, or a date (its first moment, UTC).

    Raises:
        InputError: it is something else.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{name} is no moment: {text[:50]}", remedy="e.g. 2026-01-31") from error
    return moment if moment.tzinfo else datetime.fromisoformat(f"{moment.isoformat()}+00:00")
