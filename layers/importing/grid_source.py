"""A file of units: one layer, or one for each level; or a drawing."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.dxf_reading import level_of_layer, read_drawing
from layers.importing.options import ImportOptions
from layers.importing.source import Source, open_source
from spatial.crs import crs_of_file
from spatial.errors import DatumError
from spatial.filecheck import check_whole
from spatial.vectorfile import layer_names

_MANY_LAYERS = (".gpkg", ".gdb", ".kml", ".kmz", ".gml")


def open_grid_source(options: ImportOptions, level: str | None) -> Source:
    """The file's features; where layers are called as levels, all of them with a column `level`.

    Args:
        level: villages, grids or micro-grids, which is then the only one.

    Raises:
        InputError: it can't be read, is empty, cut or garbled.
        DatumError: the CRS or datum is unknown, not stated or needs a licence.
    """
    check_whole(options.path)
    if options.path.suffix.lower() == ".dxf":
        return _drawing(options, level)
    if options.layer is not None:
        return open_source(options)
    with _parts(options) as parts:
        levels = _chosen_levels([part.layer or part.path.stem for part in parts], level)
        if len(parts) < 2 or not levels:
            return open_source(options)
        return _joined({LEVEL_NAMES[number]: parts[row] for row, number in levels.items()})


def _drawing(options: ImportOptions, level: str | None) -> Source:
    name = options.path.name
    if not options.crs:
        raise DatumError(
            f"{name}: a drawing doesn't say its CRS / 图纸未说明坐标系",
            remedy="state it: --crs EPSG:4549, EPSG:4490, EPSG:4326, gcj02, …",
        )
    crs = crs_of_file(options.crs, name)
    numbers = {text: number for number, text in LEVEL_NAMES.items()}
    drawn = read_drawing(options.path, numbers[level] if level else None)
    rows = drawn.rows.astype(object).where(drawn.rows.notna(), None)
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    return Source(rows, crs.to_wgs84(drawn.shapes), {}, [], crs.label)


@contextmanager
def _parts(options: ImportOptions) -> Iterator[list[ImportOptions]]:
    """The layers of a database, the Shapefiles of a folder or zip: each as a file of its own."""
    path = options.path
    if path.suffix.lower() in _MANY_LAYERS:
        yield [replace(options, layer=name) for name in layer_names(path)]
    elif path.is_dir():
        yield [replace(options, path=each) for each in _shapefiles(path)]
    elif path.suffix.lower() == ".zip":
        with TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
            yield [replace(options, path=each) for each in _shapefiles(Path(folder))]
    else:
        yield [options]


def _shapefiles(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".shp")


def _chosen_levels(names: list[str], level: str | None) -> dict[int, int]:
    """Position → level of those that are called as one; not the town, which is their union."""
    levels = {row: level_of_layer(name) for row, name in enumerate(names)}
    return {
        row: number
        for row, number in levels.items()
        if number is not None and number > 1 and level in {None, LEVEL_NAMES[number]}
    }


def _joined(parts: dict[str, ImportOptions]) -> Source:
    sources = {level: open_source(part) for level, part in parts.items()}
    tables = [source.rows.assign(level=level) for level, source in sources.items()]
    rows = pd.concat(tables, ignore_index=True)
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    geometries = np.concatenate([source.geometries for source in sources.values()])
    label = next(iter(sources.values())).crs_label
    return Source(rows, geometries, {}, [], label)
