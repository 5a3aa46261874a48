"""Two editors in two browsers: neighbours land both; of one edge changed twice nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

# Edges between two micro-grids, on either side of the same micro-grid.
WEST, EAST = "13/29.0625/120.025", "13/29.0625/120.05"
# Edges of which nobody else's test knows.
DISPUTED = {"mine": "13/29.0375/120.05", "theirs": "13/29.0375/120.075"}


@pytest.fixture
def draft_by(editor_of: Any) -> Any:
    """`page = draft_by("anna", WEST, dx)`: a draft in which she has pulled the edge there."""

    def draw(name: str, place: str, dx: int) -> Page:
        page, witness = editor_of(name, place)
        page.fill("#draft-name", f"{name}的草案")
        page.click(".begin button")
        page.wait_for_selector('.map[data-idle="true"]')
        page.wait_for_selector('[data-tool="split"]:enabled')
        box = page.locator(".map canvas").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.click(x, y)
        page.wait_for_selector(".grip.middle")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + dx, y, steps=4)
        page.mouse.up()
        expect(page.locator(".steps li")).to_have_count(1)
        assert witness.complaints == []
        return page

    return draw


def submit(page: Page) -> None:
    page.click("#tab-changes")
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".changes .state-submitted")).to_be_visible()


def look_at_changes(page: Page) -> None:
    """Of a draft that is just being opened: when it is, its first tab shows."""
    expect(page.locator("#tab-edit")).to_have_attribute("aria-selected", "true")
    page.click("#tab-changes")


def approve(page: Page, squares: Any) -> None:
    """Somebody else opens the draft that waits, and approves it from now on."""
    page.goto(f"{squares.url}/grids")
    page.locator(".row", has=page.locator(".state-submitted")).first.click()
    look_at_changes(page)
    page.get_by_role("button", name="批准").click()
    expect(page.locator(".changes .state-approved")).to_be_visible()
    assert squares.make_effective() == 1


def bent_arcs(squares: Any) -> int:
    """How many of today's arcs are no straight lines."""
    query = "SELECT count(*) FROM grids.arc_version WHERE valid @> now() AND ST_NPoints(geom) > 2"
    return int(squares.execute(query)[0][0])


def test_neighbours_edited_at_once_land_both(draft_by: Any, editor_of: Any, squares: Any) -> None:
    before = bent_arcs(squares)
    anna, bert = draft_by("anna", WEST, -60), draft_by("bert", EAST, 60)
    submit(anna)
    cora, _ = editor_of("cora")
    approve(cora, squares)
    expect(bert.locator(".conflict")).to_contain_text("新版本")  # without a reload
    bert.click("#tab-changes")
    bert.get_by_role("button", name="并入新版本").click()
    expect(bert.locator(".conflict")).to_be_hidden()
    submit(bert)
    approve(cora, squares)
    assert bent_arcs(squares) == before + 2


@pytest.mark.parametrize("side", ["mine", pytest.param("theirs", marks=pytest.mark.long)])
def test_an_edge_changed_twice_gives_the_second_a_choice(
    draft_by: Any, editor_of: Any, squares: Any, side: str
) -> None:
    place = DISPUTED[side]
    anna, bert = draft_by("anna", place, -60), draft_by("bert", place, 60)
    submit(anna)
    cora, _ = editor_of("cora")
    approve(cora, squares)
    annas = squares.execute("SELECT ST_AsText(geom) FROM grids.arc_version WHERE valid @> now()")
    expect(bert.locator(".conflict")).to_contain_text("新版本")
    bert.click("#tab-changes")
    bert.get_by_role("button", name="并入新版本").click()
    expect(bert.locator(".conflict")).to_contain_text("1 处")
    expect(bert.locator(".steps li")).to_have_count(1)  # what he drew is still there
    row = bert.locator('[data-dispute^="arc-"]')
    expect(row).to_have_count(1)
    bert.reload()  # and stays
    look_at_changes(bert)
    expect(row).to_have_count(1)
    row.locator(f'input[value="{side}"]').check(force=True)
    bert.get_by_role("button", name="按选择合并").click()
    expect(bert.locator(".conflict")).to_be_hidden()
    submit(bert)
    approve(cora, squares)
    today = squares.execute("SELECT ST_AsText(geom) FROM grids.arc_version WHERE valid @> now()")
    assert (sorted(today) == sorted(annas)) == (side == "theirs")
