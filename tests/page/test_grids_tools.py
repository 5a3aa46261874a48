"""Every tool of the editor that is no pull; then what others see of a draft and of the past."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pagehands import WHOLE_TOWN


def steps(page: Page, number: int) -> None:
    """Until so many steps are answered."""
    expect(page.locator(".steps li")).to_have_count(number)
    expect(page.locator(".saved")).to_have_text("已保存")


def test_pieces_parents_groups_and_courses_change_by_their_tools(
    editor_of: Any, hands: Any, click: Any
) -> None:
    page, witness = editor_of("anna", WHOLE_TOWN)
    hands.begin(page)
    page.keyboard.press("t")
    click(page, 120.0625, 29.0375)  # gives
    click(page, 120.0875, 29.0375)  # takes
    click(page, 120.07, 29.022)
    click(page, 120.07, 29.053)
    page.keyboard.press("Enter")
    steps(page, 1)
    page.keyboard.press("p")
    click(page, 120.06, 29.0375)
    click(page, 120.0625, 29.0625)
    steps(page, 2)
    page.keyboard.press("g")  # with the micro-grid that has a new parent
    click(page, 120.0625, 29.0625)
    expect(page.locator(".tool-hint")).to_contain_text("已选 2")
    page.keyboard.press("Enter")
    steps(page, 3)
    page.keyboard.press("Escape")
    click(page, 120.05, 29.0375)
    hands.pull(page, ".grip.middle", 40)
    steps(page, 4)
    page.get_by_role("button", name="拉直").click()
    steps(page, 5)
    click(page, 120.025, 29.0125)
    page.keyboard.press("f")
    click(page, 120.03, 29.0125)
    steps(page, 6)
    click(page, 120.1, 29.0625)
    expect(page.locator(".edit")).to_contain_text("镇界由管理员调整")

    draft = hands.coverage(page)
    kinds = ["transfer", "set_parent", "group", "add_vertex", "straighten", "follow"]
    assert [step["kind"] for step in draft["steps"]] == kinds
    assert any([120.03, 29.0125] in arc["coords"] for arc in draft["arcs"])
    assert sum(unit["level"] == 3 for unit in draft["units"]) == 5
    page.click("#tab-faults")
    page.click(".faults .primary")
    expect(page.locator(".sound")).to_be_visible()
    look_behind_the_line(page)
    assert witness.complaints == []


def look_behind_the_line(page: Page) -> None:
    """Left of the swipe line is what was, right of it what is drawn: by the keyboard alone."""
    page.click("#tab-changes")
    page.locator('[data-compared="swipe"]').press("Enter")
    page.wait_for_selector('.before-map[data-idle="true"]')
    line = page.locator(".swipe-line")
    box = page.locator(".map canvas").bounding_box()
    assert box is not None
    # Where an edge now follows the stream.
    x, y = box["x"] + box["width"] / 2 - 160, box["y"] + box["height"] / 2 + 200
    clip: Any = {"x": x, "y": y, "width": 60, "height": 100}
    seen = []
    for key in ("End", "Home"):
        line.press(key)
        seen.append(page.screenshot(clip=clip))
    expect(line).to_have_attribute("aria-valuenow", "4")
    assert seen[0] != seen[1]
    page.click('[data-compared="now"]')
    expect(line).to_be_hidden()


def test_the_outline_is_moved_by_an_administrator_who_names_the_neighbour(
    editor_of: Any, hands: Any, click: Any
) -> None:
    page, witness = editor_of("olga", WHOLE_TOWN)
    hands.begin(page, "镇界")
    click(page, 120.1, 29.0625)
    expect(page.locator(".tool-hint")).to_contain_text("先在左侧写明相邻镇街")
    expect(page.locator(".grip")).to_have_count(0)
    page.fill("#neighbour", "邻镇")
    hands.pull(page, ".grip.middle", 30)
    steps(page, 1)
    (step,) = hands.coverage(page)["steps"]
    assert (step["kind"], step["parameters"]["neighbour"]) == ("move_outline", "邻镇")
    assert witness.complaints == []


def test_a_village_looks_at_a_draft_on_a_phone_and_pins_a_note(
    editor_of: Any, hands: Any, browser: Any, context_of: Any
) -> None:
    page, _ = editor_of("anna", WHOLE_TOWN)
    hands.begin(page, "请村里看看")
    page.click("#tab-comments")
    page.fill("#link-label", "东村")
    page.get_by_role("button", name="生成链接").click()
    link = page.locator(".made input").input_value()

    phone = context_of(browser, phone=True).new_page()
    phone.goto(link)
    expect(phone.locator(".comments")).to_be_visible()
    expect(phone.locator(".sheet")).to_contain_text("请村里看看")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_role("button", name="在地图上批注").tap()
    phone.wait_for_selector('.map[data-idle="true"]')
    phone.touchscreen.tap(195, 300)
    phone.fill("#comment-text", "这里是村口的桥")
    phone.fill("#comment-nickname", "村民老张")
    phone.get_by_role("button", name="发送").tap()
    expect(phone.locator(".comments .rows")).to_contain_text("这里是村口的桥")

    page.reload()
    page.click("#tab-comments")
    expect(page.locator(".comments .rows")).to_contain_text("这里是村口的桥")
    page.locator(".comments .moved").get_by_role("button", name="停用").click()
    expect(page.locator(".comments .moved li")).to_have_count(0)
    phone.reload()
    expect(phone.locator(".closed")).to_contain_text("链接已失效")
    phone.close()


@pytest.fixture
def _merged_today(squares: Any, signed_in: Any) -> None:
    """Two micro-grids become one, effective now."""
    sides = {name: signed_in(squares.url, name).request for name in ("anna", "bert")}

    def post(who: str, path: str, body: Any) -> Any:
        session = sides[who].get(f"{squares.url}/api/session").json()
        headers = {"Origin": squares.url, "X-CSRF-Token": session["csrf_token"]}
        answer = sides[who].post(f"{squares.url}{path}", data=body, headers=headers)
        assert answer.ok, answer.text()
        return answer.json()

    draft = post("anna", "/api/drafts", {"name": "并一并"})
    path = f"/api/drafts/{draft['id']}"
    pair = {"survivor": squares.ids["t20414"], "absorbed": squares.ids["t20415"]}
    step = {"revision": 0, "kind": "merge", "parameters": pair}
    edit = post("anna", f"{path}/steps", step)
    post("anna", f"{path}/submit", {"revision": edit["revision"]})
    post("bert", f"{path}/approve", {})
    assert squares.make_effective() == 1


@pytest.mark.usefixtures("_merged_today")
def test_the_slider_shows_the_grids_of_a_past_day(
    editor_of: Any, canvas: Any, pixels_of: Any
) -> None:
    page, witness = editor_of("cora", WHOLE_TOWN)
    page.click("#tab-history")
    said = page.locator(".history [role=status]")
    page.locator(".history .row", has_text="并一并").click()  # its day
    expect(said).to_contain_text("2 村社、4 网格、15 微网格")
    page.locator("#history-slider").press("ArrowLeft")
    expect(said).to_contain_text("2 村社、4 网格、16 微网格")
    assert witness.complaints == []
    past = "#9a5b00"
    assert pixels_of(canvas(page), past, tolerance=12) > 1000
