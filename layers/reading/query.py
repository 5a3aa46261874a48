"""What a client asks of a layer, checked against its entry before any SQL is made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from layers.catalogue import Entry, Field, FieldType
from layers.reading.crs import OutputCrs, find_crs
from layers.roles import Role
from spatial.errors import InputError

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 10


@dataclass(frozen=True)
class Interval:
    """A half-open span of time [start, end); None is open."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class ItemsQuery:
    """One page of one layer.

    Attributes:
        bbox: west, south, east, north in the coordinates of `bbox_crs`, easting first; west is
            greater than east where the box crosses the antimeridian.
        equals: property → value, already of the property's type.
        sort: property and whether ascending.
        properties: the properties to answer with; None for all.
    """

    crs: OutputCrs
    bbox_crs: OutputCrs
    bbox: tuple[float, float, float, float] | None = None
    interval: Interval | None = None
    equals: Mapping[str, Any] = field(default_factory=dict)
    sort: tuple[tuple[str, bool], ...] = ()
    properties: tuple[str, ...] | None = None
    skip_geometry: bool = False
    feature_id: int | None = None
    limit: int = DEFAULT_LIMIT
    offset: int = 0


PARAMETERS = frozenset({
    "bbox", "bbox-crs", "crs", "datetime", "f", "lang", "limit", "offset", "properties",
    "skipGeometry", "sortby",
})  # fmt: skip


def parse_items_query(
    entry: Entry,
    parameters: Mapping[str, str],
    *,
    role: Role,
    metric_srid: int | None,
    time_zone: str,
) -> ItemsQuery:
    """The query that the parameters of a request mean.

    Raises:
        InputError: a parameter is unknown or its value isn't what it has to be.
    """
    bbox_crs = find_crs(parameters.get("bbox-crs"), metric_srid)
    return ItemsQuery(
        crs=find_crs(parameters.get("crs"), metric_srid),
        bbox_crs=bbox_crs,
        bbox=_optional(parameters, "bbox", lambda text: parse_bbox(text, bbox_crs)),
        interval=_optional(parameters, "datetime", lambda text: parse_interval(text, time_zone)),
        equals=_parse_equals(entry, role, parameters),
        sort=_optional(parameters, "sortby", lambda text: _parse_sort(entry, role, text)) or (),
        properties=_optional(
            parameters, "properties", lambda text: _parse_names(entry, role, text)
        ),
        skip_geometry=parameters.get("skipGeometry", "false").lower() == "true",
        limit=min(_natural(parameters, "limit", DEFAULT_LIMIT, least=1), MAX_LIMIT),
        offset=_natural(parameters, "offset", 0, least=0),
    )


def _optional[T](parameters: Mapping[str, str], name: str, parse: Callable[[str], T]) -> T | None:
    return parse(parameters[name]) if name in parameters else None


def _natural(parameters: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = parameters.get(name, str(default))
    # A client can't ask for more rows than a bigint counts.
    if not text.isdecimal() or len(text) > 18 or int(text) < least:
        raise InputError(f"{name} has to be a whole number of at least {least}, not {text!r}")
    return int(text)


def parse_bbox(text: str, crs: OutputCrs) -> tuple[float, float, float, float]:
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
            return Interval(start, start + timedelta(days=1))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise InputError(f"datetime {text!r} is neither a date nor an RFC 3339 date-time") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return Interval(moment, moment + timedelta(microseconds=1))


def _parse_equals(entry: Entry, role: Role, parameters: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: parse_value(_field(entry, role, name, "parameter"), text)
        for name, text in parameters.items()
        if name not in PARAMETERS
    }


def _field(entry: Entry, role: Role, name: str, purpose: str) -> Field:
    found = entry.field_for(role, name)
    if found is None:
        raise InputError(f"unknown {purpose} {name!r}", remedy=f"see {entry.id}/queryables")
    return found


_PARSERS: Mapping[FieldType, Callable[[str], Any]] = {
    FieldType.STRING: str,
    FieldType.INTEGER: int,
    FieldType.NUMBER: float,
    FieldType.BOOLEAN: lambda text: {"true": True, "false": False}[text.lower()],
    FieldType.DATE: date.fromisoformat,
    FieldType.DATE_TIME: datetime.fromisoformat,
}


def parse_value(searched: Field, text: str) -> Any:
    """`text` as a value of the property's type.

    Raises:
        InputError: it is not one.
    """
    try:
        return _PARSERS[searched.type](text)
    except (ValueError, KeyError):
        raise InputError(f"{searched.name} has to be a {searched.type}, not {text!r}") from None


def _parse_sort(entry: Entry, role: Role, text: str) -> tuple[tuple[str, bool], ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(
        (_field(entry, role, part.lstrip("+-"), "sortby property").name, not part.startswith("-"))
        for part in parts
    )


def _parse_names(entry: Entry, role: Role, text: str) -> tuple[str, ...]:
    return tuple(_field(entry, role, name, "property").name for name in text.split(",") if name)
