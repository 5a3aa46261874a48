"""Codes by the scheme at a click, taken back by undo."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect


def test_a_village_is_renumbered_and_undone(editor_of: Any, squares: Any, hands: Any) -> None:
    page, witness = editor_of("anna", "12/29.05/120.05")
    hands.begin(page)
    as_it_was = hands.coverage(page)
    page.locator(".levels").get_by_role("button", name="村社").click()
    hands.click(page, -120, 30)  # in the western village, beside no edge
    button = page.get_by_role("button", name="按规则重编")
    button.click()
    expect(page.locator(".steps li")).to_have_count(1)
    # Two grids of the village, each with four micro-grids: below the village's code t1.
    expect(page.get_by_text("已重编 10 个编码")).to_be_visible()
    codes = {unit["id"]: unit["code"] for unit in hands.coverage(page)["units"]}
    ids = squares.ids
    assert (codes[ids["t102"]], codes[ids["t101"]]) == ("t1001", "t1002")
    assert codes[ids["t10203"]] == "t100101"
    assert codes[ids["t203"]] == "t203"
    expect(page.locator(".steps li")).to_contain_text("按规则重编")
    button.click()
    expect(page.get_by_text("编码已合规则")).to_be_visible()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator('[data-tool="undo"]')).to_be_disabled()
    assert hands.coverage(page)["units"] == as_it_was["units"]
    assert witness.complaints == []
