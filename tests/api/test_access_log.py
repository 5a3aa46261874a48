"""The access log: what was asked, by which account, without anything personal."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
import pyotp
import pytest
from psycopg_pool import AsyncConnectionPool

from api.auth.journal import Journal
from layers.accounts.access_log import Access
from layers.roles import Role
from spatial.web_login import web_conninfo

MARK = "secret-in-the-query"


def lines(town: Any, request_id: str) -> list[dict[str, Any]]:
    """The log's lines of one request, once they are written."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = town.execute(
            "SELECT to_jsonb(log) FROM layers.access_log AS log WHERE request_id = %s", request_id
        )
        if found:
            return [row[0] for row in found]
        time.sleep(0.1)
    return []


def test_a_request_keeps_its_id(guarded):
    answer = httpx.get(f"{guarded.url}/health", headers={"X-Request-Id": "from-a-proxy.1"})
    assert answer.headers["x-request-id"] == "from-a-proxy.1"
    for bad in ("short", "x" * 65, "with space here", 'quote"quote"', "a;b;c;d;e;f"):
        given = httpx.get(f"{guarded.url}/health", headers={"X-Request-Id": bad})
        assert given.headers["x-request-id"] != bad
        assert len(given.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("path", "route", "layer", "status"),
    [
        (f"/ogc/collections/premises/items?limit=1&q={MARK}",
         "/ogc/collections/{layer_id}/items", "premises", 200),
        (f"/ogc/collections/{MARK}/items", "/ogc/collections/{layer_id}/items", None, 404),
        (f"/nowhere/{MARK}", None, None, 404),
        (f"/ogc/jobs/{MARK}", "/ogc/jobs/{job_id}", None, 404),
    ],
)  # fmt: skip
def test_a_line_says_what_was_asked_and_nothing_personal(guarded, path, route, layer, status):
    answer = httpx.get(
        f"{guarded.url}{path}", headers={"X-Forwarded-For": "203.0.113.9", "User-Agent": MARK}
    )
    assert answer.status_code == status
    (line,) = lines(guarded, answer.headers["x-request-id"])
    assert (line["method"], line["route"], line["layer"]) == ("GET", route, layer)
    assert line["status"] == status
    assert line["account_id"] is None
    assert line["role"] == "gridwhistle_anonymous"
    # What went over the wire: httpx has unpacked it.
    assert line["bytes"] > 0
    assert line["duration_ms"] >= 0
    assert MARK not in str(line)
    assert "203.0.113.9" not in str(line)


def test_a_line_says_which_account_and_how(guarded):
    answer = httpx.get(f"{guarded.url}/api/town", auth=("planner", guarded.password))
    (line,) = lines(guarded, answer.headers["x-request-id"])
    assert line["account_id"] == guarded.ids["planner"]
    assert (line["role"], line["way"]) == ("gridwhistle_planner", "password")
    refused = httpx.get(f"{guarded.url}/api/town", auth=("planner", "wrong password"))
    (line,) = lines(guarded, refused.headers["x-request-id"])
    assert (line["status"], line["account_id"]) == (401, None)


def test_addresses_are_told_apart_without_being_told(guarded):
    hashes = []
    for address in ("203.0.113.1", "203.0.113.2", "203.0.113.1"):
        answer = httpx.get(f"{guarded.url}/health", headers={"X-Forwarded-For": address})
        hashes.append(lines(guarded, answer.headers["x-request-id"])[0]["address_hash"])
    assert hashes[0] == hashes[2] != hashes[1]


def test_nothing_is_lost_when_the_app_stops(own_town):
    with own_town() as town:
        ids = [httpx.get(f"{town.url}/health").headers["x-request-id"] for _ in range(20)]
    written = town.execute("SELECT request_id FROM layers.access_log")
    assert set(ids) <= {request_id for (request_id,) in written}


def test_lines_wait_while_they_can_not_be_written(own_town):
    with own_town() as town:
        town.execute("REVOKE INSERT ON layers.access_log FROM gridwhistle_web")
        answer = httpx.get(f"{town.url}/health")
        time.sleep(1.5)
        town.execute("GRANT INSERT ON layers.access_log TO gridwhistle_web")
        assert len(lines(town, answer.headers["x-request-id"])) == 1


def test_only_an_auditor_with_a_second_factor_reads_it(guarded):
    httpx.get(f"{guarded.url}/health")
    for name in ("planner", "administrator"):
        assert guarded.signed_in(name).get("/api/access-log").status_code in (401, 403)
    auditor = guarded.signed_in("auditor")
    assert auditor.get("/api/access-log").status_code == 401
    page = auditor.post("/account/totp").text
    secret = page.split("<code>")[1].split("</code>")[0]
    auditor.post("/account/totp/confirm", data={"code": pyotp.TOTP(secret).now()})
    read = auditor.get("/api/access-log?limit=5").json()["accesses"]
    assert 1 <= len(read) <= 5
    assert [each["at"] for each in read] == sorted((each["at"] for each in read), reverse=True)
    for query in ("limit=0", "limit=x", "since=yesterday", "what=1"):
        assert auditor.get(f"/api/access-log?{query}").status_code == 400
    young = auditor.delete("/api/access-log?before=2999-01-01")
    assert young.status_code == 400
    assert auditor.delete("/api/access-log?before=2000-01-01").json() == {"cleared": 0}
    assert auditor.get("/api/accounts").status_code == 403


def test_writing_ends_though_lines_keep_coming(small_town):
    line = Access(
        1, datetime.now(UTC), "0" * 32, None, Role.ANONYMOUS, None, "GET", None, None, 200, 1, 1, ""
    )

    async def add_without_end(journal: Journal) -> None:
        while True:
            journal.add(line)
            await asyncio.sleep(0)

    async def write_meanwhile(conninfo: str) -> None:
        async with AsyncConnectionPool(conninfo, open=False, kwargs={"autocommit": True}) as pool:
            journal = Journal(pool)
            for _ in range(3):
                journal.add(line)
            adding = asyncio.create_task(add_without_end(journal))
            await asyncio.wait_for(journal.write(), 30)
            adding.cancel()

    with small_town() as conninfo:
        asyncio.run(write_meanwhile(web_conninfo(conninfo)))
        with psycopg.connect(conninfo) as connection:
            assert connection.execute("SELECT count(*) FROM layers.access_log").fetchone() == (3,)
