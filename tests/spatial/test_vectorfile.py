"""One layer in every format and CRS reads the same; what can't be read is said in a line."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from spatial.errors import DatumError, GridwhistleError, InputError
from spatial.vectorfile import open_vector_file, read_vector_file

NAMES = ["桃源新邨社区", "大成社区"]
A_TENTH_OF_A_MILLIMETRE_DEG = 1e-9


def _layer(srid: int = 4490) -> gpd.GeoDataFrame:
    boxes = [shapely.box(120.01, 29.2, 120.02, 29.21), shapely.box(120.02, 29.2, 120.03, 29.21)]
    return gpd.GeoDataFrame({"名称": NAMES, "n": [1, 2]}, geometry=boxes, crs=4490).to_crs(srid)


def _shapefile_in_gbk(folder: Path) -> Path:
    path = folder / "gbk.shp"
    _layer().to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    return path


def _zipped(path: Path, inner: Path) -> Path:
    parts = [inner, *inner.rglob("*")] if inner.is_dir() else inner.parent.glob(f"{inner.stem}.*")
    with zipfile.ZipFile(path, "w") as archive:
        for part in parts:
            archive.write(part, part.relative_to(inner.parent))
    return path


def _geojson(folder: Path) -> Path:
    path = folder / "collection.geojson"
    _layer(4326).to_file(path, driver="GeoJSON")
    return path


def _bare_list(folder: Path) -> Path:
    path = folder / "list.json"
    path.write_text(json.dumps(json.loads(_geojson(folder).read_text())["features"]))
    return path


def _lines(folder: Path) -> Path:
    path = folder / "lines.json"
    features = json.loads(_geojson(folder).read_text())["features"]
    path.write_text("\n".join(json.dumps(feature, ensure_ascii=False) for feature in features))
    return path


def _written(suffix: str, driver: str, srid: int = 4490) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / f"layer{suffix}"
        _layer(srid).to_file(path, driver=driver)
        return path

    return write


FORMATS = {
    "GeoPackage": _written(".gpkg", "GPKG"),
    "GeoPackage in 4549": _written(".gpkg", "GPKG", 4549),
    "GeoPackage in 4528": _written(".gpkg", "GPKG", 4528),
    "Shapefile in 4549": _written(".shp", "ESRI Shapefile", 4549),
    "Shapefile in 4528": _written(".shp", "ESRI Shapefile", 4528),
    "FileGDB": _written(".gdb", "OpenFileGDB"),
    "FileGDB in 4528": _written(".gdb", "OpenFileGDB", 4528),
    "FileGDB in a zip": lambda f: _zipped(f / "g.zip", _written(".gdb", "OpenFileGDB")(f)),
    "KML": _written(".kml", "KML", 4326),
    "FlatGeobuf": _written(".fgb", "FlatGeobuf"),
    "GeoJSON": _geojson,
    "bare list of features": _bare_list,
    "one feature a line": _lines,
    "Shapefile in GBK without .cpg": _shapefile_in_gbk,
    "the same in a zip": lambda f: _zipped(f / "s.zip", _shapefile_in_gbk(f)),
    "the same as a folder": lambda f: _shapefile_in_gbk(f).parent,
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reads_the_same(name: str, tmp_path: Path) -> None:
    read = read_vector_file(FORMATS[name](tmp_path))
    assert read.crs.to_epsg() == 4326
    column = "名称" if "名称" in read.columns else "Name"
    read = read.sort_values(column, ascending=False)  # FlatGeobuf keeps its own order
    assert read[column].tolist() == NAMES
    apart = shapely.hausdorff_distance(read.geometry.to_numpy(), _layer().geometry.to_numpy())
    assert (apart < A_TENTH_OF_A_MILLIMETRE_DEG).all()


def test_utf8_without_cpg_is_told_from_gbk(tmp_path: Path) -> None:
    path = tmp_path / "utf8.shp"
    _layer().to_file(path, encoding="UTF-8")
    path.with_suffix(".cpg").unlink()
    assert read_vector_file(path)["名称"].tolist() == NAMES


def test_a_stated_datum_wins_over_the_file(tmp_path: Path) -> None:
    path = _geojson(tmp_path)
    there, shifted = open_vector_file(path), open_vector_file(path, crs="gcj02")
    assert (there.crs.label, shifted.crs.label) == ("EPSG:4326", "GCJ-02")
    moved = shifted.features.geometry.iloc[0].centroid.distance(
        there.features.geometry.iloc[0].centroid
    )
    assert 0.001 < moved < 0.01


def test_the_real_outline_in_gcj02(shared_data: Path) -> None:
    path = shared_data / "admin/datav_gcj02_330782.json"
    [west, south, *_] = read_vector_file(path, crs="gcj02").total_bounds
    assert (west, south) == pytest.approx((119.815, 29.037), abs=0.001)


def test_several_layers_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    _layer().to_file(path, layer="one", driver="GPKG")
    _layer().to_file(path, layer="two", driver="GPKG", mode="a")
    with pytest.raises(InputError, match=r"--layer one\|two"):
        read_vector_file(path)
    assert len(read_vector_file(path, layer="two")) == 2
    with pytest.raises(InputError, match="no layer three"):
        read_vector_file(path, layer="three")


def _truncated(path: Path, keep: float) -> Path:
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * keep)])
    return path


def _without(suffix: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = _shapefile_in_gbk(folder)
        path.with_suffix(suffix).unlink()
        return path

    return make


def _text(name: str, content: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_text(content)
        return folder / name

    return make


def _garbled(folder: Path) -> Path:
    path = folder / "garbled.gpkg"
    layer = _layer()
    layer["名称"] = [name.encode().decode("latin-1") for name in NAMES]
    layer.to_file(path, driver="GPKG")
    return path


def _xian(folder: Path) -> Path:
    path = _shapefile_in_gbk(folder)
    prj = path.with_suffix(".prj")
    prj.write_text(prj.read_text().replace("China_2000", "Xian_1980"))
    return path


def _metres_as_degrees(folder: Path) -> Path:
    path = folder / "metres.geojson"
    layer = _layer(4549).set_crs(4326, allow_override=True)
    layer.to_file(path, driver="GeoJSON")
    return path


BAD: dict[str, tuple[Callable[[Path], Path], str, type[GridwhistleError]]] = {
    "missing": (lambda f: f / "none.gpkg", "no such file", InputError),
    "empty": (_text("empty.geojson", ""), "empty", InputError),
    "no JSON": (_text("x.geojson", "hello"), "not JSON", InputError),
    "JSON without features": (_text("x.geojson", '{"a": 1}'), "can't be read", InputError),
    "no feature": (
        _text("x.geojson", '{"type": "FeatureCollection", "features": []}'),
        "no feature", InputError,
    ),
    "cut JSON": (lambda f: _truncated(_geojson(f), 0.5), "cut", InputError),
    "cut Shapefile": (lambda f: _truncated(_shapefile_in_gbk(f), 0.8), "cut", InputError),
    "cut GeoPackage": (lambda f: _truncated(FORMATS["GeoPackage"](f), 0.5), "cut", InputError),
    "cut KML": (lambda f: _truncated(FORMATS["KML"](f), 0.5), "can't be read", InputError),
    "cut zip": (lambda f: _truncated(FORMATS["the same in a zip"](f), 0.5), "whole", InputError),
    "a text called .gpkg": (_text("x.gpkg", "hello"), "can't be read", InputError),
    "an unknown kind": (_text("x.docx", "hello"), "can't be read", InputError),
    "no .dbf": (_without(".dbf"), "dbf", InputError),
    "no .shx": (_without(".shx"), "shx", InputError),
    "no .prj": (_without(".prj"), "CRS", DatumError),
    "Xi'an 80": (_xian, "licensed", DatumError),
    "garbled": (_garbled, "garbled", InputError),
    "metres as degrees": (_metres_as_degrees, "--crs", InputError),
    "an empty folder": (lambda f: f, "one Shapefile", InputError),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_in_one_line(name: str, tmp_path: Path) -> None:
    make, said, kind = BAD[name]
    path = make(tmp_path)
    with pytest.raises(kind, match=said) as caught:
        read_vector_file(path)
    assert "\n" not in str(caught.value)
    assert path.name in str(caught.value) or path.stem in str(caught.value)


def test_a_cut_dbf_beside_a_whole_shp_is_noticed(tmp_path: Path) -> None:
    path = _shapefile_in_gbk(tmp_path)
    _truncated(path.with_suffix(".dbf"), 0.7)
    with pytest.raises(InputError, match=r"dbf: the file is cut"):
        read_vector_file(path)


def test_a_copy_of_the_real_coverage_without_prj_needs_a_crs(
    shared_data: Path, tmp_path: Path
) -> None:
    for suffix in ("shp", "shx", "dbf"):
        shutil.copy(shared_data / f"admin/beijing_townships.{suffix}", tmp_path)
    path = tmp_path / "beijing_townships.shp"
    with pytest.raises(DatumError):
        read_vector_file(path)
    features = read_vector_file(path, crs="EPSG:4326")
    assert (len(features), features["乡"].iloc[0]) == (331, "建外街道")
    assert shapely.coverage_is_valid(features.geometry.to_numpy())
