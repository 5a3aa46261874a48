"""Vector files of any usual format as one table in EPSG:4326.

GeoPackage, Shapefile (also in a folder or zip, without .cpg), FileGDB (folder or zip), GeoJSON
(also a bare list of features, or one feature a line), KML, KMZ, FlatGeobuf, GML: what GDAL reads.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from spatial.crs import Geometries, SourceCrs
from spatial.crs_names import stated_crs, stored_crs
from spatial.encoding import refuse_garbled
from spatial.errors import DatumError, InputError
from spatial.vectorsource import VectorSource, find_source, named_crs

# GeoJSON (RFC 7946), KML (OGC 07-147r2) and GPX are in WGS 84 by definition.
_WGS84_DRIVERS = ("GeoJSON", "GeoJSONSeq", "KML", "LIBKML", "GPX")
_NO_AREA = re.compile("Point|LineString|Curve$|Curve ")  # kinds of layers
_STATE_CRS = "state it: --crs EPSG:4490, EPSG:4549, EPSG:4326, gcj02, bd09, …"
_GDAL_ERRORS = (
    DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError,
    UnicodeDecodeError, LookupError,
    UnboundLocalError,  # pyogrio 0.13's, where a .prj is no WKT at all
)  # fmt: skip


@dataclass(frozen=True)
class VectorFile:
    """A file's features.

    Attributes:
        features: in EPSG:4326, two-dimensional; other columns as they are in the file.
        crs: what the numbers in the file meant.
    """

    features: gpd.GeoDataFrame
    crs: SourceCrs


def read_vector_file(
    path: Path, *, crs: str | None = None, layer: str | None = None, encoding: str | None = None
) -> gpd.GeoDataFrame:
    """The features of `path` in EPSG:4326, as `open_vector_file` reads them."""
    return open_vector_file(path, crs=crs, layer=layer, encoding=encoding).features


def open_vector_file(
    path: Path, *, crs: str | None = None, layer: str | None = None, encoding: str | None = None
) -> VectorFile:
    """The features of `path` in EPSG:4326, and what they were in.

    A feature without geometry, or with one that can't be read, has None there.

    Args:
        crs: overrides what the file says: an EPSG code, `gcj02`, `bd09`, `wgs84`.
        layer: of several; by default the only one that has geometry.
        encoding: of the attributes; by default the file's own, else UTF-8, else GB18030.

    Raises:
        InputError: the file can't be read, is cut or empty, or its text is garbled.
        DatumError: no CRS is stated or known, or it needs a licensed transformation.
    """
    stated = stated_crs(crs, path.name) if crs else None
    source = find_source(path, encoding)
    try:
        chosen = _only_layer(source, layer, path.name)
        features = _read(source, chosen)
        found = stated or _stored_crs(source, chosen, path.name)
    except _GDAL_ERRORS as error:
        raise InputError(f"{path.name}: can't be read: {_first_line(error)}") from error
    if not len(features):
        raise InputError(f"{path.name}: it holds no feature / 没有要素")
    refuse_garbled_table(features, path.name)
    try:
        moved = found.to_wgs84(features.geometry.to_numpy())
    except DatumError as error:
        raise DatumError(f"{path.name}: {error.message}", remedy=error.remedy) from error
    _refuse_no_degrees(moved, path.name, found.label)
    table = features.drop(columns=features.geometry.name)
    return VectorFile(gpd.GeoDataFrame(table, geometry=moved, crs=4326), found)


def areal_layer_names(path: Path) -> list[str]:
    """The layers of a file that may hold polygons.

    Raises:
        InputError: it can't be read.
    """
    source = find_source(path, None)
    try:
        kinds = pyogrio.list_layers(source.dataset)
        return [str(layer) for layer, kind in kinds if kind and not _NO_AREA.search(kind)]
    except _GDAL_ERRORS as error:
        raise InputError(f"{path.name}: can't be read: {_first_line(error)}") from error


def _layers(source: VectorSource) -> list[str]:
    return [str(layer) for layer, kind in pyogrio.list_layers(source.dataset) if kind is not None]


def _only_layer(source: VectorSource, asked: str | None, name: str) -> str | int:
    if isinstance(source.dataset, bytes):  # GeoJSON holds one layer, whose name means nothing
        return 0
    layers = _layers(source)
    if not layers:
        raise InputError(f"{name}: no layer with geometry / 没有空间图层")
    if (asked is None and len(layers) > 1) or (asked is not None and asked not in layers):
        raise InputError(
            f"{name}: " + (f"no layer {asked}" if asked else f"it holds {len(layers)} layers"),
            remedy=f"--layer {'|'.join(layers)}",
        )
    return asked or layers[0]


def _read(source: VectorSource, layer: str | int) -> gpd.GeoDataFrame:
    with warnings.catch_warnings():
        # What GDAL mends on the way (rings not closed, curves, measures) is no fault of the user's.
        warnings.simplefilter("ignore")
        return pyogrio.read_dataframe(
            source.dataset, layer=layer, encoding=source.encoding, on_invalid="ignore"
        )


def _stored_crs(source: VectorSource, layer: str | int, name: str) -> SourceCrs:
    info = _info(source, layer)
    text = (
        named_crs(source)
        or info["crs"]
        or ("EPSG:4326" if info["driver"] in _WGS84_DRIVERS else None)
    )
    if not text:
        raise DatumError(f"{name}: no CRS or datum is stated / 没有坐标系", remedy=_STATE_CRS)
    return stored_crs(text, name, remedy=_STATE_CRS)


def _info(source: VectorSource, layer: str | int) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        info: dict[str, Any] = pyogrio.read_info(
            source.dataset, layer=layer, encoding=source.encoding
        )
    return info


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]


def refuse_garbled_table(table: pd.DataFrame, name: str) -> None:
    """Refuse a table whose column names or text values are garbled.

    Raises:
        InputError: names the file and the first garbled piece.
    """
    refuse_garbled(map(str, table.columns), name)
    for column in table.select_dtypes(include=["object", "str", "string"]).columns:
        refuse_garbled({value for value in table[column] if isinstance(value, str)}, name)


def _refuse_no_degrees(geometries: Geometries, name: str, label: str) -> None:
    """Refuse a file of which no coordinate can be lon and lat; single ones are the reader's."""
    coordinates = shapely.get_coordinates(geometries)
    possible = (np.abs(coordinates[:, 0]) <= 180) & (np.abs(coordinates[:, 1]) <= 90)
    if len(coordinates) and not possible.any():
        x, y = coordinates[0]
        raise InputError(
            f"{name}: ({x:.6g}, {y:.6g}) and all others are no lon, lat in {label}",
            remedy="metres? state their CRS with --crs; lat before lon? swap them",
        )
