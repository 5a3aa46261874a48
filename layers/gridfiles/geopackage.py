"""A GeoPackage with a layer for each level, and the styles with which QGIS opens them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.fields import FIELDS, LEVEL_TITLES
from layers.gridfiles.qgis_styles import add_styles
from layers.gridfiles.share_rows import SHARE_FIELDS, SHARES_LAYER, SHARES_TITLE, ShareRow
from layers.gridfiles.units import UnitRow, by_level, shared
from spatial.crs import SourceCrs


def write_geopackage(rows: Sequence[UnitRow], path: Path, crs: SourceCrs) -> list[Path]:
    """Write it: layers town, villages, grids, micro-grids; micro-grid-shares if there are any."""
    for level, units in by_level(rows).items():
        title = LEVEL_TITLES[level]
        as_table(units, crs).to_file(
            path,
            driver="GPKG",
            layer=LEVEL_NAMES[level],
            layer_options={"IDENTIFIER": LEVEL_NAMES[level], "DESCRIPTION": title.zh},
        )
    if shares := shared(rows):
        shares_as_table(shares, crs).to_file(
            path,
            driver="GPKG",
            layer=SHARES_LAYER,
            layer_options={"IDENTIFIER": SHARES_LAYER, "DESCRIPTION": SHARES_TITLE.zh},
        )
    add_styles(path)
    return [path]


def as_table(units: Sequence[UnitRow], crs: SourceCrs) -> gpd.GeoDataFrame:
    """Units of one level as a table; coordinates are in `crs` already."""
    return gpd.GeoDataFrame(
        [unit.values for unit in units],
        columns=list(FIELDS),
        geometry=[unit.shape for unit in units],
        crs=crs.file_crs,
    ).astype(dict.fromkeys(FIELDS, object))


def shares_as_table(
    shares: Sequence[tuple[ShareRow, BaseGeometry]], crs: SourceCrs
) -> gpd.GeoDataFrame:
    """Micro-grids of high-rises as a table; coordinates are in `crs` already."""
    return gpd.GeoDataFrame(
        [share.values for share, _ in shares],
        columns=list(SHARE_FIELDS),
        geometry=[shape for _, shape in shares],
        crs=crs.file_crs,
    ).astype({name: object for name in SHARE_FIELDS if name != "building"})
