"""A Shapefile for each level, with a text that explains the fields."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd

from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.fields import explanation
from layers.gridfiles.geopackage import as_table, shares_as_table
from layers.gridfiles.share_rows import SHARES_LAYER
from layers.gridfiles.units import UnitRow, by_level, shared
from spatial.crs import SourceCrs
from spatial.errors import InputError

_README = "README 字段说明.txt"


def write_shapefiles(rows: Sequence[UnitRow], path: Path, crs: SourceCrs) -> list[Path]:
    """`name.shp` becomes name-town.shp, name-villages.shp, … in the same folder.

    Micro-grids of high-rises are in one of their own, if there are any.

    Raises:
        InputError: one of them is there already.
    """
    written = []
    for layer, table in _tables(rows, crs):
        file = path.with_name(f"{path.stem}-{layer}.shp")
        if file.exists():
            raise InputError(f"{file} is there already / 文件已存在", remedy="another name")
        table.to_file(file, driver="ESRI Shapefile", encoding="UTF-8")
        written.append(file)
    readme = path.with_name(f"{path.stem}-{_README}")
    readme.write_text(explanation(crs.label), encoding="utf-8-sig")
    return [*written, readme]


def write_zipped_shapefiles(rows: Sequence[UnitRow], path: Path, crs: SourceCrs) -> list[Path]:
    """The same in a zip, each Shapefile called as its level."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for layer, table in _tables(rows, crs):
            file = folder / f"{layer}.shp"
            table.to_file(file, driver="ESRI Shapefile", encoding="UTF-8")
        (folder / _README).write_text(explanation(crs.label), encoding="utf-8-sig")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.iterdir()):
                archive.write(file, file.name)
    return [path]


def _tables(rows: Sequence[UnitRow], crs: SourceCrs) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    for level, units in by_level(rows).items():
        yield LEVEL_NAMES[level], as_table(units, crs)
    if shares := shared(rows):
        yield SHARES_LAYER, shares_as_table(shares, crs)
