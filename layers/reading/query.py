"""What a client asks of a layer, checked against its entry before any SQL is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from layers.catalogue import ID, Entry, Field
from layers.reading.crs import OutputCrs, find_crs
from layers.reading.filters import LANGUAGES, Condition, Written, compile_filter
from layers.reading.overlay import Overlay
from layers.reading.paging import Position, Sort, parse_position
from layers.reading.search import Search, parse_search
from layers.reading.values import (
    Box,
    Interval,
    parse_bbox,
    parse_interval,
    parse_natural,
    parse_truth,
    parse_value,
)
from layers.roles import Role
from spatial.errors import InputError

MAX_LIMIT = 10_000
DEFAULT_LIMIT = 10


@dataclass(frozen=True)
class ItemsQuery:
    """One page of one layer.

    Attributes:
        bbox: west, south, east, north in the coordinates of `bbox_crs`, easting first; west is
            greater than east where the box crosses the antimeridian.
        equals: property → value, already of the property's type.
        condition: the filter in CQL2.
        search: the texts of `q`.
        sort: property and whether ascending.
        properties: the properties to answer with; None for all.
        limit: None for the whole layer, which only a stream may ask for.
        position: where the page begins or ends; None where `offset` says it.
        overlay: what the reader sees in the place of stored features.
    """

    crs: OutputCrs
    bbox_crs: OutputCrs
    bbox: Box | None = None
    interval: Interval | None = None
    equals: Mapping[str, Any] = field(default_factory=dict)
    condition: Condition | None = None
    search: Search | None = None
    sort: Sort = ()
    properties: tuple[str, ...] | None = None
    skip_geometry: bool = False
    feature_id: int | None = None
    limit: int | None = DEFAULT_LIMIT
    offset: int = 0
    position: Position | None = None
    overlay: Overlay | None = None


@dataclass(frozen=True)
class Reader:
    """For whom and where parameters are read.

    Attributes:
        metric_srid: the town's own metric CRS.
        time_zone: of dates.
        gcj02: whether the installation offers GCJ-02.
    """

    role: Role
    metric_srid: int | None
    time_zone: str
    gcj02: bool = False

    def crs(self, uri: str | None) -> OutputCrs:
        """The CRS called `uri`; None asks for the default.

        Raises:
            InputError: the installation doesn't offer it.
        """
        return find_crs(uri, self.metric_srid, gcj02=self.gcj02)


PARAMETERS = frozenset({
    "bbox", "bbox-crs", "crs", "cursor", "datetime", "f", "filter", "filter-crs", "filter-lang",
    "lang", "limit", "offset", "properties", "q", "skipGeometry", "sortby",
})  # fmt: skip


def parse_items_query(
    entry: Entry, parameters: Mapping[str, str], reader: Reader, *, default_limit: int | None
) -> ItemsQuery:
    """The query that the parameters of a request mean.

    Args:
        default_limit: how many features where the request doesn't say it; None for all.

    Raises:
        InputError: a parameter is unknown or its value isn't what it has to be.
    """
    bbox_crs, role = reader.crs(parameters.get("bbox-crs")), reader.role
    sort = _optional(parameters, "sortby", lambda text: _parse_sort(entry, role, text)) or ()
    return ItemsQuery(
        crs=reader.crs(parameters.get("crs")),
        bbox_crs=bbox_crs,
        bbox=_optional(parameters, "bbox", lambda text: parse_bbox(text, bbox_crs)),
        interval=_optional(
            parameters, "datetime", lambda text: parse_interval(text, reader.time_zone)
        ),
        equals=_parse_equals(entry, role, parameters),
        condition=_parse_filter(entry, parameters, reader),
        search=_optional(parameters, "q", lambda text: parse_search(entry, role, text)),
        sort=sort,
        properties=_optional(
            parameters, "properties", lambda text: _parse_names(entry, role, text)
        ),
        skip_geometry=parse_truth("skipGeometry", parameters.get("skipGeometry", "false")),
        limit=_parse_limit(parameters, default_limit),
        offset=parse_natural("offset", parameters.get("offset", "0"), least=0),
        position=_optional(parameters, "cursor", lambda text: parse_position(entry.id, sort, text)),
    )


def _optional[T](parameters: Mapping[str, str], name: str, parse: Callable[[str], T]) -> T | None:
    return parse(parameters[name]) if name in parameters else None


def _parse_limit(parameters: Mapping[str, str], default: int | None) -> int | None:
    """A page is at most MAX_LIMIT long (Part 1, 7.15.2: the server may answer with fewer)."""
    if "limit" not in parameters:
        return default
    limit = parse_natural("limit", parameters["limit"], least=1)
    return limit if default is None else min(limit, MAX_LIMIT)


def _parse_filter(entry: Entry, parameters: Mapping[str, str], reader: Reader) -> Condition | None:
    language = parameters.get("filter-lang", LANGUAGES[0])
    crs = reader.crs(parameters.get("filter-crs"))
    if language not in LANGUAGES:
        raise InputError(f"filter-lang has to be one of {', '.join(LANGUAGES)}, not {language!r}")
    if "filter" not in parameters:
        return None
    written = Written(parameters["filter"], language, crs, reader.time_zone)
    return compile_filter(entry.id, reader.role, written)


def _parse_equals(entry: Entry, role: Role, parameters: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: parse_value(_queryable(entry, role, name), text)
        for name, text in parameters.items()
        if name not in PARAMETERS
    }


def _queryable(entry: Entry, role: Role, name: str) -> Field:
    return ID if name == ID.name else _field(entry, role, name, "parameter")


def _field(entry: Entry, role: Role, name: str, purpose: str) -> Field:
    found = entry.field_for(role, name)
    if found is None:
        raise InputError(f"unknown {purpose} {name!r}", remedy=f"see {entry.id}/queryables")
    return found


def _parse_sort(entry: Entry, role: Role, text: str) -> Sort:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return tuple(
        (_sort_key(entry, role, part.lstrip("+-")), not part.startswith("-")) for part in parts
    )


def _sort_key(entry: Entry, role: Role, name: str) -> str:
    return name if name == "id" else _field(entry, role, name, "sortby property").name


def _parse_names(entry: Entry, role: Role, text: str) -> tuple[str, ...]:
    names = (_field(entry, role, name, "property").name for name in text.split(",") if name)
    return tuple(dict.fromkeys(names))
