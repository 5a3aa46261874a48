"""The files of a heat map: counts and domains that come in, tables and maps that go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon, Polygon

from grids.cells import Cells, common_resolution, parse_cell
from grids.significance import Counts
from spatial.errors import InputError
from spatial.tablefile import read_table_file
from spatial.vectorfile import read_vector_file

MAX_COUNT = 10**12

_DRIVERS = {".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GPKG", ".fgb": "FlatGeobuf"}
OUTPUT_ENDINGS = (".csv", *_DRIVERS)


@dataclass(frozen=True)
class CountsFile:
    """A table of counts.

    Attributes:
        cells: ascending, each once.
        counts: one for each cell.
        repeated: how many rows named a cell again; their counts were added up.
    """

    cells: Cells
    counts: Counts
    repeated: int


def read_counts(path: Path) -> CountsFile:
    """A CSV or Excel table with the columns h3 (hexadecimal or whole number) and count.

    Raises:
        InputError: the file can't be read, a column is missing, a row holds no cell or no whole
            number from 0 up, or the cells are of several resolutions.
    """
    table = _read_table(path)
    names = {str(name).lower(): name for name in table.columns}
    for name in ("h3", "count"):
        if name not in names:
            raise InputError(f"{path.name}: no column {name!r}; found: {', '.join(table.columns)}")
    cells = _column(path, table[names["h3"]], parse_cell)
    counts = _column(path, table[names["count"]], parse_count)
    try:
        common_resolution(cells)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    unique, position = np.unique(cells, return_inverse=True)
    summed = np.zeros(len(unique), dtype=np.int64)
    np.add.at(summed, position, counts)
    return CountsFile(unique, summed, len(cells) - len(unique))


def _read_table(path: Path) -> pd.DataFrame:
    try:
        file = read_table_file(path)
    except InputError as error:
        raise InputError(error.message, remedy="wanted: CSV in UTF-8, or Excel") from error
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from error
    for line, fault, _ in file.broken:
        raise InputError(f"{path.name}, line {line}: {fault}")
    if file.rows.empty:
        raise InputError(f"{path.name}: no row below the header")
    return file.rows


def _column(path: Path, texts: pd.Series[str], parse: Callable[[str], int]) -> Counts:
    parsed = np.empty(len(texts), dtype=np.int64)
    for row, (line, text) in enumerate(texts.items()):
        try:
            parsed[row] = parse(text or "")
        except InputError as error:
            raise InputError(f"{path.name}, line {line}: {error}") from None
    return parsed


def parse_count(text: str) -> int:
    """A whole number from 0 to MAX_COUNT; 3.0 is one too.

    Raises:
        InputError: it is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not (0 <= number <= MAX_COUNT and number.is_integer()):
        raise InputError(f"{text!r} is no count (a whole number from 0 up)")
    return int(number)


def read_domain(path: Path, crs: str | None = None) -> Polygon | MultiPolygon:
    """The ground of all polygons in a file, in EPSG:4326.

    Args:
        path: of any vector format.
        crs: of the file, where it doesn't say it itself: an EPSG code, gcj02, bd09.

    Raises:
        InputError: the file can't be read, states no CRS, or holds no polygon or a crossed one.
    """
    shapes = read_vector_file(path, crs=crs).geometry
    polygons = shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])]
    if polygons.is_empty.all():
        raise InputError(f"{path.name}: there is no polygon in it")
    crossed = polygons[~polygons.is_valid]
    if len(crossed):
        reason = shapely.is_valid_reason(crossed.iloc[0])
        raise InputError(f"{path.name}: a polygon is not valid: {reason}")
    ground: Polygon | MultiPolygon = polygons.union_all()
    return ground


def check_output(path: Path) -> None:
    """Refuse early what can't be written.

    Raises:
        InputError: the ending is not one of OUTPUT_ENDINGS, or the folder is not there.
    """
    if path.suffix.lower() not in OUTPUT_ENDINGS:
        raise InputError(
            f"{path.name}: don't know how to write {path.suffix or 'a file without an ending'}",
            remedy=f"one of {', '.join(OUTPUT_ENDINGS)}",
        )
    if not path.parent.is_dir():
        raise InputError(f"{path.parent}: there is no such folder")


def write_hotspots(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write by the file's ending; a file that was there is replaced only by a whole one.

    CSV has no shapes; floats keep all their digits.

    Raises:
        InputError: see `check_output`, or the disk refuses.
    """
    check_output(path)
    ending = path.suffix.lower()
    part = path.with_name(f".{path.stem}.part{ending}")
    try:
        if ending == ".csv":
            table.drop(columns="geometry").to_csv(part, index=False)
        else:
            options = {"layer": "hotspots"} if ending == ".gpkg" else {}
            table.to_file(part, driver=_DRIVERS[ending], geometry_type="Polygon", **options)
        part.replace(path)
    except Exception as error:
        raise InputError(f"{path}: can't be written: {_first_line(error)}") from error
    finally:
        part.unlink(missing_ok=True)


def _first_line(error: Exception) -> str:
    """GDAL's hints for programmers come after a semicolon."""
    return (str(error).splitlines() or [type(error).__name__])[0].partition(";")[0]
