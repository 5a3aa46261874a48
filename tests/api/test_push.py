"""Changes as server-sent events: who gets which, in what order, how a stream goes on or ends."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import psycopg
import pytest

from api.push.audience import MAX_WAITING_BYTES, Subscription
from api.push.events import HEARTBEAT, Selection
from layers.accounts.administration import list_accounts
from layers.accounts.keys import KeyPlan, add_key
from layers.roles import Role
from spatial.database import Principal

NEW_PREMISES = """
INSERT INTO layers.premises (town_id, key, kind, name, geom, inside, batch_id)
VALUES (1, gen_random_uuid()::text, 'shop', %s, 'SRID=4326;POINT(120.05 29.05)', true, 1)
RETURNING id
"""
Event = dict[str, Any]
ServeApart = Callable[[str], AbstractContextManager[tuple[str, subprocess.Popen[str]]]]


class Stream:
    """One subscriber on a connection of its own: cheap enough to have hundreds."""

    def __init__(self, url: str, path: str, headers: dict[str, str] | None = None) -> None:
        self.url = urlsplit(url)
        self.path = path
        self.headers = headers or {}
        self.last_id = ""
        self.status = 0

    async def __aenter__(self) -> Stream:
        self._reader, self._writer = await asyncio.open_connection(
            self.url.hostname, self.url.port, limit=2**24
        )
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {self.url.netloc}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        self.status = int(head.split()[1])
        if self.status == 200:
            begun = await self._chunk()
            self.last_id = begun.decode().split("id: ")[1].strip()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._writer.close()

    async def take(self, count: int, wait_s: float = 20) -> list[Event]:
        """The next events; fewer where the stream ends, or nothing more comes."""
        found: list[Event] = []
        try:
            async with asyncio.timeout(wait_s):
                while len(found) < count and (chunk := await self._chunk()):
                    found += self._parse(chunk)
        except TimeoutError:
            pass
        return found

    async def _chunk(self) -> bytes:
        size = int(await self._reader.readline() or b"0", 16)
        chunk = await self._reader.readexactly(size)
        await self._reader.readline()
        return chunk

    def _parse(self, chunk: bytes) -> list[Event]:
        """Each of our chunks holds whole events."""
        found = []
        for block in chunk.decode().split("\n\n"):
            parts = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            self.last_id = parts.get("id", self.last_id)
            if "data" in parts:
                found.append(json.loads(parts["data"]) | {"event": parts["event"]})
        return found


def new_key(town: Any, name: str, **plan: Any) -> tuple[str, dict[str, str]]:
    with psycopg.connect(town.conninfo) as connection:
        account = next(a for a in list_accounts(connection, 1) if a.name == name)
        key = add_key(connection, account, KeyPlan("test", **plan))
    return key.id, {"X-API-Key": str(key)}


def brief(events: list[Event]) -> list[tuple[str, str, int]]:
    return [(each["event"], each["collection"], each["id"]) for each in events]


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())


def test_insert_update_and_delete_arrive_with_the_feature(guarded):
    town = guarded

    async def story() -> None:
        async with Stream(town.url, "/ogc/collections/premises/subscribe") as stream:
            ((shop,),) = town.execute(NEW_PREMISES, "一")
            town.execute("UPDATE layers.premises SET name = '二' WHERE id = %s", shop)
            events = await stream.take(1)
            await asyncio.sleep(0.3)
            town.execute("DELETE FROM layers.premises WHERE id = %s", shop)
            events += await stream.take(2 if len(events) == 1 else 1)
        assert brief(events) == [(k, "premises", shop) for k in ("insert", "update", "delete")]
        assert [each["seq"] for each in events] == sorted(each["seq"] for each in events)
        assert all(each["type"] == each["event"] for each in events)
        feature = events[1]["feature"]
        assert feature["id"] == shop
        assert feature["properties"]["name"] == "二"
        assert "key" not in feature["properties"]
        assert feature["geometry"] == {"type": "Point", "coordinates": [120.05, 29.05]}
        assert events[2]["feature"] is None

    run(story)


def test_each_role_gets_what_it_may_see_and_a_delete_when_that_leaves_its_rights(guarded):
    move = "UPDATE layers.responder SET department = %s WHERE key = 'r'"
    town = guarded
    _, officer = new_key(town, "officer")
    _, dispatcher = new_key(town, "dispatcher")
    _, only_premises = new_key(town, "dispatcher", layers=("premises",))

    async def story() -> None:
        path = "/ogc/subscribe"
        async with (
            Stream(town.url, path) as nobody,
            Stream(town.url, path, officer) as police,
            Stream(town.url, path, dispatcher) as everyone,
            Stream(town.url, path, only_premises) as keyed,
        ):
            town.execute(move, "emergency")
            assert [each["event"] for each in await police.take(1)] == ["delete"]
            town.execute(move, "police")
            town.execute(NEW_PREMISES, "last")
            back, shop = await police.take(2)
            assert (back["event"], back["feature"]["properties"]["label"]) == ("insert", "警01")
            assert shop["collection"] == "premises"
            seen = [each["event"] for each in await everyone.take(3)]
            assert seen == ["update", "update", "insert"]
            # Nothing of the others' reaches these, and no number of it.
            assert [each["collection"] for each in await nobody.take(1)] == ["premises"]
            assert [each["collection"] for each in await keyed.take(1)] == ["premises"]

    run(story)


def test_collections_and_boxes_are_chosen(guarded):
    town = guarded
    move = "UPDATE layers.premises SET geom = ST_Translate(geom, %s, 0) WHERE key = '1'"

    async def story() -> None:
        path = "/ogc/subscribe?collections=premises,sensors&bbox=120.04,29.04,120.06,29.06"
        async with (
            Stream(town.url, path) as near,
            Stream(town.url, "/ogc/subscribe?collections=sensors") as other,
        ):
            town.execute(move, 0.5)  # away
            town.execute(move, 0.1)  # beyond the box, unseen
            town.execute(move, -0.6)  # and back
            found = await near.take(2)
            places = [each["feature"]["geometry"]["coordinates"][0] for each in found]
            assert places[-1] == 120.05
            assert brief(found) == [("update", "premises", 1)] * 2
            assert await other.take(1, wait_s=0.3) == []

    run(story)
    assert httpx.head(f"{town.url}/ogc/subscribe").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ogc/subscribe?collections=responders", 404),
        ("/ogc/subscribe?collections=nonsense", 404),
        ("/ogc/collections/responders/subscribe", 404),
        ("/ogc/subscribe?bbox=1,2,3", 400),
        ("/ogc/subscribe?unknown=1", 400),
        ("/ogc/subscribe?lastEventId=abc", 400),
        ("/ogc/subscribe?lastEventId=999999999", 410),
    ],
)
def test_what_nobody_can_subscribe_to(guarded, path, status):
    assert httpx.get(f"{guarded.url}{path}").status_code == status


@pytest.mark.parametrize("by_header", [True, False])
def test_whoever_was_cut_off_goes_on_where_it_was(guarded, by_header):
    town = guarded

    async def story() -> None:
        async with Stream(town.url, "/ogc/subscribe") as stream:
            town.execute(NEW_PREMISES, "1")
            assert len(await stream.take(1)) == 1
        ids = [town.execute(NEW_PREMISES, str(n))[0][0] for n in range(5)]
        how = {"Last-Event-ID": stream.last_id} if by_header else {}
        path = "/ogc/subscribe" if by_header else f"/ogc/subscribe?lastEventId={stream.last_id}"
        async with Stream(town.url, path, how) as again:
            ids.append(town.execute(NEW_PREMISES, "live")[0][0])
            assert [each["id"] for each in await again.take(6)] == ids

    run(story)


def test_a_revoked_key_ends_its_stream_and_no_other(guarded):
    town = guarded
    key_id, headers = new_key(town, "dispatcher")
    _, other_headers = new_key(town, "dispatcher")

    async def story() -> None:
        async with (
            Stream(town.url, "/ogc/subscribe", headers) as stolen,
            Stream(town.url, "/ogc/subscribe", other_headers) as good,
        ):
            town.execute("UPDATE layers.api_key SET revoked_at = now() WHERE id = %s", key_id)
            # Asks for more than there is: what ends the waiting is the end of the stream.
            events = await stolen.take(2)
            assert [each["event"] for each in events] == ["end"]
            town.execute(NEW_PREMISES, "after")
            assert len(await good.take(1)) == 1

    run(story)


def test_a_lost_database_connection_loses_no_change(own_town):
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'gridwhistle_web'"

    async def story() -> None:
        async with Stream(town.url, "/ogc/subscribe") as stream:
            ids = []
            for round_number in range(3):
                ids.append(town.execute(NEW_PREMISES, f"before {round_number}")[0][0])
                town.execute(cut + " AND datname = current_database()")
                ids.append(town.execute(NEW_PREMISES, f"after {round_number}")[0][0])
            assert [each["id"] for each in await stream.take(6)] == ids

    with own_town() as town:
        run(story)


def test_who_reads_too_slowly_is_dropped_with_a_word():
    async def story() -> None:
        slow = Subscription(Principal(Role.ANONYMOUS, 1), Selection(frozenset()), None)
        assert await slow.take(0.01) == HEARTBEAT
        chunk = b"x" * (MAX_WAITING_BYTES // 4)
        for _ in range(100):
            slow.give(chunk)
        last_words = await slow.take(1)
        assert last_words is not None
        assert last_words.startswith(b"event: end\ndata: ")
        assert "too slow" in last_words.decode() or "slowly" in last_words.decode()
        assert await slow.take(1) is None

    run(story)


def test_pages_of_changes_and_where_to_start(own_town):
    with own_town() as town:
        changes = f"{town.url}/ogc/collections/premises/changes"
        start = httpx.get(changes).json()
        assert (start["features"], start["deleted"], start["more"]) == ([], [], False)
        ids = [town.execute(NEW_PREMISES, str(n))[0][0] for n in range(3)]
        town.execute("UPDATE layers.premises SET name = 'x' WHERE id IN (1, %s)", ids[0])
        town.execute("DELETE FROM layers.premises WHERE id IN (2, %s)", ids[1])
        whole = httpx.get(changes, params={"since": start["next"]}).json()
        kinds = {each["id"]: each["change"] for each in whole["features"]}
        assert kinds == {ids[0]: "insert", ids[2]: "insert", 1: "update"}
        assert sorted(whole["deleted"]) == [2, ids[1]]
        token, seen, more = start["next"], set(), True
        while more:
            page = httpx.get(changes, params={"since": token, "limit": 2}).json()
            seen |= {each["id"] for each in page["features"]} | set(page["deleted"])
            token, more = page["next"], page["more"]
        assert seen == {1, 2, *ids}
        assert token == whole["next"]
        town.execute("UPDATE layers.change SET at = now() - interval '1 year'")
        town.execute("SELECT layers.forget_changes(now())")
        for parameters, status in (
            ({"since": start["next"]}, 410),
            ({"since": token}, 200),
            ({"since": "x"}, 400),
            ({"since": token, "limit": "0"}, 400),
            ({"sinse": token}, 400),
        ):
            assert httpx.get(changes, params=parameters).status_code == status, parameters
        gone = httpx.get(changes, params={"since": start["next"]}).json()
        assert "start over" in gone["description"]
        hidden = f"{town.url}/ogc/collections/responders/changes"
        assert httpx.get(hidden).status_code == 404


def test_history_over_http(guarded):
    town = guarded
    ((shop,),) = town.execute(NEW_PREMISES, "店")
    address = f"{town.url}/ogc/collections/premises/items/{shop}/history"
    with psycopg.connect(town.conninfo) as connection:
        account = str(town.ids["editor"])
        connection.execute("SELECT set_config('gridwhistle.account_id', %s, true)", (account,))
        connection.execute("UPDATE layers.premises SET name = '改' WHERE id = %s", (shop,))
    assert httpx.get(address).status_code == 404
    _, system = new_key(town, "system")
    assert httpx.get(address, headers=system).status_code == 404
    _, officer = new_key(town, "officer")
    _, editor = new_key(town, "editor")
    changed, made = httpx.get(address, headers=editor).json()["history"]
    assert (changed["kind"], changed["before"]["name"], changed["after"]["name"]) == (
        "update", "店", "改",
    )  # fmt: skip
    assert changed["by"]["type"] == "account"
    assert changed["by"]["name"]
    assert made["by"] == {"type": "import", "batch": 1, "source": "synthetic"}
    seen = httpx.get(address, headers=officer).json()["history"]
    assert seen[0]["by"] == {"type": "account"}
    assert "key" in changed["before"]
    assert "key" not in seen[0]["before"]
    page = httpx.get(address, headers=officer, params={"limit": 1}).json()
    following = next(each["href"] for each in page["links"] if each["rel"] == "next")
    assert httpx.get(following, headers=officer).json()["history"] == [seen[1]]
    for other in ("999999", "x"):
        missing = address.replace(f"/{shop}/", f"/{other}/")
        assert httpx.get(missing, headers=officer).status_code == 404


@pytest.fixture
def serve_apart(tmp_path: Path) -> ServeApart:
    """`with serve_apart(conninfo) as (url, process)`: no interpreter is shared with its clients."""

    @contextmanager
    def serve(conninfo: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
        command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--no-worker"]
        environment = os.environ | {
            "DATABASE_URL": conninfo, "GRIDWHISTLE_DATA": str(tmp_path),
            "GRIDWHISTLE_RATE_ANONYMOUS": "100000/minute",
        }  # fmt: skip
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            try:
                assert process.stdout is not None
                yield process.stdout.readline().split()[-1].rstrip("/"), process
            finally:
                process.terminate()

    return serve


class Crowd:
    """Subscribers who note what they got and how long it took; every tenth reconnects."""

    def __init__(self, url: str, count: int, per_subscriber: int) -> None:
        self.url = url
        self.count = count
        self.wanted = per_subscriber
        self.delays_s: list[float] = []
        self.got: list[list[int]] = [[] for _ in range(count)]

    async def listen(self, started: asyncio.Event) -> None:
        tasks = [asyncio.create_task(self._one(number)) for number in range(self.count)]
        await asyncio.sleep(1 + self.count / 100)
        started.set()
        await asyncio.gather(*tasks)

    async def _one(self, number: int) -> None:
        headers: dict[str, str] = {}
        path = "/ogc/subscribe?collections=premises"
        while len(self.got[number]) < self.wanted:
            async with Stream(self.url, path, headers) as stream:
                left = self.wanted - len(self.got[number])
                most = 1 + self.wanted // 3 if number % 10 == 0 else left
                while most > 0 and (events := await stream.take(1, wait_s=60)):
                    now = time.time()
                    most -= len(events)
                    for each in events:
                        self.got[number].append(each["id"])
                        if each["event"] == "insert" and not headers:
                            told = float(each["feature"]["properties"]["name"])
                            self.delays_s.append(now - told)
                    left -= len(events)
                    most = min(most, left)
            headers = {"Last-Event-ID": stream.last_id}


def write_steadily(conninfo: str, per_second: float, count: int) -> None:
    """Changes of one of several writers whose transactions overlap."""
    with psycopg.connect(conninfo) as connection:
        begun = time.monotonic()
        for number in range(count):
            connection.execute(NEW_PREMISES, (str(time.time()),))
            time.sleep(max(0, begun + (number + 1) / per_second - time.monotonic()))
            connection.commit()


@pytest.mark.parametrize(
    ("subscribers", "per_second", "seconds"),
    [(20, 40, 2), pytest.param(200, 50, 20, marks=pytest.mark.long)],
)
def test_each_of_many_gets_each_change_once_in_order(
    own_town, serve_apart, subscribers, per_second, seconds
):
    """Meanwhile some reconnect; written by five transactions at a time."""
    writers = 5
    each_writes = per_second * seconds // writers
    total = writers * each_writes

    async def story(url: str, conninfo: str, process: subprocess.Popen[str]) -> None:
        crowd = Crowd(url, subscribers, total)
        started = asyncio.Event()
        listening = asyncio.create_task(crowd.listen(started))
        await started.wait()
        threads = [
            threading.Thread(
                target=write_steadily, args=(conninfo, per_second / writers, each_writes)
            )
            for _ in range(writers)
        ]
        for thread in threads:
            thread.start()
        await listening
        with psycopg.connect(conninfo) as connection:
            rows = connection.execute(
                "SELECT feature_id FROM layers.change WHERE layer = 'premises' ORDER BY seq"
            ).fetchall()
        expected = [row[0] for row in rows][-total:]
        assert len(set(expected)) == total
        for got in crowd.got:
            assert got == expected
        # From just before the INSERT; a transaction lasts 1/10 s by itself.
        p50, p99 = np.percentile(crowd.delays_s, [50, 99])
        print(f"{subscribers} subscribers, {per_second}/s: p50 {p50:.3f} s, p99 {p99:.3f} s")

        async with Stream(url, "/ogc/subscribe") as last:
            process.terminate()
            assert [each["event"] for each in await last.take(2)] == ["end"]

    with own_town() as town, serve_apart(town.conninfo) as (url, process):
        asyncio.run(story(url, town.conninfo, process))
