"""Grids out and in over HTTP, with real files: what comes back is what went out."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from pypdf import PdfReader

from gridfiles import CORNER, export, moved_corner, redraw, signed_in, upload
from layers.accounts.administration import find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.roles import Role


@pytest.mark.parametrize(
    ("form", "crs"),
    [("gpkg", "EPSG:4326"), ("gpkg", "EPSG:4549"), ("shp", "EPSG:4490"), ("geojson", "gcj02"),
     ("dxf", "EPSG:4549"), ("shp", "gcj02")],
)  # fmt: skip
def test_what_goes_out_comes_back_as_no_change(
    files_town: Any, tmp_path: Path, form: str, crs: str
) -> None:
    path = files_town.files.put(tmp_path, form, crs)
    said = {"crs": crs} if form == "dxf" else {}
    assert upload(files_town.files.editor, path, 200, **said) == {
        "draft": None, "changed": 0, "new": 0, "gone": 0, "notes": [],
    }  # fmt: skip


def test_a_redrawn_file_is_a_draft_and_the_draft_a_file(
    file_editor: httpx.Client, package: Path, tmp_path: Path
) -> None:
    found = upload(file_editor, redraw(package, moved_corner((120.026, 29.026))), name="外业成果")
    assert (found["new"], found["gone"]) == (0, 0)
    draft = file_editor.get(f"/api/drafts/{found['draft']}").json()
    assert (draft["draft"]["name"], draft["draft"]["author_name"]) == ("外业成果", "editor")
    assert [step["kind"] for step in draft["steps"]] == ["import"]
    assert [120.026, 29.026] in [place for arc in draft["arcs"] for place in arc["coords"]]
    again = export(file_editor, tmp_path / "draft.gpkg", draft=found["draft"])
    places = shapely.get_coordinates(
        pyogrio.read_dataframe(again, layer="micro-grids").geometry.to_numpy()
    )
    assert [120.026, 29.026] in places.tolist()
    today = pyogrio.read_dataframe(package, layer="micro-grids").geometry.to_numpy()
    assert list(CORNER) in shapely.get_coordinates(today).tolist()
    table = file_editor.get(f"/api/drafts/{found['draft']}/change-table")
    assert table.headers["content-disposition"].endswith('.xlsx"')
    sheet = load_workbook(io.BytesIO(table.content)).active
    assert sheet is not None
    assert "外业成果" in str(sheet["A2"].value)
    assert sheet.max_row > 4


def test_a_day_of_the_past(file_editor: httpx.Client, tmp_path: Path) -> None:
    past = export(file_editor, tmp_path / "past.gpkg", at="2021-01-01")
    assert len(pyogrio.read_dataframe(past, layer="micro-grids")) == 16
    before = file_editor.get("/api/grids/export", params={"at": "2019-01-01"})
    assert (before.status_code, "没有网格" in before.text) == (404, True)


def test_maps_are_one_pdf_or_a_zip_of_them(file_editor: httpx.Client) -> None:
    one = file_editor.get("/api/grids/maps", params={"per": "village", "only": "t1", "paper": "A4"})
    assert one.headers["content-type"] == "application/pdf"
    [page] = PdfReader(io.BytesIO(one.content)).pages
    assert "网格图" in page.extract_text()
    several = file_editor.get("/api/grids/maps", params={"per": "village", "paper": "A3"})
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
def test_wrong_wishes_are_refused(file_editor: httpx.Client, path: str, words: str) -> None:
    answer = file_editor.get(f"/api/{path}")
    assert answer.status_code == 400, answer.text
    assert any(each in answer.json()["description"] for each in words.split("|"))


def test_what_is_not_there(file_editor: httpx.Client) -> None:
    for path in ("grids/export?draft=99999", "drafts/99999/change-table", "grids/maps?only=无此村"):
        assert file_editor.get(f"/api/{path}").status_code == 404


def test_only_who_drafts_does_any_of_it(files_town: Any, package: Path) -> None:
    url = files_town.url
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
    files_town: Any, limits: dict[str, Any], path: str, status: int
) -> None:
    with psycopg.connect(files_town.conninfo) as connection:
        key = add_key(connection, find_account(connection, 1, "editor"), KeyPlan("k", **limits))
    with httpx.Client(
        base_url=files_town.url, headers={"X-API-Key": str(key)}, timeout=60
    ) as program:
        assert program.get(f"/api/{path}").status_code == status
        refusal = program.post("/api/grids/import", params={"file": "a.gpkg"}, content=b"x")
        assert refusal.status_code == 403  # it is for reading


def test_another_page_can_not_send_a_file(file_editor: httpx.Client, package: Path) -> None:
    answer = file_editor.post(
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
