"""The button that suggests a rebalance, in a real browser with the real worker."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

# The south-western grid gets 550 households, its neighbour to the north 300; each has 100 homes.
GROW = """
UPDATE layers.building SET households = CASE WHEN ST_YMax(geom) < 29.05
    THEN CASE WHEN ST_YMax(geom) < 29.025 THEN 6 ELSE 5 END ELSE 3 END
WHERE ST_XMax(geom) < 120.05
"""

SOON_MS = 90_000  # a worker loads what it needs before its first job


@pytest.fixture
def worker(squares: Any) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "api.cli", "--data", folder, "worker"]
        environment = os.environ | {"DATABASE_URL": squares.conninfo}
        with subprocess.Popen(command, env=environment) as process:
            yield
            process.terminate()


@pytest.mark.usefixtures("worker")
def test_the_button_makes_a_draft_that_says_who_moves(
    editor_of: Callable[..., tuple[Page, Any]], squares: Any, hands: Any
) -> None:
    page, witness = editor_of("anna")
    page.click(".suggest button")
    expect(page.locator(".suggest .sound")).to_contain_text("无需调整", timeout=SOON_MS)
    with psycopg.connect(squares.conninfo) as connection:
        connection.execute(GROW)

    page.click(".suggest button")
    summary = page.locator(".suggestion")
    expect(summary).to_contain_text("1 → 0", timeout=SOON_MS)
    expect(page.locator(".saved")).to_have_text("已保存")
    expect(summary.locator(".rows b")).to_contain_text("户")
    expect(summary.locator(".rows .small")).to_have_text("单元t101 → 单元t102")
    [step] = hands.coverage(page)["steps"]
    assert (step["kind"], step["author_name"]) == ("set_parent", "anna")
    assert step["parameters"]["parent"] == squares.ids["t102"]

    # Whoever approves it finds the same, in their own language.
    other, _ = editor_of("bert")
    other.goto(page.url)
    expect(other.locator("#tab-edit")).to_have_attribute("aria-selected", "true")
    other.click("text=变更")
    expect(other.locator(".suggestion .sum")).to_contain_text("户换网格")
    assert witness.complaints == []
