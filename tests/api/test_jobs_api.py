"""Executions and jobs over HTTP, with a worker beside the app."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from http.client import HTTPConnection

import httpx
import psycopg
import pytest

from layers.accounts.administration import list_accounts
from layers.accounts.keys import KeyPlan, add_key
from spatial.settings import Settings

OGC_EXCEPTION = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
ASYNC = {"Prefer": "respond-async"}
SOON_S = 180  # the worker loads for a minute on a machine that is busy with other things


@pytest.fixture(scope="module")
def anybody(working_town) -> Iterator[httpx.Client]:
    """A client without credentials."""
    with httpx.Client(base_url=f"{working_town.url}/ogc", timeout=SOON_S) as client:
        yield client


def client_of(guarded, name: str, layers: tuple[str, ...] = ()) -> httpx.Client:
    """With an API key that may write."""
    with psycopg.connect(guarded.conninfo) as connection:
        account = next(a for a in list_accounts(connection, 1) if a.name == name)
        key = add_key(connection, account, KeyPlan("test"))
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=f"{guarded.url}/ogc", headers=headers, timeout=SOON_S)


def execute(client: httpx.Client, process_id: str, prefer: str = "", **body) -> httpx.Response:
    headers = {"Prefer": prefer} if prefer else {}
    return client.post(f"/processes/{process_id}/execution", json=body, headers=headers)


def finished(client: httpx.Client, location: str) -> dict:
    end = time.monotonic() + SOON_S
    while (job := client.get(location).json())["status"] in {"accepted", "running"}:
        assert time.monotonic() < end, job
        time.sleep(0.05)
    return job


def relations(job: dict) -> set[str]:
    return {link["rel"].rpartition("/")[2] for link in job["links"]}


def test_one_result_comes_as_it_is(anybody):
    answer = execute(anybody, "echo", inputs={"message": "网格 <&>"})
    assert (answer.status_code, answer.text) == (200, "网格 <&>")
    assert answer.headers["content-type"].startswith("text/plain")
    wanted = execute(
        anybody, "echo", inputs={"message": "x", "numbers": [1, 2]}, outputs={"numbers": {}}
    )
    assert wanted.json() == [1, 2]


def test_several_results_come_in_parts(anybody):
    answer = execute(anybody, "echo", inputs={"message": "佛", "thing": {"value": {"a": 1}}})
    boundary = re.fullmatch(r'multipart/related; boundary="(\w+)"', answer.headers["content-type"])
    assert boundary
    parts = answer.content.split(b"--" + boundary[1].encode())[1:-1]
    heads, bodies = zip(*(part.strip(b"\r\n").split(b"\r\n\r\n") for part in parts), strict=True)
    assert [b"<message>" in heads[0], b"<thing>" in heads[1]] == [True, True]
    assert bodies == ("佛".encode(), b'{"a":1}')


def test_a_document_holds_all_results(anybody):
    inputs = {"message": "x", "area": {"bbox": [1, 2, 3, 4]}}
    answer = execute(anybody, "echo", inputs=inputs, response="document")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "message": "x",
        "area": {"value": {"bbox": [1, 2, 3, 4]}, "mediaType": "application/json"},
    }


def test_inputs_come_qualified_or_as_data(anybody):
    for message in ({"value": "x"}, {"value": "x", "mediaType": "text/plain"}, {"href": "data:,x"}):
        assert execute(anybody, "echo", inputs={"message": message}).text == "x"
    far = {"href": "http://127.0.0.1:5432/secret"}
    refused = execute(anybody, "echo", inputs={"message": far})
    assert refused.status_code == 400
    assert "data:" in refused.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        '{"inputs": {}}',
        '{"inputs": []}',
        '{"inputs": {"message": 1}}',
        '{"inputs": {"m": "x"}}',
        '{"inputs": {"message": "x", "pause": 9}}',
        '{"inputs": {"message": "\\ud800"}}',
        '{"inputs": {"message": "x", "area": {"bbox": [1, 2, 3, NaN]}}}',
        '{"inputs": {"message": "x", "area": {"bbox": [1, 2, 3, 1e999]}}}',
        '{"inputs": {"message": "x"}, "outputs": {"nothing": {}}}',
        '{"inputs": {"message": "x"}, "outputs": []}',
        '{"inputs": {"message": "x"}, "outputs": null}',
        '{"inputs": {"message": "x"}, "outputs": {"message": null}}',
        '{"inputs": {"message": "x"}}' * 2,
        '{"inputs": {"message": "x"}, "outputs": {"message": {"transmissionMode": "reference"}}}',
        '{"inputs": {"message": "x"}, "response": "loud"}',
        '{"inputs": {"message": "x"}, "response": {}}',
        '{"inputs": {"message": "x"}, "subscriber": {"successUri": "http://example.org"}}',
    ],
)
@pytest.mark.parametrize("headers", [{}, ASYNC])
def test_what_can_not_be_is_refused_in_words(anybody, body, headers):
    answer = anybody.post("/processes/echo/execution", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]


def test_a_job_from_its_beginning_to_its_results(anybody):
    answer = execute(anybody, "echo", "respond-async", inputs={"message": "x", "pause": 1})
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "respond-async"
    location = answer.headers["location"]
    job = answer.json()
    assert (job["processID"], job["type"], job["status"]) == ("echo", "process", "accepted")
    assert location.endswith(f"/ogc/jobs/{job['jobID']}")
    early = anybody.get(f"{location}/results")
    assert early.status_code == 404
    assert early.json()["type"] == f"{OGC_EXCEPTION}/result-not-ready"
    job = finished(anybody, location)
    assert (job["status"], job["progress"]) == ("successful", 100)
    assert job["created"] <= job["started"] <= job["finished"] < job["expires"]
    assert "results" in relations(job)
    results = anybody.get(f"{location}/results")
    assert results.text == "x"
    assert "expires" in results.headers


def test_hotspots_show_their_progress(anybody):
    answer = execute(anybody, "hotspots", "respond-async, wait=60", inputs={"resolution": 7})
    job = answer.json()
    assert job["status"] == "successful", job
    synchronous = execute(anybody, "hotspots", inputs={"resolution": 7})
    results = anybody.get(f"{answer.headers['location']}/results")
    assert results.headers["content-type"] == "application/geo+json"
    assert results.json() == synchronous.json()
    assert results.json()["features"]


def test_a_dismissed_job_is_stopped_and_its_results_are_gone(anybody, guarded):
    answer = execute(anybody, "echo", "respond-async", inputs={"message": "x", "pause": 8})
    location = answer.headers["location"]
    while anybody.get(location).json()["status"] != "running":
        time.sleep(0.05)
    for _ in range(2):
        dismissed = anybody.delete(location)
        assert (dismissed.status_code, dismissed.json()["status"]) == (200, "dismissed")
    assert anybody.get(f"{location}/results").status_code == 410
    end = time.monotonic() + SOON_S
    while guarded.execute("SELECT 1 FROM procrastinate.procrastinate_jobs WHERE status = 'doing'"):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_dismissing_a_finished_job_removes_its_results(anybody, guarded):
    answer = execute(anybody, "echo", "respond-async, wait=60", inputs={"message": "a secret"})
    location = answer.headers["location"]
    assert anybody.get(f"{location}/results").text == "a secret"
    anybody.delete(location)
    assert anybody.get(f"{location}/results").status_code == 410
    job_id = location.rpartition("/")[2]
    assert guarded.execute("SELECT results FROM layers.job WHERE id = %s", job_id) == [(None,)]


def test_unknown_ones_have_the_exceptions_of_the_standard(anybody):
    for path in (f"/jobs/{uuid.uuid4()}", "/jobs/abc", f"/jobs/{uuid.uuid4()}/results"):
        answer = anybody.get(path)
        assert answer.status_code == 404
        assert answer.json()["type"] == f"{OGC_EXCEPTION}/no-such-job"
    assert anybody.delete("/jobs/abc").status_code == 404
    for answer in (anybody.get("/processes/no"), execute(anybody, "no", inputs={})):
        assert answer.status_code == 404
        assert answer.json()["type"] == f"{OGC_EXCEPTION}/no-such-process"


def test_a_failed_jobs_results_say_why(anybody):
    inputs = {"resolution": 7, "from": "2026-02-30"}
    answer = execute(anybody, "hotspots", "respond-async, wait=60", inputs=inputs)
    job = answer.json()
    assert job["status"] == "failed"
    assert "exceptions" in relations(job)
    results = anybody.get(f"{answer.headers['location']}/results")
    assert results.status_code == 400
    assert "2026-02-30" in results.json()["detail"]


def test_the_list_shows_ones_own_jobs_page_by_page(anybody, guarded):
    mine, theirs = client_of(guarded, "planner"), client_of(guarded, "editor")
    ids = [execute(mine, "echo", "respond-async", inputs={"message": "x"}).json()["jobID"]
           for _ in range(5)]  # fmt: skip
    execute(anybody, "echo", "respond-async", inputs={"message": "x"})
    seen, url = [], "/jobs?limit=2&processID=echo"
    while url:
        page = mine.get(url).json()
        seen += [job["jobID"] for job in page["jobs"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert seen == ids[::-1]
    for stranger in (theirs, anybody):
        assert stranger.get("/jobs").json()["jobs"] == []
        assert stranger.get(f"/jobs/{ids[0]}").status_code == 404
        assert stranger.delete(f"/jobs/{ids[0]}").status_code == 404
    finished(mine, f"/jobs/{ids[-1]}")
    for query, expected in (
        ("status=failed", 0),
        ("status=accepted,running,successful", 5),
        ("type=process", 5),
        ("type=other", 0),
        ("datetime=../2020-01-01", 0),
        ("minDuration=86400", 0),
        ("limit=99999999999999999999", 5),
    ):
        assert len(mine.get(f"/jobs?{query}").json()["jobs"]) == expected, query


@pytest.mark.parametrize(
    "query",
    [
        "x=1",
        "limit=0",
        "limit=a",
        "status=x",
        "minDuration=-1",
        "datetime=x",
        "after=x",
        "after=WzFd",
    ],
)
def test_a_list_can_not_be_asked_for_anything(anybody, query):
    assert anybody.get(f"/jobs?{query}").status_code == 400


def test_who_may_not_see_responders_may_not_ask_who_is_nearest(anybody, guarded):
    inputs = {"lon": 120.05, "lat": 29.05}
    for client in (anybody, client_of(guarded, "planner")):
        for prefer in ("", "respond-async"):
            assert execute(client, "nearest-responders", prefer, inputs=inputs).status_code == 403


def test_a_job_runs_with_the_rights_of_its_account(anybody, guarded):
    officer = client_of(guarded, "officer")
    inputs = {"lon": 120.05, "lat": 29.05}
    job = execute(officer, "nearest-responders", "respond-async, wait=60", inputs=inputs).json()
    # It was run, and found that this town has no streets.
    assert (job["status"], "streets" in job["message"]) == ("failed", True)


def test_a_client_that_hangs_up_ends_its_process(anybody, guarded):
    with psycopg.connect(guarded.conninfo) as blocker:
        blocker.execute("LOCK TABLE layers.incident")
        waiting = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
            " AND usename = 'gridwhistle_web'"
        )
        body = json.dumps({"inputs": {"resolution": 7}})
        headers = {"Content-Type": "application/json"}
        client = HTTPConnection(guarded.url.removeprefix("http://"))
        client.request("POST", "/ogc/processes/hotspots/execution", body, headers)
        deadline = time.monotonic() + SOON_S
        while not guarded.execute(waiting)[0][0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        client.close()
        while guarded.execute(waiting)[0][0]:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_metrics_know_routes_and_no_names(anybody, guarded):
    anybody.get(f"/jobs/{uuid.uuid4()}")
    text = httpx.get(f"{guarded.url}/metrics").text
    assert 'route="/ogc/jobs/{job_id}",status="404"' in text
    assert 'gridwhistle_jobs{status="accepted"}' in text
    assert not re.search(r'route="[^"]*[0-9a-f]{8}-', text)
    through_a_proxy = {"X-Forwarded-For": "203.0.113.1"}
    assert httpx.get(f"{guarded.url}/metrics", headers=through_a_proxy).status_code == 403


def test_results_are_kept_for_days_that_the_setting_states(monkeypatch):
    monkeypatch.setenv("GRIDWHISTLE_JOB_RESULTS_DAYS", "3")
    assert Settings.from_environment().job_results_kept.days == 3
