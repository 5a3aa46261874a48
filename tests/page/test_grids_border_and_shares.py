"""Borders drawn anew, the outline among them, and a polygon shared out by floors."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from pagehands import WHOLE_TOWN


def steps(page: Page, number: int) -> None:
    """Until so many steps are answered."""
    expect(page.locator(".steps li:not(.undone)")).to_have_count(number)
    expect(page.locator(".saved")).to_have_text("已保存")


def test_a_border_and_the_outline_are_drawn_anew(editor_of: Any, hands: Any, click: Any) -> None:
    page, witness = editor_of("olga", WHOLE_TOWN)
    hands.begin(page, "重画")
    page.click('[data-level="3"]')
    page.locator(".map canvas").focus()
    page.keyboard.press("r")
    expect(page.locator(".tool-hint .primary")).to_have_count(0)
    click(page, 120.05, 29.0375)
    expect(page.locator(".border h3")).to_contain_text("|")
    expect(page.locator(".border")).to_contain_text("由 2 段边组成")
    for lat in (28.99, 29.02, 29.06):
        click(page, 120.06, lat)
    page.keyboard.press("Enter")
    steps(page, 1)

    page.keyboard.press("r")
    click(page, 120.1, 29.035)
    expect(page.locator(".outline-after")).to_have_text("还没有画新的走向")
    click(page, 120.107, 29.04)
    click(page, 120.107, 29.06)
    click(page, 120.1, 29.065)
    expect(page.locator(".outline-after")).to_contain_text("净划入约")
    page.keyboard.press("Enter")
    expect(page.locator(".refusal")).to_contain_text("先写明相邻镇街")
    page.keyboard.type("邻镇")
    page.keyboard.press("Enter")
    steps(page, 2)
    expect(page.locator(".steps li").first).to_contain_text("重画镇界 · 邻镇")

    first, second = hands.coverage(page)["steps"]
    assert first["kind"] == "redraw_border"
    assert len(first["parameters"]["line"]) == 3
    assert (second["kind"], second["parameters"]["neighbour"]) == ("redraw_outline", "邻镇")
    page.click("#tab-faults")
    page.click(".faults .primary")
    expect(page.locator(".sound")).to_be_visible()
    page.locator(".map canvas").focus()
    page.keyboard.press("Control+z")
    steps(page, 1)
    page.keyboard.press("Control+y")
    steps(page, 2)
    assert witness.complaints == []


def test_who_may_not_change_the_outline_is_told_so(editor_of: Any, hands: Any, click: Any) -> None:
    page, _ = editor_of("anna", WHOLE_TOWN)
    hands.begin(page, "镇界不归我")
    page.keyboard.press("r")
    click(page, 120.1, 29.0375)
    expect(page.locator(".no-right")).to_contain_text("由系统管理员调整")
    expect(page.locator(".tool-hint .primary")).to_have_count(0)
    click(page, 120.05, 29.0375)
    expect(page.locator(".border h3")).to_contain_text("|")


def divide_by_keyboard(page: Page, among: int) -> None:
    """From the map to a table of so many micro-grids, without a pointer."""
    page.locator(".map canvas").focus()
    page.keyboard.press("h")
    expect(page.locator("#share-building")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type(str(among))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".share")).to_have_count(among)


def test_a_polygon_is_shared_out_by_floors(editor_of: Any, hands: Any, click: Any) -> None:
    page, witness = editor_of("anna", WHOLE_TOWN)
    hands.begin(page, "高层")
    click(page, 120.0375, 29.0375)
    divide_by_keyboard(page, 3)
    low, middle, high = (page.locator(".share").nth(i) for i in range(3))
    for row in (low, middle, high):  # 4 households on 6 floors
        expect(row.locator(".share-load")).to_have_text("1.3 户 · 偏少")
    low.locator(".share-highest").fill("3")
    expect(low.locator(".share-faults")).to_contain_text("重叠")
    expect(middle.locator(".share-faults")).to_contain_text("3层")
    low.locator(".share-highest").fill("1")
    expect(page.locator(".share-table > .share-faults")).to_contain_text("2层")
    low.locator(".share-highest").press("Enter")  # nothing is sent as it is
    expect(low.locator("input").first).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("h")
    expect(page.locator(".shares .notice")).to_contain_text("上次没有完成")
    low.locator(".share-highest").fill("2")
    high.get_by_role("button", name="删去这一格").click()
    middle.locator(".share-highest").fill("6")
    expect(middle.locator(".share-load")).to_have_text("2.7 户 · 偏少")
    middle.locator(".share-highest").press("Enter")
    steps(page, 1)
    (step,) = hands.coverage(page)["steps"]
    shares = step["parameters"]["shares"]
    assert [each["parts"][0]["floors"] for each in shares] == [[1, 2], [3, 6]]
    assert shares[0]["code"] != shares[1]["code"]
    look_at_the_shares(page, click)
    assert witness.complaints == []


def look_at_the_shares(page: Page, click: Any) -> None:
    """Each is beside the band, as the server counts it; undone and done again; at a click."""
    cards = page.locator("[data-code]")
    expect(cards).to_have_count(2)
    for card, households in zip(cards.all(), ("1.3", "2.7"), strict=True):
        expect(card.locator(".share-households")).to_have_text(households)
        expect(card.locator(".band-bar")).to_be_visible()
    expect(page.locator(".edit .workload")).to_contain_text("96 户不在其中")
    page.locator(".map canvas").focus()
    page.keyboard.press("Control+z")
    steps(page, 0)
    expect(cards).to_have_count(0)
    page.keyboard.press("Control+y")
    steps(page, 1)
    click(page, 120.0375, 29.0125)
    expect(cards).to_have_count(0)
    click(page, 120.0375, 29.0375)
    expect(cards).to_have_count(2)
