"""JSON Schema 2020-12 in the words of OpenAPI 3.0, which stands on an older draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.ogc.openapi.operations import Json

# OpenAPI 3.0 knows none of them; nothing is refused because of them.
_UNKNOWN = {"contentMediaType", "contentEncoding", "contentSchema", "examples", "$schema", "$id"}


def in_openapi(schema: Mapping[str, Any]) -> Json:
    """The same schema, as far as the processes' inputs use the language."""
    found: Json = {}
    for key, value in schema.items():
        if key == "const":
            found["enum"] = [value]
        elif key == "type" and isinstance(value, list):
            # One type and null; OpenAPI 3.0 has no lists of types.
            found |= {"type": next(each for each in value if each != "null"), "nullable": True}
        elif key.startswith("exclusive"):
            found |= {key.removeprefix("exclusive").lower(): value, key: True}
        elif key not in _UNKNOWN:
            found[key] = _nested(key, value)
    return found


def _nested(key: str, value: Any) -> Any:
    """A keyword's value; schemas stand in some as they are, in lists, or by name."""
    if key in {"items", "not", "additionalProperties"} and isinstance(value, Mapping):
        return in_openapi(value)
    if key in {"oneOf", "anyOf", "allOf"}:
        return [in_openapi(each) for each in value]
    if key == "properties":
        return {name: in_openapi(each) for name, each in value.items()}
    return value
