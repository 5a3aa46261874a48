"""A layer as CSV, written by PostgreSQL row by row.

UTF-8 with a byte order mark, without which Excel takes Chinese for something else; commas and
quotes as in RFC 4180. Points come as two columns, longitude or easting first; other geometries as
WKT in a column `geometry`, in the same order. A text that a spreadsheet would take for a formula
(it begins with = + - @ or their wide forms, a tab or a carriage return) gets an apostrophe before
it, as OWASP advises: whoever reads these cells back takes it off.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from psycopg import sql

from layers.catalogue import Entry, Field, FieldType
from layers.reading.crs import OutputCrs
from layers.reading.items import refusing_impossible_values
from layers.reading.query import ItemsQuery
from layers.reading.statements import (
    Statement,
    answered_fields,
    geometry_in,
    rows_statement,
)
from layers.roles import Role
from spatial.database import AnyConnection, Principal

BYTE_ORDER_MARK = "\ufeff".encode()
_CHUNK_BYTES = 64 * 1024
_COPY = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER true)")
_GUARDED = sql.SQL(
    "CASE WHEN {column} ~ '^[=+@\\t\\r\uff1d\uff0b\uff0d\uff20-]' "
    "THEN '''' || {column} ELSE {column} END"
)
_PLAIN = {
    FieldType.STRING: _GUARDED,
    FieldType.BOOLEAN: sql.SQL("{column}::text"),
    # As GeoJSON writes it: RFC 3339.
    FieldType.DATE_TIME: sql.SQL("to_json({column}) #>> '{{}}'"),
}


async def read_csv(
    connection: AnyConnection, entry: Entry, query: ItemsQuery, principal: Principal
) -> AsyncGenerator[bytes]:
    """The file in pieces; rows leave as they are read.

    Raises:
        InputError: before the first piece, where the filter can't be computed.
    """
    role = Role(principal.role)
    columns = [*_columns(entry, role, query), *_geometry_columns(entry, query)]
    rows = rows_statement(entry, role, query, columns)
    statement = Statement(_COPY.format(sql.SQL(rows.query.decode())).as_bytes(), rows.values)
    pieces, size = [BYTE_ORDER_MARK], 0
    with refusing_impossible_values():
        async with (
            connection.cursor() as cursor,
            cursor.copy(statement.query, statement.values) as copy,
        ):
            async for row in copy:
                pieces.append(bytes(row))
                size += len(row)
                if size >= _CHUNK_BYTES:
                    yield b"".join(pieces)
                    pieces, size = [], 0
    yield b"".join(pieces)


def _columns(entry: Entry, role: Role, query: ItemsQuery) -> list[sql.Composable]:
    fields = [entry.field_for(role, name) for name in answered_fields(entry, role, query)]
    return [sql.Identifier("id"), *(_column(each) for each in fields if each)]


def _column(field: Field) -> sql.Composable:
    column = sql.Identifier(field.name)
    plain = _PLAIN.get(field.type, sql.SQL("{column}")).format(column=column)
    return sql.SQL("{} AS {}").format(plain, column)


def _geometry_columns(entry: Entry, query: ItemsQuery) -> list[sql.Composable]:
    if query.skip_geometry:
        return []
    geometry = geometry_in(query.crs, sql.Identifier("geom"))
    if entry.geometry != "Point":
        wkt = sql.SQL("ST_AsText({}, {}) AS geometry")
        return [wkt.format(geometry, sql.Literal(query.crs.digits))]
    axes = zip(("X", "Y"), axis_names(query.crs), strict=True)
    return [
        sql.SQL("round(ST_{}({})::numeric, {}) AS {}").format(
            sql.SQL(axis), geometry, sql.Literal(query.crs.digits), sql.Identifier(name)
        )
        for axis, name in axes
    ]


def axis_names(crs: OutputCrs) -> tuple[str, str]:
    """What the two columns of a point are called."""
    return ("lon", "lat") if crs.is_geographic else ("easting", "northing")
