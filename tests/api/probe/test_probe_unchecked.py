"""With the web tier's own checks switched off: the database refuses, or shows what it may."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import mapbox_vector_tile
import psycopg
import pytest

from layers.catalogue import Entry
from layers.entries import CATALOGUE
from layers.roles import Role

INTERNAL = [entry for entry in CATALOGUE.entries if entry.readers]
LOOKING = (Role.ANONYMOUS, Role.OFFICER, Role.GRID_MEMBER, Role.AUDITOR, Role.SYSTEM)
# A forgotten check is a defect, and may look like one; it shows nothing.
REFUSED = (204, 403, 404, 500)

# The web tier believes that everybody is this role; the database knows who asks.
UNCHECKED = """
import sys
import layers.catalogue
from layers.catalogue import Entry
from layers.roles import Role

CONFUSED = Role(sys.argv[1])
plain = {name: getattr(Entry, name)
         for name in ("readable_by", "rows_for", "fields_for", "is_public_to", "field_for")}
for name, method in plain.items():
    setattr(Entry, name, lambda self, role, *rest, _method=method: _method(self, CONFUSED, *rest))

import layers.published
import layers.changes.views
import layers.changes.history
own_view_of = layers.published.view_of
layers.published.view_of = lambda entry, _role: own_view_of(entry, CONFUSED)
for name in ("changes_of", "history_of"):
    own = getattr(layers.changes.views, name)
    setattr(layers.changes.views, name, lambda _role, _own=own: _own(CONFUSED))
layers.changes.history.readers_of_history = lambda _entry: frozenset(Role)

import layers.writing.edits
layers.writing.edits.check_may_write = lambda _entry, _role: None
import layers.migrations.run
layers.migrations.run.migrate = lambda conninfo: None
import api.cli.context
api.cli.context.migrate = lambda conninfo: None
import api.ogc.editing
api.ogc.editing._writer = lambda request, entry, _methods: (
    api.ogc.editing.reading_as(api.ogc.editing.services_of(request).principal(request), entry))
from api.cli import main
main(["serve", "--port", "0", "--no-worker"])
"""


@pytest.fixture(
    scope="module",
    params=[Role.ADMINISTRATOR, pytest.param(Role.DISPATCHER, marks=pytest.mark.long)],
)
def unchecked_url(
    request: pytest.FixtureRequest,
    demo_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The demo town served by a web tier that takes everybody for this role."""
    folder = tmp_path_factory.mktemp("unchecked")
    environment = os.environ | {"DATABASE_URL": demo_database, "GRIDWHISTLE_DATA": str(folder)}
    command = [sys.executable, "-c", UNCHECKED, request.param.value]
    with (
        (folder / "errors").open("w") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1].rstrip("/")
        finally:
            process.terminate()
    # What the server had to say of its defects names nothing that was asked for or stored.
    said = (folder / "errors").read_text()
    for word in ("Failing row", "DETAIL", "120.05", "a name of somebody"):
        assert word not in said, said


@pytest.fixture(params=LOOKING)
def looker(
    request: pytest.FixtureRequest,
    unchecked_url: str,
    demo_account: Callable[[Role], tuple[str, str]],
) -> Iterator[tuple[httpx.Client, Role]]:
    """A client of the confused server, and whose it is."""
    role: Role = request.param
    auth = None if role is Role.ANONYMOUS else demo_account(role)
    with httpx.Client(base_url=unchecked_url, auth=auth, timeout=60) as client:
        yield client, role


Looker = tuple[httpx.Client, Role]


def test_no_feature_is_shown(looker: Looker, oracle: Any) -> None:
    client, role = looker
    for entry in CATALOGUE.entries:
        items = f"/ogc/collections/{entry.id}/items"
        answer = client.get(f"{items}?limit=100&f=json")
        if answer.status_code == 200:
            check_features(oracle, entry, role, answer.json()["features"])
        else:
            assert answer.status_code in REFUSED, (entry.id, role, answer.text)
        some = oracle.some_refused(entry, role)
        if some is not None:
            assert client.get(f"{items}/{some}").status_code in REFUSED, (entry.id, role)


def check_features(oracle: Any, entry: Entry, role: Role, features: list[dict[str, Any]]) -> None:
    for feature in features:
        assert feature["id"] in oracle.ids(entry, role), (entry.id, role)
        assert feature["properties"].keys() <= oracle.columns(entry, role), (entry.id, role)


def test_no_file_is_given(looker: Looker, oracle: Any) -> None:
    client, role = looker
    for entry in INTERNAL:
        answer = client.get(f"/ogc/collections/{entry.id}/items?f=csv")
        if answer.status_code == 200:
            rows = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
            assert {int(row["id"]) for row in rows} <= oracle.ids(entry, role), entry.id
        else:
            assert answer.status_code in REFUSED, (entry.id, role, answer.text)
    if not CATALOGUE.entry("responders").readable_by(role):
        answer = client.get("/ogc/collections/responders/items?f=gpkg")
        assert answer.status_code in REFUSED, role


def test_no_tile_is_drawn(looker: Looker, oracle: Any) -> None:
    client, role = looker
    for entry in INTERNAL:
        answer = client.get(f"/ogc/collections/{entry.id}/tiles/WebMercatorQuad/0/0/0?f=mvt")
        if answer.status_code != 200:
            assert answer.status_code in REFUSED, (entry.id, role)
            continue
        features = mapbox_vector_tile.decode(answer.content)[entry.id]["features"]
        found = [one["properties"] for one in features]
        total = sum(one.get("count") or one.get("merged") or 1 for one in found)
        assert total <= len(oracle.ids(entry, role)), (entry.id, role)


def test_no_change_is_told(looker: Looker, oracle: Any) -> None:
    client, role = looker
    for entry in INTERNAL:
        answer = client.get(f"/ogc/collections/{entry.id}/changes?since=0&limit=100")
        if answer.status_code == 200:
            check_features(oracle, entry, role, answer.json()["features"])
            assert answer.json()["deleted"] == []
        else:
            assert answer.status_code in REFUSED, (entry.id, role, answer.text)


def test_no_event_is_pushed(looker: Looker, oracle: Any) -> None:
    client, role = looker
    names = ",".join(entry.id for entry in INTERNAL)
    address = f"/ogc/subscribe?collections={names}&lastEventId=0"
    with client.stream("GET", address, timeout=httpx.Timeout(30, read=1)) as answer:
        if answer.status_code != 200:
            assert answer.status_code in REFUSED
            return
        try:
            for line in answer.iter_lines():
                event = json.loads(line[6:]) if line.startswith("data: ") else {}
                if "id" in event:
                    entry = CATALOGUE.entry(event["collection"])
                    check_features(oracle, entry, role, [event["feature"] or event])
        except httpx.ReadTimeout:
            pass  # nothing more comes


def test_no_history_is_told(looker: Looker) -> None:
    client, role = looker
    for layer in ("premises", "sensors"):
        answer = client.get(f"/ogc/collections/{layer}/items/1/history")
        assert answer.status_code in REFUSED, (layer, role)


def test_no_process_tells(looker: Looker, oracle: Any, demo_database: str) -> None:
    client, role = looker
    with psycopg.connect(demo_database) as connection:
        keys = dict(connection.execute("SELECT key, id FROM layers.responder").fetchall())
    body = {"inputs": {"lon": 120.02, "lat": 29.2, "k": 100}}
    answer = client.post("/ogc/processes/nearest-responders/execution", json=body)
    if answer.status_code == 200:
        told = answer.json()
        found = {keys[each["key"]] for each in told["responders"] + told["unreachable"]}
        assert found <= oracle.ids(CATALOGUE.entry("responders"), role), role
    else:
        assert answer.status_code in REFUSED, (role, answer.text)


def test_nothing_is_written(looker: Looker, demo_database: str) -> None:
    client, role = looker
    count = "SELECT count(*), md5(string_agg(premises::text, '' ORDER BY id)) FROM layers.premises"
    with psycopg.connect(demo_database, autocommit=True) as connection:
        before = connection.execute(count).fetchone()
        place = {"type": "Point", "coordinates": [120.05, 29.05]}
        feature = {
            "type": "Feature",
            "geometry": place,
            "properties": {"name": "a name of somebody", "kind": "shop"},
        }
        items = "/ogc/collections/premises/items"
        for method, address in (("POST", items), ("PUT", f"{items}/1"), ("DELETE", f"{items}/1")):
            answer = client.request(method, address, json=feature)
            assert answer.status_code in REFUSED, (role, method, answer.text)
        assert connection.execute(count).fetchone() == before, role
