"""A draft that a map client draws is seen by that client alone; whoever reads sees what holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import psycopg
import pytest

from api.auth.settings import AuthSettings
from layers.accounts.administration import AccountPlan, add_account, find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.boundaries.arc_store import store_missing_arcs
from layers.roles import Role
from spatial.town import read_town

PASSWORD = "a password for tests"
QGIS = "Mozilla/5.0 QGIS/34006/Debian GNU/Linux 13 (trixie)"
SECRET = "草案中的名称"
LAYERS = ("micro-grids", "grids", "villages")
MICRO = "/ogc/collections/micro-grids"


@pytest.fixture(scope="module")
def town(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[Any]:
    """Its URL, the units' ids by code, and a client of somebody with some program."""
    with new_database() as conninfo:
        fill_town(conninfo, synthetic=True)
        with psycopg.connect(conninfo) as connection:
            ids = add_square_grids(connection, 1)
            store_missing_arcs(connection, read_town(connection))
            plan = AccountPlan(
                "bert", Role.GIS_EDITOR, password=PASSWORD, must_change_password=False
            )
            add_account(connection, 1, plan)
            key = add_key(connection, find_account(connection, 1, "editor"), KeyPlan("p"))
        made = []
        with serve_app(conninfo, only_this_machine=False, auth=auth_settings) as url:

            def client(name: str | None, agent: str = QGIS) -> httpx.Client:
                if name == "key":
                    headers, auth = {"X-API-Key": str(key)}, None
                else:
                    headers, auth = {}, (name, PASSWORD) if name else None
                found = httpx.Client(
                    base_url=url, auth=auth, headers={"User-Agent": agent, **headers}, timeout=60
                )
                made.append(found)
                return found

            yield ids, client
            for each in made:
                each.close()


@pytest.fixture(scope="module")
def drawn(town: Any) -> tuple[int, int, dict[str, httpx.Response], httpx.Client]:
    """One unit renamed and one deleted in QGIS; what all saw before; the client."""
    ids, client = town
    renamed, gone = ids["t10100"], ids["t10101"]
    before = {name: see(client(name), renamed) for name in (None, "bert", "planner")}
    qgis = client("editor")
    headers = {"Content-Type": "application/merge-patch+json"}
    patch = {"properties": {"name": SECRET}}
    assert qgis.patch(f"{MICRO}/items/{renamed}", json=patch, headers=headers).status_code == 204
    assert qgis.delete(f"{MICRO}/items/{gone}").status_code == 204
    return renamed, gone, before, qgis


def see(client: httpx.Client, unit: int) -> httpx.Response:
    return client.get(f"{MICRO}/items/{unit}")


DOORS = (
    "items?limit=100", "items/{unit}", "items?f=csv", "items?f=html", "items/{unit}?f=html",
    "changes?since=0", "items/{unit}/history", "tiles/WebMercatorQuad/10/853/424", "",
)  # fmt: skip
SEARCHES = ("name={secret}", "q={secret}", "filter=name%3D%27{secret}%27&filter-lang=cql2-text")
OTHERS = (
    (None, QGIS), ("planner", QGIS), ("bert", QGIS), ("administrator", QGIS), ("key", QGIS),
    ("editor", "OtherProgram/1.0"), ("editor", "Mozilla/5.0 (X11) Firefox/140.0"),
)  # fmt: skip


def test_its_client_sees_it_and_says_so(drawn: Any) -> None:
    renamed, gone, _, qgis = drawn
    answer = see(qgis, renamed)
    assert answer.json()["properties"]["name"] == SECRET
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["gridwhistle-draft"]
    assert see(qgis, gone).status_code == 404
    assert qgis.get(f"{MICRO}/items?limit=100").json()["numberMatched"] == 15


@pytest.mark.parametrize(("name", "agent"), OTHERS)
def test_nobody_else_sees_it_by_any_door(town: Any, drawn: Any, name: str, agent: str) -> None:
    renamed, gone, _, _ = drawn
    client = town[1](name, agent)
    for door in DOORS:
        answer = client.get(f"{MICRO}/{door.format(unit=renamed)}".rstrip("/"))
        assert answer.status_code in (200, 204, 404), (door, answer.text)
        assert SECRET.encode() not in answer.content, door
        assert "gridwhistle-draft" not in answer.headers, door
        assert b"working-copy" not in answer.content, door
    for search in SEARCHES:
        found = client.get(f"{MICRO}/items?{search.format(secret=SECRET)}").json()
        assert (found["features"], found["numberMatched"]) == ([], 0), search
    assert see(client, gone).status_code == 200
    assert client.get(f"{MICRO}/items?limit=100").json()["numberMatched"] == 16


def test_a_copy_of_before_is_not_taken_for_the_draft_nor_the_draft_for_it(
    town: Any, drawn: Any
) -> None:
    renamed, _, before, qgis = drawn
    mine = see(qgis, renamed)
    for name, answer in before.items():
        tag = {"If-None-Match": answer.headers["etag"]}
        assert town[1](name).get(f"{MICRO}/items/{renamed}", headers=tag).status_code == 304
        assert qgis.get(f"{MICRO}/items/{renamed}", headers=tag).status_code == 200
        drafted = {"If-None-Match": mine.headers["etag"]}
        again = town[1](name).get(f"{MICRO}/items/{renamed}", headers=drafted)
        assert again.status_code == 200
        assert SECRET not in again.text
        since = {"If-Modified-Since": mine.headers.get("last-modified", "")}
        told = town[1](name).get(f"{MICRO}/items/{renamed}", headers=since)
        assert SECRET not in told.text


def test_a_day_of_the_past_and_files_show_what_holds_to_the_client_too(drawn: Any) -> None:
    _, _, _, qgis = drawn
    for door in ("items?datetime=2021-01-01T00:00:00Z&limit=100", "items?f=csv", "changes?since=0"):
        answer = qgis.get(f"{MICRO}/{door}")
        assert answer.status_code == 200, door
        assert SECRET not in answer.text, door
    tile = qgis.get(f"{MICRO}/tiles/WebMercatorQuad/10/853/424")
    assert SECRET.encode() not in tile.content


def test_the_document_of_the_api_tells_of_nobodys_draft(town: Any, drawn: Any) -> None:
    assert drawn
    for name in (None, "bert", "planner"):
        client = town[1](name)
        for path in ("/ogc/openapi?f=json", "/ogc/collections?f=json", "/ogc?f=json"):
            answer = client.get(path)
            assert SECRET not in answer.text
            assert "working-copy" not in answer.text


@pytest.mark.parametrize("name", [None, "planner", "officer", "system", "auditor", "key"])
def test_nobody_else_draws(town: Any, drawn: Any, name: str | None) -> None:
    renamed, *_ = drawn
    client = town[1](name)
    feature = {"type": "Feature", "properties": {"name": "x"}, "geometry": None}
    for layer in LAYERS:
        base = f"/ogc/collections/{layer}/items"
        for method, path in (
            ("POST", base), ("PUT", f"{base}/{renamed}"), ("PATCH", f"{base}/{renamed}"),
            ("DELETE", f"{base}/{renamed}"),
        ):  # fmt: skip
            answer = client.request(method, path, json=feature)
            assert answer.status_code == (401 if name is None else 403), (method, answer.text)
        allowed = client.options(base).headers["allow"]
        assert "POST" not in allowed, (name, layer)
