"""The change table (变更对照表) as .xlsx: before and after side by side, ready to be printed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from layers.gridfiles.changes import ChangeRow, Changes, UnitFacts
from layers.gridfiles.fields import LEVEL_TITLES
from layers.gridfiles.share_rows import SHARES_TITLE
from spatial.errors import InputError

type Value = str | int | float | None

_HEAD = ("序号", "层级", "变更类型", "原编码", "新编码", "原名称", "新名称", "原场所数", "新场所数",
         "原户数", "新户数", "原网格员", "新网格员", "原面积（公顷）", "新面积（公顷）",
         "来源／去向编码")  # fmt: skip
_WIDTHS = (6, 8, 12, 19, 19, 26, 26, 9, 9, 9, 9, 14, 14, 13, 13, 24)
_PREMISES_HEAD = ("序号", "经营场所", "原编码", "新编码")
_PREMISES_WIDTHS = (6, 40, 20, 20)
_HEAD_ROW = 3
_LINE = Side(style="thin", color="999999")
_BORDER = Border(_LINE, _LINE, _LINE, _LINE)
_FILL = PatternFill("solid", fgColor="E8EEF5")


def write_change_table(changes: Changes, path: Path, town_name: str, day: date) -> None:
    """Write it: one sheet of units, one of premises that go to another unit.

    Raises:
        InputError: there is something of that name already, or it is called no .xlsx.
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path.name}: a change table is an .xlsx / 应为 .xlsx 文件")
    if path.exists():
        raise InputError(f"{path} is there already / 文件已存在", remedy="another name")
    book = Workbook()
    units = book.active
    assert isinstance(units, Worksheet)  # a new workbook has a sheet
    units.title = "变更对照表"
    heading = f"{town_name}网格变更对照表"
    note = f"草案：{changes.draft_name}    制表日期：{day:%Y-%m-%d}    共 {len(changes.rows)} 项"
    _begin(units, (heading, note), _HEAD, _WIDTHS)
    for number, row in enumerate(changes.rows, start=1):
        _append(units, _cells(number, row))
    premises = book.create_sheet("经营场所明细")
    note = f"归属变更的经营场所，共 {len(changes.premises)} 处"
    _begin(premises, (heading, note), _PREMISES_HEAD, _PREMISES_WIDTHS)
    for number, moved in enumerate(changes.premises, start=1):
        _append(premises, (number, *moved))
    book.save(path)


def _cells(number: int, row: ChangeRow) -> tuple[Value, ...]:
    before, after = row.before, row.after
    pairs = [_both(before, after, index) for index in range(len(UnitFacts._fields))]
    code, name, area, premises, households, members = pairs
    hectares = [None if each is None else round(float(str(each)) / 1e4, 4) for each in area]
    values = [*code, *name, *premises, *households, *members, *hectares]
    title = SHARES_TITLE if row.is_share else LEVEL_TITLES[row.level]
    return (number, title.zh, row.kinds, *values, row.related)


def _both(before: UnitFacts | None, after: UnitFacts | None, index: int) -> list[Value]:
    return [None if each is None else each[index] for each in (before, after)]


def _begin(
    sheet: Worksheet, titles: tuple[str, str], head: tuple[str, ...], widths: tuple[int, ...]
) -> None:
    """Titles, head and how it is printed: lying, as wide as the page, the head on each one."""
    for number, (title, size) in enumerate(zip(titles, (16, 10), strict=True), start=1):
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(head))
        cell = sheet.cell(number, 1, title)
        cell.font = Font(size=size, bold=number == 1)
        cell.alignment = Alignment(horizontal="center")
    for column, (text, width) in enumerate(zip(head, widths, strict=True), start=1):
        cell = sheet.cell(_HEAD_ROW, column, text)
        cell.font, cell.fill, cell.border = Font(bold=True), _FILL, _BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = f"A{_HEAD_ROW + 1}"
    sheet.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _append(sheet: Worksheet, values: tuple[Value, ...]) -> None:
    row = sheet.max_row + 1
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column, value)
        cell.border = _BORDER
        if isinstance(value, str):
            cell.data_type = "s"  # a name that begins with = would be run as a formula
