"""Maps for the wall: the page is measured, its words are read back."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import psycopg
import pytest
from pypdf import PdfReader

from layers.gridfiles.units import read_unit_rows
from layers.mapsheets.canvas import Canvas
from layers.mapsheets.content import MapContent, read_content
from layers.mapsheets.paper import SCALES, fit, round_length
from layers.mapsheets.plan import Imprint, SheetPlan
from layers.mapsheets.sheets import write_sheets
from spatial.errors import InputError, NotFoundError
from spatial.town import read_town

IMPRINT = Imprint(
    "某某镇人民政府", date(2026, 6, 30), "浙义S(2026)001号", "内部", is_synthetic=True
)
MM_PER_POINT = 25.4 / 72
Draw = Callable[..., list[Path]]


@pytest.fixture(scope="module")
def content(demo_database: str) -> MapContent:
    with psycopg.connect(demo_database) as connection:
        town = read_town(connection)
        return read_content(connection, town, read_unit_rows(connection, town, town.now()))


@pytest.fixture
def draw(content: MapContent, tmp_path: Path) -> Draw:
    def run(paper: str, per: str, *only: str) -> list[Path]:
        return list(write_sheets(content, tmp_path, SheetPlan(paper, per, only), IMPRINT))

    return run


def _text(path: Path) -> str:
    [page] = PdfReader(path).pages
    return page.extract_text()


@pytest.mark.parametrize(("paper", "sides"), [("A3", {297, 420}), ("A4", {210, 297})])
def test_a_sheet_says_what_it_is_in_words_that_can_be_searched(
    paper: str, sides: set[int], draw: Draw, content: MapContent
) -> None:
    village = content.at_level(2)[0]
    [path] = draw(paper, "village", village.code)
    [page] = PdfReader(path).pages
    assert {round(float(side) * MM_PER_POINT) for side in page.mediabox[2:]} == sides
    text = _text(path)
    for words in (
        f"{content.town.name}{village.name}网格图", village.code, "图例", "村社界线", "比例尺 1:",
        "坐标系：2000国家大地坐标系", f"EPSG:{content.town.metric_srid}", "数据截至：2026-06-30",
        "编制单位：某某镇人民政府", "审图号：浙义S(2026)001号", "内部", "演示数据", "北", "第1网格",
    ):  # fmt: skip
        assert words in text, words
    neighbours = [unit.name for unit in content.at_level(2) if unit.name != village.name]
    assert any(name in text for name in neighbours)
    assert "\N{REPLACEMENT CHARACTER}" not in text


def test_a_grids_sheet_names_the_micro_grids_of_its_high_rises(
    draw: Draw, content: MapContent
) -> None:
    shared = next(unit for unit in content.units if unit.shares)
    [path] = draw("A3", "grid", str(shared.parent))
    text = _text(path)
    for share in shared.shares:
        assert share.code in text
        assert share.name in text
    assert "高层" in text


def test_no_letter_is_missing_in_the_font(draw: Draw, caplog: pytest.LogCaptureFixture) -> None:
    draw("A4", "town")
    assert "missing" not in caplog.text


def _numbers(path: Path) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    """Of the page's content in millimetres: rectangles, and the points of lines."""
    [page] = PdfReader(path).pages
    data = page.get_contents().get_data().decode("latin-1")  # type: ignore[union-attr]
    number = r"(-?[\d.]+)"
    rectangles = re.findall(rf"{number} {number} {number} {number} re", data)
    points = re.findall(rf"{number} {number} [ml]\b", data)
    return (
        [tuple(float(each) * MM_PER_POINT for each in row) for row in rectangles],
        [tuple(float(each) * MM_PER_POINT for each in row) for row in points],
    )


@pytest.mark.parametrize("per", ["town", "village", "grid"])
def test_the_scale_is_measured_on_the_page(per: str, draw: Draw, content: MapContent) -> None:
    unit = content.at_level({"town": 1, "village": 2, "grid": 3}[per])[-1]
    [path] = draw("A3", per, unit.code)
    scale = int(re.search(r"比例尺 1:(\d+)", _text(path))[1])  # type: ignore[index]
    assert scale in SCALES
    rectangles, points = _numbers(path)
    bar = [row[2] for row in rectangles if round(abs(row[3]), 2) == 2.0][:4]
    whole_m = float(re.search(r"(\d+) 米", _text(path))[1])  # type: ignore[index]
    assert sum(bar) / 1000 * scale == pytest.approx(whole_m, rel=0.005)
    # The unit's own outline: its width in nature, against the points that are drawn.
    west, south, east, north = unit.shape.bounds
    height_mm = 1000 * (north - south) / scale
    placed = Canvas(None, fit(unit.shape.bounds, "A3"))  # type: ignore[arg-type]
    corners = placed.to_page(np.array([(west, north), (east, south)]))
    page_height = placed.fit.paper.height
    for x in corners[:, 0]:
        assert min(abs(point[0] - x) for point in points) < 0.01
    ys = [page_height - point[1] for point in points]
    top, foot = corners[0][1], corners[1][1]
    assert min(abs(each - top) for each in ys) < 0.01
    assert min(abs(each - foot) for each in ys) < 0.01
    assert foot - top == pytest.approx(height_mm, rel=0.005)


def test_a_sheet_for_each_village_by_one_command(draw: Draw, content: MapContent) -> None:
    some = [unit.code for unit in content.at_level(2)[:3]]
    paths = draw("A3", "village", *some)
    assert [path.name.split()[0] for path in paths] == some
    with pytest.raises(NotFoundError, match="没有"):
        draw("A3", "village", "无此村")


@pytest.mark.long
def test_all_villages(draw: Draw, content: MapContent) -> None:
    begun = time.monotonic()
    paths = draw("A3", "village")
    took_s = time.monotonic() - begun
    assert len(paths) == len(content.at_level(2)) == 61
    errors = []
    for path, unit in zip(paths, content.at_level(2), strict=True):
        text = _text(path)
        assert unit.name in text
        errors.append(_scale_error(path, text))
    print(f"61 A3 sheets in {took_s:.0f} s; measured scale within {max(errors):.5%}")
    assert max(errors) < 0.005


def _scale_error(path: Path, text: str) -> float:
    """By how much the bar on the page is longer or shorter than the stated scale wants."""
    scale = int(re.search(r"比例尺 1:(\d+)", text)[1])  # type: ignore[index]
    whole_m = float(re.search(r"(\d+) 米", text)[1])  # type: ignore[index]
    rectangles, _ = _numbers(path)
    bar = [row[2] for row in rectangles if round(abs(row[3]), 2) == 2.0][:4]
    return abs(sum(bar) / 1000 * scale / whole_m - 1)


def test_the_largest_round_scale_is_taken() -> None:
    frame_m = fit((0, 0, 10, 10), "A3")
    assert frame_m.scale == 500
    assert fit((0, 0, 1300, 200), "A4").scale == 8000
    assert not fit((0, 0, 1300, 200), "A4").paper.is_upright
    assert fit((0, 0, 200, 2000), "A4").paper.is_upright
    with pytest.raises(InputError, match="too large"):
        fit((0, 0, 1e6, 1e6), "A4")


@pytest.mark.parametrize(
    ("longest", "length"), [(1, 1), (1.9, 1), (2, 2), (49, 20), (50, 50), (0.3, 0.2), (999, 500)]
)
def test_lengths_are_round(longest: float, length: float) -> None:
    assert round_length(longest) == pytest.approx(length)
