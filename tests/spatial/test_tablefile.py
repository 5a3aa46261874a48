"""CSV and Excel as text with line numbers."""

from __future__ import annotations

import gzip
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from spatial.errors import InputError
from spatial.tablefile import cell_text, is_table_file, read_table_file

TEXT = "a,b\n1,\n\n桃源,2\n"


def _zip(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    return path


def test_rows_keep_their_lines_and_empty_cells_are_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TEXT)
    rows = read_table_file(tmp_path / "t.csv").rows
    assert list(rows.index) == [2, 4]
    assert rows.values.tolist() == [["1", None], ["桃源", "2"]]


def test_packed_tables_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TEXT)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    _zip(tmp_path / "t.zip", t__csv=TEXT)
    (tmp_path / "gbk.csv").write_bytes(TEXT.encode("gbk"))
    plain, *others = (
        read_table_file(tmp_path / name).rows for name in ("t.csv", "t.csv.gz", "t.zip", "gbk.csv")
    )
    assert all(rows.equals(plain) for rows in others)


def test_a_map_in_a_zip_with_a_readme_is_no_table(tmp_path: Path) -> None:
    assert not is_table_file(_zip(tmp_path / "m.zip", a__shp="", readme__txt="", codes__csv="a"))
    assert is_table_file(_zip(tmp_path / "t.zip", a__csv="", readme__txt=""))


def test_excel_cells_become_the_texts_that_csv_would_have(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["code", "lon", "when", "on", "none"])
    sheet.append([330782100001, 120.05, datetime(2024, 5, 1, 8, 30), True, None])  # noqa: DTZ001
    book.save(tmp_path / "t.xlsx")
    [row] = read_table_file(tmp_path / "t.xlsx").rows.values.tolist()
    assert row == ["330782100001", "120.05", "2024-05-01 08:30:00", "true", None]


def test_several_filled_sheets_are_asked_for(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name in ("甲", "乙"):
        book.create_sheet(name).append(["a"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(InputError, match=r"--layer 甲\|乙"):
        read_table_file(tmp_path / "t.xlsx")
    assert list(read_table_file(tmp_path / "t.xlsx", sheet="乙").rows.columns) == ["a"]


@pytest.mark.parametrize("name", ["t.xlsx", "t.xls", "t.csv.gz", "t.zip"])
def test_what_is_not_what_its_name_says(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("hello")
    with pytest.raises(InputError, match=name):
        read_table_file(tmp_path / name)


def test_a_cut_gzip_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode() * 1000)[:-20])
    with pytest.raises(InputError, match="whole"):
        read_table_file(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "3"), (0.1, "0.1"), (float("nan"), None), ("", None), (7, "7"), (False, "false")],
)
def test_cells(value: object, text: str | None) -> None:
    assert cell_text(value) == text
