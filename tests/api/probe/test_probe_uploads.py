"""Files that somebody made to do harm: refused in words, or taken as the text that they are."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import ezdxf
import httpx
import psycopg
import pytest
from openpyxl import load_workbook

from api.auth.settings import AuthSettings

PASSWORD = "a password for tests"
GIVEN_AWAY = "13800000000"


def collection(**properties: Any) -> bytes:
    """The first micro-grid of the squares, called otherwise."""
    return file_of(square(0, **properties))


def file_of(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def square(number: int, **properties: Any) -> dict[str, Any]:
    """The micro-grid of a number."""
    x, y = divmod(number, 4)
    west, south, east, north = (n / 40 for n in (4800 + x, 1160 + y, 4801 + x, 1161 + y))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    code = f"t{x // 2 + 1}{x // 2 * 2 + y // 2 + 1:02d}{number:02d}"
    return {
        "type": "Feature",
        "properties": {"code": code, "level": "micro-grids", **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture(scope="module")
def url(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[str]:
    with new_database() as conninfo:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            add_square_grids(connection, 1)
        with serve_app(conninfo, only_this_machine=True, auth=auth_settings) as base:
            yield base


@pytest.fixture(scope="module")
def editor(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=url, headers={"Origin": url}, auth=("editor", PASSWORD), timeout=300
    ) as client:
        yield client


def send(client: httpx.Client, file: str, content: bytes, **said: Any) -> httpx.Response:
    return client.post("/api/grids/import", params={"file": file, **said}, content=content)


DEEP = b"[" * 200_000 + b"]" * 200_000
HARMFUL = {
    "deep": b'{"type":"FeatureCollection","features":' + DEEP + b"}",
    "a line that is deep": b'{"type":"Feature"}\n' + DEEP,
    "a number of many digits": collection().replace(b"120.025", b"9" * 5000),
    "no number": collection().replace(b"120.025", b"NaN"),
    "beyond all numbers": collection().replace(b"120.025", b"1e999"),
    "a CRS to be fetched": collection(name="x").replace(
        b"{", b'{"crs":{"type":"link","properties":{"href":"http://127.0.0.1:9/"}},', 1
    ),
    "half a character": collection(name="x").replace(b'"x"', b'"\\ud800"'),
}


@pytest.mark.parametrize("content", HARMFUL.values(), ids=HARMFUL.keys())
def test_a_harmful_file_is_refused_in_words(editor: httpx.Client, content: bytes) -> None:
    answer = send(editor, "a.geojson", content)
    assert answer.status_code == 400, answer.text
    assert "a.geojson" in answer.json()["description"]


@pytest.mark.parametrize(
    "said",
    [
        {"name": "a\0"}, {"name": "a\nb"}, {"encoding": "undefined"}, {"encoding": "\0"},
        {"encoding": "hex"}, {"encoding": "zip_codec"}, {"crs": "\0"}, {"crs": "9" * 5000},
        {"crs": "+init=/etc/passwd"},
    ],
)  # fmt: skip
def test_what_is_said_of_a_file_is_text(editor: httpx.Client, said: dict[str, str]) -> None:
    answer = send(editor, "a.geojson", collection(name="x"), **said)
    assert answer.status_code == 400, answer.text


# As a file says it, and as it is shown.
NAMES = {
    '=HYPERLINK("http://x.example","x")': '=HYPERLINK("http://x.example","x")',
    "+1": "+1",
    "@SUM(1)": "@SUM(1)",
    "-2+3": "-2+3",
    "\x07a\x1bb": "a b",
    "a\n0\nLINE\n8\nb": "a\n0\nLINE\n8\nb",  # the tags of a drawing
    "<b>&\"'</b>": "<b>&\"'</b>",
}


@pytest.fixture(scope="module")
def draft_of_names(editor: httpx.Client) -> int:
    """A draft in which as many micro-grids are called so."""
    features = [square(number, name=name) for number, name in enumerate(NAMES)]
    made = send(editor, "a.geojson", file_of(*features))
    assert made.status_code == 201, made.text
    return int(made.json()["draft"])


def test_names_of_a_file_are_text_in_a_table(editor: httpx.Client, draft_of_names: int) -> None:
    table = editor.get(f"/api/drafts/{draft_of_names}/change-table")
    assert table.status_code == 200, table.text
    rows = load_workbook(io.BytesIO(table.content)).active or ()
    told = [cell for row in rows for cell in row if cell.value in NAMES.values()]
    assert sorted(cell.value for cell in told) == sorted(NAMES.values())
    assert {cell.data_type for cell in told} == {"s"}


@pytest.mark.parametrize("form", ["gpkg", "shp", "geojson", "dxf"])
def test_names_of_a_file_stay_what_they_are_on_the_way_out_and_in(
    editor: httpx.Client, draft_of_names: int, form: str
) -> None:
    out = editor.get("/api/grids/export", params={"draft": draft_of_names, "f": form})
    assert out.status_code == 200, out.text
    ending = "zip" if form == "shp" else form
    back = send(editor, f"a.{ending}", out.content, crs="EPSG:4326")
    assert back.status_code == 201, back.text


BOUNDED = """
import layers.importing.upload as upload
from spatial.errors import InputError
upload._MOST_MEMORY_BYTES = 2**30
try:
    with upload._bounded_memory("a.dxf"):
        bytes(2**31)
except InputError as error:
    print(error)
"""


def test_no_file_takes_all_memory() -> None:
    command = [sys.executable, "-c", BOUNDED]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "too much memory" in told.stdout


@pytest.mark.long
def test_a_small_drawing_of_many_crossings_takes_no_more_than_its_share(
    editor: httpx.Client, tmp_path: Path
) -> None:
    drawing, number = ezdxf.new(), 3000
    for at in range(number):
        drawing.modelspace().add_line((at, 0), (at, number), dxfattribs={"layer": "villages"})
        drawing.modelspace().add_line((0, at), (number, at), dxfattribs={"layer": "villages"})
    drawing.saveas(tmp_path / "a.dxf")
    answer = send(editor, "a.dxf", (tmp_path / "a.dxf").read_bytes(), crs="EPSG:4549")
    assert answer.status_code == 400, answer.text
    assert "cross each other too often" in answer.json()["description"]


# A defect in the process that reads: its error quotes what stands in the file.
BROKEN = f"""
import sys
import layers.importing.upload as upload
import api.cancelling as cancelling

def broken(*_):
    raise ValueError("Failing row contains ({GIVEN_AWAY})")

def tell(*arguments):
    cancelling._tell_end(Told(), broken, ())

class Told:
    def send(self, found):
        print("SENT", found[1])
tell()
"""


def test_a_defect_in_the_process_that_reads_quotes_nothing_of_the_file() -> None:
    told = subprocess.run(
        [sys.executable, "-c", BROKEN],
        capture_output=True, text=True, check=True, timeout=60, env=os.environ,
    )  # fmt: skip
    assert "builtins.ValueError" in told.stdout
    assert "broken" in told.stdout
    assert GIVEN_AWAY not in told.stdout + told.stderr
