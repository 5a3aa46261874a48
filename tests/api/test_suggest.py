"""`Suggest` over HTTP, with the real worker: followed to its draft, called off, refused."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest

from api.auth.settings import AuthSettings
from layers.accounts.administration import AccountPlan, add_account, find_account
from layers.accounts.keys import KeyPlan, add_key
from layers.roles import Role

PASSWORD = "a password for tests"
SUGGEST = "/api/drafts/suggest"
SOON_S = 90
# 100 households in each square, but 150 in those of the grid in the south-west.
HOMES = """
INSERT INTO layers.building (town_id, key, use, households, geom, inside, batch_id)
SELECT 1, 'home ' || x || ' ' || y, 'residential', CASE WHEN x < 2 AND y < 2 THEN 130 ELSE 80 END,
       ST_Multi(ST_Expand(ST_Point(120.0125 + x * 0.025, 29.0125 + y * 0.025, 4326), 0.0002)),
       true, (SELECT min(id) FROM spatial.batch)
FROM generate_series(0, 3) AS x, generate_series(0, 3) AS y
"""


@dataclass
class Working:
    """A served town of squares with a worker, and somebody signed in for each name."""

    url: str
    conninfo: str
    ids: dict[str, int]
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: Any = None, *, by: str = "anna", status: int = 200
    ) -> Any:
        if by not in self.clients:
            client = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=30)
            self.clients[by] = client
            if by:
                who = {"name": by, "password": PASSWORD}
                assert client.post("/api/session", json=who).status_code == 201
        answer = self.clients[by].request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def followed(self, job: str) -> Any:
        until = time.monotonic() + SOON_S
        while time.monotonic() < until:
            found = self.ask("GET", f"{SUGGEST}/{job}")
            if found["status"] not in ("accepted", "running"):
                return found
            time.sleep(0.1)
        raise AssertionError("the job never ended")

    def drafts(self) -> list[Any]:
        return self.ask("GET", "/api/drafts")["drafts"]


@pytest.fixture(scope="module")
def working(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[Working]:
    with new_database() as conninfo:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            connection.execute("DELETE FROM layers.building")
            connection.execute(HOMES)
            ids = add_square_grids(connection, 1)
            for name, role in (("anna", Role.GIS_EDITOR), ("pia", Role.PLANNER)):
                plan = AccountPlan(name, role, password=PASSWORD, must_change_password=False)
                add_account(connection, 1, plan)
        with (
            serve_app(conninfo, only_this_machine=True, auth=auth_settings) as url,
            tempfile.TemporaryDirectory() as folder,
            _worker(conninfo, folder) as worker,
        ):
            town = Working(url, conninfo, ids)
            yield town
            worker.terminate()
            for client in town.clients.values():
                client.close()


def _worker(conninfo: str, folder: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "api.cli", "--data", folder, "worker"]
    return subprocess.Popen(command, env=os.environ | {"DATABASE_URL": conninfo})


def test_a_job_makes_the_draft_and_says_what_it_does(working: Working) -> None:
    job = working.ask("POST", SUGGEST, {}, status=202)
    assert job["status"] == "accepted"
    done = working.followed(job["job"])
    assert (done["status"], done["progress"]) == ("successful", 100)
    result = done["result"]
    draft = working.ask("GET", f"/api/drafts/{result['draft']}")["draft"]
    assert draft["name"].startswith("均衡建议 20")
    assert (draft["author_name"], draft["state"], draft["steps"]) == ("anna", "open", 1)
    assert result["summary"]["moved"] == 130
    assert [move["from"]["code"] for move in result["summary"]["moves"]] == ["t101"]
    kept = working.ask("GET", f"/api/drafts/{draft['id']}/suggestion")
    assert kept["summary"] == result["summary"]
    assert working.ask("GET", f"/api/drafts/{draft['id']}/check")["sound"]
    # It is a job like any other, but no process that clients are offered.
    status = working.ask("GET", f"/ogc/jobs/{job['job']}")
    assert {link["rel"] for link in status["links"]} == {
        "self",
        "monitor",
        "http://www.opengis.net/def/rel/ogc/1.0/results",
    }
    assert working.ask("GET", f"/ogc/jobs/{job['job']}/results") == result
    working.ask("POST", "/ogc/processes/suggest-draft/execution", {"inputs": {}}, status=404)


def test_a_town_in_its_band_gets_no_draft(working: Working) -> None:
    before = len(working.drafts())
    job = working.ask("POST", SUGGEST, {"villages": [working.ids["t2"]]}, status=202)
    result = working.followed(job["job"])["result"]
    assert (result["draft"], result["summary"]["outside"]["before"]) == (None, 0)
    assert len(working.drafts()) == before


def test_what_is_called_off_leaves_no_draft(working: Working) -> None:
    before = len(working.drafts())
    jobs = [working.ask("POST", SUGGEST, {}, status=202)["job"] for _ in range(3)]
    until = time.monotonic() + SOON_S
    while working.ask("GET", f"{SUGGEST}/{jobs[0]}")["status"] == "accepted":
        assert time.monotonic() < until
    done = [working.ask("DELETE", f"{SUGGEST}/{job}")["status"] for job in reversed(jobs)]
    assert set(done) == {"dismissed"}
    last = working.ask("POST", SUGGEST, {"villages": [working.ids["t2"]]}, status=202)["job"]
    assert working.followed(last)["status"] == "successful"
    assert len(working.drafts()) == before
    assert working.ask("GET", f"{SUGGEST}/{jobs[0]}")["result"] is None


def test_refusals(working: Working) -> None:
    working.ask("POST", SUGGEST, {}, by="pia", status=403)
    working.ask("POST", SUGGEST, {}, by="", status=401)
    for wrong in ({"villages": "all"}, {"villages": [0]}, {"name": ""}, {"how": "gently"}):
        working.ask("POST", SUGGEST, wrong, status=400)
    job = working.ask("POST", SUGGEST, {"villages": [working.ids["t101"]]}, status=202)["job"]
    failed = working.followed(job)
    assert (failed["status"], failed["result"]) == ("failed", None)
    assert "no village" in failed["message"]
    working.ask("GET", f"{SUGGEST}/{job}", by="pia", status=403)
    for nothing in (uuid.uuid4(), "x"):
        working.ask("GET", f"{SUGGEST}/{nothing}", status=404)


def test_a_key_for_reading_may_not_ask(working: Working) -> None:
    with psycopg.connect(working.conninfo) as connection:
        anna = find_account(connection, 1, "anna")
        key = add_key(connection, anna, KeyPlan("reads", may_write=False))
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(f"{working.url}{SUGGEST}", json={}, headers=headers)
    assert answer.status_code == 403
