"""A dispatcher from report to order: what if, a street closed by hand, and keys alone."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians

import psycopg
import pytest
from playwright.sync_api import Page, expect

import reporttown
from layers.accounts.administration import AccountPlan, add_account
from layers.facts.store import save_facts
from layers.roles import Role
from pagehands import Witness
from reporttown import lonlat
from routing.stored.store import save_streets
from squaretown import PASSWORD, Squares

CAR = """
INSERT INTO layers.responder (town_id, key, label, department, mode, geom, inside, fix_at)
VALUES (1, %s, %s, 'police', 'car', ST_Point(%s, %s, 4326), true, now())
"""
# P1 has the shortest way there, straight up its street.
INCIDENT = lonlat(1, 4)
ENDS_BY_ITSELF = "SELECT ends > starts FROM routing.measure"
ORDERED = "SELECT state FROM layers.response_order"


@pytest.fixture(scope="module")
def crossings(square_town: tuple[str, dict[str, int]]) -> None:
    """The town of squares gets streets 100 m apart, four police cars along the lowest, dora."""
    with psycopg.connect(square_town[0]) as connection:
        save_facts(connection)
        save_streets(connection, 1, 1, reporttown.streets())
        for n in range(4):
            connection.execute(CAR, (f"p{n}", f"P{n}", *lonlat(n, 0)))
        plan = AccountPlan(
            "dora", Role.DISPATCHER, department="*", password=PASSWORD, must_change_password=False
        )
        add_account(connection, 1, plan)


@pytest.fixture
def desk(crossings: None, squares: Squares, signed_in: Callable[..., Page]) -> Page:
    """The dispatcher's page."""
    page = signed_in(squares.url, "dora")
    page.goto(squares.url)
    page.wait_for_selector(".sheet")
    return page


def test_from_a_report_to_an_order(
    desk: Page, squares: Squares, drawn: Callable[[Page], None]
) -> None:
    witness = Witness(desk)
    first = desk.locator(".responder strong").first
    desk.fill("#place", "{}, {} wgs84".format(*INCIDENT))
    desk.press("#place", "Enter")
    expect(first).to_have_text("P1")
    _suppose_that_the_first_cannot_go(desk)
    expect(first).to_have_text("P1")
    drawn(desk)
    _close_across(desk, lonlat(0.6, 2.5), lonlat(1.4, 2.5))
    expect(first).not_to_have_text("P1")
    assert squares.execute(ENDS_BY_ITSELF) == [(True,)]
    _send_the_second_by_keys(desk)
    expect(desk.locator(".orders .order")).to_have_count(1)
    assert squares.execute(ORDERED) == [("sent",)]
    assert witness.complaints == []


def test_one_report_for_which_nobody_was_sent_is_the_first_thing_to_see(
    desk: Page, squares: Squares
) -> None:
    lon, lat = INCIDENT
    report = {"source": "110", "source_id": "alone", "lon": lon, "lat": lat, "datum": "wgs84"}
    desk.context.request.post(
        f"{squares.url}/api/reports",
        data=report | {"category": "theft", "dispatch": "suggest"},
        headers={"Origin": squares.url},
    )
    waiting = desk.locator(".unattended")
    expect(waiting.locator("h2")).to_have_text("1 起事件无人处置")
    expect(waiting.locator("li .number")).to_contain_text("已等 0:")
    waiting.locator("li button").click()
    # What was asked about is in view, whatever stands above it.
    expect(desk.locator(".dispatch .verdict")).to_be_in_viewport()
    desk.click(".ordering .send")
    expect(desk.locator(".sent")).to_be_visible()
    expect(waiting).to_be_hidden()


def _suppose_that_the_first_cannot_go(page: Page) -> None:
    """Everything says that it is only supposed, until one key ends it."""
    page.click(".what-if summary")
    page.get_by_role("button", name="假如 P1 去不了").click()
    expect(page.locator(".responder strong").first).not_to_have_text("P1")
    expect(page.locator(".what-if-bar")).to_contain_text("未作任何更改")
    expect(page.locator(".what-if-tag")).to_be_visible()
    expect(page.locator(".ordering")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".what-if-tag")).to_be_hidden()


def _close_across(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Press, drag over a street, let go, and confirm."""
    page.click(".closures-head button")
    page.mouse.move(*_pixel(page, *begin))
    page.mouse.down()
    page.mouse.move(*_pixel(page, *end), steps=6)
    page.mouse.up()
    expect(page.locator(".closure-confirm")).to_have_text("封闭这 1 段")
    page.click(".closure-confirm")
    expect(page.locator(".closure-list .closure")).to_have_count(1)


def _send_the_second_by_keys(page: Page) -> None:
    second = page.locator(".responder").nth(1)
    who = second.locator("strong").inner_text()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("2")
    expect(second).to_have_attribute("data-chosen", "")
    expect(page.locator(".ordering select")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".sent")).to_contain_text(f"已派 {who}")


def _pixel(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Where a place is on the screen, by the view that the address tells."""
    zoom, middle_lat, middle_lon = map(float, page.evaluate("location.hash.slice(5)").split("/"))
    box = page.locator(".map canvas").bounding_box()
    assert box is not None
    per_degree = 512 * 2**zoom / 360
    x = box["x"] + box["width"] / 2 + (lon - middle_lon) * per_degree
    y = box["y"] + box["height"] / 2
    return x, y - (lat - middle_lat) * per_degree / cos(radians(lat))
