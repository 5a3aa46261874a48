"""The card of coverage on the map: what it says, draws and suggests."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect


def _switch_on(page: Page) -> None:
    with page.expect_response("**/api/response-coverage") as asked:
        page.locator(".coverage .switch").check(force=True)
    assert asked.value.status == 200
    expect(page.locator(".coverage tbody tr")).to_have_count(5)


def test_the_card_says_what_is_reached_and_where_teams_would_stand_better(
    opened: Any, demo_url: str
) -> None:
    page, _ = opened(demo_url)
    expect(page.locator(".coverage table")).to_be_hidden()
    with page.expect_response("**/api/response-coverage/cells?version=*") as cells:
        _switch_on(page)
    assert cells.value.headers["content-type"] == "application/geo+json"
    held = page.locator(".coverage tr[data-held]")
    expect(held).to_contain_text("3 分钟内")
    expect(page.locator(".coverage-headline")).to_contain_text("%")
    single = held.locator("td").first.inner_text()
    page.locator(".coverage .segments label").nth(1).click()
    expect(held.locator("td").first).not_to_have_text(single)
    page.locator(".coverage summary").last.click()
    expect(page.locator(".coverage-outside")).to_contain_text("场所")
    page.locator(".coverage-ask button").click()
    expect(page.locator(".coverage-moves li")).to_have_count(3)
    expect(page.locator(".coverage-gain")).to_contain_text("→")
    page.locator(".coverage .switch").uncheck(force=True)
    expect(page.locator(".coverage table")).to_be_hidden()


def test_each_candidate_has_its_price(opened: Any, demo_url: str) -> None:
    page, _ = opened(demo_url)
    page.fill("#place", "120.0170, 29.2000 wgs84")
    page.press("#place", "Enter")
    expect(page.locator(".responders .price")).to_have_count(5)
    expect(page.locator(".responders .price").first).to_contain_text("派出")
