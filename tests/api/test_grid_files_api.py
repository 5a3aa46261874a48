"""Grids out and in over HTTP, with real files: what comes back is what went out."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import psycopg
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from pypdf import PdfReader

from api.auth.settings import AuthSettings
from layers.accounts.administration import find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.roles import Role

PASSWORD = "a password for tests"
ENDING_OF = {"gpkg": ".gpkg", "shp": ".zip", "geojson": ".geojson", "dxf": ".dxf"}
CORNER = (120.025, 29.025)  # of four micro-grids of one grid
MOST_BYTES = 4 * 2**20


@pytest.fixture(scope="module")
def conninfo(
    new_database: Callable[[], AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
) -> Iterator[str]:
    with new_database() as conninfo:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            add_square_grids(connection, 1)
        yield conninfo


@pytest.fixture(scope="module")
def url(
    conninfo: str,
    serve_app: Callable[..., AbstractContextManager[str]],
    auth_settings: AuthSettings,
) -> Iterator[str]:
    auth = replace(auth_settings, max_body_bytes=MOST_BYTES)
    with serve_app(conninfo, only_this_machine=True, auth=auth) as base:
        yield base


@contextmanager
def signed_in(url: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"Origin": url}, timeout=120) as client:
        body = {"name": name, "password": PASSWORD}
        assert client.post("/api/session", json=body).status_code == 201
        yield client


@pytest.fixture(scope="module")
def editor(url: str) -> Iterator[httpx.Client]:
    with signed_in(url, "editor") as client:
        yield client


def export(client: httpx.Client, path: Path, **asked: Any) -> Path:
    answer = client.get("/api/grids/export", params=asked)
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["cache-control"]
    path.write_bytes(answer.content)
    return path


def upload(client: httpx.Client, path: Path, status: int = 201, **said: Any) -> Any:
    asked = {"file": path.name, **said}
    answer = client.post("/api/grids/import", params=asked, content=path.read_bytes())
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
def package(editor: httpx.Client, tmp_path: Path) -> Path:
    return export(editor, tmp_path / "grids.gpkg", f="gpkg")


def redraw(package: Path, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> Path:
    """Change the micro-grids of a package, as somebody does elsewhere."""
    table = pyogrio.read_dataframe(package, layer="micro-grids")
    path = package.with_name("redrawn.gpkg")
    pyogrio.write_dataframe(change(table), path, layer="micro-grids")
    return path


def moved_corner(
    to: tuple[float, float], only: int | None = None
) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """The corner of four, moved in all of them or in one alone."""

    def move(coordinates: Any) -> Any:
        at_corner = np.abs(coordinates - CORNER).max(axis=1) < 1e-9
        coordinates[at_corner] = to
        return coordinates

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        rows = table.index if only is None else table.index[only : only + 1]
        table.loc[rows, "geometry"] = shapely.transform(table.geometry[rows].to_numpy(), move)
        return table

    return change


@pytest.mark.parametrize(
    ("form", "crs"),
    [("gpkg", "EPSG:4326"), ("gpkg", "EPSG:4549"), ("shp", "EPSG:4490"), ("geojson", "gcj02"),
     ("dxf", "EPSG:4549"), ("shp", "gcj02")],
)  # fmt: skip
def test_what_goes_out_comes_back_as_no_change(
    editor: httpx.Client, tmp_path: Path, form: str, crs: str
) -> None:
    path = export(editor, tmp_path / f"grids{ENDING_OF[form]}", f=form, crs=crs)
    said = {"crs": crs} if form == "dxf" else {}
    assert upload(editor, path, 200, **said) == {
        "draft": None, "changed": 0, "new": 0, "gone": 0, "notes": [],
    }  # fmt: skip


def test_a_redrawn_file_is_a_draft_and_the_draft_a_file(
    editor: httpx.Client, package: Path, tmp_path: Path
) -> None:
    found = upload(editor, redraw(package, moved_corner((120.026, 29.026))), name="外业成果")
    assert (found["new"], found["gone"]) == (0, 0)
    draft = editor.get(f"/api/drafts/{found['draft']}").json()
    assert (draft["draft"]["name"], draft["draft"]["author_name"]) == ("外业成果", "editor")
    assert [step["kind"] for step in draft["steps"]] == ["import"]
    assert [120.026, 29.026] in [place for arc in draft["arcs"] for place in arc["coords"]]
    again = export(editor, tmp_path / "draft.gpkg", draft=found["draft"])
    places = shapely.get_coordinates(
        pyogrio.read_dataframe(again, layer="micro-grids").geometry.to_numpy()
    )
    assert [120.026, 29.026] in places.tolist()
    today = pyogrio.read_dataframe(package, layer="micro-grids").geometry.to_numpy()
    assert list(CORNER) in shapely.get_coordinates(today).tolist()
    table = editor.get(f"/api/drafts/{found['draft']}/change-table")
    assert table.headers["content-disposition"].endswith('.xlsx"')
    sheet = load_workbook(io.BytesIO(table.content)).active
    assert sheet is not None
    assert "外业成果" in str(sheet["A2"].value)
    assert sheet.max_row > 4


def test_a_day_of_the_past(editor: httpx.Client, tmp_path: Path) -> None:
    past = export(editor, tmp_path / "past.gpkg", at="2021-01-01")
    assert len(pyogrio.read_dataframe(past, layer="micro-grids")) == 16
    before = editor.get("/api/grids/export", params={"at": "2019-01-01"})
    assert (before.status_code, "没有网格" in before.text) == (404, True)


def test_maps_are_one_pdf_or_a_zip_of_them(editor: httpx.Client) -> None:
    one = editor.get("/api/grids/maps", params={"per": "village", "only": "t1", "paper": "A4"})
    assert one.headers["content-type"] == "application/pdf"
    [page] = PdfReader(io.BytesIO(one.content)).pages
    assert "网格图" in page.extract_text()
    several = editor.get("/api/grids/maps", params={"per": "village", "paper": "A3"})
    with zipfile.ZipFile(io.BytesIO(several.content)) as archive:
        names = archive.namelist()
        assert [name.split()[0] for name in names] == ["t1", "t2"]
        assert archive.read(names[0]).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("grids/export?f=kml", "参数不对"), ("grids/export?crs=EPSG:99999", "coordinate reference"),
        ("grids/export?crs=xian80", "Xi'an"), ("grids/export?at=gestern", "no time"),
        ("grids/export?draft=1&at=2020-01-01", "一个"), ("grids/export?draft=x", "编号"),
        ("grids/export?color=red", "no such parameter"), ("grids/export?f=dxf&f=shp", "twice"),
        ("grids/maps?per=street", "参数不对"), ("grids/maps?paper=A0", "参数不对"),
    ],
)  # fmt: skip
def test_wrong_wishes_are_refused(editor: httpx.Client, path: str, words: str) -> None:
    answer = editor.get(f"/api/{path}")
    assert answer.status_code == 400, answer.text
    assert any(each in answer.json()["description"] for each in words.split("|"))


def test_what_is_not_there(editor: httpx.Client) -> None:
    for path in ("grids/export?draft=99999", "drafts/99999/change-table", "grids/maps?only=无此村"):
        assert editor.get(f"/api/{path}").status_code == 404


def test_a_dirty_file_is_told_fault_by_fault_and_cleaned_up_to_a_named_width(
    editor: httpx.Client, package: Path
) -> None:
    apart = (CORNER[0] + 4e-6, CORNER[1] + 4e-6)  # half a metre
    dirty = redraw(package, moved_corner(apart, only=0))
    drafts = len(editor.get("/api/drafts").json()["drafts"])
    refusal = upload(editor, dirty, 400)
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
    narrow = upload(editor, dirty, 400, clean=0.01)
    assert "wider" in narrow["description"]
    assert len(editor.get("/api/drafts").json()["drafts"]) == drafts  # nothing was stored
    cleaned = upload(editor, dirty, 201, clean=refusal["clean_width_m"])
    assert any("cleaned" in note and "moved" in note for note in cleaned["notes"])
    check = editor.get(f"/api/drafts/{cleaned['draft']}/check").json()
    assert check["sound"]


@pytest.mark.parametrize("form", ["gpkg", "shp", "geojson", "dxf"])
def test_a_file_that_was_cut_off_is_refused(
    editor: httpx.Client, tmp_path: Path, form: str
) -> None:
    path = export(editor, tmp_path / f"grids{ENDING_OF[form]}", f=form)
    whole = path.read_bytes()
    for share in (0.001, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        refusal = upload(editor, path, 400, crs="EPSG:4326")
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
    editor: httpx.Client, tmp_path: Path, crs: str, stated: str, words: str
) -> None:
    path = export(editor, tmp_path / "grids.gpkg", f="gpkg", crs=crs)
    refusal = upload(editor, path, 400, crs=stated)
    assert any(each in refusal["description"] for each in words.split("|")), refusal["description"]
    assert "--" not in refusal["description"]


def test_a_true_file_taken_for_a_shifted_one_lies_far_beside_the_town(
    editor: httpx.Client, package: Path
) -> None:
    assert 400 < upload(editor, package, 400, crs="gcj02")["clean_width_m"] < 700


def test_a_drawing_has_to_say_its_crs(editor: httpx.Client, tmp_path: Path) -> None:
    path = export(editor, tmp_path / "grids.dxf", f="dxf", crs="EPSG:4549")
    refusal = upload(editor, path, 400)
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
    editor: httpx.Client, name: str, content: bytes
) -> None:
    asked = {"file": name, "crs": "EPSG:4326"}
    answer = editor.post("/api/grids/import", params=asked, content=content)
    assert answer.status_code == 400, answer.text
    assert "passwd" not in answer.text


def test_too_large_a_file_is_refused(editor: httpx.Client) -> None:
    content = b"SQLite format 3\x00" + bytes(MOST_BYTES)
    answer = editor.post("/api/grids/import", params={"file": "a.gpkg"}, content=content)
    assert answer.status_code == 413
    pieces = (content[i : i + 2**16] for i in range(0, len(content), 2**16))
    answer = editor.post("/api/grids/import", params={"file": "a.gpkg"}, content=pieces)
    assert answer.status_code == 413


@pytest.mark.parametrize("clean", ["0", "-1", "wide", "nan", "inf", "1e9"])
def test_a_width_has_to_be_one(editor: httpx.Client, package: Path, clean: str) -> None:
    assert "clean" in upload(editor, package, 400, clean=clean)["description"]


def test_only_who_drafts_does_any_of_it(url: str, package: Path) -> None:
    paths = ("grids/export", "grids/maps", "drafts/1/change-table")
    with httpx.Client(base_url=url, headers={"Origin": url}) as anybody:
        for path in paths:
            assert anybody.get(f"/api/{path}").status_code == 401
        upload(anybody, package, 401)
    with signed_in(url, "planner") as planner:
        for path in paths:
            assert planner.get(f"/api/{path}").status_code == 403
        upload(planner, package, 403)


@pytest.mark.parametrize(
    ("limits", "path", "status"),
    [
        ({"layers": ("premises",)}, "grids/export", 403),
        ({"layers": ("micro-grids",)}, "grids/export", 200),
        ({"layers": ("micro-grids",)}, "drafts/1/change-table", 403),
        ({}, "grids/export", 200),
    ],
)
def test_a_key_gets_what_it_is_for(
    url: str, conninfo: str, limits: dict[str, Any], path: str, status: int
) -> None:
    with psycopg.connect(conninfo) as connection:
        key = add_key(connection, find_account(connection, 1, "editor"), KeyPlan("k", **limits))
    with httpx.Client(base_url=url, headers={"X-API-Key": str(key)}, timeout=60) as program:
        assert program.get(f"/api/{path}").status_code == status
        refusal = program.post("/api/grids/import", params={"file": "a.gpkg"}, content=b"x")
        assert refusal.status_code == 403  # it is for reading


def test_another_page_can_not_send_a_file(editor: httpx.Client, package: Path) -> None:
    answer = editor.post(
        "/api/grids/import",
        params={"file": package.name},
        content=package.read_bytes(),
        headers={"Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403


@pytest.mark.long
def test_a_whole_town_goes_out_and_in_while_others_are_served(
    demo_url: str, demo_account: Callable[[Role], tuple[str, str]], tmp_path: Path
) -> None:
    name, password = demo_account(Role.GIS_EDITOR)
    with httpx.Client(base_url=demo_url, auth=(name, password), timeout=600) as editor:
        begun = time.monotonic()
        path = export(editor, tmp_path / "grids.gpkg", f="gpkg", crs="EPSG:4490")
        print(f"\nexport of {path.stat().st_size:,} bytes: {time.monotonic() - begun:.1f} s")
        begun = time.monotonic()
        assert upload(editor, path, 200)["draft"] is None
        print(f"import that is no change: {time.monotonic() - begun:.1f} s")
        with ThreadPoolExecutor(1) as pool:
            begun = time.monotonic()
            maps = pool.submit(editor.get, "/api/grids/maps", params={"per": "village"})
            waits_s = []
            while not maps.done():
                asked = time.monotonic()
                assert httpx.get(f"{demo_url}/api/layers", timeout=60).status_code == 200
                waits_s.append(time.monotonic() - asked)
                time.sleep(0.05)
        with zipfile.ZipFile(io.BytesIO(maps.result().content)) as archive:
            assert len(archive.namelist()) == 61
        drawn_s = time.monotonic() - begun
        print(f"61 maps: {drawn_s:.0f} s; beside it {len(waits_s)} answers, p95 "
              f"{np.percentile(waits_s, 95):.3f} s")  # fmt: skip
        assert max(waits_s) < drawn_s / 4  # nobody waits for the maps
