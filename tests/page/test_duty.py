"""The page of responders: an order appears, is answered offline, and is brought to its end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

import ordertown
from layers.accounts.administration import AccountPlan, add_account
from layers.delivery.courier import ORDERS_CHANNEL
from layers.roles import Role
from pagehands import Witness
from squaretown import PASSWORD

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PLACE = {"latitude": 29.051, "longitude": 120.049, "accuracy": 12}
WAY = [(120.048, 29.051), (120.049, 29.051), (120.049, 29.0502), (120.05, 29.05)]
NEWS = f"""
WITH told AS (UPDATE layers.incident SET title = '三楼' RETURNING id)
SELECT pg_notify('{ORDERS_CHANNEL}', id || ' 0') FROM layers.responder WHERE key = 'r1'
"""
STATE = "SELECT state FROM layers.response_order ORDER BY id DESC LIMIT 1"


@pytest.fixture(scope="module")
def crews(square_town: tuple[str, dict[str, int]]) -> str:
    """Conninfo of the town of squares with two crews; rita is the first."""
    conninfo, _ = square_town
    with psycopg.connect(conninfo) as connection:
        ordertown.add_responders(connection, 2, accept_within_s=600)
        (department,) = connection.execute(  # type: ignore[misc]
            "SELECT min(code) FROM layers.department"
        ).fetchone()
        plan = AccountPlan(
            "rita", Role.OFFICER, department=department, password=PASSWORD,
            must_change_password=False,
        )  # fmt: skip
        account = add_account(connection, 1, plan)
        connection.execute(
            "UPDATE layers.account SET responder_id ="
            " (SELECT id FROM layers.responder WHERE key = 'r1') WHERE id = %s",
            (account,),
        )
    return conninfo


@pytest.fixture
def phone(browser: Any, squares: Any, crews: str) -> Iterator[Page]:
    """Rita's, on duty, before she has signed in."""
    context = browser.new_context(
        **PHONE, geolocation=PLACE, permissions=["geolocation"], color_scheme="dark"
    )
    page = context.new_page()
    page.goto(f"{squares.url}/duty")
    yield page
    context.close()


def sign_in(page: Page) -> None:
    page.fill("[name=name]", "rita")
    page.fill("[name=password]", PASSWORD)
    page.click("[type=submit]")
    expect(page.locator('.duty-dot[data-live="true"]')).to_be_visible()


def order(conninfo: str, number: int) -> None:
    with psycopg.connect(conninfo) as connection:
        assert ordertown.report(connection, number, ["r1", "r2"], WAY)


def test_an_order_is_shown_answered_offline_and_brought_to_its_end(
    phone: Page, squares: Any, crews: str
) -> None:
    witness = Witness(phone)
    sign_in(phone)
    expect(phone.locator(".duty-idle")).to_contain_text("待命中")
    # The first press of all counts, though it also lets the page sound from now on.
    expect(phone.locator("[data-action=sound]")).to_be_visible()
    phone.click(".language")
    expect(phone.locator(".duty-idle")).to_contain_text("Standing by")
    expect(phone.locator("[data-action=sound]")).to_have_count(0)
    phone.click(".language")
    order(crews, 1)
    expect(phone.locator(".duty-order")).to_contain_text("E1")
    expect(phone.locator(".duty-clock")).to_contain_text("收到")
    _until(squares, "seen")
    assert witness.complaints == []

    phone.context.set_offline(True)
    phone.click("[data-action=accept]")
    expect(phone.locator("[data-action=arrive]")).to_be_visible()
    assert squares.execute(STATE) == [("seen",)]
    phone.context.set_offline(False)
    _until(squares, "accepted")

    phone.click("[data-action=arrive]")
    _until(squares, "arrived")
    phone.click("[data-action=report]")
    phone.fill("textarea", "已控制,无人受伤")
    # What is being typed outlives what is heard meanwhile.
    squares.execute(NEWS)
    expect(phone.locator(".duty-title")).to_have_text("三楼")
    phone.click("[type=submit]")
    _until(squares, "reported")
    phone.click("[data-action=done]")
    phone.click("[type=submit]")
    _until(squares, "done")
    expect(phone.locator(".duty-past")).to_contain_text("已完成")
    said = squares.execute(
        "SELECT data ->> 'said' FROM layers.incident_event WHERE action = 'order_report'"
    )
    assert said == [("已控制,无人受伤",)]


def test_who_is_too_late_is_told_to_stay(phone: Page, squares: Any, crews: str) -> None:
    sign_in(phone)
    order(crews, 2)
    expect(phone.locator(".duty-order")).to_contain_text("E2")
    phone.context.set_offline(True)
    phone.click("[data-action=accept]")
    with psycopg.connect(crews) as connection:
        connection.execute(
            "SELECT layers.move_order(id, 'lapse', 'system') FROM layers.response_order"
            " WHERE ended_at IS NULL"
        )
    phone.context.set_offline(False)
    expect(phone.locator(".duty-stay")).to_contain_text("不用去了")
    expect(phone.locator(".duty-notes")).to_contain_text("未被接受")
    assert squares.execute(STATE) == [("lapsed",)]


def test_who_is_no_responder_signs_in_as_one(signed_in: Any, squares: Any, crews: str) -> None:
    page = signed_in(squares.url, "anna", **PHONE)
    page.goto(f"{squares.url}/duty")
    expect(page.locator(".duty-sign-in")).to_contain_text("不是处置人员")


def _until(squares: Any, state: str) -> None:
    for _ in range(200):
        if squares.execute(STATE) == [(state,)]:
            return
        squares.execute("SELECT pg_sleep(0.05)")
    assert squares.execute(STATE) == [(state,)]
