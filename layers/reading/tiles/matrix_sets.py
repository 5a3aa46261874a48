"""Tile matrix sets: how the earth is cut into tiles, level by level (OGC 17-083r4).

Every set here is a quad tree over a square, of which a set in degrees shows the upper half: its
coarsest level is two square tiles side by side. The *depth* of a level is the depth in that tree,
which is comparable between the sets: 2**depth tiles go around the earth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from layers.catalogue import Text
from spatial.errors import NotFoundError

Box = tuple[float, float, float, float]

DEEPEST = 18
_EARTH_RADIUS_M = 6378137.0
_HALF_EQUATOR_M = math.pi * _EARTH_RADIUS_M
_REGISTERED = "http://www.opengis.net/def/tilematrixset/OGC/1.0"

# How far GCJ-02 moves a place at most, in degrees of longitude and latitude, with room to spare.
SHIFT_DEG = (0.0125, 0.006)

# A place on the very edge of a tile may be rounded to the other side of it when it is projected.
_ROUNDING_DEG = 1e-9


@dataclass(frozen=True, eq=False)
class TileMatrixSet:
    """One way to cut the earth into tiles; each is there once.

    Attributes:
        crs: the URI of its CRS.
        uri: where it is registered; None for a set of our own.
        scale_set: the well-known scale set that it belongs to.
        srid: of the coordinates in which PostGIS cuts, easting first.
        axes: the CRS's axes in their order.
        is_shifted: whether coordinates are moved to GCJ-02 before they are cut.
        first_level: the number of its coarsest tile matrix.
        first_depth: the depth of that level.
    """

    id: str
    title: Text
    description: Text
    crs: str
    srid: int
    axes: tuple[str, str]
    uri: str | None = None
    scale_set: str | None = None
    is_shifted: bool = False
    first_level: int = 0
    first_depth: int = 0

    @property
    def is_geographic(self) -> bool:
        """Whether coordinates are degrees."""
        return self.srid == 4326

    @property
    def span(self) -> float:
        """How long the equator is, in the set's unit."""
        return 360.0 if self.is_geographic else 2 * _HALF_EQUATOR_M

    @property
    def north_west(self) -> tuple[float, float]:
        """The corner where rows and columns start, easting first."""
        if self.is_geographic:
            return -180.0, 90.0
        return -_HALF_EQUATOR_M, _HALF_EQUATOR_M

    @property
    def last_level(self) -> int:
        """The number of its finest tile matrix."""
        return self.first_level + DEEPEST - self.first_depth

    @property
    def northing_first(self) -> bool:
        """Whether the CRS names its northing first."""
        return self.axes[0] == "Lat"

    def depth_of(self, level: int) -> int:
        """How many times the square is halved at `level`."""
        return level - self.first_level + self.first_depth

    def level_of(self, depth: int) -> int:
        """The level at which the square is halved `depth` times, or the nearest that there is."""
        return max(depth, self.first_depth) - self.first_depth + self.first_level

    def size_of(self, level: int) -> tuple[int, int]:
        """How many columns and rows `level` has."""
        columns = 1 << self.depth_of(level)
        return columns, columns >> self.first_depth


_WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
TILE_MATRIX_SETS = (
    TileMatrixSet(
        "WebMercatorQuad",
        Text("Web 墨卡托", "Google Maps Compatible for the World"),
        Text("各类网络地图通用", "What most web maps use"),
        _WEB_MERCATOR,
        3857,
        ("X", "Y"),
        uri=f"{_REGISTERED}/WebMercatorQuad",
        scale_set="http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
    ),
    TileMatrixSet(
        "WorldCRS84Quad",
        Text("CRS84 经纬度", "CRS84 for the World"),
        Text("经纬度,级别从 0 起", "Longitude and latitude, levels from 0"),
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        4326,
        ("Lon", "Lat"),
        uri=f"{_REGISTERED}/WorldCRS84Quad",
        scale_set="http://www.opengis.net/def/wkss/OGC/1.0/GoogleCRS84Quad",
        first_depth=1,
    ),
    TileMatrixSet(
        "CGCS2000Quad",
        Text("CGCS2000 经纬度(天地图 c)", "CGCS2000 for the World, as 天地图's c layers"),
        Text(
            "与天地图经纬度投影(c)图层的级别、行列号一致,级别从 1 起;"
            "比例尺分母按 OGC 的 0.28 毫米像元,天地图公布的数值按 96 dpi",
            "Levels (from 1), rows and columns are those of 天地图's c layers; scale denominators "
            "are for OGC's pixel of 0.28 mm, where 天地图 publishes those for 96 dpi",
        ),
        "http://www.opengis.net/def/crs/EPSG/0/4490",
        4326,
        ("Lat", "Lon"),
        first_level=1,
        first_depth=1,
    ),
)
GCJ02_SET = TileMatrixSet(
    "WebMercatorQuadGCJ02",
    Text("Web 墨卡托(GCJ-02 偏移坐标)", "Web Mercator, shifted to GCJ-02"),
    Text(
        "坐标经 GCJ-02 偏移,供国内地图叠加显示;不是真实坐标,不得用于量测;"
        "设置 GRIDWHISTLE_GCJ02=off 即关闭",
        "Positions are shifted by GCJ-02, to lie on Chinese web maps. They are not true "
        "coordinates: nothing may be measured in them. GRIDWHISTLE_GCJ02=off removes this set",
    ),
    _WEB_MERCATOR,
    3857,
    ("X", "Y"),
    is_shifted=True,
)


def tile_matrix_sets(*, gcj02: bool) -> tuple[TileMatrixSet, ...]:
    """The sets that an installation offers, with the shifted one where it offers GCJ-02."""
    return (*TILE_MATRIX_SETS, GCJ02_SET) if gcj02 else TILE_MATRIX_SETS


def find_tile_matrix_set(name: str, *, gcj02: bool = False) -> TileMatrixSet:
    """The set called `name`.

    Raises:
        NotFoundError: there is none.
    """
    for each in tile_matrix_sets(gcj02=gcj02):
        if each.id == name:
            return each
    raise NotFoundError(f"there is no tile matrix set called {name} / 没有这个切片矩阵集")


class Tile(NamedTuple):
    """One tile's address: `level` is the number of its tile matrix."""

    matrix_set: TileMatrixSet
    level: int
    row: int
    column: int

    @property
    def depth(self) -> int:
        """How many times the square of the set is halved."""
        return self.matrix_set.depth_of(self.level)

    def bounds(self) -> Box:
        """West, south, east and north in the set's unit; neighbours share their edges exactly."""
        west, north = self.matrix_set.north_west
        tiles, span = 1 << self.depth, self.matrix_set.span
        return (
            west + span * self.column / tiles,
            north - span * (self.row + 1) / tiles,
            west + span * (self.column + 1) / tiles,
            north - span * self.row / tiles,
        )


def find_tile(matrix_set: TileMatrixSet, level: int, row: int, column: int) -> Tile:
    """The tile of that address.

    Raises:
        NotFoundError: the set has none.
    """
    if not matrix_set.first_level <= level <= matrix_set.last_level:
        raise NotFoundError(
            f"{matrix_set.id} has the tile matrices {matrix_set.first_level}"
            f" to {matrix_set.last_level}"
        )
    columns, rows = matrix_set.size_of(level)
    if not (0 <= row < rows and 0 <= column < columns):
        raise NotFoundError(f"there is no tile {level}/{row}/{column} in {matrix_set.id}")
    return Tile(matrix_set, level, row, column)


def stored_box(tile: Tile, margin: float) -> Box:
    """West, south, east, north in EPSG:4326 of all whose places may come to lie in a tile.

    Args:
        margin: how far beyond its edges, as a part of its side.
    """
    west, south, east, north = tile.bounds()
    beyond = margin * (east - west)
    box = west - beyond, south - beyond, east + beyond, north + beyond
    if not tile.matrix_set.is_geographic:
        box = (_lon(box[0]), _lat(box[1]), _lon(box[2]), _lat(box[3]))
    if tile.matrix_set.is_shifted:
        lon, lat = SHIFT_DEG
        box = box[0] - lon, box[1] - lat, box[2] + lon, box[3] + lat
    return box


def _lon(easting_m: float) -> float:
    return math.degrees(easting_m / _EARTH_RADIUS_M)


def _lat(northing_m: float) -> float:
    return math.degrees(math.atan(math.sinh(northing_m / _EARTH_RADIUS_M)))


@dataclass(frozen=True)
class Limits:
    """The tiles of one tile matrix in which an extent lies, first and last included."""

    level: int
    min_row: int
    max_row: int
    min_column: int
    max_column: int


@cache
def limits_of(matrix_set: TileMatrixSet, extent: Box) -> tuple[Limits, ...]:
    """For each tile matrix the tiles in which `extent` (EPSG:4326, as stored) lies.

    Where the set shifts places the extent is widened by as much.
    """
    levels = range(matrix_set.first_level, matrix_set.last_level + 1)
    return tuple(_limits(matrix_set, level, extent) for level in levels)


def _limits(matrix_set: TileMatrixSet, level: int, extent: Box) -> Limits:
    lon, lat = SHIFT_DEG if matrix_set.is_shifted else (_ROUNDING_DEG, _ROUNDING_DEG)
    west, south, east, north = extent
    first = address_of(matrix_set, level, west - lon, north + lat)
    last = address_of(matrix_set, level, east + lon, south - lat)
    return Limits(level, first.row, last.row, first.column, last.column)


def address_of(matrix_set: TileMatrixSet, level: int, lon: float, lat: float) -> Tile:
    """The tile of `level` in which a place (degrees) lies; the nearest where none holds it."""
    columns, rows = matrix_set.size_of(level)
    across = (lon + 180.0) / 360.0
    if matrix_set.is_geographic:
        down = (90.0 - lat) / 360.0
    else:
        clamped = math.radians(max(-89.9, min(89.9, lat)))
        down = (1 - math.asinh(math.tan(clamped)) / math.pi) / 2
    row = max(0, min(rows - 1, math.floor(down * columns)))
    column = max(0, min(columns - 1, math.floor(across * columns)))
    return Tile(matrix_set, level, row, column)
