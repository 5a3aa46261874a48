"""The coverage out of the house and back: formats, CRSs, styles, and drafts of what differs."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import ezdxf
import geopandas as gpd
import numpy as np
import psycopg
import pyogrio
import pytest
import shapely

from grids.arcs.plane import Plane
from layers.boundaries.cache import DraftCache, DraftState
from layers.boundaries.checking import faults_of
from layers.boundaries.draft_rows import find_draft
from layers.gridfiles.dxf_reading import level_of_layer, read_drawing
from layers.gridfiles.export import export_units
from layers.gridfiles.units import UnitRow, moment_of, read_unit_rows
from layers.importing.grid_draft import DraftReport, import_as_draft
from layers.importing.grid_source import open_grid_source
from layers.importing.grids import GridOptions
from layers.importing.options import ImportOptions
from spatial.crs_names import parse_crs
from spatial.errors import AccessError, DatumError, InputError
from spatial.town import Town, read_town

CRSS = ("EPSG:4326", "EPSG:4490", "EPSG:4549", "gcj02")
SMALL_FORMATS = ("zip", "geojson", "dxf")


@pytest.fixture
def demo(demo_database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(demo_database) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def town(demo_database: str) -> Town:
    with psycopg.connect(demo_database) as connection:
        return read_town(connection)


@pytest.fixture(scope="module")
def rows(demo_database: str, town: Town) -> list[UnitRow]:
    with psycopg.connect(demo_database) as connection:
        return read_unit_rows(connection, town, town.now())


@pytest.fixture(scope="module")
def village(rows: list[UnitRow]) -> list[UnitRow]:
    """The town and all of one village that has high-rises."""
    polygon = next(row for row in rows if row.shares)
    first = next(row for row in rows if row.level == 2 and polygon.code.startswith(row.code))
    return [rows[0], *(row for row in rows if row.code.startswith(first.code))]


def _said(path: Path, **said: Any) -> ImportOptions:
    return ImportOptions(path=path, rejects_path=path, **said)


def _draft(demo: psycopg.Connection[Any], path: Path, account: str = "gis-editor") -> DraftReport:
    return import_as_draft(demo, GridOptions(_said(path)), "导入", account)


@pytest.mark.parametrize(
    "crs", [*CRSS[::2], *(pytest.param(crs, marks=pytest.mark.long) for crs in CRSS[1::2])]
)
def test_a_package_that_gdal_has_saved_is_no_change(
    crs: str, rows: list[UnitRow], demo: psycopg.Connection[Any], tmp_path: Path
) -> None:
    ours, saved = tmp_path / "ours.gpkg", tmp_path / "saved.gpkg"
    export_units(rows, ours, parse_crs(crs))
    for layer in ("town", "villages", "grids", "micro-grids", "micro-grid-shares"):
        pyogrio.write_dataframe(pyogrio.read_dataframe(ours, layer=layer), saved, layer=layer)
    read = pyogrio.read_dataframe(saved, layer="micro-grids").set_index("code").geometry
    for row in rows:
        if row.level == 4:
            back = parse_crs(crs).to_wgs84(np.array([read[row.code]], dtype=object))[0]
            away = _farthest(back, row.shape)
            assert away == 0 if crs == "EPSG:4326" else away < 1e-9
    report = _draft(demo, saved)
    assert (report.draft_id, report.changed, report.new, report.gone) == (None, 0, 0, 0)


@pytest.mark.parametrize("ending", SMALL_FORMATS)
@pytest.mark.parametrize("crs", CRSS)
def test_every_format_in_every_crs_comes_back(
    crs: str, ending: str, village: list[UnitRow], tmp_path: Path
) -> None:
    path = tmp_path / f"grids.{ending}"
    export_units(village, path, parse_crs(crs))
    stated = {"crs": crs} if ending == "dxf" else {}
    source = open_grid_source(_said(path, **stated), None)
    found = dict(zip(source.rows["code"], source.geometries, strict=True))
    parents = dict(zip(source.rows["code"], source.rows["parent"], strict=True))
    for row in village[1:]:
        assert _farthest(found[row.code], row.shape) < 1e-9
        assert parents[row.code] == row.parent


def _farthest(one: Any, other: Any) -> float:
    a = shapely.get_coordinates(shapely.normalize(shapely.multipolygons(shapely.get_parts(one))))
    b = shapely.get_coordinates(shapely.normalize(other))
    return float(np.abs(a - b).max()) if a.shape == b.shape else np.inf


def test_qgis_finds_a_style_for_each_layer(village: list[UnitRow], tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    export_units(village, path, parse_crs("EPSG:4490"))
    with sqlite3.connect(path) as package:
        styles = package.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, styleSLD FROM layer_styles "
            "WHERE useAsDefault"
        ).fetchall()
        registered = package.execute("SELECT table_name, data_type FROM gpkg_contents").fetchall()
    assert {style[:2] for style in styles} == {
        (name, "geom") for name in ("town", "villages", "grids", "micro-grids", "micro-grid-shares")
    }
    assert ("layer_styles", "attributes") in registered
    for *_, qml, sld in styles:
        assert ET.fromstring(qml).tag == "qgis"
        assert ET.fromstring(sld.encode()).tag.endswith("StyledLayerDescriptor")


def test_shapefiles_explain_their_fields(village: list[UnitRow], tmp_path: Path) -> None:
    export_units(village, tmp_path / "grids.zip", parse_crs("EPSG:4490"))
    with zipfile.ZipFile(tmp_path / "grids.zip") as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path)
    assert {"villages.shp", "villages.cpg", "villages.prj", "README 字段说明.txt"} <= names
    assert (tmp_path / "villages.cpg").read_text() == "UTF-8"
    text = (tmp_path / "README 字段说明.txt").read_text("utf-8-sig")
    for field in pyogrio.read_info(tmp_path / "grids.shp")["fields"]:
        assert len(field) <= 10
        assert field in text
    assert "EPSG:4490" in text


def test_an_export_overwrites_nothing(village: list[UnitRow], tmp_path: Path) -> None:
    path = tmp_path / "grids.geojson"
    path.write_text("mine")
    with pytest.raises(InputError, match="already"):
        export_units(village, path, parse_crs("EPSG:4326"))
    with pytest.raises(InputError, match="format"):
        export_units(village, tmp_path / "grids.pdf", parse_crs("EPSG:4326"))
    assert path.read_text() == "mine"


def _edited(rows: list[UnitRow], path: Path, edit: Any) -> Path:
    """The town exported in EPSG:4549, its micro-grids edited as in QGIS."""
    export_units(rows, path, parse_crs("EPSG:4549"))
    table = pyogrio.read_dataframe(path, layer="micro-grids")
    pyogrio.write_dataframe(edit(table), path, layer="micro-grids", append=False)
    return path


def _state(demo: psycopg.Connection[Any], town: Town, report: DraftReport) -> DraftState:
    assert report.draft_id is not None
    return DraftCache().state(demo, town, find_draft(demo, town, report.draft_id))


def _twins(rows: list[UnitRow]) -> tuple[UnitRow, UnitRow]:
    """Two micro-grids of one grid that share a line of some vertices."""
    micro = [row for row in rows if row.level == 4]
    for one in micro:
        for other in micro:
            if one.code < other.code and one.parent == other.parent:
                shared = shapely.line_merge(shapely.intersection(one.shape, other.shape))
                if shared.geom_type == "LineString" and len(shared.coords) > 4:
                    return one, other
    raise AssertionError


def test_a_vertex_moved_in_another_crs_is_all_that_the_draft_holds(
    rows: list[UnitRow], demo: psycopg.Connection[Any], town: Town, tmp_path: Path
) -> None:
    one, other = _twins(rows)
    shared = shapely.line_merge(shapely.intersection(one.shape, other.shape))
    place = Plane(4549).to_metres(np.array(shared.coords[2:3]))[0]

    def move(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        def nudged(xy: Any) -> Any:
            near = np.hypot(*(xy - place).T) < 1e-3
            return xy + np.outer(near, [0.3, 0.4])

        chosen = table["code"].isin([one.code, other.code])
        table.loc[chosen, "geometry"] = shapely.transform(table.geometry[chosen].to_numpy(), nudged)
        return table

    report = _draft(demo, _edited(rows, tmp_path / "edited.gpkg", move))
    assert (report.changed, report.new, report.gone) == (2, 0, 0)
    state = _state(demo, town, report)
    changed = state.whole.shape.arcs
    assert len(changed) <= 2  # the line as it was, and as it is
    for arc_id, arc in state.base.topology.arcs.items():
        if arc_id not in changed:
            assert state.now.topology.arcs[arc_id] == arc
    assert not faults_of(state.base, state.now, DraftCache().ground(demo, town), {})


def test_a_merge_in_a_file_lets_a_unit_go(
    rows: list[UnitRow], demo: psycopg.Connection[Any], town: Town, tmp_path: Path
) -> None:
    one, other = _twins(rows)

    def merge(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        both = table["code"].isin([one.code, other.code])
        union = shapely.coverage_union_all(table.geometry[both].to_numpy())
        table.loc[table["code"] == one.code, "geometry"] = shapely.MultiPolygon(
            [*shapely.get_parts(union)]
        )
        return table[table["code"] != other.code]

    report = _draft(demo, _edited(rows, tmp_path / "merged.gpkg", merge))
    assert (report.changed, report.new, report.gone) == (1, 0, 1)
    state = _state(demo, town, report)
    codes = {each.code for each in state.now.attributes.values()}
    assert one.code in codes
    assert other.code not in codes
    assert len(state.whole.lineage) == 1


def test_only_those_who_draft_may_import_a_draft(
    rows: list[UnitRow], demo: psycopg.Connection[Any], tmp_path: Path
) -> None:
    export_units(rows, tmp_path / "grids.gpkg", parse_crs("EPSG:4326"))
    with pytest.raises(AccessError, match="dispatcher"):
        _draft(demo, tmp_path / "grids.gpkg", "dispatcher")


def _drawing(path: Path, lines: list[Any], texts: dict[str, tuple[float, float]]) -> Path:
    drawing = ezdxf.new("R2000")
    drawing.encoding = "gbk"  # as Chinese surveyors' programs write
    drawing.header["$DWGCODEPAGE"] = "ANSI_936"
    space = drawing.modelspace()
    for start, end in lines:
        space.add_line(start, end, dxfattribs={"layer": "网格线"})
    for code, place in texts.items():
        space.add_text(code, dxfattribs={"layer": "网格注记"}).set_placement(place)
    drawing.saveas(path)
    return path


_SQUARES = [((0, 0), (2, 0)), ((2, 0), (2, 1)), ((2, 1), (0, 1)), ((0, 1), (0, 0)),
            ((1, 0), (1, 1))]  # fmt: skip


def test_a_surveyors_drawing_of_single_lines_and_texts_is_read(tmp_path: Path) -> None:
    drawn = read_drawing(
        _drawing(tmp_path / "a.dxf", _SQUARES, {"甲01": (0.5, 0.5), "甲02": (1.5, 0.5)}), None
    )
    assert list(drawn.rows["code"]) == ["甲01", "甲02"]
    assert list(drawn.rows["level"]) == ["grids", "grids"]
    assert shapely.coverage_is_valid(drawn.shapes)
    assert shapely.area(drawn.shapes).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("lines", "texts", "said"),
    [
        (_SQUARES[:4], {"1": (0.5, 0.5), "2": (1.5, 0.5)}, "1 and 2 stand in one face"),
        ([*_SQUARES[:4], ((1, 0), (1, 0.9))], {"1": (0.5, 0.5)}, "end openly"),
        (_SQUARES, {}, "no text"),
        (_SQUARES, {"1": (9, 9)}, "no text"),
    ],
)
def test_what_a_drawing_lacks_is_said(
    lines: list[Any], texts: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said):
        read_drawing(_drawing(tmp_path / "a.dxf", lines, texts), None)


def test_a_drawing_needs_its_crs_stated(village: list[UnitRow], tmp_path: Path) -> None:
    export_units(village, tmp_path / "grids.dxf", parse_crs("EPSG:4549"))
    with pytest.raises(DatumError, match="--crs"):
        open_grid_source(_said(tmp_path / "grids.dxf"), None)


@pytest.mark.parametrize(
    ("layer", "level"),
    [("微网格", 4), ("网格线", 3), ("网格_grids", 3), ("micro-grids", 4), ("社区界", 2),
     ("Villages", 2), ("0", None), ("道路", None)],
)  # fmt: skip
def test_layers_are_known_by_their_names(layer: str, level: int | None) -> None:
    assert level_of_layer(layer) == level


def test_a_day_means_its_end_in_the_town(town: Town) -> None:
    assert moment_of("2025-01-01", town, "--at").isoformat() == "2025-01-01T23:59:59.999999+08:00"
    assert moment_of("2025-01-01T08:00", town, "--at").isoformat() == "2025-01-01T08:00:00+08:00"
    with pytest.raises(InputError, match="--at"):
        moment_of("gestern", town, "--at")
