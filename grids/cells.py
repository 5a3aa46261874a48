"""H3 cells as arrays of integers.

A cell is a 64-bit H3 index, held as int64, PostgreSQL's bigint (the top bit is always 0).
Bit layout: https://h3geo.org/docs/core-library/h3Indexing: the resolution stands in bits 52-55,
below it one digit of 3 bits for each resolution 1 to 15, 7 where the cell has none.
"""

from __future__ import annotations

from itertools import chain, repeat

import numpy as np
import shapely
from h3.api import basic_int, numpy_int
from numpy.typing import ArrayLike, NDArray
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon

from spatial.errors import InputError

Cells = NDArray[np.int64]

FINEST_RESOLUTION = 15
STORED_RESOLUTION = 11
MAX_CELLS = 2_000_000

_RESOLUTION_SHIFT = 52
_BLOCK = 50_000
_HEX_DIGITS = (15, 16)
_DECIMAL_DIGITS = (18,)


def _digits_below(resolution: int) -> int:
    """The bits of all digits finer than `resolution`."""
    return (1 << 3 * (FINEST_RESOLUTION - resolution)) - 1


def cells_of_points(lon: ArrayLike, lat: ArrayLike, resolution: int) -> Cells:
    """The cell that holds each point, as the library's `latlng_to_cell` says.

    Args:
        lon: degrees in EPSG:4326, shape (n,).
        lat: degrees, shape (n,).
        resolution: 0 to 15.

    Raises:
        InputError: a coordinate is missing or no place on earth.
    """
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    wrong = ~((np.abs(lon) <= 360) & (np.abs(lat) <= 90))
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"point {first + 1} is no place on earth: lon {lon[first]}, lat {lat[first]}"
        )
    to_cell = basic_int.latlng_to_cell
    found = (to_cell(y, x, resolution) for x, y in zip(lon.tolist(), lat.tolist(), strict=True))
    return np.fromiter(found, dtype=np.int64, count=len(lon))


def resolution_of(cells: ArrayLike) -> NDArray[np.int64]:
    """The resolution of each cell."""
    return (np.asarray(cells, dtype=np.int64) >> _RESOLUTION_SHIFT) & 15


def common_resolution(cells: ArrayLike) -> int:
    """The resolution that all cells (at least one) have.

    Raises:
        InputError: they are mixed.
    """
    resolutions = np.unique(resolution_of(cells)).tolist()
    if len(resolutions) != 1:
        mixed = ", ".join(map(str, resolutions))
        raise InputError(f"cells of several resolutions can't be compared: {mixed}")
    return int(resolutions[0])


def cell_to_parent(cells: ArrayLike, resolution: int) -> Cells:
    """Each cell's ancestor at `resolution`, by bit mask; equal to the library's `cell_to_parent`.

    A parent holds the *centres* of its children, not all of their ground: 6 to 7 % of points lie in
    a neighbour of the parent of their cell.

    Raises:
        ValueError: a cell is coarser than `resolution`.
    """
    cells = np.asarray(cells, dtype=np.int64)
    if (resolution_of(cells) < resolution).any():
        raise ValueError(f"a cell is coarser than resolution {resolution}")
    kept = cells & ~np.int64(15 << _RESOLUTION_SHIFT)
    return kept | np.int64(resolution << _RESOLUTION_SHIFT) | np.int64(_digits_below(resolution))


def parent_sql(column: str, resolution: int) -> str:
    """The SQL expression, good on any engine with bigint, of `cell_to_parent`."""
    return (
        f"(({column} & ~(15::bigint << {_RESOLUTION_SHIFT}))"
        f" | ({resolution}::bigint << {_RESOLUTION_SHIFT}) | {_digits_below(resolution)}::bigint)"
    )


def resolution_with_spacing(spacing_m: float) -> int:
    """The resolution whose neighbouring cells' middles lie most nearly so far apart, by ratio."""
    spacings_m = np.array([_mean_spacing_m(each) for each in range(FINEST_RESOLUTION + 1)])
    return int(np.abs(np.log(spacings_m / spacing_m)).argmin())


def _mean_spacing_m(resolution: int) -> float:
    """Between the middles of two neighbours among regular hexagons of the mean area."""
    area_m2 = basic_int.average_hexagon_area(resolution, unit="m^2")
    return float(np.sqrt(2 * area_m2 / np.sqrt(3)))


def children_range(cell: int, resolution: int) -> tuple[int, int]:
    """First and last integer between which all descendants of `cell` at `resolution` lie.

    No other cell of that resolution lies there, so that drilling is a range scan of an index.

    Raises:
        ValueError: `cell` is finer than `resolution`.
    """
    own = (cell >> _RESOLUTION_SHIFT) & 15
    if own > resolution:
        raise ValueError(f"the cell's resolution {own} is finer than {resolution}")
    digits = _digits_below(own) & ~_digits_below(resolution)
    stem = (cell & ~(15 << _RESOLUTION_SHIFT)) | (resolution << _RESOLUTION_SHIFT)
    first = (stem & ~_digits_below(own)) | _digits_below(resolution)
    return first, first | (digits - digits // 7)  # the highest digit is 6


def cells_in_outline(outline: Polygon | MultiPolygon, resolution: int) -> Cells:
    """The cells whose centre lies in the outline, ascending; centres on its border are out.

    Args:
        outline: EPSG:4326, holes and several parts allowed; a shape across the antimeridian is
            split there, as RFC 7946 wants it, or goes on beyond 180 degrees.
        resolution: 0 to 15.

    Raises:
        InputError: the outline is empty, or holds more than MAX_CELLS cells.
    """
    if outline.is_empty:
        raise InputError("the outline is empty")
    outline = _split_at_antimeridian(outline)
    _refuse_too_many(outline, resolution)
    parts = [_overlapping_cells(part, resolution) for part in shapely.get_parts(outline)]
    cells = np.unique(np.concatenate(parts))
    lat, lon = cell_centres(cells)
    shapely.prepare(outline)
    return cells[shapely.contains_xy(outline, lon, lat)]


def _split_at_antimeridian(outline: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    west, _, east, _ = outline.bounds
    if west >= -180 and east <= 180:
        return outline
    world = shapely.box(-180, -90, 180, 90)
    turned = [translate(outline, xoff=degrees) for degrees in (-360, 0, 360)]
    pieces = shapely.get_parts(shapely.intersection(turned, world))
    return MultiPolygon([piece for piece in pieces if isinstance(piece, Polygon)])


def _overlapping_cells(part: Polygon, resolution: int) -> Cells:
    """Every cell that touches `part`: more than needed, since the library's own centre rule
    decides borders in another arithmetic than the outline's."""
    shape = numpy_int.geo_to_h3shape(shapely.force_2d(part))
    cells = numpy_int.h3shape_to_cells_experimental(shape, resolution, contain="overlap")
    return np.asarray(cells).astype(np.int64)


def estimated_cells(outline: Polygon | MultiPolygon, resolution: int) -> float:
    """About how many cells the outline (EPSG:4326) holds."""
    kilometres = 111.2
    area_km2 = sum(
        part.area * kilometres**2 * np.cos(np.radians(part.centroid.y))
        for part in shapely.get_parts(outline)
    )
    return float(area_km2 / basic_int.average_hexagon_area(resolution, unit="km^2"))


def _refuse_too_many(outline: Polygon | MultiPolygon, resolution: int) -> None:
    expected = estimated_cells(outline, resolution)
    if expected > MAX_CELLS:
        raise InputError(
            f"the outline holds about {expected:,.0f} cells of resolution {resolution}, "
            f"more than {MAX_CELLS:,}",
            remedy="take a coarser resolution or a smaller outline",
        )


def cells_beside(cells: ArrayLike, at_least: int) -> Cells:
    """The other cells that touch at least so many of these, ascending."""
    own = np.asarray(cells, dtype=np.int64)
    disks = map(basic_int.grid_disk, own.tolist(), repeat(1))
    members = np.fromiter(chain.from_iterable(disks), dtype=np.int64)
    found, touched = np.unique(members, return_counts=True)
    return np.asarray(found[(touched >= at_least) & ~np.isin(found, own)])


def cell_centres(cells: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitude and longitude of each cell's centre, degrees."""
    pairs = list(map(basic_int.cell_to_latlng, np.asarray(cells).tolist()))
    lat, lon = np.array(pairs, dtype=float).reshape(-1, 2).T
    return lat, lon


def cell_boundaries(cells: ArrayLike) -> NDArray[np.object_]:
    """Each cell as a shapely Polygon in EPSG:4326.

    A cell across the antimeridian keeps its shape and goes on beyond 180 degrees.
    """
    cells = np.asarray(cells, dtype=np.int64)
    # Block by block, since lists of tuples take twenty times the room of the polygons.
    blocks = [_boundaries(cells[i : i + _BLOCK]) for i in range(0, len(cells), _BLOCK)]
    return np.concatenate([np.empty(0, dtype=object), *blocks])


def _boundaries(cells: Cells) -> NDArray[np.object_]:
    rings = list(map(basic_int.cell_to_boundary, cells.tolist()))
    lengths = np.fromiter(map(len, rings), dtype=np.int64, count=len(rings))
    of_cell = np.repeat(np.arange(len(rings)), lengths)
    lat, lon = np.array(list(chain.from_iterable(rings))).T
    starts = np.cumsum(lengths) - lengths
    crosses = np.maximum.reduceat(lon, starts) - np.minimum.reduceat(lon, starts) > 180
    lon = np.where(crosses[of_cell] & (lon < 0), lon + 360, lon)
    polygons: NDArray[np.object_] = shapely.polygons(shapely.linearrings(lon, lat, indices=of_cell))
    return polygons


def cell_id(cell: int) -> str:
    """The cell as H3 writes it, hexadecimal."""
    return format(int(cell), "x")


def parse_cell(text: str) -> int:
    """A cell from hexadecimal (15 or 16 digits) or decimal (18 digits) text.

    Raises:
        InputError: it is no cell.
    """
    text = text.strip().lower().removeprefix("0x")
    try:
        if len(text) in _HEX_DIGITS:
            cell = int(text, 16)
        elif len(text) in _DECIMAL_DIGITS:
            cell = int(text)
        else:
            cell = 0
    except ValueError:
        cell = 0
    if not basic_int.is_valid_cell(cell):
        # Cells are odd; a spreadsheet's number keeps 53 bits and comes back even.
        rounded = "e+" in text or (text.isdecimal() and int(text) % 2 == 0)
        remedy = "spreadsheets round such numbers: write it in hexadecimal" if rounded else None
        raise InputError(f"{text!r} is no H3 cell", remedy=remedy)
    return cell
