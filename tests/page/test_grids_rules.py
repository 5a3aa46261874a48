"""The dialog of the town's rules."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect


@pytest.fixture
def open_rules(editor_of: Any) -> Any:
    """`page, witness = open_rules("olga")`."""

    def run(name: str) -> Any:
        page, witness = editor_of(name)
        page.get_by_role("button", name="镇里的规则").click()
        expect(page.locator(".rule")).to_have_count(6)
        return page, witness

    return run


def test_the_administrator_settles_them_and_faults_stand_at_their_fields(open_rules: Any) -> None:
    page, witness = open_rules("olga")
    expect(page.locator('[data-rule="bands.3"]')).to_contain_text("默认 300–500")
    expect(page.locator(".rule-log")).to_contain_text("还没有人改过规则")
    page.fill("#rule-bands-3-0", "600")
    page.fill("#rule-min_area_m2", "many")
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator("#fault-bands-3")).to_have_text("最多不能小于最少")
    expect(page.locator("#fault-min_area_m2")).to_contain_text("1 至")
    expect(page.locator("#rule-bands-3-0")).to_be_focused()
    page.fill("#rule-bands-3-0", "250")
    page.fill("#rule-bands-3-1", "450")
    page.fill("#rule-min_area_m2", "150")
    page.fill("#rule-code_scheme", "6+3, 3, 3, 3")
    expect(page.locator('[data-rule="code_scheme"]')).to_contain_text(" 001 001 001")
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator(".rules .said")).to_have_text("已保存")
    log = page.locator(".rule-log")
    expect(log).to_contain_text("每个网格的户数:300–500 → 250–450")
    expect(log).to_contain_text("最小面积:100 → 150 m²")
    expect(log).to_contain_text("olga")
    page.get_by_role("button", name="恢复默认").nth(1).click()
    expect(page.locator("#rule-bands-3-0")).to_have_value("300")
    # What the server alone finds wrong is said at the field too.
    refusal = {"status": 400, "description": "no", "fields": {"min_width_m": "太宽"}}
    page.route("**/api/boundary-rules", lambda route: route.fulfill(status=400, json=refusal))
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator("#fault-min_width_m")).to_have_text("太宽")
    witness.complaints.clear()  # the browser notes the refusal
    page.keyboard.press("Escape")
    expect(page.locator("dialog.rules")).to_be_hidden()
    assert witness.complaints == []


def test_an_editor_reads_them(open_rules: Any) -> None:
    page, witness = open_rules("anna")
    expect(page.locator(".rules .note")).to_contain_text("系统管理员")
    expect(page.locator("#rule-min_area_m2")).to_be_disabled()
    assert page.get_by_role("button", name="保存规则").count() == 0
    assert witness.complaints == []
