"""Points from afar: counted per H3 cell, so that a tile is small and yet holds every one of them.

A bin belongs to the tile that holds its points: one on the edge of two tiles is a bin in each, of
the points that lie there. So the counts of all tiles of a level add up to the number of features.
"""

from __future__ import annotations

import math

from psycopg import sql

from grids.cells import STORED_RESOLUTION, parent_sql, resolution_with_spacing
from layers.catalogue import Entry, Field
from layers.published import view_of
from layers.reading.tiles.ground import BOX, EXTENT, INSIDE, Ground, steps_across, steps_down
from layers.roles import Role

# Between the middles of two bins, where a tile is drawn 512 pixels wide, in the middle latitudes
# of China. H3 goes from one resolution to the next by a factor of 2.6, so it is met within that.
_SPACING_PX = 40
_TILE_PX = 512
_EQUATOR_M = 40_075_017
_LATITUDE_DEG = 35
# So many codes are told apart in a bin; a longer list is no legend.
_MOST_CODES = 8

# A row without a cell has its place all the same: it is counted in a square about as wide as a bin.
# OFFSET 0 keeps the planner from working out a place anew wherever it is named.
_BINS = sql.SQL("""
WITH placed AS (
    SELECT {parent} AS bin, cell IS NULL AS is_loose{codes}, ST_X(place) AS x, ST_Y(place) AS y
    FROM (SELECT cell{codes}, {place} AS place FROM {view} WHERE geom && {box} OFFSET 0)
    AS found
), inside AS (
    SELECT *, {across} AS across, {down} AS down FROM placed WHERE {inside} OFFSET 0
), bins AS (
    SELECT count(*)::int AS count, to_hex(bin) AS h3{counts},
           ST_MakePoint(floor(avg(across)), floor(avg(down))) AS geom
    FROM inside
    GROUP BY bin, CASE WHEN is_loose THEN floor(across / {square}) END,
             CASE WHEN is_loose THEN floor(down / {square}) END
)
SELECT ST_AsMVT(bins, {layer}, {extent}, 'geom') FROM bins
""")


def bins_statement(entry: Entry, role: Role, ground: Ground, depth: int) -> sql.Composed:
    """The statement that makes a tile of bins."""
    return _BINS.format(
        parent=sql.SQL(parent_sql("cell", bins_resolution(depth))),
        codes=coded_columns(entry, role),
        counts=code_counts(entry, role),
        place=ground.placed("geom"),
        view=view_of(entry, role),
        box=BOX,
        inside=INSIDE,
        across=steps_across(),
        down=steps_down(),
        square=sql.Literal(EXTENT * _SPACING_PX // _TILE_PX),
        layer=sql.Literal(entry.id),
        extent=sql.Literal(EXTENT),
    )


def bins_resolution(depth: int) -> int:
    """The H3 resolution whose cells' middles lie about 40 pixels apart in tiles of that depth."""
    width_m = _EQUATOR_M * math.cos(math.radians(_LATITUDE_DEG)) / 2**depth
    return min(resolution_with_spacing(width_m * _SPACING_PX / _TILE_PX), STORED_RESOLUTION)


def counted_codes(entry: Entry, role: Role) -> list[tuple[str, Field, str]]:
    """Name of the count, property and code, for each code that is counted by itself."""
    return [
        (f"{field.name}_{code}", field, code)
        for field in entry.fields_for(role)
        if 0 < len(field.codes) <= _MOST_CODES
        for code in field.codes
    ]


def code_counts(entry: Entry, role: Role) -> sql.Composable:
    """Columns that count the rows of each code, to be put behind another."""
    count = sql.SQL(", nullif(count(*) FILTER (WHERE {} = {}), 0)::int AS {}")
    return sql.SQL("").join(
        count.format(sql.Identifier(field.name), sql.Literal(code), sql.Identifier(name))
        for name, field, code in counted_codes(entry, role)
    )


def coded_columns(entry: Entry, role: Role) -> sql.Composable:
    """The properties whose codes are counted, to be put behind another column."""
    names = dict.fromkeys(field.name for _, field, _ in counted_codes(entry, role))
    return sql.SQL("").join(sql.SQL(", {}").format(sql.Identifier(name)) for name in names)
