"""Grids files as other offices hand them over: what they do to codes, names, layers and shapes."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ezdxf
import geopandas as gpd
import numpy as np
import psycopg
import pyogrio
import pytest
import shapely
from shapely.affinity import translate

from grids.cleaning.flaws import level_flaws
from layers.coverage_check import check_coverage
from layers.gridfiles.dxf_reading import level_of_layer, read_drawing
from layers.importing.batches import ImportReport
from layers.importing.grid_flaws import FaultyCoverageError
from layers.importing.grid_source import open_grid_source
from layers.importing.options import ImportOptions
from layers.towns import TownPlan, make_town
from spatial.checks import State
from spatial.errors import DatumError, GridwhistleError, InputError
from spatial.town import Town, read_town

EAST, NORTH, SIDE = 561_000.0, 3_187_000.0, 1_000.0  # EPSG:4549
CODES = ("330799102001001", "330799102001002")
Import = Callable[..., ImportReport]


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    return make_town(connection, TownPlan("t", "龘镇", "Test", "Asia/Shanghai", metric_srid=4549))


def _box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """In metres from the corner of the town."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


_LEFT, _RIGHT = _box(0, 0, SIDE, SIDE), _box(SIDE, 0, SIDE, SIDE)


def _pair(left: Any = _LEFT, right: Any = _RIGHT, **columns: list[Any]) -> gpd.GeoDataFrame:
    values = {"编码": list(CODES), "名称": ["𠮷田🌾", "㙍头"]} | columns
    return gpd.GeoDataFrame(values, geometry=[left, right], crs=4549)


def _read(path: Path, level: str | None = None, crs: str | None = None) -> Any:
    return open_grid_source(ImportOptions(path=path, rejects_path=path, crs=crs), level)


def _codes(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("SELECT code FROM grids.unit WHERE level = 3 ORDER BY code")
    return [code for (code,) in rows]


def _ground(connection: psycopg.Connection) -> Any:
    """The town, in metres."""
    row = connection.execute(
        "SELECT ST_AsBinary(ST_Transform(geom, 4549)) FROM grids.version "
        "JOIN grids.unit ON unit.id = unit_id WHERE level = 1"
    ).fetchone()
    assert row
    return shapely.from_wkb(row[0])


# Codes.


@pytest.mark.parametrize(
    "written",
    [[int(code) for code in CODES], [float(code) for code in CODES],
     [f"{code}.0" for code in CODES], [f" {code} " for code in CODES],
     ["".join(chr(ord(digit) + 0xFEE0) for digit in code) for code in CODES]],
    ids=["whole numbers", "floats", "floats as text", "blanks", "full width"],
)  # fmt: skip
def test_a_code_is_the_same_however_a_table_kept_it(
    written: list[Any], bring: Import, connection: psycopg.Connection
) -> None:
    bring(_pair(编码=written), "grids")
    assert _codes(connection) == list(CODES)


@pytest.mark.parametrize(
    "written",
    [["3.30799E+14", "3.30799E+13"], [33079910200100101.0, 33079910200100102.0],
     ["33079910200100101.0", "33079910200100105.0"]],
)  # fmt: skip
def test_a_code_that_lost_its_digits_is_refused(written: list[Any], bring: Import) -> None:
    with pytest.raises(InputError, match="last digits are lost"):
        bring(_pair(编码=written), "grids")


# Shapes.


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_coordinate_that_is_no_number_is_named(broken: float, bring: Import) -> None:
    ring = shapely.get_coordinates(_LEFT)
    ring[2, 0] = broken
    with np.errstate(invalid="ignore"):
        table = _pair(shapely.Polygon(ring))
    with pytest.raises(InputError, match=r"feature 1 .*a coordinate is no number"):
        bring(table, "grids")


_PINHOLE = _LEFT.difference(_box(500, 500, 0.6, 0.6))
_STRAY = shapely.MultiPolygon([_LEFT, _box(9000, 0, 0.03, 0.03)])
_ISLET = _box(-5000, 0, 600, 600)


def _spiked() -> shapely.MultiPolygon:
    """Two wide parts; one has a spike without width."""
    ring = [(0, 0), (1000, 0), (1000, 1000), (700, 1000), (700, 1030), (700, 1000), (0, 1000)]
    return shapely.MultiPolygon([translate(shapely.Polygon(ring), EAST, NORTH), _ISLET])


_OWN_FAULTS = {
    "pinhole": (_PINHOLE, "gap", 0.6, _LEFT),
    "stray splinter": (_STRAY, "splinter", 0.03, _LEFT),
    "spike of several parts": (_spiked(), "crosses itself", 0.0, shapely.union(_LEFT, _ISLET)),
}


@pytest.mark.parametrize("name", _OWN_FAULTS)
def test_what_is_one_units_own_is_told_and_cleaned(
    name: str, bring: Import, connection: psycopg.Connection
) -> None:
    left, said, width_m, ground = _OWN_FAULTS[name]
    with pytest.raises(FaultyCoverageError, match=said) as caught:
        bring(_pair(left), "grids")
    [flaw] = caught.value.flaws
    assert flaw.width_m == pytest.approx(width_m, rel=0.1)
    bring(_pair(left), "grids", clean_width_m=1.0)
    assert check_coverage(connection, read_town(connection)).state == State.OK
    away = shapely.symmetric_difference(_ground(connection), shapely.union(ground, _RIGHT))
    assert away.area < 1e-3


def test_a_place_where_a_ring_crosses_itself_is_that_place(bring: Import) -> None:
    with pytest.raises(FaultyCoverageError) as caught:
        bring(_pair(_spiked()), "grids")
    spike = gpd.GeoSeries.from_xy([EAST + 700], [NORTH + 1000], crs=4549).to_crs(4326)
    assert shapely.distance(shapely.Point(caught.value.flaws[0].place), spike[0]) < 1e-3


def test_an_enclave_whose_host_has_no_hole_is_an_overlap_and_no_sliver(bring: Import) -> None:
    with pytest.raises(FaultyCoverageError, match=r"overlap .* (39|40)\.\d+ m wide") as caught:
        bring(_pair(right=_box(300, 300, 40, 40)), "grids")
    assert "--clean" not in str(caught.value.remedy)


def test_every_one_of_thousands_of_flaws_names_its_units() -> None:
    """Gaps lie a rounding beside the polygons around them, which then don't intersect them."""
    chance = np.random.default_rng(2)
    x, y = np.meshgrid(np.arange(31) * 40.0, np.arange(31) * 40.0)
    corners = np.stack([x, y], -1) + chance.uniform(-8, 8, (31, 31, 2)) + [EAST - 3000, NORTH]
    rings = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], 2)
    moved = rings.reshape(-1, 4, 2) + chance.uniform(-0.1, 0.1, (900, 4, 2))
    flaws = level_flaws(shapely.polygons(moved))
    assert len(flaws) > 1000
    assert all(flaw.polygons for flaw in flaws)


def test_levels_that_disagree_by_centimetres_are_told(
    bring: Import, connection: psycopg.Connection
) -> None:
    village = translate(shapely.union(_LEFT, _RIGHT), 0.03, 0)
    table = _pair()
    table.loc[2] = ["330799102001", "柳村", village]
    table["层级"] = ["grids", "grids", "villages"]
    with pytest.raises(FaultyCoverageError, match="the parent's") as caught:
        bring(table)
    assert max(flaw.width_m for flaw in caught.value.flaws) == pytest.approx(0.03, rel=0.1)
    bring(table, clean_width_m=0.05)
    assert check_coverage(connection, read_town(connection)).state == State.OK


# Files.


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_zip_is_read_whatever_its_names_are_in(encoding: str, tmp_path: Path) -> None:
    class Unmarked(zipfile.ZipInfo):
        """As macOS and Chinese Windows write names: without saying in which encoding."""

        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile calls it so
            return self.filename.encode(encoding), self.flag_bits & ~0x800

    for name, table in (("网格", _pair(名称=["甲", "乙"])), ("微网格", _pair(名称=["甲", "乙"]))):
        table.to_file(tmp_path / f"{name}.shp", encoding="GBK")
    with zipfile.ZipFile(tmp_path / "划分.zip", "w") as archive:
        for path in sorted(tmp_path.glob("*网格.*")):
            if path.suffix != ".cpg":
                archive.writestr(Unmarked(f"划分/{path.name}"), path.read_bytes())
        archive.writestr(Unmarked("__MACOSX/划分/._网格.shp"), b"\0\5\x16\7")
    assert sorted(_read(tmp_path / "划分.zip").rows["level"]) == ["grids"] * 2 + ["micro-grids"] * 2


@pytest.mark.parametrize(("ending", "driver"), [("gpkg", "GPKG"), ("gdb", "OpenFileGDB")])
def test_a_zip_of_a_database_has_its_layers(ending: str, driver: str, tmp_path: Path) -> None:
    database = tmp_path / f"town.{ending}"
    for layer in ("grids", "micro_grids"):
        pyogrio.write_dataframe(
            _pair(), database, layer=layer, driver=driver, promote_to_multi=True,
            append=database.exists(),
        )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in database.iterdir() if database.is_dir() else [database]:
            archive.write(path, path.relative_to(tmp_path))
    assert list(_read(tmp_path / "a.zip").rows["level"]) == ["grids"] * 2 + ["micro-grids"] * 2


def test_two_layers_of_one_level_are_not_chosen_from_but_lines_beside_one_are(
    tmp_path: Path,
) -> None:
    for layer in ("网格2023", "网格2024"):
        _pair().to_file(tmp_path / "two.gpkg", layer=layer)
    with pytest.raises(InputError, match="网格2023 and 网格2024 are both called as grids"):
        _read(tmp_path / "two.gpkg")
    _pair().to_file(tmp_path / "one.gpkg", layer="网格")
    lines = _pair().set_geometry(_pair().boundary)
    lines.to_file(tmp_path / "one.gpkg", layer="网格线")
    assert len(_read(tmp_path / "one.gpkg", "grids").rows) == 2


@pytest.mark.parametrize("name", ["town.dwg", "grids.shp"])
def test_what_lacks_something_says_what(name: str, tmp_path: Path) -> None:
    _pair().to_file(tmp_path / "grids.shp")
    (tmp_path / "grids.shx").unlink()
    (tmp_path / "town.dwg").write_bytes(b"AC1027" + bytes(100))
    with pytest.raises(GridwhistleError, match=r"DWG|\.shx is not beside it"):
        _read(tmp_path / name, "grids")


def test_northings_before_eastings_are_called_so(tmp_path: Path) -> None:
    turned = _pair().set_geometry(shapely.transform(_pair().geometry, lambda xy: xy[:, ::-1]))
    turned.set_crs(4549, allow_override=True).to_file(tmp_path / "turned.gpkg")
    with pytest.raises(DatumError, match="northings"):
        _read(tmp_path / "turned.gpkg", "grids")


# Drawings.


def _draw(space: Any, how: str) -> None:
    layer = {"layer": "微网格"}
    for code, shape in zip(CODES, (_LEFT, _RIGHT), strict=True):
        ring = shapely.get_coordinates(shape)[:-1].tolist()
        if how == "hatches":
            space.add_hatch(dxfattribs=layer).paths.add_polyline_path(ring, is_closed=True)
        else:
            space.add_lwpolyline(ring, close=True, dxfattribs=layer)
        place = shape.centroid.coords[0]
        if how == "attributes":
            block = space.add_blockref("标注", place, dxfattribs=layer)
            block.add_attrib("编码", code, place)
        else:
            space.add_text(code, dxfattribs=layer).set_placement(place)


@pytest.mark.parametrize("how", ["polylines", "hatches", "attributes", "block"])
def test_a_drawing_is_read_however_units_are_drawn(how: str, tmp_path: Path) -> None:
    drawing = ezdxf.new("R2000")  # in Latin letters: layers are written as \\U+5FAE\\U+7F51…
    drawing.layers.add("微网格")
    drawing.blocks.new("标注").add_circle((0, 0), 5)
    if how == "block":
        _draw(drawing.blocks.new("全镇"), how)
        drawing.modelspace().add_blockref("全镇", (0, 0))
    else:
        _draw(drawing.modelspace(), how)
    drawing.saveas(tmp_path / "a.dxf")
    drawn = read_drawing(tmp_path / "a.dxf", None)
    assert list(drawn.rows["code"]) == list(CODES)
    assert [shape.area for shape in drawn.shapes] == [SIDE**2, SIDE**2]
    assert not drawn.notes


def test_faces_without_a_code_are_told(tmp_path: Path) -> None:
    drawing = ezdxf.new("R2010")
    space = drawing.modelspace()
    _draw(space, "polylines")
    space.delete_entity(space.query("TEXT").first)
    drawing.saveas(tmp_path / "a.dxf")
    [note] = read_drawing(tmp_path / "a.dxf", None).notes
    assert "1 faces have no code" in note


@pytest.mark.parametrize(("layer", "level"), [("micro_grids", 4), ("Micro Grids", 4)])
def test_a_layer_is_a_level_without_hyphens_too(layer: str, level: int) -> None:
    assert level_of_layer(layer) == level
