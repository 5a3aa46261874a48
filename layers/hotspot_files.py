"""The files of a heat map: counts and domains that come in, tables and maps that go out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon, Polygon

from grids.cells import Cells, common_resolution, parse_cell
from grids.significance import Counts
from spatial.encoding import decode_text
from spatial.errors import InputError

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
        InputError: the file can't be read, a column is missing, or a row holds no cell or no whole
            number from 0 up.
    """
    table = _read_table(path)
    names = {str(name).strip().lower(): name for name in table.columns}
    for name in ("h3", "count"):
        if name not in names:
            found = ", ".join(map(str, table.columns)) or "none"
            raise InputError(f"{path.name}: no column {name!r}; found: {found}")
    if table.empty:
        raise InputError(f"{path.name}: no row below the header")
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
    # As text: an 18-digit cell doesn't survive a float.
    try:
        if path.suffix.lower() in {".xlsx", ".xls", ".ods"}:
            return pd.read_excel(path, dtype=str, engine="calamine", keep_default_na=False)
        text = decode_text(path.read_bytes(), encoding=None, name=path.name)
        return pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    except InputError as error:
        raise InputError(error.message, remedy="save it as UTF-8") from None
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except pd.errors.EmptyDataError:
        raise InputError(f"{path.name}: the file is empty") from None
    except Exception as error:
        raise InputError(f"{path.name}: can't be read as a table: {_first_line(error)}") from error


def _column(path: Path, values: pd.Series[str], parse: Callable[[str], int]) -> Counts:
    parsed = np.empty(len(values), dtype=np.int64)
    for row, text in enumerate(values.tolist()):
        try:
            parsed[row] = parse(str(text))
        except InputError as error:
            raise InputError(f"{path.name}, line {row + 2}: {error}") from None
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


def read_domain(path: Path) -> Polygon | MultiPolygon:
    """The ground of all polygons in a file, in EPSG:4326.

    Raises:
        InputError: the file can't be read, states no CRS or holds no polygon.
    """
    if not path.exists():
        raise InputError(f"{path}: there is no such file")
    try:
        shapes = gpd.read_file(path).geometry
    except Exception as error:
        raise InputError(f"{path.name}: can't be read as a map: {_first_line(error)}") from error
    polygons = shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])]
    if polygons.is_empty.all():
        raise InputError(f"{path.name}: there is no polygon in it")
    if polygons.crs is None:
        raise InputError(f"{path.name}: the file doesn't state its CRS")
    if not polygons.is_valid.all():
        reason = shapely.is_valid_reason(polygons[~polygons.is_valid].iloc[0])
        raise InputError(f"{path.name}: a polygon is not valid: {reason}")
    ground: Polygon | MultiPolygon = polygons.to_crs("EPSG:4326").union_all()
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
