"""Drafts over HTTP: what goes in and out, who may, and how refusals read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from worker import make_effective

PASSWORD = "a password for tests"
STEP = 0.025
MIDDLE = [120.05, 29.05]


@dataclass
class Drawn:
    """A served town of squares, its units' ids by code, and a client for each person."""

    url: str
    conninfo: str
    ids: dict[str, int]
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, name: str | None) -> httpx.Client:
        key = name or ""
        if key not in self.clients:
            client = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=30)
            if name:
                body = {"name": name, "password": PASSWORD}
                assert client.post("/api/session", json=body).status_code == 201
            self.clients[key] = client
        return self.clients[key]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: str | None = "editor",
        status: int = 200,
    ) -> Any:
        answer = self.client(by).request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def open(self, name: str = "草案", by: str = "editor") -> int:
        return int(self.ask("POST", "/api/drafts", {"name": name}, by=by, status=201)["id"])

    def step(
        self,
        draft: int,
        revision: int,
        kind: str,
        *,
        by: str = "editor",
        status: int = 200,
        **given: Any,
    ) -> Any:
        body = {"revision": revision, "kind": kind, "parameters": given}
        return self.ask("POST", f"/api/drafts/{draft}/steps", body, by=by, status=status)

    def work(self) -> int:
        """What the worker does when a moment has come."""
        return make_effective(self.conninfo)


@pytest.fixture(scope="module")
def drawn(serve_squares: Callable[..., AbstractContextManager[Any]]) -> Iterator[Drawn]:
    with serve_squares(lambda _: None) as town:
        found = Drawn(town.url, town.conninfo, town.ids)
        yield found
        for client in found.clients.values():
            client.close()


def test_the_whole_way_of_a_draft(drawn: Drawn):
    draft = drawn.open("东村调整")
    read = drawn.ask("GET", f"/api/drafts/{draft}")
    assert len(read["arcs"]) == 36
    assert len(read["units"]) == 16 + 4 + 2 + 1
    assert {arc["level"] for arc in read["arcs"]} == {1, 2, 3, 4}
    assert sum(arc["level"] == 1 for arc in read["arcs"]) == 12
    edit = drawn.step(draft, 0, "move_node", node=MIDDLE, to=[120.052, 29.052])
    assert edit["revision"] == edit["step"] == 1
    assert len(edit["arcs"]["changed"]) == len(edit["faces"]["features"]) == 4
    undone = drawn.ask("POST", f"/api/drafts/{draft}/undo", {"revision": 1})
    before = {arc["id"]: arc for arc in read["arcs"]}
    assert all(arc == before[arc["id"]] for arc in undone["arcs"]["changed"])
    assert (undone["can_undo"], undone["can_redo"]) == (False, True)
    drawn.ask("POST", f"/api/drafts/{draft}/redo", {"revision": 2, "faces": False})
    changes = drawn.ask("GET", f"/api/drafts/{draft}/changes")
    assert len(changes["arcs"]["changed"]) == len(changes["arcs"]["before"]) == 4
    check = drawn.ask("GET", f"/api/drafts/{draft}/check")
    assert check["sound"]
    assert drawn.ask("POST", f"/api/drafts/{draft}/submit", {"revision": 3})["state"] == "submitted"
    drawn.ask("POST", f"/api/drafts/{draft}/approve", {}, status=403)
    report = drawn.ask("GET", f"/api/drafts/{draft}/report", by="bert")
    assert {unit["before"]["code"] for unit in report["units"]} >= {"t10105", "t1", "t2", "t101"}
    approved = drawn.ask("POST", f"/api/drafts/{draft}/approve", {}, by="bert")
    assert (approved["state"], approved["approver_name"]) == ("approved", "bert")
    assert drawn.work() == 1
    assert drawn.ask("GET", f"/api/drafts/{draft}")["draft"]["state"] == "effective"
    features = "/ogc/collections/micro-grids/items?limit=100&code=t10105"
    today = drawn.ask("GET", features, by=None)["features"][0]
    long_ago = drawn.ask("GET", f"{features}&datetime=2021-05-01", by=None)["features"][0]
    assert [120.052, 29.052] in today["geometry"]["coordinates"][0][0]
    assert MIDDLE in long_ago["geometry"]["coordinates"][0][0]
    assert long_ago["properties"]["parent"] == "t101"


def test_refusals_say_which_rule_and_where(drawn: Drawn):
    draft = drawn.open()
    crossing = drawn.step(
        draft, 0, "move_node", node=[120.025, 29.025], to=[120.08, 29.08], status=400
    )
    assert crossing["rule"] == "crossing"
    assert len(crossing["place"]) == 2
    stale = drawn.step(draft, 7, "rename", unit=drawn.ids["t1"], name="x", status=412)
    assert "edited" in stale["description"]
    drawn.ask("POST", f"/api/drafts/{draft}/submit", {"revision": 0}, status=409)
    drawn.ask("POST", f"/api/drafts/{draft}/undo", {"revision": 0}, status=409)
    drawn.ask("GET", "/api/drafts/999", status=404)
    drawn.ask("GET", "/api/drafts/x", status=404)
    drawn.ask("POST", f"/api/drafts/{draft}/steps", {"revision": 0}, status=400)
    drawn.ask("POST", f"/api/drafts/{draft}/steps", [1], status=400)
    drawn.ask("GET", f"/api/drafts/{draft}/units?level=9", status=400)
    drawn.ask("POST", f"/api/drafts/{draft}/withdraw", {})
    drawn.step(draft, 0, "rename", unit=drawn.ids["t1"], name="x", status=409)


@pytest.mark.parametrize(("by", "status"), [(None, 401), ("planner", 403), ("dispatcher", 403)])
def test_nobody_else_sees_drafts(drawn: Drawn, by: str | None, status: int):
    draft = drawn.open()
    for path in ("", f"/{draft}", f"/{draft}/report", f"/{draft}/comments", f"/{draft}/check"):
        drawn.ask("GET", f"/api/drafts{path}", by=by, status=status)
    drawn.ask("POST", "/api/drafts", {"name": "x"}, by=by, status=status)
    shared = f"/api/drafts/{draft}/highrises"
    for path in ("/api/lineage", "/api/highrises", shared, f"{shared}/1"):
        drawn.ask("GET", path, by=by, status=status)


def test_micro_grids_of_a_high_rise_share_its_polygon(drawn: Drawn):
    with psycopg.connect(drawn.conninfo) as connection:
        row = connection.execute(
            "INSERT INTO layers.building (town_id, key, floors, households, geom, inside, batch_id)"
            " SELECT 1, 'tower', 18, 180, ST_Multi(ST_Expand(ST_Point(120.06, 29.06, 4326), 1e-4)),"
            " true, min(id) FROM spatial.batch RETURNING id"
        ).fetchone()
        assert row is not None
    draft, unit = drawn.open(), drawn.ids["t20410"]
    sheet = drawn.ask("GET", f"/api/drafts/{draft}/highrises/{unit}")
    [tower] = sheet["buildings"]
    assert (tower["id"], tower["floors"], tower["households"]) == (row[0], 18, 180)
    # Beside t20410, but for those that are there.
    assert sheet["codes"][:2] == ["t20416", "t20417"]
    assert len(set(sheet["codes"])) == 30
    empty = drawn.ask("GET", f"/api/drafts/{draft}/highrises/{drawn.ids['t20411']}")
    assert empty["buildings"] == []
    drawn.ask("GET", f"/api/drafts/{draft}/highrises/{drawn.ids['t204']}", status=400)
    drawn.ask("GET", f"/api/drafts/{draft}/highrises/99999999", status=404)
    halves = [
        {"code": code, "name": code, "parts": [{"building": row[0], "floors": floors}]}
        for code, floors in (("低", [1, 9]), ("高", [10, 17]))
    ]
    refused = drawn.step(draft, 0, "share", status=400, unit=unit, shares=halves)
    assert "floor 18: nobody has it" in refused["description"]
    halves[1]["parts"] = [{"building": row[0], "floors": [10, 18]}]
    edit = drawn.step(draft, 0, "share", unit=unit, shares=halves)
    assert [each["shares"] for each in edit["units"]["changed"]] == [halves]
    [found] = drawn.ask("GET", f"/api/drafts/{draft}/highrises")["highrises"]
    assert [share["load"]["households"] for share in found["shares"]] == [90, 90]
    assert drawn.ask("GET", "/api/highrises")["highrises"] == []
    report = drawn.ask("GET", f"/api/drafts/{draft}/report")
    assert report["units"][0]["after"]["shares"] == halves
    drawn.ask("POST", f"/api/drafts/{draft}/withdraw", {})


def test_another_site_can_not_draw(drawn: Drawn):
    answer = drawn.client("editor").post(
        "/api/drafts", json={"name": "x"}, headers={"Origin": "http://elsewhere.test"}
    )
    assert answer.status_code == 403


def test_a_link_shows_one_draft_and_takes_comments(drawn: Drawn):
    draft, other = drawn.open("一"), drawn.open("二")
    drawn.step(draft, 0, "rename", unit=drawn.ids["t2"], name="西村")
    link = drawn.ask("POST", f"/api/drafts/{draft}/links", {"label": "西村"}, status=201)
    shared = f"/api/shared-drafts/{link['token']}"
    read = drawn.ask("GET", shared, by=None)
    assert read["draft"]["name"] == "一"
    assert "author" not in read["draft"] | read["steps"][0]
    assert {unit["name"] for unit in read["units"]} >= {"西村"}
    comment = {"place": [120.01, 29.01], "text": "这里是我家\n的田", "nickname": "老王"}
    drawn.ask("POST", f"{shared}/comments", comment, by=None, status=201)
    drawn.ask("POST", f"{shared}/comments", {**comment, "nickname": ""}, by=None, status=400)
    [pinned] = drawn.ask("GET", f"/api/drafts/{draft}/comments")["features"]
    assert pinned["properties"]["nickname"] == "老王"
    assert pinned["properties"]["by_link"]
    assert drawn.ask("GET", f"/api/drafts/{other}/comments")["features"] == []
    drawn.ask("GET", "/api/shared-drafts/" + "a" * 43, by=None, status=404)
    drawn.ask("DELETE", f"/api/drafts/{draft}/links/{link['id']}", status=204)
    drawn.ask("GET", shared, by=None, status=404)
    drawn.ask("DELETE", f"/api/drafts/{draft}/comments/{pinned['id']}", status=204)


def test_two_drafts_of_one_arc_give_the_second_a_choice(drawn: Drawn):
    ids = drawn.ids
    first, second = drawn.open("先"), drawn.open("后", by="bert")
    node = [120.075, 29.075]
    drawn.step(first, 0, "move_node", node=node, to=[120.077, 29.075])
    drawn.step(second, 0, "move_node", by="bert", node=node, to=[120.073, 29.075])
    drawn.step(second, 1, "rename", by="bert", unit=ids["t10100"], name="改名")
    drawn.ask("POST", f"/api/drafts/{first}/submit", {"revision": 1})
    drawn.ask("POST", f"/api/drafts/{first}/approve", {}, by="bert")
    assert drawn.work() == 1
    path = f"/api/drafts/{second}"
    assert drawn.ask("GET", path, by="bert")["draft"]["is_stale"]
    told = drawn.ask("POST", f"{path}/rebase", {"revision": 2}, by="bert", status=409)["conflict"]
    assert len(told["arcs"]) == 4
    assert {"base", "theirs", "mine"} <= told["arcs"][0].keys()
    read = drawn.ask("GET", path, by="bert")["draft"]
    assert read["conflict"] == told
    assert read["steps"] == 2
    choice = {"otherwise": "mine"}
    body = {"revision": read["revision"], "choice": choice}
    after = drawn.ask("POST", f"{path}/rebase", body, by="bert")["draft"]
    assert (after["is_stale"], after["conflict"], after["steps"]) == (False, None, 1)
    arcs = drawn.ask("GET", path, by="bert")["arcs"]
    ends = {tuple(arc["coords"][end]) for arc in arcs for end in (0, -1)}
    assert (120.073, 29.075) in ends
    assert (120.077, 29.075) not in ends
    drawn.ask("POST", f"{path}/submit", {"revision": after["revision"]}, by="bert")


def test_the_worker_wakes_at_the_moment(drawn: Drawn, tmp_path: Path):
    draft = drawn.open("明天")
    drawn.step(draft, 0, "rename", unit=drawn.ids["t203"], name="新名")
    drawn.ask("POST", f"/api/drafts/{draft}/submit", {"revision": 1})
    command = [sys.executable, "-m", "api.cli", "--data", str(tmp_path), "worker"]
    environment = os.environ | {"DATABASE_URL": drawn.conninfo}
    with (
        subprocess.Popen(command, env=environment) as worker,
        psycopg.connect(drawn.conninfo, autocommit=True) as connection,
    ):
        try:
            wait_for(connection, "SELECT 1 FROM procrastinate.procrastinate_workers")
            moment = datetime.now(UTC) + timedelta(seconds=2)
            body = {"effective_from": moment.isoformat()}
            drawn.ask("POST", f"/api/drafts/{draft}/approve", body, by="bert")
            wait_for(
                connection, "SELECT 1 FROM grids.draft WHERE state = 'effective' AND id = %s", draft
            )
            assert datetime.now(UTC) >= moment
        finally:
            worker.terminate()
    since = drawn.ask("GET", f"/api/drafts/{draft}")["draft"]["effective_from"]
    assert datetime.fromisoformat(since) == moment


def wait_for(connection: psycopg.Connection, question: str, *values: Any) -> None:
    """Until the database answers with a row."""
    until = time.monotonic() + 40
    while not connection.execute(question.encode(), values).fetchone():
        assert time.monotonic() < until, question
        time.sleep(0.1)
