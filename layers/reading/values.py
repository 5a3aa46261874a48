"""Single parameters of a request: numbers, boxes, moments, values of a property."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from layers.catalogue import Field, FieldType
from layers.reading.crs import OutputCrs
from spatial.errors import InputError

Box = tuple[float, float, float, float]
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")


@dataclass(frozen=True)
class Interval:
    """A half-open span of time [start, end); None is open."""

    start: datetime | None
    end: datetime | None


def parse_natural(name: str, text: str, *, least: int) -> int:
    """A whole number of at least `least`.

    Raises:
        InputError: it is none.
    """
    if not _WHOLE.fullmatch(text) or int(text) < least:
        raise InputError(f"{name} has to be a whole number of at least {least}, not {text!r}")
    return int(text)


def parse_truth(name: str, text: str) -> bool:
    """`true` or `false`.

    Raises:
        InputError: it is neither.
    """
    if text.lower() not in {"true", "false"}:
        raise InputError(f"{name} has to be true or false, not {text!r}")
    return text.lower() == "true"


def parse_bbox(text: str, crs: OutputCrs) -> Box:
    """Four numbers, or six of which the heights are left aside; easting first in the result."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[0:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise InputError(f"bbox has to be 4 or 6 numbers, not {text!r}")
    west, south, east, north = numbers
    if crs.northing_first:
        south, west, north, east = numbers
    if south > north:
        raise InputError(f"bbox {text!r} has its south above its north")
    if west > east and not crs.is_geographic:
        raise InputError(f"bbox {text!r} has its west east of its east")
    return west, south, east, north


def parse_interval(text: str, time_zone: str) -> Interval:
    """RFC 3339 instants and dates, alone or as `start/end` with `..` for an open end.

    A date is the whole day in the town's time zone.
    """
    start, slash, end = text.partition("/")
    if not slash:
        return _moment(start, time_zone)
    interval = Interval(
        None if start in {"", ".."} else _moment(start, time_zone).start,
        None if end in {"", ".."} else _moment(end, time_zone).end,
    )
    if interval.start and interval.end and interval.start >= interval.end:
        raise InputError(f"datetime {text!r} ends before it starts")
    return interval


def _moment(text: str, time_zone: str) -> Interval:
    zone = ZoneInfo(time_zone)
    try:
        if len(text) == len("2026-01-01"):
            start = datetime.combine(date.fromisoformat(text), time(), zone)
            return Interval(start, _later(start, timedelta(days=1)))
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return Interval(moment, _later(moment, timedelta(microseconds=1)))
    except ValueError:
        raise InputError(f"datetime {text!r} is neither a date nor an RFC 3339 date-time") from None


def _later(moment: datetime, by: timedelta) -> datetime | None:
    """None where the calendar ends before."""
    try:
        return moment + by
    except OverflowError:
        return None


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _plain(text: str) -> str:
    if "\0" in text:  # PostgreSQL has no such character
        raise ValueError(text)
    return text


_PARSERS: Mapping[FieldType, Callable[[str], Any]] = {
    FieldType.STRING: _plain,
    FieldType.INTEGER: _whole,
    FieldType.NUMBER: _finite,
    FieldType.BOOLEAN: lambda text: {"true": True, "false": False}[text.lower()],
    FieldType.DATE: date.fromisoformat,
    FieldType.DATE_TIME: datetime.fromisoformat,
}


def parse_value(searched: Field, text: str) -> Any:
    """`text` as a value of the property's type.

    Raises:
        InputError: it is not one, or none of the property's codes.
    """
    if searched.codes and text not in searched.codes:
        raise InputError(f"{searched.name} is one of {', '.join(searched.codes)}, not {text!r:.50}")
    try:
        return _PARSERS[searched.type](text)
    except (ValueError, KeyError):
        raise InputError(f"{searched.name} has to be a {searched.type}, not {text!r}") from None
