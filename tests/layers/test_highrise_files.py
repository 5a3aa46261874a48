"""Micro-grids of high-rises in files: out, through GDAL, and back as a draft."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import psycopg
import pyogrio
import pytest
from openpyxl import load_workbook

from grids.highrise import Floors
from grids.storeys import MicroGrid, Part, micro_grids_from_json
from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries.coverage import speak_for
from layers.boundaries.draft_rows import read_steps
from layers.boundaries.highrises.members import set_member
from layers.gridfiles.change_table import write_change_table
from layers.gridfiles.changes import UnitFacts, changes_of_draft
from layers.gridfiles.export import export_units
from layers.gridfiles.share_rows import is_same_division, micro_grids_of, share_rows
from layers.gridfiles.units import read_unit_rows
from layers.importing.grid_draft import DraftReport, import_as_draft
from layers.importing.grids import GridOptions
from layers.importing.options import ImportOptions
from layers.roles import Role
from spatial.crs_names import parse_crs
from spatial.errors import ConflictError, InputError
from spatial.town import read_town

LAYER = "micro-grid-shares"
SHARE = "UPDATE grids.version SET shares = %s WHERE unit_id = %s AND upper(valid) IS NULL"


@pytest.fixture
def shared(office: Any, low_and_high: list[dict[str, Any]]) -> Any:
    """The office, where two micro-grids share the polygon of t10100."""
    office.execute(SHARE, json.dumps(low_and_high), office.ids["t10100"])
    return office


def write(office: Any, path: Path, crs: str = "EPSG:4326") -> None:
    with psycopg.connect(office.conninfo) as connection:
        town = read_town(connection)
        rows = read_unit_rows(connection, town, town.now())
    export_units(rows, path, parse_crs(crs))


def read(office: Any, path: Path, crs: str | None = None) -> DraftReport:
    options = ImportOptions(path=path, rejects_path=path, crs=crs)
    with psycopg.connect(office.conninfo) as connection:
        return import_as_draft(connection, GridOptions(options), "文件", "anna")


@pytest.fixture
def edited(shared: Any, tmp_path: Path) -> Callable[..., DraftReport]:
    """`edited(change)`: what becomes of a package whose rows of high-rises were changed."""

    def run(change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> DraftReport:
        ours, theirs = tmp_path / "ours.gpkg", tmp_path / "theirs.gpkg"
        write(shared, ours)
        for layer in ("villages", "grids", "micro-grids", LAYER):
            table = pyogrio.read_dataframe(ours, layer=layer)
            pyogrio.write_dataframe(change(table) if layer == LAYER else table, theirs, layer=layer)
        return read(shared, theirs)

    return run


def shares_of(office: Any, draft_id: int) -> dict[int, Any]:
    with psycopg.connect(office.conninfo) as connection:
        speak_for(connection, office.town)
        [step] = read_steps(connection, draft_id)
    return {unit: after for unit, (_, after) in step.redraw.shares.items()}


@pytest.mark.parametrize("ending", ["gpkg", "zip", "geojson", "dxf"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4549"])
def test_every_format_says_no_change(shared: Any, tmp_path: Path, ending: str, crs: str) -> None:
    path = tmp_path / f"grids.{ending}"
    write(shared, path, crs)
    assert read(shared, path, crs if ending == "dxf" else None).draft_id is None


def test_each_is_a_row_that_people_can_read(shared: Any, tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    write(shared, path)
    table = pyogrio.read_dataframe(path, layer=LAYER)
    assert table[["code", "name", "parent", "bld_name", "entrances", "floors"]].to_numpy(
        na_value=None
    ).tolist() == [
        ["L1", "低区", "t10100", "tower", None, "1-9"],
        ["L2", "高区", "t10100", "tower", None, "10-18"],
        ["L2", "高区", "t10100", "slab", "1单元,2单元", None],
    ]
    polygons = pyogrio.read_dataframe(path, layer="micro-grids").set_index("code").geometry
    assert table.geometry.geom_equals_exact(polygons["t10100"], 0).all()
    drawing = tmp_path / "grids.dxf"
    write(shared, drawing)
    texts = [
        tag.value
        for text in ezdxf.filemanagement.readfile(drawing).modelspace().query("TEXT")
        if text.dxf.text == "t10100"
        for tag in text.get_xdata("GRIDWHISTLE")
        if str(tag.value).startswith("share=")
    ]
    assert [text.split("|")[0] for text in texts] == ["share=L1", "share=L2", "share=L2"]


def test_what_was_edited_becomes_a_draft(
    shared: Any, edited: Callable[..., DraftReport], towers: dict[str, int]
) -> None:
    def divide(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        table.loc[table["code"] == "L1", ["code", "name", "floors"]] = ["L3", "底层", " 1 至 4 "]
        table.loc[(table["code"] == "L2") & (table["bld_name"] == "tower"), "floors"] = "5-18"
        return table

    report = edited(divide)
    assert (report.changed, report.new, report.gone) == (1, 0, 0)
    assert report.draft_id is not None
    [(unit, after)] = shares_of(shared, report.draft_id).items()
    assert unit == shared.ids["t10100"]
    assert after[0] == MicroGrid("L3", "底层", (Part(towers["tower"], None, Floors(1, 4)),))
    _, faults = shared.desk.check(shared.people["anna"], shared.town, report.draft_id)
    assert faults == []


def test_a_file_that_says_nothing_of_high_rises_leaves_them(shared: Any, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.gpkg", tmp_path / "theirs.gpkg"
    write(shared, ours)
    for layer in ("villages", "grids", "micro-grids"):
        pyogrio.write_dataframe(pyogrio.read_dataframe(ours, layer=layer), theirs, layer=layer)
    assert read(shared, theirs).draft_id is None


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("building", 999, "there is no building 999"),
        ("floors", "2-9", "floor 1: nobody has it"),
        ("floors", "9-1", "row 1: floors 9-1 aren't"),
        ("parent", "nowhere", "there is no micro-grid nowhere"),
        ("code", None, "row 1: no code"),
        ("code", "t10101", "t10101 would be that of two units"),
    ],
)
def test_what_can_not_be_is_refused(
    shared: Any, edited: Callable[..., DraftReport], column: str, value: Any, said: str
) -> None:
    def spoil(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        table.loc[0, column] = value
        return table

    with pytest.raises((InputError, ConflictError), match="nothing loaded") as refused:
        edited(spoil)
    assert said in str(refused.value)
    assert shared.execute("SELECT count(*) FROM grids.draft") == [(0,)]


def test_the_change_table_has_a_row_for_each(
    shared: Any, towers: dict[str, int], tmp_path: Path
) -> None:
    with psycopg.connect(shared.conninfo) as connection:
        plan = AccountPlan("li", Role.GRID_MEMBER, "李", grid="t101")
        member = add_account(connection, 1, plan)
        speak_for(connection, shared.town)
        set_member(connection, shared.town, "L1", member)
    draft, tower = shared.open(), towers["tower"]
    whole = {"code": "L1", "name": "整幢", "parts": [{"building": tower}]}
    shared.operate(draft, "share", unit=shared.ids["t10100"], shares=[whole])
    with psycopg.connect(shared.conninfo) as connection:
        speak_for(connection, shared.town)
        changes = changes_of_draft(connection, shared.town, draft.id, Role.ADMINISTRATOR)
    stays, goes = (row for row in changes.rows if row.is_share)
    assert stays.before == UnitFacts("L1", "低区", None, 0, 90, "李")
    assert stays.after == UnitFacts("L1", "整幢", None, 0, 180, "李")
    assert (stays.kinds, goes.kinds, goes.after) == ("更名", "撤销", None)
    write_change_table(changes, tmp_path / "changes.xlsx", "试验镇", date(2026, 6, 30))
    sheet = load_workbook(tmp_path / "changes.xlsx")["变更对照表"]
    [row] = [each for each in sheet.iter_rows(values_only=True) if each[3] == "L2"]
    assert row[1:7] == ("高层微网格", "撤销", "L2", None, "高区", None)
    assert row[9:12] == (150, None, None)


def test_many_entrances_take_several_rows_and_come_back() -> None:
    entrances = tuple(sorted(f"{n}单元" for n in range(1, 60)))
    document = [{"code": "L", "name": "长", "parts": [{"building": 1, "entrances": [*entrances]}]}]
    own = micro_grids_from_json(document)
    rows = share_rows("t", own, {})
    assert len(rows) > 1
    assert all(len(str(row.values["entrances"]).encode()) <= 120 for row in rows)
    assert is_same_division(micro_grids_of(rows), own)
