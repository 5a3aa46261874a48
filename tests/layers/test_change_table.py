"""The change table: what a redraw changes, read back from the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook

from layers.gridfiles.change_table import write_change_table
from layers.gridfiles.changes import ChangeRow, Changes, UnitFacts, changes_of_draft
from layers.gridfiles.export import export_units
from layers.gridfiles.units import read_unit_rows
from layers.importing.grid_draft import import_as_draft
from layers.importing.grids import GridOptions
from layers.importing.options import ImportOptions
from layers.roles import Role
from spatial.crs_names import parse_crs
from spatial.errors import InputError
from spatial.town import read_town

BEFORE = UnitFacts("01", "甲", 20_000.0, 3, 120, "张三")
AFTER = UnitFacts("02", "乙", 30_000.0, 4, 150, "")


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (None, AFTER, "新增"),
        (BEFORE, None, "撤销"),
        (BEFORE, AFTER, "改码、更名、调界"),
        (BEFORE, BEFORE._replace(area_m2=1.0), "调界"),
        (BEFORE, BEFORE, "调整"),
    ],
)
def test_what_happens_to_a_unit_is_said(
    before: UnitFacts | None, after: UnitFacts | None, kinds: str
) -> None:
    assert ChangeRow(3, before, after, "").kinds == kinds


def test_the_table_is_a_sheet_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "changes.xlsx"
    rows = [ChangeRow(3, BEFORE, AFTER, "03"), ChangeRow(4, None, AFTER, "")]
    changes = Changes("春季调整", rows, [("=1+1", "0101", "0201")])
    write_change_table(changes, path, "试验镇", date(2026, 6, 30))
    book = load_workbook(path)
    sheet = book["变更对照表"]
    assert sheet["A1"].value == "试验镇网格变更对照表"
    head, first, second = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=3))
    assert dict(zip(head, first, strict=True)) == {
        "序号": 1, "层级": "网格", "变更类型": "改码、更名、调界", "原编码": "01", "新编码": "02",
        "原名称": "甲", "新名称": "乙", "原场所数": 3, "新场所数": 4, "原户数": 120, "新户数": 150,
        "原网格员": "张三", "新网格员": None, "原面积（公顷）": 2, "新面积（公顷）": 3,
        "来源／去向编码": "03",
    }  # fmt: skip
    assert second[2:5] == ["新增", None, "02"]
    assert book["经营场所明细"]["B4"].value == "=1+1"
    assert book["经营场所明细"]["B4"].data_type == "s"
    with pytest.raises(InputError, match="already"):
        write_change_table(changes, path, "试验镇", date(2026, 6, 30))
    with pytest.raises(InputError, match="xlsx"):
        write_change_table(changes, tmp_path / "a.csv", "试验镇", date(2026, 6, 30))


def test_a_merge_moves_its_premises_and_households(demo_database: str, tmp_path: Path) -> None:
    with psycopg.connect(demo_database) as connection:
        town = read_town(connection)
        rows = read_unit_rows(connection, town, town.now())
        one, other = _neighbours([row for row in rows if row.level == 4])
        path = tmp_path / "grids.gpkg"
        export_units(rows, path, parse_crs("EPSG:4326"))
        table = pyogrio.read_dataframe(path, layer="micro-grids")
        union = shapely.coverage_union_all([one.shape, other.shape])
        merged = shapely.MultiPolygon([*shapely.get_parts(union)])
        table.loc[table["code"] == one.code, "geometry"] = merged
        pyogrio.write_dataframe(
            table[table["code"] != other.code], path, layer="micro-grids", append=False
        )
        options = GridOptions(ImportOptions(path=path, rejects_path=path))
        report = import_as_draft(connection, options, "合并", "gis-editor")
        changes = changes_of_draft(connection, town, report.draft_id or 0, Role.GIS_EDITOR)
        connection.rollback()
    by_code = {row.before.code: row for row in changes.rows if row.before}
    kept, gone = by_code[one.code], by_code[other.code]
    assert gone.after is None
    assert gone.related == one.code
    assert kept.before
    assert kept.after
    assert gone.before
    assert kept.after.premises == kept.before.premises + gone.before.premises
    assert kept.after.households == kept.before.households + gone.before.households
    assert kept.after.area_m2 == pytest.approx(kept.before.area_m2 + gone.before.area_m2, abs=0.2)
    assert len(changes.premises) == gone.before.premises


def _neighbours(units: list[Any]) -> tuple[Any, Any]:
    for one in units:
        for other in units:
            if one.code < other.code and one.parent == other.parent:
                union = shapely.coverage_union_all([one.shape, other.shape])
                if shapely.get_num_geometries(union) == 1:
                    return one, other
    raise AssertionError
