"""Lines, polygons and points as they are, cut to a tile; nothing is left out of it.

PostGIS rounds vertices to the 4,096 steps of a tile's side. Neighbours of a coverage share their
vertices, so that they round to the same steps and no gap opens between them. What shrinks to
nothing meanwhile is drawn as the one step on which it lies.

From afar, where a layer's features are many and most are smaller than a pixel, those are counted
pixel by pixel: one feature for each pixel, with the number `merged` into it.
"""

from __future__ import annotations

from psycopg import sql

from layers.catalogue import Entry
from layers.published import view_of
from layers.reading.tiles.bins import code_counts, coded_columns, counted_codes
from layers.reading.tiles.ground import (
    BOX,
    EXTENT,
    INSIDE,
    Ground,
    raster_square,
    steps_across,
    steps_down,
)
from layers.roles import Role

# A pixel, where 4,096 steps are drawn over 512 pixels.
PIXEL_STEPS = 8

# ST_AsMVT passes over rows without geometry.
_POINTS = sql.SQL("""
WITH tile AS (SELECT id, {columns}, {cut} AS geom FROM {view} WHERE geom && {box})
SELECT ST_AsMVT(tile, {layer}, {extent}, 'geom', 'id') FROM tile
""")

# A place inside a feature lies in one tile alone: there it is drawn even if nothing is left of it.
_STEP = sql.SQL("""
    (SELECT {step} FROM (
        SELECT ST_Dimension(geom) AS dimension, {across} AS across, {down} AS down FROM (
            SELECT ST_X(inner_place) AS x, ST_Y(inner_place) AS y
            FROM (SELECT {inner_place} AS inner_place OFFSET 0) AS placed
        ) AS located WHERE {inside}
    ) AS stepped)
""")
_SHAPES = sql.SQL("""
WITH found AS (SELECT id, {columns}, geom, {cut} AS cut FROM {view} WHERE geom && {box}),
tile AS (SELECT id, {columns}, coalesce(cut, {single_step}) AS geom FROM found)
SELECT ST_AsMVT(tile, {layer}, {extent}, 'geom', 'id') FROM tile
""")

_SHAPES_FROM_AFAR = sql.SQL("""
WITH found AS (
    SELECT id, {columns}, geom,
           greatest(ST_XMax(geom) - ST_XMin(geom), ST_YMax(geom) - ST_YMin(geom))
           < 360 / 2 ^ %(depth)s * {pixel_steps} / {extent} AS is_small
    FROM {view} WHERE geom && {box}
), large AS (
    SELECT id, {columns}, geom, {cut} AS cut FROM found WHERE NOT is_small
), small AS (
    SELECT ST_Dimension(geom) AS dimension{codes}, ST_X(middle) AS x, ST_Y(middle) AS y
    FROM (SELECT geom{codes}, {middle} AS middle FROM found WHERE is_small OFFSET 0) AS placed
), pixels AS (
    SELECT count(*)::int AS merged{counts}, dimension, {across} AS across, {down} AS down
    FROM small WHERE {inside} GROUP BY dimension, {across}, {down}
), tile AS (
    SELECT id, {columns}, NULL::int AS merged{no_counts}, coalesce(cut, {single_step}) AS geom
    FROM large
    UNION ALL
    SELECT NULL, {no_columns}, merged{count_names}, {pixel} FROM pixels
)
SELECT ST_AsMVT(tile, {layer}, {extent}, 'geom', 'id') FROM tile
""")
_MIDDLE = (
    "ST_SetSRID(ST_MakePoint((ST_XMin(geom) + ST_XMax(geom)) / 2,"
    " (ST_YMin(geom) + ST_YMax(geom)) / 2), 4326)"
)


def points_statement(entry: Entry, role: Role, ground: Ground) -> sql.Composed:
    """The statement that makes a tile of single points, which never shrink to nothing."""
    return _POINTS.format(**_common(entry, role, ground))


def shapes_statement(entry: Entry, role: Role, ground: Ground) -> sql.Composed:
    """The statement that makes a tile in which every shape is a feature."""
    return _SHAPES.format(**_common(entry, role, ground), single_step=_single_step(ground))


def shapes_from_afar_statement(entry: Entry, role: Role, ground: Ground) -> sql.Composed:
    """The statement that makes a tile in which what is smaller than a pixel is merged.

    It has one parameter more than the others: the tile's `depth`.
    """
    names = [name for name, _, _ in counted_codes(entry, role)]
    return _SHAPES_FROM_AFAR.format(
        **_common(entry, role, ground),
        single_step=_single_step(ground),
        pixel_steps=sql.Literal(PIXEL_STEPS),
        pixel=raster_square(PIXEL_STEPS),
        across=steps_across(PIXEL_STEPS),
        down=steps_down(PIXEL_STEPS),
        middle=ground.placed(_MIDDLE),
        inside=INSIDE,
        codes=coded_columns(entry, role),
        counts=code_counts(entry, role),
        count_names=sql.SQL("").join(
            sql.SQL(", {}").format(sql.Identifier(each)) for each in names
        ),
        no_counts=sql.SQL("").join(
            sql.SQL(", NULL::int AS {}").format(sql.Identifier(each)) for each in names
        ),
        no_columns=sql.SQL(", ").join(sql.SQL("NULL") for _ in entry.fields_for(role)),
    )


def _common(entry: Entry, role: Role, ground: Ground) -> dict[str, sql.Composable]:
    names = (sql.Identifier(each.name) for each in entry.fields_for(role))
    return {
        "columns": sql.SQL(", ").join(names),
        "view": view_of(entry, role),
        "box": BOX,
        "cut": ground.cut("geom"),
        "layer": sql.Literal(entry.id),
        "extent": sql.Literal(EXTENT),
    }


def _single_step(ground: Ground) -> sql.Composable:
    return _STEP.format(
        step=raster_square(1),
        across=steps_across(1),
        down=steps_down(1),
        inner_place=ground.placed("ST_PointOnSurface(geom)"),
        inside=INSIDE,
    )
