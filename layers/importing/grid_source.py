"""A file of units: one layer, or one for each level; or a drawing; or any of them in a zip."""

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
from layers.gridfiles.dxf_reading import level_of_layer, only_level_of_name, read_drawing
from layers.gridfiles.share_rows import SHARES_LAYER
from layers.importing.grid_rows import LEVEL_COLUMNS
from layers.importing.grid_shares import is_of_highrises
from layers.importing.mapping import find_column
from layers.importing.options import ImportOptions
from layers.importing.source import Source, open_source
from spatial.crs_names import stated_crs
from spatial.errors import DatumError, InputError
from spatial.filecheck import check_whole
from spatial.vectorfile import areal_layer_names

_MANY_LAYERS = (".gpkg", ".gdb", ".kml", ".kmz", ".gml")
_PACKED_SINGLY = (".gpkg", ".gdb", ".dxf")


def open_grid_source(options: ImportOptions, level: str | None) -> Source:
    """The file's features; where layers are called as levels, all of them with a column `level`.

    Args:
        level: villages, grids or micro-grids, which is then the only one.

    Raises:
        InputError: it can't be read, is empty, cut or garbled.
        DatumError: the CRS or datum is unknown, not stated or needs a licence.
    """
    check_whole(options.path)
    with _unpacked(options) as stated:
        return _open(stated, level)


def _open(options: ImportOptions, level: str | None) -> Source:
    suffix = options.path.suffix.lower()
    if suffix == ".dwg":
        raise InputError(
            f"{options.path.name}: a DWG is not read / 不支持 DWG", remedy="save it as DXF"
        )
    if suffix == ".dxf":
        return _drawing(options, level)
    if options.layer is not None:
        return _of_one_level(options, (options.layer,), level)
    parts = _parts(options)
    names = [part.layer or part.path.stem for part in parts]
    levels = _chosen_levels(names, level)
    if len(parts) == 1:
        called = (parts[0].layer or "", parts[0].path.stem)
        return _of_one_level(parts[0], called, level)
    if not levels:
        return open_source(options)
    _refuse_twins(levels, parts, options.path.name)
    chosen = {LEVEL_NAMES[number]: parts[row] for row, number in levels.items()}
    beside = [part for part, name in zip(parts, names, strict=True) if is_of_highrises(name)]
    if len(beside) == 1 and LEVEL_NAMES[4] in chosen:
        chosen[SHARES_LAYER] = beside[0]
    return _joined(chosen)


def _of_one_level(options: ImportOptions, names: tuple[str, ...], level: str | None) -> Source:
    """A single layer; its level is that of its name, where nothing else says one."""
    source = open_source(options)
    called = next((name for name in names if only_level_of_name(name)), None)
    columns = [str(column) for column in source.rows.columns]
    if level or called is None or "level" in options.columns or find_column(columns, LEVEL_COLUMNS):
        return source
    name = LEVEL_NAMES[only_level_of_name(called) or 0]
    note = f"taken as {name}, by the name {called}; --level says another / 层级取自名称"
    return replace(source, rows=source.rows.assign(level=name), notes=(*source.notes, note))


def _drawing(options: ImportOptions, level: str | None) -> Source:
    name = options.path.name
    if not options.crs:
        raise DatumError(
            f"{name}: a drawing doesn't say its CRS / 图纸未说明坐标系",
            remedy="state it: --crs EPSG:4549, EPSG:4490, EPSG:4326, gcj02, …",
        )
    crs = stated_crs(options.crs, name)
    numbers = {text: number for number, text in LEVEL_NAMES.items()}
    drawn = read_drawing(options.path, numbers[level] if level else None)
    rows = drawn.rows.astype(object).where(drawn.rows.notna(), None)
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    return Source(rows, crs.to_wgs84(drawn.shapes), {}, [], crs.label, drawn.notes)


@contextmanager
def _unpacked(options: ImportOptions) -> Iterator[ImportOptions]:
    """A zip of Shapefiles, or of one database or drawing, as that; anything else as it is."""
    if options.path.suffix.lower() != ".zip":
        yield options
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        _unpack(options.path, folder)
        single = _found(folder, _PACKED_SINGLY)
        if _found(folder, (".shp",)):
            yield replace(options, path=folder)
        elif len(single) == 1:
            yield replace(options, path=single[0])
        else:
            yield options


def _unpack(path: Path, folder: Path) -> None:
    """Names without a mark are in UTF-8 (macOS), GBK (Chinese Windows), or as zip had them once."""
    for encoding in ("utf-8", "gb18030", "cp437"):
        try:
            with zipfile.ZipFile(path, metadata_encoding=encoding) as archive:
                archive.extractall(folder)
        except UnicodeDecodeError:
            continue
        return


def _parts(options: ImportOptions) -> list[ImportOptions]:
    """The layers of a database, the Shapefiles of a folder: each as a file of its own."""
    path = options.path
    if path.suffix.lower() in _MANY_LAYERS:
        return [replace(options, layer=name) for name in areal_layer_names(path)]
    if path.is_dir():
        return [replace(options, path=each) for each in _found(path, (".shp",))]
    return [options]


def _found(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """Files (and .gdb folders) by their endings; macOS puts hidden ones beside them."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in endings)
    return sorted(path for path in found if not path.name.startswith("._"))


def _chosen_levels(names: list[str], level: str | None) -> dict[int, int]:
    """Position → level of those that are called as one; not the town, which is their union."""
    levels = {
        row: None if is_of_highrises(name) else level_of_layer(name)
        for row, name in enumerate(names)
    }
    return {
        row: number
        for row, number in levels.items()
        if number is not None and number > 1 and level in {None, LEVEL_NAMES[number]}
    }


def _refuse_twins(levels: dict[int, int], parts: list[ImportOptions], name: str) -> None:
    """Two layers that are called as the same level: nobody guesses which one holds."""
    first: dict[int, str] = {}
    for row, number in levels.items():
        called = parts[row].layer or parts[row].path.name
        if number in first:
            raise InputError(
                f"{name}: {first[number]} and {called} are both called as {LEVEL_NAMES[number]}"
                " / 图层重复",
                remedy="--layer NAME --level LEVEL for one of them, or a file with one of them",
            )
        first[number] = called


def _joined(parts: dict[str, ImportOptions]) -> Source:
    sources = {level: open_source(part) for level, part in parts.items()}
    tables = [source.rows.assign(level=level) for level, source in sources.items()]
    rows = pd.concat(tables, ignore_index=True)
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    geometries = np.concatenate([source.geometries for source in sources.values()])
    label = next(iter(sources.values())).crs_label
    return Source(rows, geometries, {}, [], label)
