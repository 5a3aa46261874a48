"""Files into layers: the same layer in every format, rejects, identity, changes, undo."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import psycopg
import pytest
import shapely

from grids.cells import cells_of_points
from layers.importing.batches import ImportReport
from layers.importing.options import ImportOptions
from layers.importing.run import import_layer
from layers.importing.undo import undo_batch
from layers.towns import TownPlan, make_town, outline_from_bbox, set_outline
from spatial.errors import ConflictError, DatumError, InputError, NotFoundError
from spatial.town import Town

VILLAGES = ["桃源新邨社区服务站", "大成社区便民店", "佛堂老街", "镇外的店"]
POINTS = [(120.01, 29.21), (120.02, 29.22), (120.03, 29.23), (121.5, 29.2)]
HEADER = ["名称", "类型", "楼层", "经度", "纬度", "电话"]
Import = Callable[..., ImportReport]


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    outline = outline_from_bbox("120.0,29.2,120.1,29.3")
    plan = TownPlan("test", "试验镇", "Test", "Asia/Shanghai", outline, 4549)
    return make_town(connection, plan)


@pytest.fixture
def bring(connection: psycopg.Connection, town: Town, tmp_path: Path) -> Import:
    def run(path: Path, layer: str = "premises", **said: Any) -> ImportReport:
        options = ImportOptions(path=path, rejects_path=tmp_path / "rejects.csv", **said)
        with connection.transaction():  # an error leaves nothing behind, as at the command line
            return import_layer(connection, layer, options)

    return run


def _layer() -> gpd.GeoDataFrame:
    table = {"名称": VILLAGES, "类型": ["经营店面"] * 4, "楼层": ["1", None, "2", "-1"]}
    return gpd.GeoDataFrame(table, geometry=shapely.points(POINTS), crs=4490)


def _rows() -> list[list[str]]:
    floors = ["1", "", "2", "-1"]
    return [
        [name, "经营店面", floor, str(x), str(y), "13800000000"]
        for name, floor, (x, y) in zip(VILLAGES, floors, POINTS, strict=True)
    ]


def _csv(path: Path, rows: list[list[str]] | None = None, encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file).writerows([HEADER, *(rows or _rows())])
    return path


def _excel(folder: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for row in _rows():
        sheet.append([*row[:2], row[2] or None, float(row[3]), float(row[4]), int(row[5])])
    book.create_sheet("空表")
    book.save(folder / "premises.xlsx")
    return folder / "premises.xlsx"


def _gis(name: str, driver: str, srid: int = 4490, **how: Any) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        _layer().to_crs(srid).to_file(folder / name, driver=driver, **how)
        if how.get("encoding") == "GBK":
            (folder / name).with_suffix(".cpg").unlink()
        return folder / name

    return write


def _kml(folder: Path) -> Path:
    layer = _layer().to_crs(4326).rename(columns={"名称": "Name"})
    layer.to_file(folder / "premises.kml", driver="KML")
    return folder / "premises.kml"


FORMATS: dict[str, tuple[Callable[[Path], Path], str | None]] = {
    "GeoPackage": (_gis("p.gpkg", "GPKG"), None),
    "GeoPackage in 4549": (_gis("p.gpkg", "GPKG", 4549), None),
    "FileGDB in 4528": (_gis("p.gdb", "OpenFileGDB", 4528), None),
    "Shapefile in GBK without .cpg": (_gis("p.shp", "ESRI Shapefile", encoding="GBK"), None),
    "GeoJSON": (_gis("p.geojson", "GeoJSON", 4326), None),
    "KML": (_kml, None),
    "Excel": (_excel, "EPSG:4490"),
    "CSV": (lambda folder: _csv(folder / "p.csv"), "EPSG:4490"),
    "CSV in GB18030": (lambda folder: _csv(folder / "p.csv", encoding="gb18030"), "wgs84"),
    "CSV with byte order mark": (lambda f: _csv(f / "p.csv", encoding="utf-8-sig"), "wgs84"),
}


def _premises(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT name, kind, floor, inside, round(ST_X(geom)::numeric, 8), "
        "round(ST_Y(geom)::numeric, 8) FROM layers.premises ORDER BY ST_X(geom)"
    ).fetchall()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_loads_equal_and_is_known_again(
    name: str, bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    write, crs = FORMATS[name]
    report = bring(write(tmp_path), crs=crs)
    assert (report.loaded, report.unchanged, report.rejected, report.outside) == (4, 0, 0, 1)
    rows = [
        (name, "shop", floor, x < 121, pytest.approx(x, abs=2e-8), pytest.approx(y, abs=2e-8))
        for name, floor, (x, y) in zip(VILLAGES, ["1", None, "2", "-1"], POINTS, strict=True)
    ]
    assert [(*row[:4], float(row[4]), float(row[5])) for row in _premises(connection)] == rows
    again = bring(_csv(tmp_path / "again.csv"), crs="wgs84")
    assert (again.loaded, again.unchanged) == (0, 4)


def test_telephone_numbers_are_nowhere_in_the_database(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    bring(_csv(tmp_path / "p.csv"), crs="wgs84")
    whole = connection.execute("SELECT premises::text FROM layers.premises").fetchall()
    assert "13800000000" not in str(whole)


def test_equal_rows_are_told_apart_by_their_ordinal(bring: Import, tmp_path: Path) -> None:
    rows = [_rows()[0]] * 3
    assert bring(_csv(tmp_path / "p.csv", rows), crs="wgs84").loaded == 3
    again = bring(_csv(tmp_path / "q.csv", [_rows()[0]] * 4), crs="wgs84")
    assert (again.loaded, again.unchanged) == (1, 3)


BAD_ROWS = {
    "text in lon": (["店", "", "", "abc", "29.2", ""], "经度 is not a number: 'abc'"),
    "no lat": (["店", "", "", "120.01", "", ""], "纬度 is missing"),
    "no name": (["", "", "", "120.01", "29.21", ""], "名称 is missing"),
    "swapped": (["店", "", "", "29.21", "120.01", ""], "no lon, lat"),
    "metres": (["店", "", "", "502900", "3231000", ""], "no lon, lat"),
    "not finite": (["店", "", "", "inf", "29.2", ""], "经度 is not a number"),
    "too wide": (["店", "", "", "120.01", "29.21", "", "more"], "7 cells under 6 columns"),
    "too narrow": (["店", "120.01"], "2 cells under 6 columns"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_rejected_with_its_line_and_reason(
    name: str, bring: Import, tmp_path: Path
) -> None:
    row, reason = BAD_ROWS[name]
    path = _csv(tmp_path / "p.csv", [*_rows(), row])
    report = bring(path, crs="wgs84")
    assert (report.loaded, report.rejected) == (4, 1)
    with (tmp_path / "rejects.csv").open(encoding="utf-8-sig") as file:
        [_, rejected] = list(csv.reader(file))
    assert rejected[0] == "6"
    assert reason in rejected[1]
    assert rejected[2 : 2 + len(row)] == row


def test_strict_loads_nothing(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    path = _csv(tmp_path / "p.csv", [*_rows(), BAD_ROWS["no lat"][0]])
    with pytest.raises(InputError, match=r"nothing loaded, 1 rejected; line 6"):
        bring(path, crs="wgs84", strict=True)
    assert _premises(connection) == []
    assert (tmp_path / "rejects.csv").exists()


def test_a_line_number_counts_line_breaks_inside_cells(bring: Import, tmp_path: Path) -> None:
    rows = [["店\n二楼", "", "", "120.01", "29.21", ""], BAD_ROWS["no lat"][0]]
    bring(_csv(tmp_path / "p.csv", rows), crs="wgs84")
    assert "\n4," in (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str, bring: Import, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("\n".join(delimiter.join(row) for row in [HEADER, *_rows()]))
    assert bring(path, crs="wgs84").loaded == 4


def test_wkt_and_stated_columns(bring: Import, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("title,wkt\n店,POINT (120.01 29.21)\n二店,POLYGON EMPTY\n三店,PONT (1 2)\n")
    assert (bring(path, crs="wgs84").loaded, bring(path, crs="wgs84").rejected) == (1, 2)
    path.write_text("店名,东,北\n店,502900.5,3231000.5\n")
    assert bring(path, crs="EPSG:4549", lon="东", lat="北").loaded == 1


BAD_FILES: dict[str, tuple[str, str, str | None, type[InputError]]] = {
    "no datum": ("名称,经度,纬度\n店,120.01,29.21\n", "CRS or datum", None, DatumError),
    "unknown datum": (
        "名称,经度,纬度\n店,120.01,29.21\n",
        "not the code of a coordinate",
        "mars",
        InputError,
    ),
    "licensed": ("名称,经度,纬度\n店,120.01,29.21\n", "licensed", "EPSG:4610", DatumError),
    "degrees said to be metres": ("名称,x,y\n店,120.0,29.2\n", "degrees", "EPSG:4549", DatumError),
    "empty": ("", "empty", "wgs84", InputError),
    "header only": ("名称,经度,纬度\n", "no row", "wgs84", InputError),
    "no usable row": ("名称,经度,纬度\n店,x,y\n", "no usable row", "wgs84", InputError),
    "no place": ("名称,备注\n店,好\n", "lon and lat", "wgs84", InputError),
    "no name": ("备注,经度,纬度\n好,120.01,29.21\n", "no column for name", "wgs84", InputError),
    "garbled": ("名称,经度,纬度\næ¡ƒæº,120.01,29.21\n", "garbled", "wgs84", InputError),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_one_line_and_changes_nothing(
    name: str, bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    text, said, crs, kind = BAD_FILES[name]
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(kind, match=said) as caught:
        bring(path, crs=crs)
    assert "\n" not in str(caught.value)
    assert connection.execute("SELECT count(*) FROM spatial.batch").fetchone() == (0,)


def test_swapped_coordinates_are_noticed_where_both_are_possible(
    connection: psycopg.Connection, bring: Import, town: Town, tmp_path: Path
) -> None:
    set_outline(connection, town, outline_from_bbox("9.4,46.8,9.7,47.5"))
    path = tmp_path / "p.csv"
    path.write_text("name,lon,lat\nA,47.1,9.5\nB,9.5,47.1\n")
    assert bring(path, crs="wgs84").rejected == 1
    assert "lon and lat are swapped" in (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")


def test_buildings_that_cross_themselves_are_rejected(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    bow_tie = shapely.Polygon([(120.01, 29.21), (120.02, 29.22), (120.02, 29.21), (120.01, 29.22)])
    shapes = [shapely.box(120.01, 29.21, 120.011, 29.211), bow_tie, shapely.Point(120.01, 29.21)]
    table = {"名称": ["甲", "乙", "丙"], "层数": [6, 3, 1], "户数": [12, None, None]}
    gpd.GeoDataFrame(table, geometry=shapes, crs=4326).to_file(tmp_path / "b.gpkg")
    report = bring(tmp_path / "b.gpkg", "buildings")
    assert (report.loaded, report.rejected) == (1, 2)
    rejects = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    assert "Self-intersection" in rejects
    assert "a MultiPolygon is wanted, this is a Point" in rejects
    stored = connection.execute(
        "SELECT floors, households, ST_GeometryType(geom) FROM layers.building"
    )
    assert stored.fetchall() == [(6, 12, "ST_MultiPolygon")]


def test_whole_numbers_beside_empty_cells_stay_whole(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "b.csv"
    square = "POLYGON ((120 29.2, 120.001 29.2, 120.001 29.201, 120 29.2))"
    path.write_text(f'name,floors,wkt\n甲,6,"{square}"\n乙,,"{square}"\n')
    bring(path, "buildings", crs="wgs84")
    assert connection.execute("SELECT floors FROM layers.building ORDER BY id").fetchall() == [
        (6,), (None,),
    ]  # fmt: skip


def test_incidents_get_cell_category_and_local_time(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "i.csv"
    path.write_text(
        "title,timeStamp,lng,lat,addr\nEMS: FALL,2024-05-01 08:30,120.01,29.21,1 Main St\n"
        "违法停车,2024-05-01T00:30Z,120.02,29.22,x\n"
    )
    bring(path, "incidents", crs="wgs84", category_until=":")
    rows = connection.execute(
        "SELECT category, occurred_at = '2024-05-01T00:30Z', cell, state FROM layers.incident "
        "ORDER BY id"
    ).fetchall()
    cells = cells_of_points([120.01, 120.02], [29.21, 29.22], 11).tolist()
    assert rows == [
        ("ems", True, cells[0], "closed"),
        ("illegal_parking", True, cells[1], "closed"),
    ]


def test_responders_in_departments_known_and_new(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    path.write_text(
        "callsign,部门,mode,lon,lat,姓名\nP1,公安,电动车,120.01,29.21,张三\n"
        "F1,志愿消防,foot,120.02,29.22,李四\nX1,,,120.02,29.22,\nY1,,rocket,120.02,29.22,\n"
    )
    assert (report := bring(path, "responders", crs="wgs84", key="callsign")).loaded == 3
    assert report.rejected == 1
    rows = connection.execute(
        "SELECT key, label, department, mode, on_duty FROM layers.responder ORDER BY id"
    ).fetchall()
    assert rows == [("P1", "P1", "police", "ebike", True), ("F1", "F1", "志愿消防", "foot", True),
                    ("X1", "X1", None, "car", True)]  # fmt: skip


def test_responders_bring_team_and_skills_in_whatever_words(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    path.write_text(
        "callsign,lon,lat,班组,技能\nP1,120.01,29.21,一组,急救员、drone\n"
        "P2,120.01,29.21,,English;AED除颤仪\nP3,120.01,29.21,二组,\nP4,120.01,29.21,,飞行\n"
    )
    report = bring(path, "responders", crs="wgs84")
    assert (report.loaded, report.rejected) == (3, 1)
    rows = connection.execute(
        "SELECT label, team, skills, skill_list FROM layers.responder ORDER BY label"
    ).fetchall()
    assert rows == [
        ("P1", "一组", ["drone", "first_aid"], "drone,first_aid"),
        ("P2", None, ["aed", "english"], "aed,english"),
        ("P3", "二组", [], None),
    ]
    path.write_text("callsign,lon,lat\nP1,120.01,29.21\n")
    assert bring(path, "responders", crs="wgs84").loaded == 1
    assert connection.execute("SELECT count(*) FROM layers.responder").fetchone() == (3,)


def _snapshot(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT key, name, kind, floor, batch_id, ST_AsEWKB(geom), inside "
        "FROM layers.premises ORDER BY key"
    ).fetchall()


def _keyed(path: Path, rows: dict[str, str], lon: float = 120.01) -> Path:
    body = "".join(f"{key},{name},{lon},29.21\n" for key, name in rows.items())
    path.write_text(f"id,name,lon,lat\n{body}")
    return path


def test_a_key_updates_what_changed_and_undo_puts_it_back(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    said = {"crs": "wgs84", "key": "id"}
    first = bring(_keyed(tmp_path / "a.csv", {"1": "甲", "2": "乙"}), **said)
    before = _snapshot(connection)
    second = bring(_keyed(tmp_path / "b.csv", {"1": "甲", "2": "乙二", "3": "丙"}), **said)
    assert (second.loaded, second.unchanged) == (2, 1)
    with pytest.raises(ConflictError, match=rf"undo {second.batch_id} first"):
        undo_batch(connection, first.batch_id)
    undone = undo_batch(connection, second.batch_id)
    assert (undone.removed, undone.restored) == (1, 1)
    assert _snapshot(connection) == before
    with pytest.raises(ConflictError, match="was undone"):
        undo_batch(connection, second.batch_id)
    assert undo_batch(connection, first.batch_id).removed == 2
    assert _snapshot(connection) == []


def test_undo_of_an_older_batch_that_nobody_touched(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    said = {"crs": "wgs84", "key": "id"}
    first = bring(_keyed(tmp_path / "a.csv", {"1": "甲"}), **said)
    bring(_keyed(tmp_path / "b.csv", {"2": "乙"}), **said)
    assert undo_batch(connection, first.batch_id).removed == 1
    assert [row[1] for row in _snapshot(connection)] == ["乙"]


def test_undo_of_what_is_not_there(connection: psycopg.Connection, town: Town) -> None:
    with pytest.raises(NotFoundError):
        undo_batch(connection, 999_999)


def test_a_key_that_comes_twice_rejects_the_second(bring: Import, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("id,name,lon,lat\n1,甲,120.01,29.21\n1,乙,120.01,29.21\n,丙,120.01,29.21\n")
    report = bring(path, crs="wgs84", key="id")
    assert (report.loaded, report.rejected) == (1, 2)
    rejects = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig")
    assert "id 1 stands in line 2 already" in rejects
    assert "id is missing" in rejects


def test_a_demo_town_takes_no_real_file(
    connection: psycopg.Connection, bring: Import, tmp_path: Path
) -> None:
    connection.execute("UPDATE spatial.town SET synthetic = true")
    with pytest.raises(ConflictError, match="demo"):
        bring(_csv(tmp_path / "p.csv"), crs="wgs84")


def test_rows_are_flagged_anew_when_the_outline_comes(
    connection: psycopg.Connection, bring: Import, town: Town, tmp_path: Path
) -> None:
    bring(_csv(tmp_path / "p.csv"), crs="wgs84")
    set_outline(connection, town, outline_from_bbox("121,29,122,30"))
    inside = connection.execute("SELECT name FROM layers.premises WHERE inside").fetchall()
    assert inside == [("镇外的店",)]
