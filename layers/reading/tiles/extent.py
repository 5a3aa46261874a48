"""Where the features of a layer lie."""

from __future__ import annotations

from psycopg import sql

from layers.catalogue import Entry
from layers.published import view_of
from layers.reading.tiles.matrix_sets import Box
from layers.roles import Role
from spatial.database import AnyConnection, Principal

_EXTENT = sql.SQL("""
SELECT ST_XMin(extent), ST_YMin(extent), ST_XMax(extent), ST_YMax(extent)
FROM (SELECT ST_Extent(geom) AS extent FROM {view}) AS found
""")


async def read_extent(connection: AnyConnection, entry: Entry, principal: Principal) -> Box | None:
    """West, south, east and north of what the principal sees; None where that is nothing."""
    statement = _EXTENT.format(view=view_of(entry, Role(principal.role)))
    found = await (await connection.execute(statement)).fetchone()
    if found is None or found[0] is None:
        return None
    west, south, east, north = found
    return west, south, east, north
