"""Files that are no sound coverage of the town: refused with what is wrong, and where."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from gridfiles import CORNER, MOST_BYTES, moved_corner, redraw, upload


def test_a_dirty_file_is_told_fault_by_fault_and_cleaned_up_to_a_named_width(
    file_editor: httpx.Client, package: Path
) -> None:
    apart = (CORNER[0] + 4e-6, CORNER[1] + 4e-6)  # half a metre
    dirty = redraw(package, moved_corner(apart, only=0))
    drafts = len(file_editor.get("/api/drafts").json()["drafts"])
    refusal = upload(file_editor, dirty, 400)
    assert refusal["fault_count"] == len(refusal["faults"]["features"]) > 0
    kinds = {each["properties"]["kind"] for each in refusal["faults"]["features"]}
    assert kinds <= {"gap", "overlap", "unmatched", "uncovered", "beyond", "crossing"}
    for fault in refusal["faults"]["features"]:
        lon, lat = fault["properties"]["place"]
        assert abs(lon - CORNER[0]) < 0.03
        assert abs(lat - CORNER[1]) < 0.03
        assert fault["geometry"]["coordinates"]
    assert 0.3 < refusal["clean_width_m"] < 1
    assert "clean=" in refusal["description"]
    assert "--" not in refusal["description"]
    narrow = upload(file_editor, dirty, 400, clean=0.01)
    assert "wider" in narrow["description"]
    assert len(file_editor.get("/api/drafts").json()["drafts"]) == drafts  # nothing was stored
    cleaned = upload(file_editor, dirty, 201, clean=refusal["clean_width_m"])
    assert any("cleaned" in note and "moved" in note for note in cleaned["notes"])
    check = file_editor.get(f"/api/drafts/{cleaned['draft']}/check").json()
    assert check["sound"]


@pytest.mark.parametrize("form", ["gpkg", "shp", "geojson", "dxf"])
def test_a_file_that_was_cut_off_is_refused(
    file_editor: httpx.Client, files_town: Any, tmp_path: Path, form: str
) -> None:
    path = files_town.files.put(tmp_path, form)
    whole = path.read_bytes()
    for share in (0.001, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        refusal = upload(file_editor, path, 400, crs="EPSG:4326")
        assert path.name in refusal["description"]


@pytest.mark.parametrize(
    ("crs", "stated", "words"),
    [
        ("EPSG:4549", "EPSG:4490", "no lon, lat in EPSG:4490"),
        ("EPSG:4490", "EPSG:4549", "degrees"),
        ("EPSG:4549", "EPSG:4528", "zone number"),
        ("EPSG:4326", "xian80", "Xi'an|licen"),
        ("EPSG:4326", "nonsense", "coordinate reference"),
    ],
)
def test_a_wrong_datum_is_said(
    files_town: Any, tmp_path: Path, crs: str, stated: str, words: str
) -> None:
    path = files_town.files.put(tmp_path, "gpkg", crs)
    refusal = upload(files_town.files.editor, path, 400, crs=stated)
    assert any(each in refusal["description"] for each in words.split("|")), refusal["description"]
    assert "--" not in refusal["description"]


def test_a_true_file_taken_for_a_shifted_one_lies_far_beside_the_town(
    file_editor: httpx.Client, package: Path
) -> None:
    assert 400 < upload(file_editor, package, 400, crs="gcj02")["clean_width_m"] < 700


def test_a_drawing_has_to_say_its_crs(files_town: Any, tmp_path: Path) -> None:
    path = files_town.files.put(tmp_path, "dxf", "EPSG:4549")
    refusal = upload(files_town.files.editor, path, 400)
    assert "crs=EPSG:4549" in refusal["description"]


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource>'
PIPELINE = {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read /etc/hosts"}


def packed(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gpkg", VRT), ("a.geojson", VRT), ("a.geojson", json.dumps(PIPELINE).encode()),
        ("a.geojson", json.dumps({**PIPELINE, "x": {"type": "FeatureCollection"}}).encode()),
        ("a.zip", packed(a_vrt=VRT)), ("a.zip", packed(a_shp=VRT, a_dbf=b"")),
        ("a.zip", packed(a_gdb=b"")), ("a.vrt", VRT), ("a.dxf", VRT), ("..", b"x"), ("", b"x"),
        ("a.zip", packed(a_shp=(9994).to_bytes(4, "big") + bytes(600 * 2**20))),
    ],
    ids=["vrt as gpkg", "vrt as json", "pipeline", "hidden pipeline", "zipped vrt", "vrt as shp",
         "zipped gdb", "vrt", "vrt as dxf", "parent folder", "no name", "zip bomb"],
)  # fmt: skip
def test_nothing_is_read_that_could_name_other_files(
    file_editor: httpx.Client, name: str, content: bytes
) -> None:
    asked = {"file": name, "crs": "EPSG:4326"}
    answer = file_editor.post("/api/grids/import", params=asked, content=content)
    assert answer.status_code == 400, answer.text
    assert "passwd" not in answer.text


def test_too_large_a_file_is_refused(file_editor: httpx.Client) -> None:
    content = b"SQLite format 3\x00" + bytes(MOST_BYTES)
    answer = file_editor.post("/api/grids/import", params={"file": "a.gpkg"}, content=content)
    assert answer.status_code == 413
    pieces = (content[i : i + 2**16] for i in range(0, len(content), 2**16))
    answer = file_editor.post("/api/grids/import", params={"file": "a.gpkg"}, content=pieces)
    assert answer.status_code == 413


@pytest.mark.parametrize("clean", ["0", "-1", "wide", "nan", "inf", "1e9"])
def test_a_width_has_to_be_one(file_editor: httpx.Client, package: Path, clean: str) -> None:
    assert "clean" in upload(file_editor, package, 400, clean=clean)["description"]
