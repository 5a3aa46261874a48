"""The rows that a query is about: WHERE, and the values that it binds."""

from __future__ import annotations

from typing import Any

import shapely
from psycopg import sql

from layers.catalogue import Entry
from layers.reading.crs import to_stored
from layers.reading.query import ItemsQuery
from layers.reading.search import search_condition, search_values
from layers.roles import Role

_BOX = sql.SQL("ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)")
# Two boxes across the antimeridian: west of it and east of it.
_WEST_BOX = sql.SQL("ST_MakeEnvelope(%(west)s, %(south)s, 180, %(north)s, 4326)")
_EAST_BOX = sql.SQL("ST_MakeEnvelope(-180, %(south)s, %(east)s, %(north)s, 4326)")
_SHAPE = sql.SQL("%(box)s::geometry")
# The box operator first: behind a view's barrier it alone reaches the index.
_INTERSECTS = sql.SQL("(geom && {box} AND ST_Intersects(geom, {box}))")
_BENDS = 16


def conditions_of(entry: Entry, role: Role, query: ItemsQuery) -> list[sql.Composable]:
    """SQL tests, all of which a row has to pass; their values are those of `values_of`."""
    conditions: list[sql.Composable] = []
    if query.bbox is not None:
        conditions.append(_bbox_condition(query))
    if entry.time_field is not None and query.interval is not None:
        conditions += _time_conditions(entry.time_field, query)
    conditions += [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(f"equals{number}"))
        for number, name in enumerate(query.equals)
    ]
    if query.condition is not None:
        conditions.append(_trusted(query.condition.sql))
    if query.search is not None:
        conditions.append(search_condition(entry, role, query.search))
    return conditions


def values_of(entry: Entry, role: Role, query: ItemsQuery) -> dict[str, Any]:
    """What the tests of `conditions_of` bind, and the overlay."""
    values = {f"equals{number}": each for number, each in enumerate(query.equals.values())}
    if query.bbox is not None:
        values |= _bbox_values(query)
    if query.interval is not None:
        values |= {"time_start": query.interval.start, "time_end": query.interval.end}
    if query.condition is not None:
        values |= query.condition.values
    if query.search is not None:
        values |= search_values(entry, role, query.search)
    if query.overlay is not None:
        values |= query.overlay.values
    return values


def _bbox_condition(query: ItemsQuery) -> sql.Composable:
    if not query.bbox_crs.is_stored and not crosses_antimeridian(query):
        return _INTERSECTS.format(box=_SHAPE)
    if not crosses_antimeridian(query):
        return _INTERSECTS.format(box=_BOX)
    return sql.SQL("({} OR {})").format(
        _INTERSECTS.format(box=_WEST_BOX), _INTERSECTS.format(box=_EAST_BOX)
    )


def crosses_antimeridian(query: ItemsQuery) -> bool:
    """Whether the box begins east of where it ends (Part 1, 7.15.3)."""
    return query.bbox is not None and query.bbox[0] > query.bbox[2]


def _bbox_values(query: ItemsQuery) -> dict[str, Any]:
    assert query.bbox is not None
    if query.bbox_crs.is_stored or crosses_antimeridian(query):
        return dict(zip(("west", "south", "east", "north"), query.bbox, strict=True))
    west, south, east, north = query.bbox
    # A box that is straight in another CRS is not straight here: bend its edges first.
    step = max(east - west, north - south, 1e-6) / _BENDS
    box = shapely.segmentize(shapely.box(west, south, east, north), step)
    if query.bbox_crs.northing_first:
        box = shapely.transform(box, lambda points: points[:, ::-1])
    return {"box": shapely.to_wkb(shapely.set_srid(to_stored(box, query.bbox_crs), 4326), hex=True,
                                  include_srid=True)}  # fmt: skip


def _time_conditions(name: str, query: ItemsQuery) -> list[sql.Composable]:
    assert query.interval is not None
    conditions: list[sql.Composable] = []
    if query.interval.start is not None:
        conditions.append(sql.SQL("{} >= %(time_start)s").format(sql.Identifier(name)))
    if query.interval.end is not None:
        conditions.append(sql.SQL("{} < %(time_end)s").format(sql.Identifier(name)))
    return conditions


def _trusted(text: str) -> sql.SQL:
    """SQL that the translator of filters made; its values are parameters."""
    return sql.SQL(text)
