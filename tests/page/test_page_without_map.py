"""Without WebGL2 there is no map; the page says why, and the lists and answers still work."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def page(opened: Any, browser_without_webgl: Browser, demo_url: str) -> Page:
    page, witness = opened(demo_url, browser=browser_without_webgl)
    assert witness.complaints == []
    return page  # type: ignore[no-any-return]


def test_the_page_says_why_there_is_no_map(page: Page) -> None:
    expect(page.locator(".missing")).to_contain_text("WebGL2")
    assert page.locator("canvas").count() == 0
    page.click("button.language")
    expect(page.locator(".missing")).to_contain_text("has no WebGL2")


def test_typed_coordinates_are_answered(page: Page) -> None:
    page.fill("#place", "120.017, 29.2 wgs84")
    page.press("#place", "Enter")
    expect(page.locator(".responder")).to_have_count(5)
    expect(page.locator(".where")).to_contain_text("›")


def test_hotspots_are_a_ranking(page: Page) -> None:
    page.click("#tab-hotspots")
    expect(page.locator("tbody tr").first).to_contain_text("热点 99%")
    page.click(".cell-button >> nth=0")  # no map to show it on: who is nearest
    expect(page.locator(".responder")).to_have_count(5)


def test_layers_are_lists(page: Page) -> None:
    page.click("#tab-layers")
    row = page.locator('[data-layer="premises"]')
    expect(row).to_contain_text("6,159")
    row.locator(".more-button").click()
    row.get_by_role("link").click()
    expect(page.locator("table, ul").first).to_be_visible()
