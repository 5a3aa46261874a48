"""What others change is on the page without a reload."""

from __future__ import annotations

from typing import Any

import psycopg
from playwright.sync_api import expect

NEW_PLACE = """
INSERT INTO layers.place (town_id, kind, name, geom, batch_id)
SELECT town_id, 'hamlet', 'new', geom, batch_id FROM layers.place LIMIT 1 RETURNING id
"""


def test_a_change_shows_without_a_reload(
    opened: Any, drawn: Any, demo_url: str, demo_database: str
) -> None:
    """The tiles of its layer are read anew, and the legend counts it."""
    page, witness = opened(demo_url)
    drawn(page)
    count = page.locator('[data-layer="places"] .number')
    before = int(count.text_content().replace(",", ""))
    with psycopg.connect(demo_database, autocommit=True) as connection:
        try:
            with page.expect_request("**/collections/places/tiles/**"):
                row = connection.execute(NEW_PLACE).fetchone()
            assert row is not None
            expect(count).to_have_text(str(before + 1))
        finally:
            connection.execute("DELETE FROM layers.place WHERE name = 'new'")
    expect(count).to_have_text(str(before))
    assert witness.complaints == []
