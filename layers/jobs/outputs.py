"""What processes give, as JSON texts: written once, then stored and served as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class JsonText(str):
    """A value that is written as JSON already."""

    __slots__ = ()


def to_json(value: Any) -> str:
    """Compact JSON.

    Raises:
        ValueError: the value holds NaN or an infinity.
    """
    if isinstance(value, JsonText):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def as_json_texts(outputs: Mapping[str, Any]) -> dict[str, str]:
    """Output name → its value as JSON text."""
    return {name: to_json(value) for name, value in outputs.items()}


def as_json_object(texts: Mapping[str, str]) -> str:
    """One JSON object of such texts."""
    return "{" + ",".join(f"{to_json(name)}:{text}" for name, text in texts.items()) + "}"
