"""The coverage without a draft: today's at once, past and planned days, for editors and readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

IN_T10206 = "13/29.0625/120.04"


def shown_households(page: Any) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        ".today .load [data-kind=households]", "all => all.map(each => each.dataset.now)"
    )
    return found


def test_the_page_shows_today_and_a_draft_begins_where_one_looks(
    editor_of: Any, squares: Any, hands: Any
) -> None:
    page, witness = editor_of("anna", IN_T10206)
    expect(page.locator(".today")).to_contain_text("2 个村社 · 4 个网格 · 16 个微网格")
    hands.click(page)
    expect(page.locator(".today-unit h2")).to_have_text("单元t10206")
    facts = page.locator(".unit-facts")
    for words in ("微网格", "t10206", "单元t › 单元t1 › 单元t102"):
        expect(facts).to_contain_text(words)
    expect(page.locator(".today .load .band-word")).to_have_text("偏多")
    assert shown_households(page) == ["100"]
    page.click('[data-level="3"]')
    hands.click(page)
    expect(page.locator(".today-unit h2")).to_have_text("单元t102")
    expect(page.locator(".today .load .band-word")).to_have_text("达标")
    page.get_by_role("button", name="从这里新建草案").click()
    place = page.url.split("#")[1]
    page.keyboard.type("东村调整")
    page.keyboard.press("Enter")
    expect(page.locator(".saved")).to_have_text("已保存")
    expect(page.locator(".edit h3")).to_have_text("单元t102")
    assert page.url.split("#")[1] == place
    expect(page.locator(".today")).to_be_hidden()
    page.click("#tab-drafts")
    page.get_by_role("link", name="关闭草案,回到今天的网格").click()
    expect(page.locator(".today")).to_contain_text("16 个微网格")
    assert "draft" not in page.url
    assert page.url.split("#")[1] == place
    assert witness.complaints == []


@pytest.mark.parametrize("name", ["paul", None])
def test_readers_see_the_same_and_no_tool(
    squares: Any, signed_in: Any, browser: Any, hands: Any, name: str | None
) -> None:
    context = None if name else browser.new_context(viewport={"width": 1200, "height": 800})
    page = signed_in(squares.url, name) if name else context.new_page()
    page.goto(f"{squares.url}/grids#map={IN_T10206}")
    expect(page.locator(".today")).to_contain_text("16 个微网格")
    page.wait_for_selector('.map[data-idle="true"]')
    page.locator(".map canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".unit-facts")).to_contain_text("t10206")
    expect(page.locator(".today .load")).to_contain_text("面积")
    assert shown_households(page) == (["100"] if name else [])
    assert page.locator("[data-tool]").count() == 0
    assert page.locator("#draft-name").count() == 0
    page.click("#tab-history")
    page.fill("#history-day", "2019-05-01")
    page.locator("#history-day").dispatch_event("change")
    expect(page.locator(".moment-banner")).to_contain_text("2019-05-01 的网格")
    page.get_by_role("button", name="回到今天").click()
    expect(page.locator(".moment-banner")).to_be_hidden()
    page.click("button.language")
    expect(page.locator("#tab-today")).to_have_text("Grids")
    if context:
        context.close()


def test_the_slider_looks_ahead_to_what_is_planned(
    editor_of: Any, signed_in: Any, squares: Any, hands: Any
) -> None:
    page, witness = editor_of("anna", IN_T10206)
    other, origin = signed_in(squares.url, "bert"), {"Origin": squares.url}

    def post(who: Any, path: str, body: Any) -> Any:
        answer = who.request.post(f"{squares.url}/api/drafts{path}", data=body, headers=origin)
        assert answer.ok, answer.text()
        return answer.json()

    for name, unit, called, days in (
        ("先行", "t10206", "河东微网格", 10),
        ("后续", "t1", "新东村", 20),
        ("相争", "t1", "大东村", 30),
    ):
        draft = post(page, "", {"name": name})["id"]
        rename = {"kind": "rename", "parameters": {"unit": squares.ids[unit], "name": called}}
        post(page, f"/{draft}/steps", {"revision": 0, **rename})
        post(page, f"/{draft}/submit", {"revision": 1})
        since = (datetime.now(UTC) + timedelta(days)).isoformat()
        post(other, f"/{draft}/approve", {"effective_from": since})
    page.reload()
    page.click("#tab-history")
    rows = page.locator(".ahead .row")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("将退回")
    expect(page.locator('.day-marks [data-kind="planned"]')).to_have_count(3)
    rows.nth(1).click()
    banner = page.locator(".moment-banner")
    expect(banner).to_contain_text("尚未生效")
    expect(banner).to_have_attribute("data-when", "planned")
    expect(page.locator(".said")).to_contain_text("在此之前生效:先行")
    expect(page.locator(".said .rows")).to_contain_text("新东村")
    hands.click(page)
    expect(page.locator(".clicked")).to_have_text("微网格「河东微网格」 t10206")
    # By keyboard, a day before the first: still the same as today.
    page.locator("#history-slider").focus()
    for _ in range(15):
        page.keyboard.press("ArrowLeft")
    expect(banner).to_contain_text("与今天相同")
    page.click("#tab-drafts")
    expect(banner).to_be_hidden()
    hands.click(page)
    expect(page.locator(".today-unit h2")).to_have_text("单元t10206")
    assert witness.complaints == []
