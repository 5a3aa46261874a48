"""As each role: pull, push and history tell of what the role may see, and how it looks to it.

What each is to be told is worked out by looking at all rows, as their owner, before and after every
change.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from layers.catalogue import Entry
from layers.changes.history import readers_of_history
from layers.entries import CATALOGUE
from layers.roles import Role

PLACE = "'SRID=4326;POINT(120.05 29.05)'"
VIEW = "'SRID=4326;POLYGON((120.05 29.05,120.06 29.05,120.06 29.06,120.05 29.05))'"
# Each in a transaction of its own. Rows come, change in shown and in hidden columns, go over to
# other departments and grids by themselves and by what they refer to, and go.
STORY = f"""
INSERT INTO layers.premises (town_id, key, kind, name, geom, inside)
VALUES (1, 'new', 'shop', '新店', {PLACE}, true);
UPDATE layers.premises SET name = '旧店' WHERE key = 'new';
UPDATE layers.premises SET key = 'a hidden key' WHERE key = 'new';
DELETE FROM layers.premises WHERE key = '2';
INSERT INTO layers.sensor (town_id, key, kind, name, field_of_view, geom, inside)
VALUES (1, 'second', 'camera', '二', {VIEW}, {PLACE}, true);
UPDATE layers.sensor SET bearing_deg = 45 WHERE key = 'second';
UPDATE layers.sensor SET field_of_view = NULL WHERE key = 'second';
DELETE FROM layers.sensor WHERE key = 'c';
INSERT INTO layers.building (town_id, key, households, geom, inside, batch_id)
VALUES (1, 'b', 12, ST_Multi({VIEW}::geometry), true, 1);
UPDATE layers.building SET households = 13;
INSERT INTO layers.responder (town_id, key, label, department, geom, inside, batch_id)
VALUES (1, 'new', '警02', 'police', {PLACE}, true, 1);
UPDATE layers.responder SET department = 'emergency' WHERE key = 'new';
UPDATE layers.responder SET label = '救02', department = NULL WHERE key = 'new';
UPDATE layers.responder SET department = 'police' WHERE key = 's';
DELETE FROM layers.responder WHERE key = 'new';
UPDATE layers.incident SET category = 'gas_safety' WHERE key = 'noise5';
UPDATE layers.incident SET grid_version_id = 6 WHERE key = 'noise5';
UPDATE layers.incident SET source = '110', grid_version_id = 5 WHERE key = 'noise6';
UPDATE layers.category SET department = 'emergency' WHERE code = 'noise';
UPDATE layers.category SET department = 'police' WHERE code = 'gas_safety';
UPDATE grids.version SET parent_id = 7 - parent_id WHERE unit_id IN (5, 6);
DELETE FROM layers.incident WHERE key = 'gas_safety6';
"""
# Layer, id, and what happened to it.
Told = tuple[str, int, str]


class Looked:
    """All rows at a moment, and who sees which."""

    def __init__(self, oracle: Any) -> None:
        self.states = {entry.id: oracle.states_now(entry) for entry in CATALOGUE.entries}
        self.seen = {
            (entry.id, role): oracle.ids_now(entry, role) if entry.readers else None
            for entry in CATALOGUE.entries
            for role in Role
        }

    def ids(self, entry: Entry, role: Role) -> set[int]:
        seen = self.seen[entry.id, role]
        return self.states[entry.id].keys() if seen is None else seen


def to_be_told(role: Role, before: Looked, after: Looked) -> set[Told]:
    told: set[Told] = set()
    for entry in CATALOGUE.readable_by(role):
        was, now = before.ids(entry, role), after.ids(entry, role)
        told |= {(entry.id, number, "insert") for number in now - was}
        told |= {(entry.id, number, "delete") for number in was - now}
        old, new = before.states[entry.id], after.states[entry.id]
        told |= {(entry.id, n, "update") for n in now & was if old[n] != new[n]}
    return told


class Listener:
    """One role's stream of events."""

    def __init__(self, role: Role, lines: AsyncIterator[str]) -> None:
        self.role = role
        self._lines = lines

    async def take(self, count: int) -> list[dict[str, Any]]:
        """The next events; fewer where nothing more comes."""
        found: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(20):
                while len(found) < count:
                    line = await anext(self._lines)
                    if line.startswith("data: "):
                        found.append(json.loads(line.removeprefix("data: ")))
        except (TimeoutError, StopAsyncIteration):
            pass
        return found


def check_event(oracle: Any, role: Role, event: dict[str, Any]) -> Told:
    """What it tells; that it shows no more of it than the role's columns."""
    assert event.keys() == {"collection", "id", "seq", "type", "at", "feature"}
    entry, feature = CATALOGUE.entry(event["collection"]), event["feature"]
    if event["type"] == "delete":
        assert feature is None
    else:
        assert feature.keys() == {"type", "id", "geometry", "properties"}
        assert feature["id"] == event["id"]
        assert feature["properties"].keys() == oracle.columns(entry, role)
    return entry.id, event["id"], event["type"]


async def live_through(live: Any, story: str) -> dict[Role, set[Told]]:
    """What each role is told, which is compared change by change with what it is to be told.

    Had a stream brought more, the next change's events would be others than expected.
    """
    told: dict[Role, set[Told]] = {role: set() for role in Role}
    async with AsyncStreams(live) as listeners:
        looked = Looked(live.oracle)
        for statement in story.strip().split(";\n"):
            live.execute(statement)
            before, looked = looked, Looked(live.oracle)
            for listener in listeners:
                expected = to_be_told(listener.role, before, looked)
                events = await listener.take(len(expected))
                heard = [check_event(live.oracle, listener.role, each) for each in events]
                assert sorted(heard) == sorted(expected), (listener.role, statement)
                told[listener.role] |= expected
    return told


class AsyncStreams:
    """`async with AsyncStreams(live) as listeners`: every role's stream, begun."""

    def __init__(self, live: Any) -> None:
        self._live = live
        self._open: list[Any] = []

    async def __aenter__(self) -> list[Listener]:
        listeners = []
        for role, client in self._live.clients.items():
            session = httpx.AsyncClient(base_url=self._live.url, auth=client.auth, timeout=60)
            stream = session.stream("GET", "/ogc/subscribe")
            answer = await stream.__aenter__()
            self._open += [(session, stream)]
            lines = answer.aiter_lines()
            while not (await anext(lines)).startswith("id: "):
                pass  # what a stream begins with
            listeners.append(Listener(role, lines))
        return listeners

    async def __aexit__(self, *_exception: object) -> None:
        for session, stream in self._open:
            await stream.__aexit__(None, None, None)
            await session.aclose()


@dataclass(frozen=True)
class Lived:
    """The story, when it is over.

    Attributes:
        start: of each role and layer, the token from before it.
        told: what each role was told of it by its stream.
    """

    start: dict[tuple[Role, str], str]
    told: dict[Role, set[Told]]


# The editor's own name is for other editors.
BY_THE_EDITOR = """
WITH me AS (
    SELECT set_config('gridwhistle.account_id', id::text, true)
    FROM layers.account WHERE name = 'editor'
)
UPDATE layers.premises SET name = '改' FROM me WHERE key = '1'
"""


@pytest.fixture(scope="module")
def lived(live: Any) -> Lived:
    start = {
        (role, entry.id): client.get(f"/ogc/collections/{entry.id}/changes").json()["next"]
        for role, client in live.clients.items()
        for entry in CATALOGUE.readable_by(role)
    }
    return Lived(start, asyncio.run(live_through(live, f"{BY_THE_EDITOR};\n{STORY}")))


def test_streams_bring_what_the_role_may_see_and_nothing_else(lived: Lived) -> None:
    """They are compared change by change while the story goes on; here, that it tells enough."""
    public = {"premises", "sensors", "buildings", "micro-grids"}
    for role in (Role.ANONYMOUS, Role.AUDITOR, Role.SECURITY_OFFICER):
        assert {layer for layer, *_ in lived.told[role]} == public
    for role in (Role.OFFICER, Role.GRID_MEMBER):
        kinds = {kind for layer, _, kind in lived.told[role] if layer == "incidents"}
        assert kinds == {"insert", "update", "delete"}, role
    assert {layer for layer, *_ in lived.told[Role.SYSTEM]} == public | {"responders"}


@pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.id)
@pytest.mark.parametrize("role", list(Role))
def test_pulled_changes_are_those_of_the_role(
    live: Any, lived: Lived, role: Role, entry: Entry
) -> None:
    client, address = live.clients[role], f"/ogc/collections/{entry.id}/changes"
    if not entry.readable_by(role):
        assert client.get(address).status_code == 404
        assert client.get(f"{address}?since=0").status_code == 404
        return
    page = client.get(f"{address}?since={lived.start[role, entry.id]}&limit=10000").json()
    touched = {number for layer, number, _ in lived.told[role] if layer == entry.id}
    there = live.oracle.ids_now(entry, role)
    assert {feature["id"] for feature in page["features"]} == touched & there
    assert set(page["deleted"]) == touched - there
    for feature in page["features"]:
        assert feature["properties"].keys() == live.oracle.columns(entry, role)


@pytest.mark.parametrize("role", list(Role))
def test_history_is_told_to_its_readers_in_their_columns(
    live: Any, lived: Lived, role: Role
) -> None:
    for entry in CATALOGUE.entries:
        ids = {number for layer, number, _ in lived.told[Role.ADMINISTRATOR] if layer == entry.id}
        for number in ids | {1}:
            address = f"/ogc/collections/{entry.id}/items/{number}/history"
            answer = live.clients[role].get(address)
            if role not in readers_of_history(entry):
                assert answer.status_code == 404, (entry.id, number)
                continue
            shown = live.oracle.columns(entry, role) - {"updated"} | {"geometry"}
            if not ids and answer.status_code == 404:
                continue  # nothing was ever there
            for line in answer.json()["history"]:
                for state in (line["before"], line["after"]):
                    assert state is None or state.keys() == shown, entry.id
                assert "name" not in line["by"] or role in entry.editors, entry.id
    by = live.clients[Role.ADMINISTRATOR].get("/ogc/collections/premises/items/1/history").json()
    assert {"type": "account", "name": "editor"} in [line["by"] for line in by["history"]]
