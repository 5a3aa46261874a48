"""The search box over the map: by keys alone, by finger, and with a pasted pair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def listed(opened: Any, browser_without_webgl: Browser) -> Callable[..., Page]:
    """A page in a browser that draws no map: the box needs none."""
    return lambda url, **options: opened(url, browser=browser_without_webgl, **options)[0]


def look_for(page: Page, text: str) -> None:
    with page.expect_response("**/api/places?*", timeout=60_000):
        page.fill("#place", text)
    page.wait_for_selector(".place-list li")


def test_a_place_is_found_and_asked_about_by_keys_alone(
    listed: Callable[..., Page], demo_url: str
) -> None:
    page = listed(demo_url)
    page.keyboard.press("/")
    expect(page.locator("#place")).to_be_focused()
    look_for(page, "dcsq")
    first = page.locator(".place-list li").first
    expect(first).to_contain_text("大成社区")
    expect(first).to_contain_text("村社")
    assert page.locator(".place-list li").count() <= 8
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#place")).to_have_attribute("aria-activedescendant", "place-0")
    with page.expect_response("**/execution"):
        page.keyboard.press("Enter")
    expect(page.locator("#place")).to_have_value("大成社区")
    expect(page.locator(".place-drop")).to_be_hidden()
    page.wait_for_selector(".responder")


def test_enter_waits_for_the_answer_and_escape_closes(
    listed: Callable[..., Page], demo_url: str
) -> None:
    page = listed(demo_url)
    page.fill("#place", "钟村小学")
    page.press("#place", "Enter")
    expect(page.locator("#place")).to_have_value("钟村小学")
    page.wait_for_selector(".responder", timeout=60_000)
    look_for(page, "大成")
    page.press("#place", "Escape")
    expect(page.locator(".place-drop")).to_be_hidden()
    page.press("#place", "Escape")
    expect(page.locator("#place")).to_have_value("")


def test_a_pair_without_its_datum_is_asked_about_in_both_languages(
    listed: Callable[..., Page], demo_url: str
) -> None:
    page = listed(demo_url)
    look_for(page, "120.02，29.20")
    expect(page.locator(".place-note")).to_contain_text("坐标")
    expect(page.locator(".place-list li")).to_have_count(3)
    page.fill("#place", "")
    page.click("button.language")
    look_for(page, "120.02,29.20")
    expect(page.locator(".place-note")).to_contain_text("coordinates")
    expect(page.locator(".place-list li").nth(1)).to_contain_text("AMap")
    page.click("button.language")


def test_on_a_phone_what_is_found_stays_above_the_sheet(opened: Any, demo_url: str) -> None:
    page, _ = opened(demo_url, phone=True)
    look_for(page, "大成社区12号")
    drop, sheet = (page.locator(each).bounding_box() for each in (".place-drop", ".sheet"))
    assert drop["y"] + drop["height"] <= sheet["y"]
    page.locator(".place-list li").first.tap()
    page.wait_for_selector(".responder")


def test_the_same_box_finds_a_unit_on_the_grids_page(opened: Any, demo_url: str) -> None:
    page, _ = opened(f"{demo_url}/grids")
    look_for(page, "dcsq")
    page.press("#place", "Enter")
    expect(page.locator("#pane-today")).to_contain_text("大成社区第")
