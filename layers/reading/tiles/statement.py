"""A vector tile of a layer, made by PostGIS in one statement as the principal's role."""

from __future__ import annotations

from functools import lru_cache

from psycopg import sql

from layers.catalogue import Entry
from layers.entries import CATALOGUE
from layers.reading.tiles.bins import bins_statement
from layers.reading.tiles.ground import Ground, bounds_of
from layers.reading.tiles.matrix_sets import Tile, TileMatrixSet
from layers.reading.tiles.shapes import (
    points_statement,
    shapes_from_afar_statement,
    shapes_statement,
)
from layers.roles import Role
from spatial.database import AnyConnection, Principal, fetch_row


def tile_statement(entry: Entry, role: Role, matrix_set: TileMatrixSet, depth: int) -> sql.Composed:
    """The statement for the tiles of one depth, over the parameters of `tile_values`.

    From the entry's `min_zoom` on every feature is drawn by itself; above, points are counted in
    bins and what is smaller than a pixel is merged.
    """
    ground, is_far = Ground(matrix_set), depth < entry.min_zoom
    if entry.cell:
        if is_far:
            return bins_statement(entry, role, ground, depth)
        return points_statement(entry, role, ground)
    if is_far:
        return shapes_from_afar_statement(entry, role, ground)
    return shapes_statement(entry, role, ground)


def tile_values(tile: Tile) -> dict[str, float]:
    """The values by which a statement makes this tile."""
    return bounds_of(tile) | {"depth": tile.depth}


@lru_cache(maxsize=1024)
def _text(layer_id: str, role: Role, matrix_set: TileMatrixSet, depth: int) -> bytes:
    """The statement as it is sent: it is the same for all tiles of a depth."""
    return tile_statement(CATALOGUE.entry(layer_id), role, matrix_set, depth).as_bytes()


async def read_tile(
    connection: AnyConnection, entry: Entry, tile: Tile, principal: Principal
) -> bytes:
    """The tile as Mapbox Vector Tile; empty bytes where nothing lies."""
    statement = _text(entry.id, Role(principal.role), tile.matrix_set, tile.depth)
    found = await fetch_row(connection, principal, statement, tile_values(tile), binary=True)
    return bytes(found[0]) if found and found[0] else b""
