"""What the panels say and how they are used: by mouse, keyboard and finger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from layers.roles import Role

MIDDLE_OF_TOWN = "120.0170, 29.2000"


@pytest.fixture
def listed(opened: Any, browser_without_webgl: Browser) -> Any:
    """Like `opened`, in a browser that draws no map: what panels say needs none."""
    return lambda url, **options: opened(url, browser=browser_without_webgl, **options)


def ask_nearest(page: Page, where: str = MIDDLE_OF_TOWN) -> dict[str, Any]:
    page.fill("#place", f"{where} wgs84")
    with page.expect_response("**/nearest-responders/execution") as asked:
        page.press("#place", "Enter")
    page.wait_for_selector(".responder, .fault:visible")
    answer: dict[str, Any] = asked.value.json()
    return answer


def test_the_list_is_the_servers_answer(
    listed: Any, demo_url: str, demo_account: Callable[[Role], tuple[str, str]]
) -> None:
    page, _ = listed(demo_url)
    answer = ask_nearest(page)
    inputs = {"lon": 120.017, "lat": 29.2, "k": 5}
    execution = f"{demo_url}/ogc/processes/nearest-responders/execution"
    expected = httpx.post(
        execution, json={"inputs": inputs}, auth=demo_account(Role.DISPATCHER)
    ).json()
    assert [each["key"] for each in answer["responders"]] == [
        each["key"] for each in expected["responders"]
    ]
    rows = page.locator(".responder")
    assert rows.count() == 5
    for i, responder in enumerate(expected["responders"]):
        seconds = -int(-responder["eta_s"] // 1)
        text = rows.nth(i).inner_text()
        assert responder["label"] in text
        assert f"{seconds // 60}:{seconds % 60:02}" in text
        assert ("3 分钟内" if responder["eta_s"] <= 180 else "超 3 分钟") in text
        assert responder["why"]["zh"][:8] in text


def test_coordinates_are_read_as_people_type_them_and_named_by_their_grids(
    listed: Any, demo_url: str
) -> None:
    page, _ = listed(demo_url)
    for typed in ("120.01,29.2", "120.01;29.21", "120.01 29.2"):
        incident = ask_nearest(page, typed)["incident"]
        assert (incident["lon"], incident["lat"]) == (120.01, float(typed[7:])), typed
    expect(page.locator(".where")).to_contain_text("›")


def test_faults_are_said_in_words(listed: Any, demo_url: str) -> None:
    page, _ = listed(demo_url)
    page.fill("#place", "qqqqqqqq")
    expect(page.locator(".place-note")).to_contain_text("没有叫“qqqqqqqq”的地点")
    page.fill("#place", "10.0, 10.0 wgs84")
    page.press("#place", "Enter")
    expect(page.locator(".verdict[data-code]")).to_contain_text("离任何道路都太远")
    page.route("**/execution", lambda route: route.abort())
    page.fill("#place", f"{MIDDLE_OF_TOWN} wgs84")
    page.press("#place", "Enter")
    expect(page.locator(".dispatch .answer .fault")).to_contain_text("服务器没有回应")
    page.unroute("**/execution")
    page.click(".dispatch .answer button")
    expect(page.locator(".responder")).to_have_count(5)


def test_the_heat_map_counts_what_the_filter_says(listed: Any, demo_url: str) -> None:
    page, _ = listed(demo_url)
    page.click("#tab-hotspots")
    page.wait_for_selector(".classes")
    page.click(".categories summary")
    boxes = page.locator(".categories input")
    category = boxes.first.get_attribute("value")
    with page.expect_response("**/hotspots/execution") as asked:
        boxes.first.check()
    question = asked.value.request.post_data_json["inputs"]
    assert question["categories"] == [category]
    cells = [cell["properties"] for cell in asked.value.json()["features"]]
    classes = {cell["class"] for cell in cells}
    for each in classes:
        number = page.locator(f'[data-class="{each}"] .number')
        total = sum(cell["class"] == each for cell in cells)
        expect(number).to_have_text(f"{total:,}")
    total = sum(cell["count"] for cell in cells)
    expect(page.locator(".sum")).to_contain_text(f"{total:,} 起事件")
    with page.expect_response("**/hotspots/execution") as asked:
        page.click('[data-days="30"]')
    question = asked.value.request.post_data_json["inputs"]
    assert question["from"] == "2026-06-01"
    assert question["to"] == "2026-06-30"


def test_a_cell_of_the_ranking_shows_its_numbers(opened: Any, demo_url: str) -> None:
    page, _ = opened(demo_url)
    page.click("#tab-hotspots")
    page.click(".cell-button >> nth=0")
    popup = page.locator(".maplibregl-popup")
    expect(popup).to_contain_text("热点 99%")
    popup.get_by_role("button", name="谁能最先到这里").click()
    expect(page.locator(".responder")).to_have_count(5)


def test_english_at_a_click_and_remembered(listed: Any, demo_url: str) -> None:
    page, _ = listed(demo_url)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("h1")).to_have_text("佛堂镇")
    ask_nearest(page)
    page.click("button.language")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Fotang")
    expect(page.locator(".verdict[data-code]")).to_contain_text("Within 3 min")
    expect(page).to_have_title("Fotang · gridwhistle")
    page.reload()
    expect(page.locator("#tab-dispatch")).to_have_text("Nearest")


def test_the_demo_says_what_it_is(listed: Any, demo_url: str) -> None:
    page, _ = listed(demo_url)
    expect(page.locator(".head")).to_contain_text("演示数据 Synthetic")
    expect(page.locator(".head")).to_contain_text("内部图层可见")
    expect(page.locator(".foot")).to_contain_text("演示数据 Synthetic")
    expect(page.locator(".foot")).to_contain_text("审图号")
    assert page.locator('[data-layer="responders"] .mark-internal').count() == 1


def test_others_see_no_internal_layer(listed: Any, public_url: str) -> None:
    page, _ = listed(public_url)
    page.wait_for_selector("[data-layer]", state="attached")
    assert page.locator('[data-layer="incidents"]').count() == 0
    assert page.locator(".internal").count() == 0
    assert page.locator(".unattended, .imported-incidents").locator("visible=true").count() == 0


def test_the_page_begins_with_what_its_reader_can_use(
    listed: Any, demo_url: str, public_url: str
) -> None:
    dispatcher, _ = listed(demo_url)
    expect(dispatcher.locator("#tab-dispatch")).to_have_attribute("aria-selected", "true")
    visitor, witness = listed(public_url)
    expect(visitor.locator("#tab-hotspots")).to_have_attribute("aria-selected", "true")
    visitor.click("#tab-dispatch")
    expect(visitor.locator("#pane-dispatch .button")).to_have_attribute("href", "/login")
    assert witness.complaints == []


def test_data_never_becomes_markup(listed: Any, demo_url: str) -> None:
    def poisoned(route: Route) -> None:
        town = route.fetch().json()
        evil = "<img src=x onerror=\"document.title='owned'\">"
        route.fulfill(json=town | {"name": evil, "map_approval_number": "GS(2026)1234号"})

    page, _ = listed(demo_url)
    page.route("**/api/town", poisoned)
    page.reload()
    expect(page.locator("h1")).to_contain_text("<img src=x")
    expect(page.locator(".foot")).to_contain_text("审图号:GS(2026)1234号")
    assert page.title() != "owned"


def test_keys_are_enough(opened: Any, drawn: Callable[[Page], None], demo_url: str) -> None:
    page, _ = opened(demo_url)
    drawn(page)
    page.focus("#tab-dispatch")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-hotspots")).to_be_focused()
    expect(page.locator("#pane-hotspots")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.focus(".maplibregl-canvas")
    page.keyboard.press("Enter")  # asks for the middle of the map
    expect(page.locator(".responder")).to_have_count(5)


def test_a_phone_has_room_and_large_targets(
    opened: Any, drawn: Callable[[Page], None], demo_url: str
) -> None:
    page, witness = opened(demo_url, phone=True)
    drawn(page)
    page.touchscreen.tap(195, 300)
    page.wait_for_selector(".responder")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # What matters is on the screen without scrolling: the verdict and the first of the list.
    assert page.locator(".responder").first.bounding_box()["y"] < 800
    for tab in ("dispatch", "hotspots", "layers"):
        page.click(f"#tab-{tab}")
        small = page.eval_on_selector_all(
            "button:not(.handle, .pin), select, input[type=text], input[type=date]",
            """all => all.filter(e => e.offsetParent && (e.offsetHeight < 40 || e.offsetWidth < 40))
                         .map(e => e.className + e.textContent)""",
        )
        assert small == [], tab
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert witness.complaints == []


def test_the_sheet_follows_a_finger(listed: Any, demo_url: str) -> None:
    page, _ = listed(demo_url, phone=True)
    sheet = page.locator(".sheet")
    before = sheet.bounding_box()["height"]
    page.mouse.move(195, 844 - before + 10)
    page.mouse.down()
    page.mouse.move(195, 780, steps=5)
    page.mouse.up()
    expect(sheet).to_have_attribute("data-size", "peek")
    page.locator(".handle").press("Enter")
    expect(sheet).to_have_attribute("data-size", "half")
