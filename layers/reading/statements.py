"""The one SQL statement that answers a query, composed once for each shape that a query has.

A shape is a query without its values: which parameters it has, in which CRS, sorted by what. The
values are bound, so that the database too prepares a shape once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from psycopg import sql

from layers.catalogue import Entry
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.reading.conditions import conditions_of, crosses_antimeridian, values_of
from layers.reading.crs import OutputCrs
from layers.reading.geojson import NO_GEOMETRY, feature_json, geometry_json
from layers.reading.overlay import overlaid
from layers.reading.paging import beyond, key_values, order_of, whole_sort
from layers.reading.query import ItemsQuery
from layers.reading.sql_types import SQL_TYPES
from layers.roles import Role

# A count goes no further than this; beyond it the planner's estimate is told, and said to be one.
EXACT_COUNT = 100_000
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")

# One row more than the page is read, to know whether another page follows.
_PAGE = sql.SQL("""
WITH found AS (
    SELECT {columns} FROM {view} WHERE {page_condition}
    ORDER BY {order} LIMIT %(limit)s + 1 OFFSET %(offset)s
), page AS (
    SELECT row_number() OVER () AS ".number", * FROM found
), counted AS (
    SELECT count(*) AS matched FROM (
        SELECT FROM {view} WHERE {condition} LIMIT {exact_count} + 1
    ) AS matching
)
SELECT string_agg({feature}, ',' {direction}) FILTER (WHERE ".number" <= %(limit)s),
       count(*),
       max({keys}) FILTER (WHERE ".number" = 1),
       max({keys}) FILTER (WHERE ".number" = %(limit)s),
       CASE WHEN {is_whole} AND count(*) <= %(limit)s THEN count(*)
            ELSE (SELECT matched FROM counted) END,
       CASE WHEN {is_whole} AND count(*) <= %(limit)s THEN NULL
            WHEN (SELECT matched FROM counted) > {exact_count}
            THEN layers.planned_rows(format({plan_arguments})) END
FROM page
""")
_ONE = sql.SQL("SELECT {feature} FROM {view} WHERE id = %(feature_id)s AND {condition}")
_ROWS = sql.SQL("""
SELECT {columns} FROM {view} WHERE {condition}
ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
""")
_PLAN = sql.SQL("SELECT FROM {view} WHERE {condition}")


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters."""

    query: bytes
    values: dict[str, Any]


@dataclass(frozen=True)
class _Shape:
    """What the text of a statement hangs on; equal for queries that differ in values alone."""

    layer_id: str
    role: Role
    crs: OutputCrs
    bbox: tuple[bool, bool] | None
    interval: tuple[bool, bool] | None
    equals: tuple[str, ...]
    condition: str | None
    search: tuple[int, ...] | None
    sort: tuple[tuple[str, bool], ...]
    properties: tuple[str, ...] | None
    skip_geometry: bool
    position: tuple[bool, ...] | None
    is_whole: bool
    is_one: bool
    overlaid: tuple[str, ...] | None


def page_statement(entry: Entry, role: Role, query: ItemsQuery) -> Statement:
    """Features, how many there are, the cursors of the page's ends, and the number of all.

    Columns: features joined by commas; number of rows read, one more than the limit where a page
    follows; sort keys of the first and of the last row as JSON; rows matched, at most
    EXACT_COUNT + 1; the planner's estimate where they are more.
    """
    text, plan = _compose(entry, role, query)
    values = values_of(entry, role, query) | {"limit": query.limit, "offset": query.offset}
    if query.position is not None:
        values |= key_values(query.position)
    return Statement(text, values | {"plan": plan})


def feature_statement(entry: Entry, role: Role, query: ItemsQuery) -> Statement:
    """The feature called `query.feature_id`."""
    text, _ = _compose(entry, role, query)
    return Statement(text, values_of(entry, role, query) | {"feature_id": query.feature_id})


def rows_statement(
    entry: Entry, role: Role, query: ItemsQuery, columns: list[sql.Composable]
) -> Statement:
    """The rows of a query one by one, for a file; a cursor's place is left aside."""
    text = _ROWS.format(
        columns=sql.SQL(", ").join(columns),
        view=view_of(entry, role),
        condition=all_of(conditions_of(entry, role, query)),
        order=order_of(query.sort, backward=False),
    )
    values = {"limit": query.limit, "offset": query.offset}
    return Statement(text.as_bytes(), values_of(entry, role, query) | values)


def geometry_in(crs: OutputCrs, column: sql.Composable) -> sql.Composable:
    """The geometry in `crs`, longitude or easting first."""
    if crs.is_shifted:
        return sql.SQL("layers.gcj02({})").format(column)
    if crs.is_stored:
        return column
    return sql.SQL("ST_Transform({}, {})").format(column, sql.Literal(crs.srid))


def answered_fields(entry: Entry, role: Role, query: ItemsQuery) -> tuple[str, ...]:
    """The properties of the answer, in the entry's order or in the one that was asked for."""
    if query.properties is not None:
        return query.properties
    return tuple(each.name for each in entry.fields_for(role))


def all_of(conditions: list[sql.Composable]) -> sql.Composable:
    """Conditions that hold together; true where there are none."""
    return sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("true")


def key_types(entry: Entry, role: Role) -> dict[str, str]:
    """The SQL type of each property that can be sorted by."""
    return {"id": "bigint"} | {each.name: SQL_TYPES[each.type] for each in entry.fields_for(role)}


def _compose(entry: Entry, role: Role, query: ItemsQuery) -> tuple[bytes, str]:
    box, span, place = query.bbox, query.interval, query.position
    shape = _Shape(
        entry.id,
        role,
        query.crs,
        None if box is None else (query.bbox_crs.is_stored, crosses_antimeridian(query)),
        None if span is None else (span.start is not None, span.end is not None),
        tuple(query.equals),
        None if query.condition is None else query.condition.sql,
        None if query.search is None else tuple(map(len, query.search.alternatives)),
        query.sort,
        query.properties,
        query.skip_geometry,
        None if place is None else (place.backward, *(key is None for key in place.keys)),
        place is None and query.offset == 0,
        query.feature_id is not None,
        None if query.overlay is None else query.overlay.names,
    )
    return _compose_shape(shape, _Query(query))


@dataclass(frozen=True)
class _Query:
    """A query that has the shape; which of them makes no difference, so all are equal."""

    query: ItemsQuery

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Query)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=512)
def _compose_shape(shape: _Shape, example: _Query) -> tuple[bytes, str]:
    entry, query = CATALOGUE.entry(shape.layer_id), example.query
    rows: sql.Composable = view_of(entry, shape.role)
    if shape.overlaid is not None:
        rows = overlaid(entry, shape.role, view_of(entry, shape.role), shape.overlaid)
    condition = all_of(conditions_of(entry, shape.role, query))
    feature = _feature(entry, shape.role, query)
    if shape.is_one:
        page = sql.SQL("{} AS page").format(rows)
        return _ONE.format(feature=feature, view=page, condition=condition).as_bytes(), ""
    view = rows if shape.overlaid is None else sql.SQL("{} AS rows").format(rows)
    plan, names = _as_format(_PLAN.format(view=view, condition=condition).as_string())
    backward = query.position is not None and query.position.backward
    text = _PAGE.format(
        columns=_columns(entry, shape.role, query),
        view=view,
        page_condition=_page_condition(entry, shape.role, query),
        condition=condition,
        order=order_of(query.sort, backward=backward),
        direction=sql.SQL('ORDER BY ".number" DESC' if backward else ""),
        feature=feature,
        keys=_keys(query),
        is_whole=sql.Literal(shape.is_whole),
        exact_count=sql.Literal(EXACT_COUNT),
        plan_arguments=sql.SQL(", ").join(map(sql.Placeholder, ["plan", *names])),
    )
    return text.as_bytes(), plan


def _as_format(text: str) -> tuple[str, list[str]]:
    """SQL with placeholders as a text for PostgreSQL's format(), and the placeholders' names."""
    names = list(dict.fromkeys(_PLACEHOLDER.findall(text)))
    return _PLACEHOLDER.sub(lambda found: f"%{names.index(found[1]) + 1}$L", text), names


def _page_condition(entry: Entry, role: Role, query: ItemsQuery) -> sql.Composable:
    conditions = conditions_of(entry, role, query)
    if query.position is not None:
        conditions.append(beyond(query.sort, query.position, key_types(entry, role)))
    return all_of(conditions)


def _columns(entry: Entry, role: Role, query: ItemsQuery) -> sql.Composable:
    names = ["id", *answered_fields(entry, role, query), *(name for name, _ in query.sort)]
    if not query.skip_geometry:
        names.append("geom")
    return sql.SQL(", ").join(map(sql.Identifier, dict.fromkeys(names)))


def _keys(query: ItemsQuery) -> sql.Composable:
    """The row's sort keys as JSON text."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in whole_sort(query.sort))
    return sql.SQL("json_build_array({})::text").format(names)


def _feature(entry: Entry, role: Role, query: ItemsQuery) -> sql.Composable:
    return feature_json("page", answered_fields(entry, role, query), _geometry(query))


def _geometry(query: ItemsQuery) -> sql.Composable:
    if query.skip_geometry:
        return NO_GEOMETRY
    geometry = geometry_in(query.crs, sql.Identifier("page", "geom"))
    if query.crs.northing_first:
        geometry = sql.SQL("ST_FlipCoordinates({})").format(geometry)
    return geometry_json(geometry, query.crs.digits)
