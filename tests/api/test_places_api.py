"""Places over HTTP: found by name, current at once, told to nobody who may not know of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from layers.accounts.administration import find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.roles import Role

SPOT = {"lon": 120.05, "lat": 29.05}


@pytest.fixture(scope="module")
def clients(guarded: Any) -> Iterator[dict[str, httpx.Client]]:
    names = ("planner", "officer", "dispatcher", "editor")
    found = {name: guarded.signed_in(name) for name in names} | {"visitor": guarded.client()}
    yield found
    for client in found.values():
        client.close()


@pytest.fixture
def name() -> str:
    """One that no other test has: characters that stand for nothing."""
    return "".join(chr(0x4E00 + byte * 37) for byte in uuid.uuid4().bytes[:6])


def labels(client: httpx.Client, text: str, **more: Any) -> list[str]:
    answer = client.get("/api/places", params={"q": text} | more)
    assert answer.status_code == 200, answer.text
    return [place["label"] for place in answer.json()["places"]]


def add_premises(guarded: Any, name: str) -> int:
    return int(
        guarded.execute(
            "INSERT INTO layers.premises"
            " (town_id, key, kind, name, address, geom, inside, batch_id)"
            " VALUES (1, %s, 'shop', %s, '测试路9号', 'SRID=4326;POINT(120.02 29.03)', true, 1)"
            " RETURNING id",
            name,
            name,
        )[0][0]
    )


def test_a_place_is_found_with_where_and_what_it_is(
    guarded: Any, clients: dict[str, httpx.Client], name: str
) -> None:
    row = add_premises(guarded, name)
    assert name in labels(clients["visitor"], name)
    place = clients["visitor"].get("/api/places", params={"q": name}).json()["places"][0]
    assert place == {
        "kind": "premises", "label": name, "detail": "测试路9号", "inner": "",
        "lon": 120.02, "lat": 29.03, "id": f"premises:{row}",
    }  # fmt: skip


def test_what_is_renamed_moved_or_deleted_is_so_at_once(
    guarded: Any, clients: dict[str, httpx.Client], name: str
) -> None:
    visitor = clients["visitor"]
    row = add_premises(guarded, name)
    assert name in labels(visitor, name)
    moved = "UPDATE layers.premises SET geom = 'SRID=4326;POINT(120.03 29.04)' WHERE id = %s"
    guarded.execute(moved, row)
    # Where a place is, the database is asked each time.
    place = visitor.get("/api/places", params={"q": name}).json()["places"][0]
    assert (place["lon"], place["lat"]) == (120.03, 29.04)
    guarded.execute("UPDATE layers.premises SET name = %s WHERE id = %s", name[::-1], row)
    assert labels(visitor, name[::-1])[:1] == [name[::-1]]
    assert name not in labels(visitor, name)
    guarded.execute("DELETE FROM layers.premises WHERE id = %s", row)
    assert name[::-1] not in labels(visitor, name[::-1])


def test_an_alias_is_kept_with_who_gave_it_and_found_by_staff_alone(
    guarded: Any, clients: dict[str, httpx.Client], name: str
) -> None:
    dispatcher = clients["dispatcher"]
    made = dispatcher.post("/api/places/aliases", json={"name": name, "note": "老叫法"} | SPOT)
    assert made.status_code == 201, made.text
    alias = made.json()["id"]
    assert name in labels(dispatcher, name)
    assert name in labels(clients["officer"], name)
    assert name not in labels(clients["visitor"], name)
    stored = guarded.execute(
        "SELECT added_by, inside, cell > 0 FROM layers.place_alias WHERE id = %s", alias
    )
    assert stored == [(guarded.ids["dispatcher"], True, True)]
    listed = clients["editor"].get("/api/places/aliases").json()
    assert listed["may_name"]
    assert (alias, name, "老叫法") in [(a["id"], a["name"], a["note"]) for a in listed["aliases"]]
    assert clients["editor"].delete(f"/api/places/aliases/{alias}").status_code == 204
    assert name not in labels(dispatcher, name)
    assert clients["editor"].delete(f"/api/places/aliases/{alias}").status_code == 404


@pytest.mark.parametrize("who", ["visitor", "officer", "planner"])
def test_others_name_nothing(guarded: Any, clients: dict[str, httpx.Client], who: str) -> None:
    refused = clients[who].post("/api/places/aliases", json={"name": "甲"} | SPOT)
    assert refused.status_code in (401, 403)
    assert clients[who].delete("/api/places/aliases/1").status_code in (401, 403)
    seen = clients[who].get("/api/places/aliases")
    assert (seen.status_code == 200) == (who != "visitor")


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "甲"}, {"name": " "} | SPOT, {"name": "甲" * 61} | SPOT, {"name": 5} | SPOT,
     {"name": "甲", "lon": "x", "lat": 29}, {"name": "甲", "lon": 200, "lat": 29},
     {"name": "甲", "lon": None, "lat": 29}, {"name": "甲", "note": "乙" * 300} | SPOT],
)  # fmt: skip
def test_an_alias_that_is_none_is_refused(
    clients: dict[str, httpx.Client], body: dict[str, Any]
) -> None:
    refused = clients["dispatcher"].post("/api/places/aliases", json=body)
    assert refused.status_code == 400, refused.text


def test_a_key_for_other_layers_finds_no_places_of_these(guarded: Any, name: str) -> None:
    add_premises(guarded, name)
    with psycopg.connect(guarded.conninfo) as connection:
        holder = find_account(connection, 1, "planner")
        keys = [
            str(add_key(connection, holder, KeyPlan(layer, layers=(layer,))))
            for layer in ("premises", "sensors")
        ]
    clients = [httpx.Client(base_url=guarded.url, headers={"X-API-Key": key}) for key in keys]
    premises, sensors = clients
    assert name in labels(premises, name)
    assert labels(sensors, name) == []
    assert premises.get("/api/places/aliases").status_code == 403
    for client in clients:
        client.close()


def test_a_pasted_pair_is_read_or_asked_about(clients: dict[str, httpx.Client]) -> None:
    visitor = clients["visitor"]
    sure = visitor.get("/api/places", params={"q": "120.0545,29.0473 gcj02"}).json()
    assert sure["asks"] == []
    assert [place["datum"] for place in sure["places"]] == ["gcj02"]
    assert sure["places"][0]["in_town"]
    assert abs(sure["places"][0]["lon"] - 120.05) < 0.001
    open_ = visitor.get("/api/places", params={"q": "120.0545，29.0473"}).json()
    assert open_["asks"] == ["datum"]
    assert [place["datum"] for place in open_["places"]] == ["wgs84", "gcj02", "bd09"]


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "甲" * 201},
        {"q": "甲", "limit": 0},
        {"q": "甲", "limit": 51},
        {"q": "甲", "limit": "x"},
        {"q": "甲", "lon": 120},
        {"q": "甲", "lon": "nan", "lat": 29},
        {"q": "甲", "lon": 120, "lat": 91},
    ],
)
def test_a_question_that_is_none_is_refused(
    clients: dict[str, httpx.Client], asked: dict[str, Any]
) -> None:
    refused = clients["visitor"].get("/api/places", params=asked)
    assert refused.status_code == 400
    assert refused.json()["description"]


@pytest.mark.parametrize("text", ["", " ", "'; DROP TABLE x; --", "%", "\\", "😀", "\x00甲"])
def test_whatever_is_typed_is_answered(clients: dict[str, httpx.Client], text: str) -> None:
    assert labels(clients["visitor"], text) is not None


def test_the_tables_of_places_are_closed_to_every_role(guarded: Any) -> None:
    for role in Role:
        with psycopg.connect(guarded.conninfo) as connection:
            connection.execute(f"SET LOCAL ROLE {role.value}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("SELECT * FROM layers.place_alias")
