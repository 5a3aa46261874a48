"""One property's value: from JSON to what its column keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from layers.catalogue import Field, FieldType
from spatial.errors import InputError

_LARGEST_INTEGER = 2**63


def read_value(field: Field, value: Any) -> Any:
    """`value` as the property's column takes it; None where it is unset.

    Raises:
        InputError: it is of another type, or no code of the property's list.
    """
    if value is None:
        return None
    try:
        read = _READERS[field.type](value)
    except (TypeError, ValueError, OverflowError):
        kind = {FieldType.DATE_TIME: "RFC 3339 date-time"}.get(field.type, field.type.value)
        raise InputError(f"{field.name} has to be a {kind}, not {_shown(value)}") from None
    if field.codes and read not in field.codes:
        codes = ", ".join(field.codes)
        raise InputError(f"{field.name} can't be {_shown(value)} / 无此代码", remedy=codes)
    if field.required and not str(read).strip():
        raise InputError(f"{field.name} can't be blank / 不能为空")
    return read


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    """JSON Schema's integer: 3.0 is one."""
    number = _number(value)
    if number != int(value) or abs(int(value)) >= _LARGEST_INTEGER:
        raise ValueError
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


_READERS: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.STRING: _text,
    FieldType.INTEGER: _integer,
    FieldType.NUMBER: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: lambda value: date.fromisoformat(_text(value)),
    # Without an offset it is the town's time, as everywhere: the session's time zone.
    FieldType.DATE_TIME: lambda value: datetime.fromisoformat(_text(value)),
}
