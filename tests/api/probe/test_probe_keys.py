"""The limits of an API key, through every door; held by the web tier, and by the database alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

import api.auth.entrance
from layers.accounts.administration import find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.accounts.tokens import sha256
from layers.entries import CATALOGUE
from layers.roles import Role
from spatial.database import Principal, become
from spatial.web_login import web_conninfo

NEAREST = "/ogc/processes/nearest-responders/execution"
ECHO = "/ogc/processes/echo/execution"
HERE = {"inputs": {"lon": 120.05, "lat": 29.05}}
REFUSED = (403, 404)
SHOP = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [120.05, 29.05]},
    "properties": {"name": "店", "kind": "shop"},
}
ITEMS = "/ogc/collections/premises/items"


@pytest.fixture(scope="module")
def key_of(live: Any) -> Iterator[Callable[..., httpx.Client]]:
    """`key_of("officer", layers=...)`: a client with a new key of the account."""
    made = []

    def make(name: str, **limits: Any) -> httpx.Client:
        with psycopg.connect(live.conninfo) as connection:
            key = add_key(connection, find_account(connection, 1, name), KeyPlan("p", **limits))
        client = httpx.Client(base_url=live.url, headers={"X-API-Key": str(key)}, timeout=60)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The web tier looks at no limit of a key."""
    monkeypatch.setattr(api.auth.entrance, "_refuse_reading_key", lambda *_: None)
    monkeypatch.setattr(api.auth.entrance, "_refuse_other_layers", lambda *_: None)
    monkeypatch.setattr(Principal, "reaches", lambda *_: True)


def doors(layer: str) -> tuple[str, ...]:
    """Addresses that show something of a layer's rows."""
    base = f"/ogc/collections/{layer}"
    return (
        f"{base}/items", f"{base}/items/1", f"{base}/items?f=csv", f"{base}/items?f=gpkg",
        f"{base}/tiles/WebMercatorQuad/0/0/0", f"{base}/changes?since=0",
        f"{base}/items/1/history", f"{base}/subscribe",
    )  # fmt: skip


ACCOUNTS = (("dispatcher", "premises"), ("planner", "incidents"), ("system", "responders"))


@pytest.mark.parametrize(("name", "layer"), ACCOUNTS)
def test_a_key_for_some_layers_opens_no_door_to_another(
    key_of: Callable[..., httpx.Client], name: str, layer: str
) -> None:
    client = key_of(name, layers=(layer,))
    assert client.get(f"/ogc/collections/{layer}/items").json()["numberMatched"] > 0
    assert [each["id"] for each in client.get("/api/layers").json()] == [layer]
    for entry in CATALOGUE.entries:
        for address in doors(entry.id) if entry.id != layer else ():
            assert client.get(address).status_code in REFUSED, address
    if layer != "responders":
        for headers in ({}, {"Prefer": "respond-async"}):
            assert client.post(NEAREST, json=HERE, headers=headers).status_code == 403


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("name", "layer"), ACCOUNTS)
def test_without_the_webs_checks_the_database_shows_no_other_layer(
    key_of: Callable[..., httpx.Client], name: str, layer: str
) -> None:
    client = key_of(name, layers=(layer,))
    counts = {each["id"]: each["count"] for each in client.get("/api/layers").json()}
    assert {shown for shown, count in counts.items() if count} == {layer}
    for other in counts.keys() - {layer}:
        base = f"/ogc/collections/{other}"
        page = client.get(f"{base}/items").json()
        assert (page["features"], page["numberMatched"]) == ([], 0), other
        assert client.get(f"{base}/items/1").status_code == 404, other
        assert len(client.get(f"{base}/items?f=csv").text.splitlines()) == 1, other
        for depth in ("0/0/0", "14/6635/13655"):
            tile = client.get(f"{base}/tiles/WebMercatorQuad/{depth}")
            assert tile.status_code in (204, 404), (other, depth)
        changes = client.get(f"{base}/changes?since=0").json()
        assert (changes["features"], changes["deleted"]) == ([], []), other
        assert client.get(f"{base}/items/1/history").status_code == 404, other
    # Who is nearest: of the layer's rows there are none to be told.
    told = client.post(NEAREST, json=HERE)
    if layer != "responders" and told.status_code == 200:
        assert told.json()["responders"] == told.json()["unreachable"] == []


@pytest.mark.usefixtures("unchecked")
def test_without_the_webs_checks_a_stream_brings_no_other_layer(
    live: Any, key_of: Callable[..., httpx.Client]
) -> None:
    client = key_of("dispatcher", layers=("premises",))
    wait = httpx.Timeout(30, read=1)
    address = "/ogc/subscribe?collections=premises,responders&lastEventId=0"
    heard = set()
    with client.stream("GET", address, timeout=wait) as answer:
        try:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    heard.add(json.loads(line[6:])["collection"])
        except httpx.ReadTimeout:
            pass
    assert heard == {"premises"}


def test_a_key_for_some_layers_reads_no_result_of_others(
    live: Any, key_of: Callable[..., httpx.Client]
) -> None:
    whole, narrow = key_of("dispatcher"), key_of("dispatcher", layers=("premises",))
    body = {"inputs": {"message": "read of responders"}}
    made = whole.post(ECHO, json=body, headers={"Prefer": "respond-async"})
    job = f"/ogc/jobs/{made.json()['jobID']}"
    assert whole.get(job).status_code == 200
    for answer in (narrow.get(job), narrow.get(f"{job}/results"), narrow.delete(job)):
        assert answer.status_code == 404
    assert narrow.get("/ogc/jobs").json()["jobs"] == []
    own = narrow.post(ECHO, json=body, headers={"Prefer": "respond-async"}).json()["jobID"]
    assert narrow.get(f"/ogc/jobs/{own}").status_code == 200
    listed = {each["jobID"] for each in whole.get("/ogc/jobs?limit=1000").json()["jobs"]}
    assert {own, made.json()["jobID"]} <= listed


def try_to_write(client: httpx.Client) -> list[httpx.Response]:
    change = {"type": "Feature", "properties": {"name": "改"}}
    return [
        client.post(ITEMS, json=SHOP),
        client.put(f"{ITEMS}/3", json=SHOP),
        client.patch(f"{ITEMS}/3", json=change),
        client.delete(f"{ITEMS}/3"),
    ]


def premises_now(live: Any) -> object:
    return live.execute(
        "SELECT count(*), md5(string_agg(premises::text, '' ORDER BY id)) FROM layers.premises"
    )


@pytest.mark.parametrize("limits", [{}, {"may_write": True, "layers": ("sensors",)}])
def test_a_key_for_reading_or_for_other_layers_writes_nothing(
    live: Any, key_of: Callable[..., httpx.Client], limits: dict[str, Any]
) -> None:
    client, before = key_of("editor", **limits), premises_now(live)
    assert [answer.status_code for answer in try_to_write(client)] == [403] * 4
    assert premises_now(live) == before


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("limits", [{}, {"may_write": True, "layers": ("sensors",)}])
def test_without_the_webs_checks_the_database_writes_nothing_either(
    live: Any, key_of: Callable[..., httpx.Client], limits: dict[str, Any]
) -> None:
    client, before = key_of("editor", **limits), premises_now(live)
    for answer in try_to_write(client):
        assert answer.status_code in REFUSED, answer.text
    assert premises_now(live) == before


def test_a_key_for_reading_runs_processes(key_of: Callable[..., httpx.Client]) -> None:
    client = key_of("dispatcher")
    body = {"inputs": {"message": "m"}}
    assert client.post(ECHO, json=body).text == "m"
    made = client.post(ECHO, json=body, headers={"Prefer": "respond-async"})
    assert made.status_code == 201
    assert client.delete(f"/ogc/jobs/{made.json()['jobID']}").json()["status"] == "dismissed"


UNDOING = (
    "SET TRANSACTION READ WRITE",
    "SET LOCAL transaction_read_only = off",
    "SELECT set_config('transaction_read_only', 'off', true)",
)


@pytest.mark.parametrize("attack", UNDOING)
def test_a_transaction_for_reading_can_not_be_made_to_write(live: Any, attack: str) -> None:
    reader = Principal(Role.GIS_EDITOR, 1, may_write=False)
    with psycopg.connect(web_conninfo(live.conninfo)) as connection:
        become(connection, reader)
        with pytest.raises(psycopg.errors.ActiveSqlTransaction):
            connection.execute(attack.encode())


def test_a_session_that_says_nothing_of_its_layers_sees_none(live: Any) -> None:
    with psycopg.connect(web_conninfo(live.conninfo)) as connection:
        connection.execute("SELECT set_config('gridwhistle.town_id', '1', true)")
        connection.execute(f"SET LOCAL ROLE {Role.ADMINISTRATOR}")
        for view in ("administrator.premises", "administrator.incidents", "administrator.changes",
                     "administrator.history"):  # fmt: skip
            assert connection.execute(f"SELECT count(*) FROM {view}").fetchone() == (0,), view


# Drafts stand on micro-grids: a key for other layers has nothing of them.
DRAFTING = (
    "grids.draft",
    "grids.arc_version",
    "grids.town_rules",
    "grids.units_at(now())",
    "grids.owners_of_codes(ARRAY['m1'])",
    "grids.codes_given_below('m')",
)


@pytest.fixture(scope="module")
def drafted(live: Any) -> None:
    """A town with a draft, an arc and rules of its own."""
    live.execute(
        "INSERT INTO grids.draft (town_id, name, author, base_at, first_arc)"
        " SELECT 1, '草案', min(id), now(), 1 FROM layers.account;"
        " INSERT INTO grids.arc_version (town_id, arc_id, geom, valid)"
        " VALUES (1, 1, 'SRID=4326;LINESTRING(120 29, 120.1 29)', '[2020-01-01,)');"
        " INSERT INTO grids.town_rules VALUES (1, 100, 2, '6+3, 3, 3, 2')"
    )


@pytest.mark.usefixtures("drafted")
def test_a_key_for_other_layers_drafts_nothing(key_of: Callable[..., httpx.Client]) -> None:
    narrow = key_of("editor", may_write=True, layers=("premises",))
    wide = key_of("editor", may_write=True, layers=("premises", "micro-grids"))
    assert narrow.get("/api/burdens").status_code == 403
    for path in ("/api/drafts", "/api/boundary-rules", "/api/lineage"):
        assert narrow.get(path).status_code == 403, path
        assert wide.get(path).status_code == 200, path
    assert narrow.post("/api/drafts", json={"name": "x"}).status_code == 403
    assert len(wide.get("/api/drafts").json()["drafts"]) == 1


@pytest.mark.usefixtures("drafted", "unchecked")
def test_without_the_webs_checks_a_key_for_other_layers_drafts_nothing_either(
    live: Any, key_of: Callable[..., httpx.Client]
) -> None:
    narrow = key_of("editor", may_write=True, layers=("premises",))
    assert narrow.get("/api/drafts").json()["drafts"] == []
    assert narrow.post("/api/drafts", json={"name": "x"}).status_code in {403, 409}
    number = live.execute("SELECT min(id) FROM grids.draft")[0][0]
    assert narrow.get(f"/api/drafts/{number}").status_code == 404
    assert live.execute("SELECT count(*) FROM grids.draft") == [(1,)]


@pytest.mark.usefixtures("drafted")
@pytest.mark.parametrize("role", [Role.GIS_EDITOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("question", DRAFTING)
def test_the_database_shows_drafts_to_who_came_for_micro_grids(
    live: Any, role: Role, question: str
) -> None:
    with psycopg.connect(web_conninfo(live.conninfo)) as connection:
        for only, told in ((("premises",), 0), (("micro-grids",), 1), (None, 1)):
            with connection.transaction():
                become(connection, Principal(role, 1, account_id=1, only_layers=only))
                found = connection.execute(f"SELECT count(*) FROM {question}").fetchone()
                assert min(found[0], 1) == told, (question, only)


def test_a_stored_hash_opens_nothing(live: Any) -> None:
    digest = sha256("x").hex()
    for headers in ({"X-API-Key": digest}, {"Authorization": f"Bearer {digest}"}):
        assert httpx.get(f"{live.url}/ogc", headers=headers).status_code == 401
