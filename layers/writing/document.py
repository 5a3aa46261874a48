"""JSON as a stranger sends it: read strictly, or refused in one line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from spatial.errors import InputError

# A feature of multipolygons is 7 deep.
_DEEPEST = 24

type JsonObject = dict[str, Any]


def parse_object(content: bytes) -> JsonObject:
    """The JSON object (RFC 8259) in `content`.

    Raises:
        InputError: it is not UTF-8, no JSON, no object, names a member twice, is nested too deep,
            or holds a number or a text that PostgreSQL can't keep.
    """
    try:
        document = json.loads(
            content.decode(), object_pairs_hook=_once, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise InputError(f"the body is not UTF-8 at byte {error.start} / 正文不是 UTF-8") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise InputError(f"the body is not JSON: {error} / 正文不是 JSON") from None
    if not isinstance(document, dict):
        raise InputError("the body has to be one JSON object / 正文须是一个 JSON 对象")
    for value, depth in _parts(document):
        _check(value, depth)
    return document


def _once(pairs: list[tuple[str, Any]]) -> JsonObject:
    """Of two equal names a reader can't know which was meant."""
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the body names {twice!r} twice / 成员重复")
    return members


def _refuse_constant(name: str) -> Any:
    raise InputError(f"{name} is no JSON number / 不是有效数字")


def _parts(document: Any) -> Iterator[tuple[Any, int]]:
    """Every value and member name with its depth; without recursion."""
    waiting = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if isinstance(value, dict):
            waiting += [(each, depth + 1) for pair in value.items() for each in pair]
        elif isinstance(value, list):
            waiting += [(each, depth + 1) for each in value]


def _check(value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise _too_deep()
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError("a number in the body is too large / 数字过大")
    if isinstance(value, str) and not _is_text(value):
        raise InputError("a text in the body holds U+0000 or half a character / 文字含无效字符")


def _is_text(value: str) -> bool:
    # PostgreSQL keeps no NUL; a lone surrogate is no character.
    return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)


def _too_deep() -> InputError:
    return InputError(f"the body is nested more than {_DEEPEST} deep / 正文嵌套过深")
