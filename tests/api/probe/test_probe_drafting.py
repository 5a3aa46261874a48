"""Every route of drafts and of pictures under them: who opens it, with which credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest

from api.basemaps.routes import ROUTES as BASEMAP_ROUTES
from api.boundaries.routes import ROUTES as BOUNDARY_ROUTES
from layers.accounts.administration import AccountPlan, add_account, find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.accounts.tokens import sha256
from layers.boundaries.arc_store import store_missing_arcs
from layers.boundaries.desk import DRAFTERS
from layers.roles import Role
from spatial.database import Principal, become
from spatial.town import read_town
from spatial.web_login import web_conninfo

PASSWORD = "a password for tests"
LINKED = "/api/shared-drafts/"
JOB = "00000000-0000-4000-8000-000000000000"
ROUTES = [
    (method, route.path)
    for route in (*BOUNDARY_ROUTES, *BASEMAP_ROUTES)
    for method in sorted((route.methods or set()) - {"HEAD"})
]
WRITING = [(method, path) for method, path in ROUTES if method != "GET"]
# What everybody reads who may read the layers, and what those who have an account or look after.
OPEN_TO_ALL = {("GET", "/api/coverage")}
READERS: dict[tuple[str, str], frozenset[Role]] = {
    ("GET", "/api/burdens"): frozenset(Role) - {Role.ANONYMOUS},
    ("GET", "/api/boundary-rules/changes"): DRAFTERS | {Role.AUDITOR},
}
NEED_MICRO_GRIDS = [each for each in ROUTES if not each[1].startswith(LINKED)]
SIGNED_IN = [each for each in NEED_MICRO_GRIDS if each not in OPEN_TO_ALL]
RULES = {"bands": {}, "min_area_m2": 1, "min_width_m": 1, "code_scheme": "6+3, 3, 3, 3"}
# Bodies that say what the route needs; all others need the draft's revision.
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/api/drafts"): {"name": "x"},
    ("POST", "/api/drafts/suggest"): {},
    ("POST", "/api/drafts/{draft_id}/steps"): {
        "revision": 0, "kind": "rename", "parameters": {"unit": 1, "name": "x"},
    },
    ("POST", "/api/drafts/{draft_id}/approve"): {},
    ("POST", "/api/drafts/{draft_id}/let-time-pass"): {},
    ("POST", "/api/drafts/{draft_id}/repair"): {"revision": 0, "width_m": 1},
    ("POST", "/api/drafts/{draft_id}/comments"): {"place": [120, 29], "text": "x"},
    ("POST", "/api/drafts/{draft_id}/links"): {"label": "x"},
    ("PUT", "/api/boundary-rules"): RULES,
    ("PUT", "/api/highrises/members/{code}"): {"account": None},
}  # fmt: skip


@dataclass
class Drawn:
    """A served town of squares with one open draft and a link to it."""

    url: str
    conninfo: str
    draft: int = 0
    token: str = ""
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, name: str) -> httpx.Client:
        """Signed in as on the page; "" for nobody."""
        if name not in self.clients:
            client = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=60)
            self.clients[name] = client
            if name:
                body = {"name": name, "password": PASSWORD}
                assert client.post("/api/session", json=body).status_code == 201
        return self.clients[name]

    def key(self, name: str, **limits: Any) -> httpx.Client:
        """With a new key of the account."""
        with psycopg.connect(self.conninfo) as connection:
            key = add_key(connection, find_account(connection, 1, name), KeyPlan("p", **limits))
        client = httpx.Client(base_url=self.url, headers={"X-API-Key": str(key)}, timeout=60)
        self.clients[str(key)] = client
        return client

    def address(self, path: str) -> str:
        named = {
            "draft_id": self.draft, "comment_id": 1, "link_id": 1, "job_id": JOB, "unit_id": 1,
            "code": "t10100",
            "token": self.token, "source": "tiles-1", "z": 1, "x": 1, "y": 1,
        }  # fmt: skip
        return path.format(**named)

    def send(self, client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
        if path == "/api/grids/import":
            content = {"params": {"file": "a.geojson"}, "content": b"{}"}
            return client.request(method, path, **content, **more)
        body = BODIES.get((method, path), {"revision": 0}) if method != "GET" else None
        return client.request(method, self.address(path), json=body, **more)

    def stored(self) -> object:
        """All that drafting writes, but for the moment of a look."""
        tables = ("draft", "draft_step", "draft_face", "draft_comment", "draft_link", "town_rules",
                  "band")  # fmt: skip
        with psycopg.connect(self.conninfo) as connection:
            return [
                connection.execute(
                    f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text))"
                    f" FROM grids.{name} AS t".encode()
                ).fetchone()
                for name in tables
            ]


@pytest.fixture(scope="module")
def drawn(
    serve_squares: Callable[..., AbstractContextManager[Any]],
) -> Iterator[Drawn]:
    # Synthetic, so that the offices too enter by name and password alone.
    with serve_squares(prepare, synthetic=True) as town:
        found = Drawn(town.url, town.conninfo)
        editor = found.client("editor")
        made = editor.post("/api/drafts", json={"name": "草案"})
        assert made.status_code == 201, made.text
        found.draft = made.json()["id"]
        link = editor.post(f"/api/drafts/{found.draft}/links", json={"label": "村"})
        found.token = link.json()["token"]
        yield found
        for client in found.clients.values():
            client.close()


def prepare(connection: psycopg.Connection) -> None:
    """Arcs, and somebody who answers for a grid."""
    store_missing_arcs(connection, read_town(connection))
    plan = AccountPlan(
        "member", Role.GRID_MEMBER, password=PASSWORD, must_change_password=False, grid="t101"
    )
    add_account(connection, 1, plan)


NAMES = {
    Role.ANONYMOUS: "", Role.GRID_MEMBER: "member", Role.OFFICER: "officer",
    Role.DISPATCHER: "dispatcher", Role.PLANNER: "planner", Role.SECURITY_OFFICER: "security",
    Role.AUDITOR: "auditor", Role.SYSTEM: "system", Role.GIS_EDITOR: "editor",
    Role.ADMINISTRATOR: "administrator",
}  # fmt: skip


@pytest.mark.parametrize("role", [role for role in Role if role not in DRAFTERS])
def test_nobody_else_opens_any_of_it(drawn: Drawn, role: Role) -> None:
    client, before = drawn.client(NAMES[role]), drawn.stored()
    for method, path in SIGNED_IN:
        answer = drawn.send(client, method, path)
        wanted = 401 if role is Role.ANONYMOUS else 403
        if role in READERS.get((method, path), ()):
            wanted = 200
        assert answer.status_code == wanted, (method, path, answer.text)
        assert answer.headers.get("cache-control", "no-store") != "public"
    assert drawn.stored() == before


def test_no_other_page_writes_with_a_cookie(drawn: Drawn) -> None:
    client, before = drawn.client("editor"), drawn.stored()
    for method, path in WRITING:
        for headers in (
            {"Origin": "https://elsewhere.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://elsewhere.example", "Content-Type": "text/plain"},
        ):
            answer = drawn.send(client, method, path, headers=headers)
            assert answer.status_code == 403, (method, path, headers, answer.text)
    assert drawn.stored() == before


def test_a_key_for_reading_writes_none_of_it(drawn: Drawn) -> None:
    client, before = drawn.key("editor"), drawn.stored()
    for method, path in WRITING:
        answer = drawn.send(client, method, path)
        assert answer.status_code == 403, (method, path, answer.text)
    assert drawn.stored() == before


@pytest.mark.parametrize("layers", [("premises",), ("grids", "villages")])
def test_a_key_for_other_layers_opens_none_of_it(drawn: Drawn, layers: tuple[str, ...]) -> None:
    client, before = drawn.key("editor", may_write=True, layers=layers), drawn.stored()
    for method, path in NEED_MICRO_GRIDS:
        answer = drawn.send(client, method, path)
        assert answer.status_code == 403, (method, path, answer.text)
    assert drawn.stored() == before


def test_a_key_for_grids_alone_reads_them_as_they_hold(drawn: Drawn) -> None:
    client = drawn.key("editor", layers=("grids",))
    assert client.get("/ogc/collections/grids/items").json()["numberMatched"] == 4
    unit = client.get("/ogc/collections/grids/items").json()["features"][0]["id"]
    assert client.get(f"/ogc/collections/grids/items/{unit}").status_code == 200
    writes = drawn.key("editor", layers=("grids",), may_write=True)
    change = {"type": "Feature", "properties": {"name": "改"}}
    assert writes.patch(f"/ogc/collections/grids/items/{unit}", json=change).status_code == 403


def test_a_key_for_micro_grids_learns_of_nothing_else_that_is_in_them(drawn: Drawn) -> None:
    with psycopg.connect(drawn.conninfo) as connection:
        connection.execute(
            "INSERT INTO layers.building (town_id, key, use, households, geom, inside, batch_id)"
            " VALUES (1, 'home', 'residential', 50,"
            " ST_Multi(ST_Expand(ST_Point(120.0125, 29.0125, 4326), 0.0002)), true, 1);"
            " INSERT INTO layers.rental_room (town_id, key, building_id, floor, room, batch_id)"
            " SELECT 1, 'room', id, 1, '101', 1 FROM layers.building;"
            " INSERT INTO layers.incident (town_id, key, category, source, occurred_at, cell, geom,"
            " inside, batch_id) VALUES (1, 'k', 'noise', '12345', now(), 627154034572570623,"
            " 'SRID=4326;POINT(120.0125 29.0125)', true, 1)"
        )
    whole = drawn.client("editor").get("/api/burdens").json()["points"]
    kinds = {"households", "rooms", "incidents", "premises.shop"}
    assert kinds <= {kind for kind, places in whole.items() if places}
    narrow = drawn.key("editor", layers=("micro-grids",)).get("/api/burdens")
    if narrow.status_code == 200:
        assert {kind for kind, places in narrow.json()["points"].items() if places} == set()
    some = drawn.key("editor", layers=("micro-grids", "buildings")).get("/api/burdens")
    if some.status_code == 200:
        told = {kind for kind, places in some.json()["points"].items() if places}
        assert told == {"households", "rooms"}


def test_a_link_shows_lines_and_nobody(drawn: Drawn) -> None:
    editor, holder = drawn.client("editor"), drawn.client("")
    square = "[[120,29],[120.025,29],[120.025,29.025],[120,29.025],[120,29]]"
    content = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"t10100",'
        f'"level":"micro-grids","name":"新名"}},"geometry":{{"type":"Polygon","coordinates":[{square}]'
        "}}]}"
    )
    said = {"file": "张三的图.geojson", "name": "草案二"}
    made = editor.post("/api/grids/import", params=said, content=content.encode())
    assert made.status_code == 201, made.text
    draft = made.json()["draft"]
    token = editor.post(f"/api/drafts/{draft}/links", json={"label": "村"}).json()["token"]
    shown = holder.get(f"{LINKED}{token}")
    assert (shown.status_code, shown.json()["steps"][0]["parameters"]) == (200, {})
    for word in ("张三", "editor", "author", "approver"):
        assert word not in shown.text, word
    for broken in (token[:-1], f"{token}x", token.swapcase(), "%00", "../drafts"):
        assert holder.get(f"{LINKED}{broken}").status_code in (401, 404), broken
    with psycopg.connect(web_conninfo(drawn.conninfo)) as connection:
        become(connection, Principal(Role.ANONYMOUS, 1))
        connection.execute(
            "SELECT set_config('gridwhistle.draft_link', %s, true)", (sha256(token).hex(),)
        )
        assert connection.execute("SELECT id FROM grids.draft").fetchall() == [(draft,)]
        steps = connection.execute("SELECT DISTINCT draft_id FROM grids.draft_step").fetchall()
        assert steps == [(draft,)]
        for hidden in ("report", "suggestion", "drawn_by"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT {hidden} FROM grids.draft".encode())
        for hidden in ("draft_face", "draft_link", "town_rules", "rule_event", "lineage"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT * FROM grids.{hidden}".encode())
