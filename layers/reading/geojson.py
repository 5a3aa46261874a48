"""GeoJSON features as SQL that PostgreSQL writes out itself."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

# A row's name must be no column's, or the column would be meant.
_FEATURE = sql.SQL(
    """'{{"type":"Feature","id":' || {id} || ',"geometry":' || {geometry} || ',"properties":'
    || (SELECT row_to_json(".row") FROM (SELECT {properties}) AS ".row") || '}}'"""
)
_GEOMETRY = sql.SQL("coalesce(ST_AsGeoJSON({}, {}, 0), 'null')")
NO_GEOMETRY = sql.SQL("'null'")


def feature_json(
    row: str, properties: Iterable[str], geometry: sql.Composable = NO_GEOMETRY
) -> sql.Composable:
    """SQL: the text of one feature.

    Args:
        row: by which name the query knows a row of the layer's view.
        properties: the columns, in the order of the answer.
        geometry: SQL; the text of its geometry.
    """
    return _FEATURE.format(
        id=sql.Identifier(row, "id"),
        geometry=geometry,
        properties=sql.SQL(", ").join(sql.Identifier(row, name) for name in properties),
    )


def geometry_json(geometry: sql.Composable, digits: int) -> sql.Composable:
    """SQL: the text of a geometry, `null` where there is none.

    Args:
        digits: decimals of a coordinate.
    """
    return _GEOMETRY.format(geometry, sql.Literal(digits))
