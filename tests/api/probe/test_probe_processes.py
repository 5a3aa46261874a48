"""As each role: processes answer of what the role may see, and jobs are their submitter's alone."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest

from layers.entries import CATALOGUE
from layers.roles import Role

NEAREST = "/ogc/processes/nearest-responders/execution"
ECHO = "/ogc/processes/echo/execution"


def test_who_is_nearest_is_told_to_those_who_see_responders(
    clients: dict[Role, httpx.Client], oracle: Any, demo_database: str
) -> None:
    responders = CATALOGUE.entry("responders")
    with psycopg.connect(demo_database) as connection:
        keys = dict(connection.execute("SELECT key, id FROM layers.responder").fetchall())
    for role in Role:
        body = {"inputs": {"lon": 120.02, "lat": 29.2, "k": 100}}
        answer = clients[role].post(NEAREST, json=body)
        if not responders.readable_by(role):
            assert answer.status_code == 403, role
            refused = clients[role].post(NEAREST, json=body, headers={"Prefer": "respond-async"})
            assert refused.status_code == 403, role
            continue
        told = answer.json()
        found = {keys[each["key"]] for each in told["responders"] + told["unreachable"]}
        assert found <= oracle.ids(responders, role), role
        assert found, role


@pytest.mark.parametrize("submitter", [Role.PLANNER, Role.SYSTEM])
def test_jobs_and_their_results_are_shown_to_their_own_submitter_only(
    clients: dict[Role, httpx.Client], submitter: Role
) -> None:
    made = clients[submitter].post(
        ECHO, json={"inputs": {"message": "mine"}}, headers={"Prefer": "respond-async, wait=20"}
    )
    assert made.status_code == 201, made.text
    job = f"/ogc/jobs/{made.json()['jobID']}"
    assert clients[submitter].get(f"{job}/results").text == "mine"
    for role in Role:
        if role is submitter:
            continue
        for answer in (
            clients[role].get(job),
            clients[role].get(f"{job}/results"),
            clients[role].delete(job),
        ):
            assert answer.status_code == 404, role
            assert "mine" not in answer.text
        assert made.json()["jobID"] not in clients[role].get("/ogc/jobs?limit=1000").text, role
    # Nobody else's DELETE did anything.
    assert clients[submitter].get(job).json()["status"] == "successful"


def test_a_visitors_job_is_listed_to_nobody(clients: dict[Role, httpx.Client]) -> None:
    """Whoever knows its id was given it; it is 122 random bits."""
    made = clients[Role.ANONYMOUS].post(
        ECHO, json={"inputs": {"message": "a visitor's"}}, headers={"Prefer": "respond-async"}
    )
    job_id = made.json()["jobID"]
    assert clients[Role.ANONYMOUS].get(f"/ogc/jobs/{job_id}").status_code == 200
    for role in Role:
        assert job_id not in clients[role].get("/ogc/jobs?limit=1000").text, role
        if role is not Role.ANONYMOUS:
            assert clients[role].get(f"/ogc/jobs/{job_id}").status_code in (200, 404), role
