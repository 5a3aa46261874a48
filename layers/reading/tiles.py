"""A vector tile of a layer, made by PostGIS in one statement."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from layers.catalogue import Entry
from layers.published import view_of
from layers.roles import Role
from spatial.database import AnyConnection, Principal
from spatial.errors import NotFoundError

EXTENT = 4096
BUFFER = 64


@dataclass(frozen=True)
class TileMatrixSet:
    """A well-known scale set.

    Attributes:
        crs: the end of its CRS's OGC URI.
        bounds: of the square that zoom `-zoom_offset` shows as one tile, in `srid`.
        zoom_offset: the set's level 0 is that level of a quad tree over `bounds`.
        columns: how many columns level 0 has; it has one row.
    """

    id: str
    crs: str
    srid: int
    bounds: tuple[float, float, float, float]
    zoom_offset: int
    columns: int


_HALF_EQUATOR_M = 20037508.342789244
TILE_MATRIX_SETS = {
    each.id: each
    for each in (
        TileMatrixSet(
            "WebMercatorQuad",
            "EPSG/0/3857",
            3857,
            (-_HALF_EQUATOR_M, -_HALF_EQUATOR_M, _HALF_EQUATOR_M, _HALF_EQUATOR_M),
            0,
            1,
        ),
        # Two square tiles side by side are the upper half of a square of 360 degrees.
        TileMatrixSet("WorldCRS84Quad", "OGC/1.3/CRS84", 4326, (-180.0, -270.0, 180.0, 90.0), 1, 2),
    )
}

_TILE = sql.SQL("""
WITH bounds AS (
    SELECT ST_TileEnvelope(%(zoom)s, %(column)s, %(row)s, {square}) AS tile,
           ST_TileEnvelope(%(zoom)s, %(column)s, %(row)s, {square}, {margin}) AS wide
), tile AS (
    SELECT id, {columns}, ST_AsMVTGeom(ST_Transform(geom, {srid}), tile, {extent}, {buffer}) AS geom
    FROM {view}, bounds
    WHERE town_id = %(town_id)s AND geom && ST_Transform(wide, 4326)
)
SELECT ST_AsMVT(tile, {layer}, {extent}, 'geom', 'id') FROM tile WHERE geom IS NOT NULL
""")


def find_tile_matrix_set(name: str) -> TileMatrixSet:
    """The set called `name`.

    Raises:
        NotFoundError: there is none.
    """
    if name not in TILE_MATRIX_SETS:
        raise NotFoundError(f"there is no tile matrix set called {name}")
    return TILE_MATRIX_SETS[name]


@dataclass(frozen=True)
class Tile:
    """One tile's address."""

    matrix_set: TileMatrixSet
    zoom: int
    row: int
    column: int


def check_tile(entry: Entry, tile: Tile) -> None:
    """Whether the tile is one of its set, at a zoom that the layer has.

    Raises:
        NotFoundError: it is not.
    """
    if not entry.min_zoom <= tile.zoom <= entry.max_zoom:
        raise NotFoundError(f"{entry.id} has tiles of zoom {entry.min_zoom} to {entry.max_zoom}")
    side = 2**tile.zoom
    if not (0 <= tile.row < side and 0 <= tile.column < tile.matrix_set.columns * side):
        raise NotFoundError(f"there is no tile {tile.zoom}/{tile.row}/{tile.column} in the set")


async def read_tile(
    connection: AnyConnection, entry: Entry, tile: Tile, principal: Principal
) -> bytes:
    """The tile as Mapbox Vector Tile; empty bytes where nothing lies."""
    matrix_set, role = tile.matrix_set, Role(principal.role)
    square = sql.SQL("ST_MakeEnvelope({}, {}, {}, {}, {})").format(
        *map(sql.Literal, (*matrix_set.bounds, matrix_set.srid))
    )
    statement = _TILE.format(
        square=square,
        margin=sql.Literal(BUFFER / EXTENT),
        columns=sql.SQL(", ").join(sql.Identifier(each.name) for each in entry.fields_for(role)),
        srid=sql.Literal(matrix_set.srid),
        extent=sql.Literal(EXTENT),
        buffer=sql.Literal(BUFFER),
        view=view_of(entry, role),
        layer=sql.Literal(entry.id),
    )
    values = {
        "zoom": tile.zoom + matrix_set.zoom_offset,
        "row": tile.row,
        "column": tile.column,
        "town_id": principal.town_id,
    }
    found = await (await connection.execute(statement, values)).fetchone()
    return bytes(found[0]) if found and found[0] else b""
