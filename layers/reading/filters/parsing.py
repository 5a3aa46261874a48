"""A filter's text or JSON → the tree of CQL2-JSON (OGC 21-065r2), small enough to be walked."""

from __future__ import annotations

import json
import re
from typing import Any

import cql2

from spatial.errors import InputError

# `cql-text` is how GDAL's OAPIF driver calls the language; what it sends is CQL2 but for ILIKE.
LANGUAGES = ("cql2-text", "cql2-json", "cql-text")
MAX_LENGTH = 100_000
MAX_DEPTH = 64
# The parser recurses for each of these without a parenthesis.
MAX_OPERATORS = 1_000

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_POSITION = r"-?[\d.]+(?:[eE][-+]?\d+)?(?:\s+-?[\d.]+(?:[eE][-+]?\d+)?){1,3}"
_POSITIONS = re.compile(rf"\(\s*{_POSITION}(?:\s*,\s*{_POSITION})+\s*\)")
_OPERATOR = re.compile(r"\b(?:not|and|or|div)\b|[-+*/%^]", re.IGNORECASE)
_ILIKE = re.compile(r"(\w+|\"[^\"]*\")(\s+NOT)?\s+ILIKE\s+('(?:[^']|'')*')", re.IGNORECASE)

Node = Any


def parse_filter(text: str, language: str = LANGUAGES[0]) -> Node:
    """The tree of a filter.

    Args:
        language: one of LANGUAGES.

    Raises:
        InputError: it is not in this language, or too long or too deep.
    """
    if language not in LANGUAGES:
        raise InputError(f"filter-lang has to be one of {', '.join(LANGUAGES)}, not {language!r}")
    if len(text) > MAX_LENGTH:
        raise InputError(f"filter: at most {MAX_LENGTH} characters, not {len(text)}")
    if language == "cql2-json":
        return _parse_json(text)
    if language == "cql-text":
        text = _ILIKE.sub(r"CASEI(\1)\2 LIKE CASEI(\3)", text)
    return _parse_text(text)


def _parse_json(text: str) -> Node:
    # Not by the parser of the text: it would turn whole numbers above 2^53 into others.
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise InputError(f"filter is not CQL2 JSON: {error}") from None


def _refuse_constant(name: str) -> Node:
    raise InputError(f"filter is not CQL2 JSON: {name} is no number")


def _parse_text(text: str) -> Node:
    _check_size(text)
    try:
        return cql2.parse_text(text).to_json()
    except Exception as error:  # noqa: BLE001 - the library raises plain Exception for some
        raise InputError(f"filter is not CQL2 text: {_place(str(error))}") from None


def _check_size(text: str) -> None:
    """Refuse what would overflow the parser's stack, which no exception could tell."""
    bare = _POSITIONS.sub("()", _QUOTED.sub("''", text))
    depth = deepest = 0
    for character in bare:
        if character == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif character == ")":
            depth -= 1
    if deepest > MAX_DEPTH:
        raise _too_deep()
    if len(_OPERATOR.findall(bare)) > MAX_OPERATORS:
        raise InputError(f"filter: at most {MAX_OPERATORS} operators")


def _too_deep() -> InputError:
    return InputError(f"filter: nested more than {MAX_DEPTH} deep")


def _place(message: str) -> str:
    """The parser's drawing of the place as a sentence."""
    found = re.search(r"--> (\d+):(\d+)", message)
    return f"unexpected at line {found[1]}, character {found[2]}" if found else message
