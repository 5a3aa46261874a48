"""A Shapefile for each level, with a text that explains the fields."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.fields import explanation
from layers.gridfiles.geopackage import as_table
from layers.gridfiles.units import UnitRow, by_level
from spatial.crs import SourceCrs
from spatial.errors import InputError

_README = "README 字段说明.txt"


def write_shapefiles(rows: Sequence[UnitRow], path: Path, crs: SourceCrs) -> list[Path]:
    """`name.shp` becomes name-town.shp, name-villages.shp, … in the same folder.

    Raises:
        InputError: one of them is there already.
    """
    written = []
    for level, units in by_level(rows).items():
        file = path.with_name(f"{path.stem}-{LEVEL_NAMES[level]}.shp")
        if file.exists():
            raise InputError(f"{file} is there already / 文件已存在", remedy="another name")
        as_table(units, crs).to_file(file, driver="ESRI Shapefile", encoding="UTF-8")
        written.append(file)
    readme = path.with_name(f"{path.stem}-{_README}")
    readme.write_text(explanation(crs.label), encoding="utf-8-sig")
    return [*written, readme]


def write_zipped_shapefiles(rows: Sequence[UnitRow], path: Path, crs: SourceCrs) -> list[Path]:
    """The same in a zip, each Shapefile called as its level."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for level, units in by_level(rows).items():
            file = folder / f"{LEVEL_NAMES[level]}.shp"
            as_table(units, crs).to_file(file, driver="ESRI Shapefile", encoding="UTF-8")
        (folder / _README).write_text(explanation(crs.label), encoding="utf-8-sig")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.iterdir()):
                archive.write(file, file.name)
    return [path]
