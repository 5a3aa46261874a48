"""A file's rows with their places: vector files by their geometry, tables by columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.importing.mapping import find_column, listed, stated_column
from layers.importing.options import ImportOptions
from spatial.crs import Geometries, SourceCrs
from spatial.crs_names import stated_crs
from spatial.errors import DatumError, InputError
from spatial.tablefile import cell_text, is_table_file, read_table_file
from spatial.vectorfile import open_vector_file, refuse_garbled_table

_LON = ("lon", "lng", "long", "longitude", "经度", "x", "x坐标", "easting", "东坐标", "横坐标",
        "point_x", "coord_x")  # fmt: skip
_LAT = ("lat", "latitude", "纬度", "y", "y坐标", "northing", "北坐标", "纵坐标", "point_y",
        "coord_y")  # fmt: skip
# Zeros, bells and the like: neither PostgreSQL nor .xlsx takes all of them. Line ends are text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_WKT = ("wkt", "geometry", "geom", "the_geom", "几何", "shape")


@dataclass(frozen=True)
class Source:
    """What a file holds.

    Attributes:
        rows: its columns; the index is the line (in vector files the feature's number, from 1).
        geometries: in EPSG:4326, one a row, None where it has none.
        faults: index → reason, for rows whose place can't be read.
        broken: line, reason and cells of what is no row at all.
        crs_label: what the coordinates were in.
        notes: what to tell the person.
    """

    rows: pd.DataFrame
    geometries: Geometries
    faults: dict[int, str]
    broken: list[tuple[int, str, list[str]]]
    crs_label: str
    notes: tuple[str, ...] = ()


def open_source(options: ImportOptions) -> Source:
    """Read the file.

    Raises:
        InputError: it can't be read, is empty, cut, garbled or without places.
        DatumError: the CRS or datum is unknown, not stated or needs a licence.
    """
    if is_table_file(options.path):
        return _table_source(options)
    file = open_vector_file(
        options.path, crs=options.crs, layer=options.layer, encoding=options.encoding
    )
    rows = pd.DataFrame(file.features.drop(columns=file.features.geometry.name))
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    return Source(rows, file.features.geometry.to_numpy(), {}, [], file.crs.label)


def column_texts(rows: pd.DataFrame, column: str) -> pd.Series:
    """A column as stripped text, None where it is empty; numbers and times written one way."""
    texts = [cell_text(value) for value in rows[column].tolist()]
    stripped = [_CONTROLS.sub(" ", text).strip() if text is not None else None for text in texts]
    return pd.Series(stripped, index=rows.index, dtype=object)


def _table_source(options: ImportOptions) -> Source:
    name = options.path.name
    file = read_table_file(options.path, encoding=options.encoding, sheet=options.layer)
    if file.rows.empty:
        raise InputError(f"{name}: it has no row below its header / 没有数据行")
    refuse_garbled_table(file.rows, name)
    placed = _placed(file.rows, options)
    if not options.crs:
        raise DatumError(
            f"{name}: a table doesn't say its CRS or datum / 未说明坐标系",
            remedy="state it: --crs wgs84, EPSG:4490, EPSG:4549, gcj02, bd09, …",
        )
    crs = stated_crs(options.crs, name)
    return Source(file.rows, _moved(placed.geometries, crs, name), placed.faults,
                  file.broken, crs.label)  # fmt: skip


def _moved(geometries: Geometries, crs: SourceCrs, name: str) -> Geometries:
    try:
        return crs.to_wgs84(geometries)
    except DatumError as error:
        raise DatumError(f"{name}: {error.message}", remedy=error.remedy) from error


@dataclass(frozen=True)
class _Placed:
    geometries: Geometries
    faults: dict[int, str]


def _placed(rows: pd.DataFrame, options: ImportOptions) -> _Placed:
    columns = [str(column) for column in rows.columns]
    name = options.path.name
    lon = _place_column(columns, options.lon, "--lon", _LON, name)
    lat = _place_column(columns, options.lat, "--lat", _LAT, name)
    if lon and lat:
        return _points(column_texts(rows, lon), column_texts(rows, lat), (lon, lat))
    wkt = find_column(columns, _WKT)
    if wkt:
        return _shapes(column_texts(rows, wkt), wkt)
    raise InputError(
        f"{name}: no columns for lon and lat, nor WKT / 缺少经纬度列",
        remedy=f"--lon COLUMN --lat COLUMN; columns: {listed(columns)}",
    )


def _place_column(
    columns: Sequence[str], stated: str | None, option: str, names: Sequence[str], file_name: str
) -> str | None:
    if stated:
        return stated_column(columns, stated, option, file_name)
    return find_column(columns, names)


def _points(lon: pd.Series, lat: pd.Series, names: tuple[str, str]) -> _Placed:
    x = pd.to_numeric(lon, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    y = pd.to_numeric(lat, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    sound = np.isfinite(x) & np.isfinite(y)
    geometries = np.full(len(x), None, dtype=object)
    geometries[sound] = shapely.points(x[sound], y[sound])
    faults = {
        int(line): _not_a_number((lon.loc[line], lat.loc[line]), names)
        for line in lon.index[~sound]
    }
    return _Placed(geometries, faults)


def _not_a_number(texts: tuple[str | None, str | None], names: tuple[str, str]) -> str:
    for text, name in zip(texts, names, strict=True):
        if text is None:
            return f"{name} is missing"
        try:
            if np.isfinite(float(text)):
                continue
        except ValueError:
            pass
        return f"{name} is not a number: '{text[:40]}'"
    return "no number"


def _shapes(texts: pd.Series, column: str) -> _Placed:
    geometries = shapely.from_wkt(texts.to_numpy(dtype=object), on_invalid="ignore")
    faults = {
        int(line): f"{column} is not WKT: '{str(text)[:40]}'" if text else f"{column} is missing"
        for line, text, shape in zip(texts.index, texts, geometries, strict=True)
        if shape is None
    }
    return _Placed(np.asarray(geometries, dtype=object), faults)
