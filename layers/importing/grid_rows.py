"""The rows of a grids file: level, code, name, parent and a sound shape; one fault refuses all."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids.cleaning.flaws import mended
from grids.codes import LONGEST_CODE, LONGEST_NAME
from layers.codes import UNIT_KINDS
from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.fields import CODE_NAMES
from layers.importing.mapping import map_columns
from layers.importing.options import ImportOptions
from layers.importing.places import as_kind, place_faults
from layers.importing.prepare import convert
from layers.importing.source import Source, column_texts
from layers.importing.targets import Field
from layers.importing.values import MISSING, TEXT, Kind, each, nothing
from spatial.crs import Geometries
from spatial.errors import InputError
from spatial.town import Town

_LEVELS = {name: level for level, name in LEVEL_NAMES.items()} | {
    "1": 1, "镇域": 1, "2": 2, "3": 3, "4": 4,
    "village": 2, "community": 2, "grid": 3, "micro-grid": 4,
    "村": 2, "社区": 2, "村社": 2, "网格": 3, "微网格": 4,
}  # fmt: skip
_KINDS = {code: code for code in UNIT_KINDS} | {
    text: code for code, titles in UNIT_KINDS.items() for text in (titles.zh, titles.en)
}


def _kind(texts: pd.Series) -> pd.Series:
    """community or village; any other kind of area is left out."""
    return each(texts, lambda text: _KINDS.get(text.lower(), ""))


_DIGITS_OF_NUMBER = re.compile(r"(\d+)\.0*")
_SCIENTIFIC = re.compile(r"\d(\.\d*)?[eE]\+?\d+")
_LARGEST_EXACT = 2**53  # of the numbers that tables keep


def _code(text: str) -> str | None:
    """A code, also where a table made a number of it; None where that number lost its end."""
    plain = unicodedata.normalize("NFKC", text).strip()  # full-width digits are digits
    if _SCIENTIFIC.fullmatch(plain):
        return None
    number = _DIGITS_OF_NUMBER.fullmatch(plain)
    if number is None:
        return plain
    return number[1] if int(number[1]) < _LARGEST_EXACT else None


_CODE = Kind("a whole code: its last digits are lost, keep codes as text",
             lambda texts: each(texts, _code))  # fmt: skip

LEVEL_COLUMNS = ("level", "层级", "级别", "网格级别", "lvl")
FIELDS = (
    Field("level", LEVEL_COLUMNS[1:],
          Kind("villages, grids or micro-grids",
               lambda texts: each(texts.str.lower(), _LEVELS.get))),
    Field("code", CODE_NAMES, _CODE),
    Field("name", ("名称", "网格名称", "微网格名称", "微网格", "网格", "村社名称", "社区名称",
                   "村名", "社区", "村",
                   "街道", "乡镇", "乡", "镇", "township", "village", "xzqmc"), TEXT),
    Field("name_en", ("英文名称", "英文名", "english_name", "name:en")),
    Field("kind", ("类型", "类别", "type"), Kind("", _kind)),
    Field("parent", ("上级", "上级编码", "上级代码", "上级名称", "父级", "父级编码", "parent_code",
                     "所属网格", "所属社区", "所属村", "所属村社"), _CODE),
)  # fmt: skip


@dataclass(frozen=True)
class GridRow:
    """One polygon of a file."""

    line: int
    level: int
    code: str | None
    name: str
    name_en: str | None
    kind: str | None
    parent: str | None
    geom: BaseGeometry


def read_grid_rows(
    source: Source, options: ImportOptions, level: str | None, town: Town
) -> list[GridRow]:
    """All rows, by level from the top down.

    Raises:
        InputError: names the first feature that can't stand, and why.
    """
    columns = [str(column) for column in source.rows.columns]
    name = options.path.name
    fields = [field for field in FIELDS if field.name != "level" or not level]
    chosen = map_columns(columns, fields, options.columns, {}, name)
    if not level and "level" not in chosen:
        raise InputError(
            f"{name}: which level is it? / 缺少层级",
            remedy="--level villages|grids|micro-grids, or --map level=COLUMN",
        )
    table = pd.DataFrame(
        {field.name: _values(source, field, chosen.get(field.name), name) for field in FIELDS},
        index=source.rows.index,
    )
    if level:
        table["level"] = _LEVELS[level]
    shapes = as_kind(source.geometries, "MultiPolygon")
    # Rings that cross themselves may be repaired; the checks of the coverage tell of them.
    table["fault"] = place_faults(_uncrossed(shapes), "MultiPolygon", town)
    table.loc[_has_broken_number(shapes), "fault"] = "a coordinate is no number / 坐标不是数"
    table["geom"] = pd.Series(shapes, table.index, dtype=object)
    table["name"] = table["name"].where(table["name"].notna(), table["code"])
    table = table[table["level"] != 1]  # the town is the union of what lies below
    _refuse_faults(table, source, name)
    rows = [GridRow(int(line), **row) for line, row in _records(table)]
    _refuse_twins(rows, name)
    return sorted(rows, key=lambda row: row.level)


def _uncrossed(shapes: Geometries) -> Geometries:
    result = shapes.copy()
    whole = ~shapely.is_missing(shapes) & ~_has_broken_number(shapes)
    result[whole] = mended(shapes[whole])
    return result


def _has_broken_number(shapes: Geometries) -> NDArray[np.bool_]:
    """Of each shape whether a coordinate is NaN or infinite, which mending would hide."""
    coordinates, row = shapely.get_coordinates(shapes, return_index=True)
    broken = row[~np.isfinite(coordinates).all(axis=1)]
    return np.isin(np.arange(len(shapes)), broken)


def _records(table: pd.DataFrame) -> list[tuple[int, dict[str, Any]]]:
    names = [field.name for field in FIELDS] + ["geom"]
    cells = table[names].astype(object).where(table[names].notna(), None)
    return list(zip(table.index, cells.to_dict("records"), strict=True))


def _values(source: Source, field: Field, column: str | None, file_name: str) -> pd.Series:
    if column is None:
        return nothing(source.rows.index)
    texts = column_texts(source.rows, column)
    values, reasons = convert(field, texts.where(~texts.isin(MISSING), None), column)
    wrong = reasons.dropna()
    if len(wrong):
        raise InputError(f"{file_name}: nothing loaded: line {wrong.index[0]}: {wrong.iloc[0]}")
    _refuse_long(values, column, field.name, file_name)
    return values.where(values != "", None)


def _refuse_long(values: pd.Series, column: str, field: str, file_name: str) -> None:
    longest = LONGEST_CODE if field == "code" else LONGEST_NAME
    long = values[values.map(lambda value: isinstance(value, str) and len(value) > longest)]
    if len(long):
        raise InputError(
            f"{file_name}: nothing loaded: line {long.index[0]}: {column} is longer than {longest}"
            f" characters: '{long.iloc[0][:30]}…' / 文字过长",
            remedy="shorten it, or name another column with --map",
        )


def _refuse_faults(table: pd.DataFrame, source: Source, file_name: str) -> None:
    if source.broken:
        line, reason, _ = source.broken[0]
        raise InputError(f"{file_name}: nothing loaded: line {line}: {reason}")
    for column, reason in (("level", "no level"), ("name", "neither name nor code")):
        table["fault"] = table["fault"].where(table[column].notna(), reason)
    wrong = table[table["fault"].notna()]
    if len(wrong):
        first = wrong.iloc[0]
        called = f" ({first['name']})" if pd.notna(first["name"]) else ""
        raise InputError(
            f"{file_name}: nothing loaded: feature {wrong.index[0]}{called}: {first['fault']}",
            remedy=f"{len(wrong)} of {len(table)} features have faults",
        )


def _refuse_twins(rows: list[GridRow], file_name: str) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        if row.code is not None and row.code in seen:
            raise InputError(
                f"{file_name}: nothing loaded: code {row.code} stands in features "
                f"{seen[row.code]} and {row.line} / 编码重复",
                remedy="each unit has a code of its own; parts of one unit are one feature",
            )
        if row.code is not None:
            seen[row.code] = row.line
