"""A tile as PostGIS sees it: its envelope, places in it, and single steps of its raster."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from layers.reading.tiles.matrix_sets import Tile, TileMatrixSet, stored_box

# The steps into which a tile's side is divided, and how many beyond it shapes go on, so that no
# outline is drawn along the edge.
EXTENT = 4096
BUFFER = 64
# Rounding may bring what lies half a step further out into the tile.
_MARGIN = (BUFFER + 1) / EXTENT

BOX = sql.SQL("ST_MakeEnvelope(%(box_west)s, %(box_south)s, %(box_east)s, %(box_north)s, 4326)")

# Half-open, so that a place lies in one tile of a level.
INSIDE = sql.SQL("x >= %(west)s AND x < %(east)s AND y > %(south)s AND y <= %(north)s")


def touched_box(tile: Tile) -> tuple[float, float, float, float]:
    """West, south, east and north (EPSG:4326) of all whose change may change the tile."""
    return stored_box(tile, _MARGIN)


def bounds_of(tile: Tile) -> dict[str, float]:
    """The parameters by which the SQL of this package knows a tile."""
    names = ("west", "south", "east", "north")
    box = {f"box_{name}": value for name, value in zip(names, touched_box(tile), strict=True)}
    return box | dict(zip(names, tile.bounds(), strict=True))


@dataclass(frozen=True)
class Ground:
    """SQL over stored geometries for the tiles of one set."""

    matrix_set: TileMatrixSet

    @property
    def envelope(self) -> sql.Composable:
        """The tile's bounds."""
        return sql.SQL("ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, {})").format(
            sql.Literal(self.matrix_set.srid)
        )

    def placed(self, geometry: str) -> sql.Composable:
        """A geometry of EPSG:4326 in the coordinates of the set."""
        placed = f"layers.gcj02({geometry})" if self.matrix_set.is_shifted else geometry
        if self.matrix_set.is_geographic:
            return sql.SQL(placed)
        return sql.SQL(f"ST_Transform({placed}, {self.matrix_set.srid})")

    def cut(self, geometry: str) -> sql.Composable:
        """What the tile shows of a geometry; NULL where that is nothing."""
        return sql.SQL("ST_AsMVTGeom({}, {}, {}, {})").format(
            self.placed(geometry), self.envelope, sql.Literal(EXTENT), sql.Literal(BUFFER)
        )


def raster_square(size: int) -> sql.Composable:
    """The square of `size` steps at across, down: as a square, a dash or a dot by `dimension`."""
    return sql.SQL("""
        CASE dimension
        WHEN 2 THEN ST_Reverse(ST_MakeEnvelope(across, down, across + {size}, down + {size}))
        WHEN 1 THEN ST_MakeLine(
            ST_MakePoint(across, down), ST_MakePoint(across + {size}, down))
        ELSE ST_MakePoint(across, down) END
    """).format(size=sql.Literal(size))


def steps_across(size: int = 1) -> sql.Composable:
    """How many steps east of the tile's edge x lies, in whole multiples of `size`."""
    return _steps("(x - %(west)s) / (%(east)s - %(west)s)", size)


def steps_down(size: int = 1) -> sql.Composable:
    """How many steps below the tile's upper edge y lies, in whole multiples of `size`."""
    return _steps("(%(north)s - y) / (%(north)s - %(south)s)", size)


def _steps(part: str, size: int) -> sql.Composable:
    # Inside the tile by INSIDE, yet the division may round up to its far edge.
    last = EXTENT // size - 1
    return sql.SQL(f"(least(floor({part} * {EXTENT // size}), {last}) * {size})")
