"""What another process changes is seen by a server that runs on."""

from __future__ import annotations

import time

import httpx
import psycopg

from layers.accounts.demo import make_demo_accounts
from layers.facts.store import save_facts
from spatial.town import read_town

TOWN = """
INSERT INTO spatial.town (code, name, name_en, time_zone, synthetic)
VALUES ('t', '小镇', 'Small', 'Asia/Shanghai', false)
"""
OUTLINE = """
UPDATE spatial.town SET metric_srid = 4549,
    outline = 'SRID=4326;MULTIPOLYGON(((120 29,120.1 29,120.1 29.1,120 29.1,120 29)))'
"""


def bounds(base_url: str) -> list[float]:
    return httpx.get(f"{base_url}/api/town").json()["bounds"]


def test_an_outline_that_comes_later_is_taken_over(database: str, serve_app):
    with psycopg.connect(database) as connection:
        connection.execute(TOWN)
    with serve_app(database, only_this_machine=True) as base_url:
        assert bounds(base_url) == [-180, -90, 180, 90]
        with psycopg.connect(database) as connection:
            connection.execute(OUTLINE)
        deadline = time.monotonic() + 30
        while bounds(base_url)[0] == -180 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert bounds(base_url) == [120, 29, 120.1, 29.1]
        extent = httpx.get(f"{base_url}/ogc/collections/town").json()["extent"]
        assert extent["spatial"]["bbox"] == [[120, 29, 120.1, 29.1]]


def test_a_town_without_streets_says_so(database: str, serve_app):
    """To whoever may ask: the page of a demo on this machine signs its visitor in."""
    with psycopg.connect(database) as connection:
        connection.execute(TOWN.replace("false", "true"))
        save_facts(connection)
        make_demo_accounts(connection, read_town(connection), b"secret")
    with serve_app(database, only_this_machine=True) as base_url, httpx.Client() as browser:
        browser.get(f"{base_url}/", headers={"Accept": "text/html"})
        body = {"inputs": {"lon": 120, "lat": 29}}
        answer = browser.post(
            f"{base_url}/ogc/processes/nearest-responders/execution",
            json=body,
            headers={"Origin": base_url},
        )
        assert answer.status_code == 404
        assert "import streets" in answer.json()["description"]
