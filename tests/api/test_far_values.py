"""Values at the far end of what can be written: refused in words, or answered; never a defect."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest

# More digits than Python reads as one number.
ENDLESS = "9" * 5000


@pytest.fixture
def anybody(guarded):
    with httpx.Client(base_url=f"{guarded.url}/ogc", timeout=30) as client:
        yield client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/collections/premises/items/{ENDLESS}", 404),
        (f"/collections/premises/items/{'٣' * 20}", 404),
        (f"/collections/premises/items/{2**63}", 404),
        (f"/collections/premises/items/{2**63 - 1}", 404),
        (f"/collections/premises/items?limit={ENDLESS}", 400),
        (f"/collections/premises/items?offset={ENDLESS}", 400),
        (f"/collections/premises/items?bbox={ENDLESS},0,1,1", 400),
        ("/collections/premises/items?bbox=-1e308,-1e308,1e308,1e308", 200),
        (f"/collections/premises/items?filter=id={ENDLESS}", 400),
        (f"/collections/premises/changes?since={ENDLESS}", 400),
        (f"/collections/premises/tiles/WebMercatorQuad/{ENDLESS}/0/0", 404),
        (f"/jobs?limit={ENDLESS}", 200),
        (f"/jobs?minDuration={ENDLESS}", 200),
        (f"/processes?limit={ENDLESS}", 400),
        ("/processes?limit=true", 400),
        ("/processes?limit=0", 400),
        ("/processes?limit=1", 200),
        # The last and the first day that the calendar has.
        ("/collections/premises/items?datetime=9999-12-31", 200),
        ("/collections/premises/items?datetime=9999-12-31T23:59:59.999999Z", 200),
        ("/collections/premises/items?datetime=0001-01-01/9999-12-31", 200),
        ("/collections/premises/items?datetime=0001-01-01T00:00:00%2B23:59", 200),
        ("/collections/premises/items?datetime=0000-01-01", 400),
        ("/collections/premises/items?kind=shop", 200),
        ("/collections/premises/items?kind=AAA", 400),
        # What nobody would look at.
        ("/collections/premises/items?lang=AAA", 400),
        ("/collections/premises/items/1?lang=AAA", 400),
        ("/collections/premises/items/1?limit=1", 400),
        ("/collections/premises/items/1?f=csv", 400),
    ],
)
def test_far_parameters(anybody: httpx.Client, address: str, status: int):
    answer = anybody.get(address)
    assert answer.status_code == status, answer.text[:500]


def test_the_calendar_ends_while_hotspots_are_counted(anybody: httpx.Client):
    days = {"from": "0001-01-01", "to": "9999-12-31"}
    answer = anybody.post(
        "/processes/hotspots/execution", json={"inputs": {"resolution": 5, **days}}
    )
    assert answer.status_code == 200, answer.text[:500]
    assert answer.json()["type"] == "FeatureCollection"


def test_what_a_job_can_be_asked_for_is_named(anybody: httpx.Client):
    answer = anybody.options(f"/jobs/{UUID(int=0)}")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "DELETE"}


@pytest.mark.parametrize("wait", ["0", "00", "x", "-1"])
def test_no_wait(anybody: httpx.Client, wait: str):
    answer = _echo(anybody, wait)
    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "respond-async")


def test_an_endless_wait_is_the_longest(working_town):
    with httpx.Client(base_url=f"{working_town.url}/ogc", timeout=70) as client:
        answer = _echo(client, ENDLESS)
    assert (answer.status_code, answer.json()["status"]) == (201, "successful")


def _echo(client: httpx.Client, wait: str) -> httpx.Response:
    return client.post(
        "/processes/echo/execution",
        json={"inputs": {"message": "x"}},
        headers={"Prefer": f"respond-async, wait={wait}"},
    )


def test_a_date_header_of_no_calendar_is_passed_over(guarded):
    answer = guarded.signed_in("editor").patch(
        "/ogc/collections/premises/items/1",
        json={"properties": {"floor": "1"}},
        headers={
            "Content-Type": "application/merge-patch+json",
            "If-Unmodified-Since": f"Mon, 01 Jan {'9' * 30} 00:00:00 GMT",
        },
    )
    assert answer.status_code in {200, 204}, answer.text


def test_numbers_of_accounts_and_of_lines_may_be_endless(guarded):
    lines = guarded.signed_in("auditor").get(f"/api/access-log?limit={ENDLESS}")
    assert lines.status_code == 400, lines.text
    account = guarded.signed_in("security").patch(f"/api/accounts/{ENDLESS}", json={})
    assert account.status_code == 404, account.text
