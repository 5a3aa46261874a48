"""Bodies of requests: JSON objects and forms, checked as far as their types go."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from spatial.errors import InputError

_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 50
_LONGEST_TEXT = 1000
# U+0000 as JSON writes it, which a backslash before it would make a mere text.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


async def read_object(request: Request, *, most_bytes: int = _MOST_BYTES) -> dict[str, Any]:
    """The JSON object in the body; an empty one where there is no body.

    Raises:
        InputError: it is something else, or larger.
    """
    body = await request.body()
    if len(body) > most_bytes:
        raise InputError(f"the body has at most {most_bytes} bytes here / 请求体过大")
    document = parse_json(body) if body else {}
    if not isinstance(document, dict):
        raise InputError("the body has to be a JSON object / 请求体应为 JSON 对象")
    return document


def parse_json(body: bytes) -> Any:
    """What the JSON says.

    Raises:
        InputError: it is none, or holds what PostgreSQL keeps in no text and no number.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("the body has to be JSON / 请求体应为 JSON") from None
    try:
        said = json.dumps(document, ensure_ascii=False, allow_nan=False)
        said.encode()  # half a character can't be
    except (ValueError, RecursionError):
        said = None
    if said is None or _NUL.search(said):
        raise InputError(
            "the body holds NaN, infinity, U+0000 or half a character / 请求体含无效数字或字符"
        )
    return document


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


def text_of(
    body: dict[str, Any], name: str, default: str | None = None, *, longest: int = _LONGEST_TEXT
) -> str:
    """A member that is a text.

    Raises:
        InputError: it is missing, longer, or something else.
    """
    value = body.get(name, default)
    if not isinstance(value, str) or "\0" in value:
        raise InputError(f"{name} has to be a text / {name} 应为文本")
    if len(value) > longest:
        raise InputError(f"{name} has at most {longest} characters / {name} 过长")
    return value


def optional_text(body: dict[str, Any], name: str, *, longest: int = _LONGEST_TEXT) -> str | None:
    """A member that is a text, or null, or missing."""
    return None if body.get(name) is None else text_of(body, name, longest=longest)


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
        # An offset of nearly a day, which Python knows and PostgreSQL doesn't, is gone with this.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{name} is no moment: {text[:50]}", remedy="e.g. 2026-01-31") from error
