"""The page's routes: what is served, for how long it may be kept, and whom it may talk to."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.pages import DIST, page_routes


@pytest.fixture(scope="module")
def client() -> TestClient:
    assert (DIST / "index.html").exists(), "build the page: npm ci && npm run build in api/page"
    return TestClient(Starlette(routes=page_routes()))


@pytest.fixture(scope="module")
def assets(client: TestClient) -> list[str]:
    return re.findall(r'(?:src|href)="(/assets/[^"]+)"', client.get("/").text)


def test_the_page_may_talk_to_its_own_server_only(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    sources = {source for rule in rules.values() for source in rule.split()}
    assert sources == {"'none'", "'self'", "data:", "blob:"}
    # Nothing inline, nothing evaluated, nothing from elsewhere runs.
    assert {rules[name] for name in ("script-src", "worker-src", "style-src")} == {"'self'"}


def test_the_index_is_asked_for_again_and_costs_nothing_unchanged(client: TestClient) -> None:
    first = client.get("/")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_built_files_are_kept_for_ever(client: TestClient, assets: list[str]) -> None:
    assert assets
    for path in assets:
        answer = client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_every_page_has_an_icon(client: TestClient, public_url: str) -> None:
    """Pages link to it; where an answer can't, browsers ask for /favicon.ico."""
    for page in ("/", "/login", "/ogc?f=html", "/ogc/collections/premises/items?f=html"):
        found = re.search(r'<link rel="icon" href="([^"]+)"', httpx.get(public_url + page).text)
        assert found, page
        icon = httpx.get(urljoin(public_url + page, found[1]))
        assert icon.headers["content-type"].startswith("image/svg+xml"), page
    assert client.get("/favicon.ico").headers["content-type"].startswith("image/svg+xml")


def test_a_missing_file_is_not_remembered(client: TestClient) -> None:
    answer = client.get("/assets/gone.js")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize("path", ["/assets/../../pages.py", "/assets/%2e%2e/%2e%2e/pages.py"])
def test_nothing_but_built_files_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_built_files_name_no_other_host(assets: list[str]) -> None:
    """But for links that are shown or are only names, the page's own code asks nobody."""
    own = [path for path in assets if "index" in path]
    for path in own:
        text = (DIST / path.lstrip("/")).read_text()
        hosts = set(re.findall(r"https?://([\w.-]+)", text))
        assert hosts <= {"www.w3.org"}, hosts


def test_an_unbuilt_page_says_how_to_build_it(tmp_path: Path) -> None:
    answer = TestClient(Starlette(routes=page_routes(tmp_path))).get("/")
    assert answer.status_code == 503
    assert "尚未构建" in answer.text
    assert "npm ci" in answer.text
