"""Every example in docs/clients is run as it stands, against the demo town."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from layers.roles import Role

DOCS = Path(__file__).parents[2] / "docs" / "clients"
BLOCK = re.compile(r"^```(?P<kind>[\w -]+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
# What an example writes, and the test puts in its place.
ADDRESS = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Example:
    """One fenced block.

    Attributes:
        kind: "sh", "python", "html"; "sh gdal" and "python qgis" need these programs.
        output: what it prints, where the page shows that in the block that follows; `…` stands for
            anything.
    """

    page: str
    number: int
    kind: str
    text: str
    output: str | None = None


def examples_of(page: Path) -> Iterator[Example]:
    blocks = [(found["kind"], found["text"]) for found in BLOCK.finditer(page.read_text("utf-8"))]
    following = blocks[1:] + [("", "")] * bool(blocks)
    for number, ((kind, text), (next_kind, next_text)) in enumerate(
        zip(blocks, following, strict=True)
    ):
        if kind != "text":
            output = next_text if next_kind == "text" else None
            yield Example(page.stem, number, kind, text, output)


EXAMPLES = [example for page in sorted(DOCS.glob("*.md")) for example in examples_of(page)]
KINDS = {"sh", "sh gdal", "python", "python qgis", "html"}


def pages_with(*kinds: str) -> list[str]:
    return sorted({example.page for example in EXAMPLES if example.kind in kinds})


def test_there_is_no_block_that_nobody_runs():
    assert {example.kind for example in EXAMPLES} <= KINDS


@pytest.mark.parametrize("page", sorted(page.stem for page in DOCS.glob("*.md")))
def test_links_and_pictures_lead_somewhere(page: str):
    text = (DOCS / f"{page}.md").read_text("utf-8")
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", text):
        assert (DOCS / target).exists(), target


@pytest.fixture(scope="module")
def filled_in(town: Any) -> Callable[[str], str]:
    """An example's text for this town: its address, and an editor's name and password."""
    account = ":".join(town.account(Role.GIS_EDITOR))
    return lambda text: text.replace(ADDRESS, town.url).replace("NAME:PASSWORD", account)


def check_output(example: Example, printed: str) -> None:
    if example.output is not None:
        pattern = re.escape(example.output.strip()).replace("…", ".*")
        assert re.fullmatch(pattern, printed.strip(), re.DOTALL), printed


@pytest.mark.parametrize("page", pages_with("sh", "python"))
def test_commands_print_what_the_page_says(
    page: str, filled_in: Callable[[str], str], tmp_path: Path, picture_of: Callable[[str], Path]
):
    """In one folder, one after the other, as a reader types them."""
    starts = {"sh": ["bash", "-euc"], "python": [sys.executable, "-c"]}
    for example in EXAMPLES:
        if example.page == page and example.kind in starts:
            command = [*starts[example.kind], filled_in(example.text)]
            done = subprocess.run(
                command, cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{example.text}\n{done.stderr}"
            check_output(example, done.stdout)
    _keep_picture(tmp_path, page, picture_of)


@pytest.mark.long
@pytest.mark.parametrize("page", pages_with("sh gdal", "python qgis"))
def test_commands_of_gdal_and_qgis_print_what_the_page_says(
    page: str,
    filled_in: Callable[[str], str],
    tmp_path: Path,
    picture_of: Callable[[str], Path],
    in_debian: Callable[..., Any],
):
    starts = {"sh gdal": ("sh", "-euc"), "python qgis": ("python3", "-c")}
    for example in EXAMPLES:
        if example.page == page and example.kind in starts:
            done = in_debian(
                "trixie", *starts[example.kind], filled_in(example.text), folder=tmp_path
            )
            assert done.returncode == 0, f"{example.text}\n{done.stderr}"
            check_output(example, done.stdout)
    _keep_picture(tmp_path, page, picture_of)


def _keep_picture(folder: Path, page: str, picture_of: Callable[[str], Path]) -> None:
    made = folder / f"{page}.png"
    if made.exists():
        picture_of(page).write_bytes(made.read_bytes())


# What must be seen on each page's examples.
COLORS = {
    "amap": [("#14506e", "#b3261e")],
    "leaflet": [("#0b7a4b", "#14506e")],
    "maplibre": [("#a9cbe0", "#8a8577", "#0b7a4b", "#b3261e")],
    "openlayers": [("#a9cbe0", "#8a8577", "#b3261e"), ("#0b7a4b",)],
}
SHOWN = [
    pytest.param(example, colors, id=f"{page}-{number}")
    for page, seen in COLORS.items()
    for number, (example, colors) in enumerate(
        zip([e for e in EXAMPLES if e.page == page and e.kind == "html"], seen, strict=True)
    )
]


@pytest.mark.parametrize(("example", "colors"), SHOWN)
def test_a_page_draws(
    example: Example,
    colors: tuple[str, ...],
    demo_url: str,
    draw_page: Callable[..., Any],
    picture_of: Callable[[str], Path],
):
    """On another site than the town's: every answer is good and every colour is seen."""
    first = next(e for e in EXAMPLES if e.page == example.page and e.kind == "html")
    name = example.page if example is first else f"{example.page}-{example.number}"
    drawn = draw_page(example.text.replace(ADDRESS, demo_url), picture_of(name))
    ours = [(status, url) for status, url in drawn.answers if url.startswith(demo_url)]
    assert ours
    assert [each for each in ours if each[0] >= 400] == []
    assert drawn.complaints == []
    for color in colors:
        assert drawn.pixels_of(color) > 30, color
