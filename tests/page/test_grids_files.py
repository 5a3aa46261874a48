"""A picture under the editor, and files out of it and into it, in a real browser."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from playwright.sync_api import Page, expect
from pypdf import PdfReader

PICTURE = "#ffd000"
VILLAGE_LINE = "#6a3d9a"
FAULT = "#c8102e"
CORNER = (120.025, 29.025)


def _tile() -> bytes:
    """256 pixels a side of one colour."""
    side, color = 256, bytes.fromhex(PICTURE[1:])
    rows = (b"\0" + color * side) * side
    parts = [(b"IHDR", struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0))]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


class _Tiles(BaseHTTPRequestHandler):
    """Tiles; below /broken an error."""

    def do_GET(self) -> None:
        body = _tile()
        self.send_response(500 if self.path.startswith("/broken") else 200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def installed() -> Iterator[dict[str, Any]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Tiles) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        names = ("航片", "高德[gcj02]", "坏的")
        paths = ("photo", "amap", "broken")
        entries = zip(names, paths, strict=True)
        yield {"basemaps": tuple(f"{n}={base}/{p}/{{z}}/{{x}}/{{y}}?key=k" for n, p in entries)}
        server.shutdown()


def begin(page: Page, name: str) -> None:
    """A new draft, opened."""
    page.fill("#draft-name", name)
    page.click(".begin button")
    expect(page.locator(".saved")).to_have_text("已保存")


def test_a_picture_lies_under_the_coverage_when_somebody_chooses_it(
    editor_of: Any, canvas: Callable[[Page], Any], pixels_of: Callable[..., int]
) -> None:
    page, witness = editor_of("anna")
    begin(page, "底图")
    expect(page.locator("#picture option")).to_have_text(["无", "航片", "高德", "坏的"])
    assert page.input_value("#picture") == ""
    without = canvas(page)
    assert pixels_of(without, PICTURE, 40) == 0
    lines = pixels_of(without, VILLAGE_LINE, 40)
    page.select_option("#picture", label="航片")
    under = canvas(page)
    assert pixels_of(under, PICTURE, 40) > under.shape[0] * under.shape[1] / 2
    assert pixels_of(under, VILLAGE_LINE, 40) > lines / 2 > 0
    page.evaluate(
        "document.querySelector('#picture-opacity').value = 20;"
        "document.querySelector('#picture-opacity').dispatchEvent(new Event('input'))"
    )
    faint = canvas(page)
    assert pixels_of(faint, PICTURE, 40) == 0
    assert np.abs(faint.astype(int) - without).mean() > 3
    page.select_option("#picture", "")
    assert np.abs(canvas(page).astype(int) - without).mean() < 1
    assert len(witness.hosts) == 1
    assert witness.complaints == []


def test_a_picture_that_lies_beside_the_truth_or_does_not_come_is_said(editor_of: Any) -> None:
    page, witness = editor_of("anna")
    page.select_option("#picture", label="高德")
    expect(page.locator(".picture-note strong")).to_contain_text("GCJ-02")
    metres = page.locator(".picture-note strong").inner_text().split("约 ")[1].split(" ")[0]
    assert 400 < int(metres) < 700
    page.select_option("#picture", label="坏的")
    expect(page.locator(".picture-note .fault")).to_contain_text("502")
    expect(page.locator(".picture-note strong")).to_have_count(0)
    page.select_option("#picture", "")
    expect(page.locator(".picture-note .fault")).to_have_count(0)
    assert len(witness.hosts) == 1


def _saved(page: Page, selector: str, folder: Path) -> Path:
    with page.expect_download(timeout=60_000) as waiting:
        page.click(selector)
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def _dirty(package: Path) -> Path:
    """One micro-grid's corner half a metre beside its neighbours', another corner moved by all."""
    table = pyogrio.read_dataframe(package, layer="micro-grids")

    def move(to: tuple[float, float], of: tuple[float, float]) -> Callable[[Any], Any]:
        def moved(coordinates: Any) -> Any:
            coordinates[np.abs(coordinates - of).max(axis=1) < 1e-9] = to
            return coordinates

        return moved

    table["geometry"] = shapely.transform(
        table.geometry.to_numpy(), move((120.076, 29.076), (120.075, 29.075))
    )
    apart = move((CORNER[0] + 4e-6, CORNER[1] + 4e-6), CORNER)
    table.loc[:0, "geometry"] = shapely.transform(table.geometry[:1].to_numpy(), apart)
    path = package.with_name("外业成果.gpkg")
    pyogrio.write_dataframe(table, path, layer="micro-grids")
    return path


def test_grids_go_out_are_redrawn_elsewhere_and_come_back_as_a_draft(
    editor_of: Any,
    squares: Any,
    tmp_path: Path,
    canvas: Callable[[Page], Any],
    pixels_of: Callable[..., int],
) -> None:
    page, _ = editor_of("bert")
    page.click("text=文件")
    expect(page.locator("#change-table")).to_be_disabled()
    package = _saved(page, "#export", tmp_path)
    assert package.name == "grids-EPSG-4326.gpkg"
    page.fill("#maps-only", "t1")
    assert len(PdfReader(_saved(page, "#maps", tmp_path)).pages) == 1

    page.set_input_files("#import-file", _dirty(package))
    page.click("#import-result >> xpath=.. >> .primary")
    expect(page.locator("#import-result .rows li").first).to_be_visible(timeout=60_000)
    assert "没有导入" in page.locator("#import-result .fault").inner_text()
    width = page.locator("#import-result .small").first.inner_text()
    page.locator("#import-result .rows button").first.click()
    page.wait_for_timeout(700)
    page.fill("#import-clean", "1")
    assert "0." in width
    page.click("#import-result >> xpath=.. >> .primary")
    expect(page.locator("#import-result .sound")).to_contain_text("已建立草案", timeout=60_000)
    expect(page.locator("#import-result")).to_contain_text("cleaned")
    expect(page.locator(".saved")).to_have_text("已保存")
    number = page.url.split("draft=")[1].split("#")[0]
    draft = page.request.get(f"{squares.url}/api/drafts/{number}").json()
    assert draft["draft"]["name"] == "外业成果"
    assert [120.076, 29.076] in [place for arc in draft["arcs"] for place in arc["coords"]]
    assert page.request.get(f"{squares.url}/api/drafts/{number}/check").json()["sound"]
    expect(page.locator("#change-table")).to_be_enabled()
    assert _saved(page, "#change-table", tmp_path).suffix == ".xlsx"


def test_the_faults_of_a_file_are_drawn(
    editor_of: Any,
    tmp_path: Path,
    canvas: Callable[[Page], Any],
    pixels_of: Callable[..., int],
) -> None:
    page, _ = editor_of("cora")
    page.click("text=文件")
    package = _saved(page, "#export", tmp_path)
    assert pixels_of(canvas(page), FAULT, 30) == 0
    page.set_input_files("#import-file", _dirty(package))
    page.click("#import-result >> xpath=.. >> .primary")
    expect(page.locator("#import-result .rows li").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(700)
    assert pixels_of(canvas(page), FAULT, 30) > 20
