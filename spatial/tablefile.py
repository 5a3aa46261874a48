"""CSV and Excel files as one table of text, each row with its line in the file."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from spatial.encoding import decode_text
from spatial.errors import InputError
from spatial.filecheck import PACKING_ERRORS, check_whole

_DELIMITERS = ",;\t|"
_EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_VECTOR = (".shp", ".gpkg", ".gdb", ".geojson", ".kml")
_TEXT = (".csv", ".tsv", ".txt")
# A cell with a whole document in it is still a cell.
csv.field_size_limit(16 * 1024 * 1024)


@dataclass(frozen=True)
class TableFile:
    """A file's rows.

    Attributes:
        rows: text or None in every cell; the index is the line in the file, the first being 1.
        broken: line and fault of the rows that are not as wide as the header.
    """

    rows: pd.DataFrame
    broken: list[tuple[int, str, list[str]]]


def is_table_file(path: Path) -> bool:
    """Whether `path` is CSV (plain, .gz, in a zip) or Excel."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if not suffixes:
        return False
    if suffixes[-1] == ".gz":
        return suffixes[0] in _TEXT
    if suffixes[-1] == ".zip":
        return bool(_text_members(path))
    return suffixes[-1] in (*_TEXT, *_EXCEL)


def read_table_file(
    path: Path, *, encoding: str | None = None, sheet: str | None = None
) -> TableFile:
    """The rows of a CSV or Excel file; the first row that is not empty names the columns.

    Args:
        encoding: of CSV; by default its byte order mark, else UTF-8, else GB18030.
        sheet: of a workbook; by default the only one that is not empty.

    Raises:
        InputError: the file can't be read, is cut or garbled, or has no header.
    """
    check_whole(path)
    if path.suffix.lower() in _EXCEL:
        return _table(enumerate(_sheet_rows(path, sheet), start=1), path.name)
    text = decode_text(_raw(path), encoding=encoding, name=path.name)
    return _table(_csv_rows(text.removeprefix("\ufeff"), path.name), path.name)


def _text_members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except PACKING_ERRORS:
        return []
    if any(part.lower().endswith(_VECTOR) for name in names for part in name.split("/")):
        return []  # a table beside a map is its description
    return [n for n in names if n.lower().endswith((".csv", ".tsv")) and "__MACOSX" not in n]


def _raw(path: Path) -> bytes:
    suffix = path.suffix.lower()
    if suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if suffix != ".zip":
        return path.read_bytes()
    names = _text_members(path)
    if len(names) != 1:
        raise InputError(f"{path.name}: one CSV in the zip is wanted, found {', '.join(names)}")
    with zipfile.ZipFile(path) as archive:
        return archive.read(names[0])


def _csv_rows(text: str, name: str) -> Iterable[tuple[int, list[str]]]:
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{name}: line {line}: {error}") from error


def _sheet_rows(path: Path, sheet: str | None) -> list[list[str]]:
    try:
        workbook = CalamineWorkbook.from_path(path)
        names = [sheet] if sheet else workbook.sheet_names
        sheets = {n: workbook.get_sheet_by_name(n).to_python(skip_empty_area=False) for n in names}
    except WorksheetNotFound as error:
        listed = "|".join(workbook.sheet_names)
        raise InputError(f"{path.name}: no sheet {sheet}", remedy=f"--layer {listed}") from error
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(f"{path.name}: can't be read: {str(error)[:200]}") from error
    filled = [n for n, rows in sheets.items() if any(cell != "" for row in rows for cell in row)]
    if len(filled) != 1:
        raise InputError(
            f"{path.name}: one filled sheet is wanted, it has {len(filled)}",
            remedy=f"--layer {'|'.join(filled)}" if filled else None,
        )
    return [[cell_text(cell) or "" for cell in row] for row in sheets[filled[0]]]


def cell_text(value: Any) -> str | None:
    """A cell as text: whole numbers without a point, times in ISO 8601; None where it is empty."""
    if value is None or value is pd.NaT or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124 - NaN is the only number that differs from itself
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _table(rows: Iterable[tuple[int, Sequence[str]]], name: str) -> TableFile:
    filled = ((line, row) for line, row in rows if any(cell.strip() for cell in row))
    _, header = next(filled, (0, []))
    columns = _column_names(header, name)
    lines: list[int] = []
    cells: list[Sequence[str]] = []
    broken: list[tuple[int, str, list[str]]] = []
    for line, untrimmed in filled:
        row = _trimmed(untrimmed, len(columns))
        if len(row) == len(columns):
            lines.append(line)
            cells.append(row)
        else:
            broken.append((line, f"{len(row)} cells under {len(columns)} columns", list(row)))
    frame = pd.DataFrame(cells, columns=columns, index=lines, dtype=object)
    return TableFile(frame.replace({"": None}), broken)


def _trimmed(row: Sequence[str], width: int) -> Sequence[str]:
    """`row` without empty cells beyond the header's last column."""
    return row[:width] if not any(row[width:]) else row


def _column_names(header: Sequence[str], name: str) -> list[str]:
    columns = [cell.strip() for cell in header]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise InputError(f"{name}: the file is empty / 文件是空的")
    seen: dict[str, int] = {}
    unique = []
    for position, cell in enumerate(columns, start=1):
        column = cell or f"column {position}"
        seen[column] = seen.get(column, 0) + 1
        unique.append(column if seen[column] == 1 else f"{column} ({seen[column]})")
    return unique
