"""In a demo, whose clock stands still, a draft approved for later takes effect at a click."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from playwright.sync_api import expect

from layers.accounts.administration import AccountPlan, add_account
from layers.roles import Role

PASSWORD = "a password for tests"


@pytest.fixture(scope="module")
def square_town(
    small_town: Callable[..., AbstractContextManager[str]],
    add_square_grids: Callable[..., dict[str, int]],
) -> Iterator[tuple[str, dict[str, int]]]:
    """A synthetic one, which stands still."""
    with small_town(synthetic=True) as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute("UPDATE spatial.town SET as_of = '2026-06-01T08:00+08:00'")
            ids = add_square_grids(connection, 1)
            for name in ("anna", "bert"):
                plan = AccountPlan(
                    name, Role.GIS_EDITOR, password=PASSWORD, must_change_password=False
                )
                add_account(connection, 1, plan)
        yield conninfo, ids


def test_time_passes_at_a_click(editor_of: Any, signed_in: Any, squares: Any, hands: Any) -> None:
    page, witness = editor_of("anna")
    hands.begin(page, "下周生效")
    draft = int(page.url.split("draft=")[1].split("#")[0])
    other = signed_in(squares.url, "bert")
    origin = {"Origin": squares.url}

    def post(who: Any, path: str, body: dict[str, Any]) -> None:
        answer = who.request.post(f"{squares.url}/api/drafts/{draft}/{path}", data=body,
                                  headers=origin)  # fmt: skip
        assert answer.ok, answer.text()

    rename = {"kind": "rename", "parameters": {"unit": squares.ids["t1"], "name": "新东村"}}
    post(page, "steps", {"revision": 0, **rename})
    post(page, "submit", {"revision": 1})
    post(other, "approve", {"effective_from": "2026-06-08T08:00+08:00"})
    page.reload()
    # When the draft is open its first tab shows.
    expect(page.locator("#tab-edit")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="变更").click()
    expect(page.locator(".changes")).to_contain_text("时钟停着")

    def work() -> None:
        """What the worker does, which is woken when time passes."""
        until = time.monotonic() + 30
        while not squares.make_effective() and time.monotonic() < until:
            time.sleep(0.2)

    worker = threading.Thread(target=work)
    worker.start()
    page.get_by_role("button", name="把时钟拨到生效时刻").click()
    expect(page.locator(".changes .state-effective")).to_be_attached(timeout=30_000)
    worker.join()
    named = squares.execute("SELECT name, lower(valid)::text FROM grids.version WHERE draft_id > 0")
    assert named == [("新东村", "2026-06-08 00:00:00+00")]
    expect(page.locator("#history-day")).to_have_attribute("max", "2026-06-08")
    assert witness.complaints == []
