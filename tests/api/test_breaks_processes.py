"""What breaks in other servers' processes: one test for each line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

ASYNC = {"Prefer": "respond-async"}
SOON_S = 180  # the worker loads for a minute on a machine that is busy with other things


@pytest.fixture(scope="module")
def client(working_town) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{working_town.url}/ogc", timeout=SOON_S) as client:
        yield client


def echo(client: httpx.Client, prefer: str, **inputs) -> httpx.Response:
    body = {"inputs": {"message": "x", **inputs}}
    headers = {"Prefer": prefer} if prefer else {}
    return client.post("/processes/echo/execution", json=body, headers=headers)


def until(happens: Callable[[], object]) -> None:
    end = time.monotonic() + SOON_S
    while not happens():
        assert time.monotonic() < end, "it has not happened"
        time.sleep(0.05)


def test_an_asynchronous_result_needs_no_folder_and_is_not_lost(client: httpx.Client):
    location = echo(client, "respond-async").headers["location"]
    until(lambda: client.get(location).json()["status"] == "successful")
    for _ in range(2):
        assert client.get(f"{location}/results").text == "x"


def test_delete_of_a_job_answers(client: httpx.Client):
    location = echo(client, "respond-async", pause=8).headers["location"]
    answer = client.delete(location)
    assert (answer.status_code, answer.json()["status"]) == (200, "dismissed")


@pytest.mark.parametrize("prefer", ["respond-async, wait=1", "wait=1, respond-async; x=y"])
def test_respond_async_with_wait_is_asynchronous(client: httpx.Client, prefer):
    answer = echo(client, prefer, pause=8)
    assert answer.status_code == 201
    assert answer.headers["preference-applied"] == "respond-async, wait=1"
    assert answer.json()["status"] in {"accepted", "running"}
    client.delete(answer.headers["location"])


def test_a_wait_ends_when_the_job_does(client: httpx.Client):
    answer = echo(client, "respond-async, wait=60")
    assert (answer.status_code, answer.json()["status"]) == (201, "successful")


def test_delete_cancels_the_work(client: httpx.Client, working_town):
    location = echo(client, "respond-async", pause=8).headers["location"]
    until(lambda: client.get(location).json()["status"] == "running")
    client.delete(location)
    busy = "SELECT 1 FROM procrastinate.procrastinate_jobs WHERE status = 'doing'"
    until(lambda: not working_town.execute(busy))
    job = client.get(location).json()
    assert (job["status"], job["progress"] < 100) == ("dismissed", True)


def test_processes_that_run_at_once_do_not_mix_their_answers(client: httpx.Client):
    words = [f"word {number}" for number in range(8)]

    def said(word: str) -> str:
        return echo(client, "", message=word, pause=1).text

    with ThreadPoolExecutor(len(words)) as threads:
        assert list(threads.map(said, words)) == words


def test_a_process_that_waits_holds_up_nobody(client: httpx.Client):
    with ThreadPoolExecutor(12) as threads:
        slow = [threads.submit(echo, client, "", pause=2) for _ in range(8)]
        assert client.get("/conformance").status_code == 200
        assert not any(each.done() for each in slow)
        assert [each.result().text for each in slow] == ["x"] * 8
