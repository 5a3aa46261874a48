"""A page of a layer as GeoJSON that PostgreSQL makes, in one statement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql

from layers.catalogue import Entry
from layers.published import view_of
from layers.reading.query import ItemsQuery
from layers.roles import Role
from spatial.database import AnyConnection, Principal

_STORED_SRID = 4326


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters."""

    query: sql.Composed
    values: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes:
        features: GeoJSON features joined by commas, ready to be put between brackets.
        matched: how many features the whole query has.
        returned: how many of them are in this page.
    """

    features: str
    matched: int
    returned: int


_PAGE = sql.SQL("""
WITH page AS (
    SELECT * FROM {view} WHERE {condition} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
)
SELECT coalesce(string_agg({feature}, ','), ''), count(*),
       (SELECT count(*) FROM {view} WHERE {condition})
FROM page
""")
_FEATURE = sql.SQL(
    """'{{"type":"Feature","id":' || id || ',"geometry":' || {geometry} || ',"properties":'
    || {properties} || '}}'"""
)


def items_statement(entry: Entry, query: ItemsQuery, principal: Principal) -> Statement:
    """The statement that answers `query`: features, their number, and the number of all."""
    conditions, values = _conditions(entry, query)
    values |= {"town_id": principal.town_id, "limit": query.limit, "offset": query.offset}
    return Statement(
        _PAGE.format(
            view=view_of(entry, Role(principal.role)),
            condition=sql.SQL(" AND ").join(conditions),
            order=_order(query),
            feature=_FEATURE.format(
                geometry=_geometry(query), properties=_properties(entry, query, principal)
            ),
        ),
        values,
    )


async def read_page(
    connection: AnyConnection, entry: Entry, query: ItemsQuery, principal: Principal
) -> Page:
    """One page, read on the event loop."""
    statement = items_statement(entry, query, principal)
    cursor = await connection.execute(statement.query, statement.values)
    row = await cursor.fetchone()
    assert row is not None  # an aggregate has always one row
    return Page(features=row[0], returned=row[1], matched=row[2])


async def read_feature(
    connection: AnyConnection, entry: Entry, query: ItemsQuery, principal: Principal
) -> str | None:
    """The GeoJSON feature called `query.feature_id`, or None."""
    page = await read_page(connection, entry, replace(query, limit=1, offset=0), principal)
    return page.features or None


def _conditions(entry: Entry, query: ItemsQuery) -> tuple[list[sql.Composable], dict[str, Any]]:
    conditions: list[sql.Composable] = [sql.SQL("town_id = %(town_id)s")]
    values: dict[str, Any] = {}
    if query.feature_id is not None:
        conditions.append(sql.SQL("id = %(feature_id)s"))
        values["feature_id"] = query.feature_id
    if query.bbox is not None:
        conditions.append(_bbox_condition(query))
    if query.interval is not None and entry.time_field is not None:
        conditions.extend(_time_conditions(entry.time_field, query, values))
    for number, (name, value) in enumerate(query.equals.items()):
        conditions.append(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(f"value{number}"))
        )
        values[f"value{number}"] = value
    return conditions, values


def _bbox_condition(query: ItemsQuery) -> sql.Composable:
    """Boxes of the index first, then the exact test; two boxes across the antimeridian."""
    assert query.bbox is not None
    west, south, east, north = query.bbox
    crosses = query.bbox_crs.srid == _STORED_SRID and west > east
    spans = [(west, 180.0), (-180.0, east)] if crosses else [(west, east)]
    tests = [
        sql.SQL("(geom && {box} AND ST_Intersects(geom, {box}))").format(
            box=_box(left, south, right, north, query.bbox_crs.srid)
        )
        for left, right in spans
    ]
    return sql.SQL("({})").format(sql.SQL(" OR ").join(tests))


def _box(west: float, south: float, east: float, north: float, srid: int) -> sql.Composable:
    envelope = sql.SQL("ST_MakeEnvelope({}, {}, {}, {}, {})").format(
        *map(sql.Literal, (west, south, east, north, srid))
    )
    if srid == _STORED_SRID:
        return envelope
    # A box that is straight in another CRS is not straight here: bend its edges first.
    step = max(east - west, north - south, 1e-6) / 16
    return sql.SQL("ST_Transform(ST_Segmentize({}, {}), {})").format(
        envelope, sql.Literal(step), sql.Literal(_STORED_SRID)
    )


def _time_conditions(name: str, query: ItemsQuery, values: dict[str, Any]) -> list[sql.Composable]:
    assert query.interval is not None
    conditions: list[sql.Composable] = []
    for bound, test in (("start", "{} >= {}"), ("end", "{} < {}")):
        moment = getattr(query.interval, bound)
        if moment is not None:
            conditions.append(
                sql.SQL(test).format(sql.Identifier(name), sql.Placeholder(f"time_{bound}"))
            )
            values[f"time_{bound}"] = moment
    return conditions


def _order(query: ItemsQuery) -> sql.Composable:
    """The asked order, and the id to make it whole."""
    keys = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL("ASC" if ascending else "DESC"))
        for name, ascending in query.sort
    ]
    return sql.SQL(", ").join([*keys, sql.SQL("id")])


def _geometry(query: ItemsQuery) -> sql.Composable:
    if query.skip_geometry:
        return sql.SQL("'null'")
    geometry: sql.Composable = sql.SQL("geom")
    if query.crs.srid != _STORED_SRID:
        geometry = sql.SQL("ST_Transform({}, {})").format(geometry, sql.Literal(query.crs.srid))
    if query.crs.northing_first:
        geometry = sql.SQL("ST_FlipCoordinates({})").format(geometry)
    return sql.SQL("coalesce(ST_AsGeoJSON({}, {}, 0), 'null')").format(
        geometry, sql.Literal(query.crs.digits)
    )


def _properties(entry: Entry, query: ItemsQuery, principal: Principal) -> sql.Composable:
    names = query.properties
    if names is None:
        names = tuple(each.name for each in entry.fields_for(Role(principal.role)))
    columns = sql.SQL(", ").join(sql.Identifier("page", name) for name in names)
    # The row's name must be no column's, or the column would be meant.
    return sql.SQL('(SELECT row_to_json(".row") FROM (SELECT {}) AS ".row")').format(columns)
