"""The rules of the town over HTTP and at the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from api.auth.settings import AuthSettings
from api.cli import cli
from spatial.errors import GridwhistleError, InputError

PASSWORD = "a password for tests"
RULES = {
    "bands": {"2": [2000, 4000], "3": [250, 450], "4": [10, 99]},
    "min_area_m2": 150.0,
    "min_width_m": 2.5,
    "code_scheme": "6+3, 3, 3, 3",
}


@pytest.fixture(scope="module")
def url(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[str]:
    with new_database() as conninfo:
        # Synthetic, so that the administrator enters by name and password alone.
        fill_town(conninfo, synthetic=True)
        with serve_app(conninfo, only_this_machine=True, auth=auth_settings) as base_url:
            yield base_url


@pytest.fixture(scope="module")
def people(url: str) -> Iterator[dict[str, httpx.Client]]:
    found = {"": httpx.Client(base_url=url)}
    for name in ("editor", "administrator", "planner", "auditor"):
        found[name] = httpx.Client(base_url=url, headers={"Origin": url}, timeout=30)
        body = {"name": name, "password": PASSWORD}
        assert found[name].post("/api/session", json=body).status_code == 201
    yield found
    for client in found.values():
        client.close()


def test_the_administrator_settles_what_those_who_draft_see(people: dict[str, Any]):
    before = people["editor"].get("/api/boundary-rules").json()
    assert before["rules"] == before["defaults"]
    assert before["rules"]["bands"] == {"3": [300, 500], "4": [10, 99]}
    assert (before["may_set"], before["changes"]) == (False, [])
    answer = people["administrator"].put("/api/boundary-rules", json=RULES)
    assert answer.status_code == 200, answer.text
    assert answer.json()["may_set"]
    after = people["editor"].get("/api/boundary-rules").json()
    assert after["rules"] == RULES
    assert {change["by_name"] for change in after["changes"]} == {"administrator"}
    assert [change["after"]["level"] for change in after["changes"][1:]] == [3, 2]
    assert people["editor"].get("/api/burdens").json()["bands"] == RULES["bands"]


@pytest.mark.parametrize(("by", "status"), [("", 401), ("planner", 403), ("editor", 403)])
def test_nobody_else_settles_them(people: dict[str, Any], by: str, status: int):
    origin = {"Origin": str(people["editor"].base_url).rstrip("/")}
    answer = people[by].put("/api/boundary-rules", json=RULES, headers=origin)
    assert answer.status_code == status, answer.text
    if by != "editor":
        assert people[by].get("/api/boundary-rules").status_code == status


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"bands": {"3": [500, 300]}}, "band"),
        ({"bands": {"3": [300]}}, "least, most"),
        ({"bands": {"3": [True, 300]}}, "least, most"),
        ({"bands": {"3": [1, 2**40]}}, "most households"),
        ({"bands": {"1": [3, 5]}}, "level"),
        ({"bands": None}, "bands"),
        ({"min_area_m2": 0}, "min_area_m2"),
        ({"min_width_m": "wide"}, "min_width_m"),
        ({"code_scheme": "6+3"}, "scheme"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    people: dict[str, Any], changed: dict[str, Any], says: str
):
    before = people["editor"].get("/api/boundary-rules").json()
    answer = people["administrator"].put("/api/boundary-rules", json=RULES | changed)
    assert answer.status_code == 400, answer.text
    assert says in answer.json()["description"]
    assert people["editor"].get("/api/boundary-rules").json() == before


def test_every_wrong_field_is_named(people: dict[str, Any]):
    wrong = {"bands": {"3": [500, 300], "4": [10, 99]}, "min_area_m2": 0, "code_scheme": "6+3"}
    answer = people["administrator"].put("/api/boundary-rules", json=RULES | wrong)
    assert answer.status_code == 400
    assert answer.json()["fields"].keys() == {"bands.3", "min_area_m2", "code_scheme"}
    limits = people["editor"].get("/api/boundary-rules").json()["limits"]
    assert limits["min_width_m"] == [0.1, 100]


def test_the_auditor_reads_the_log_page_by_page(people: dict[str, Any]):
    for area in (160.0, 170.0, 180.0):
        answer = people["administrator"].put(
            "/api/boundary-rules", json=RULES | {"min_area_m2": area}
        )
        assert answer.status_code == 200, answer.text
    log, seen = "/api/boundary-rules/changes", []
    at: int | None = None
    while True:
        page = people["auditor"].get(log, params={"limit": 2} | ({"before": at} if at else {}))
        assert page.status_code == 200, page.text
        seen += page.json()["changes"]
        at = page.json()["next"]
        if at is None:
            break
    assert [each["after"]["min_area_m2"] for each in seen[:3]] == [180, 170, 160]
    assert {each["by_name"] for each in seen} == {"administrator"}
    assert people["editor"].get(log).json()["changes"] == seen
    assert people["auditor"].get("/api/boundary-rules").status_code == 403
    for by, status in (("", 401), ("planner", 403)):
        assert people[by].get(log).status_code == status
    for wrong in ("limit=0", "limit=501", "limit=x", "before=-1", f"before={2**63}"):
        assert people["auditor"].get(f"{log}?{wrong}").status_code == 400, wrong


@pytest.fixture
def run(database: str, tmp_path: Path) -> Callable[..., Result]:
    def invoke(*arguments: str) -> Result:
        said = ["--data", str(tmp_path / "data"), *arguments]
        environment = os.environ | {"DATABASE_URL": database}
        result = CliRunner().invoke(cli, said, env=environment)
        if isinstance(result.exception, GridwhistleError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    return invoke


def test_the_operator_settles_them_at_the_machine(run: Callable[..., Result]):
    run("init", "--name", "试验镇", "--tz", "Asia/Shanghai", "--bbox", "120,29,120.1,29.1")
    assert "band grids        300 500" in run("grids", "rules").stdout
    run("grids", "rules", "set", "band", "grids", "250", "450")
    run("grids", "rules", "set", "band", "2", "2000", "4000")
    run("grids", "rules", "set", "min-area", "150")
    run("grids", "rules", "set", "min-width", "2.5")
    run("grids", "rules", "set", "code-scheme", "6+3, 3, 3, 3")
    shown = run("grids", "rules").stdout
    assert [line.split()[-1] for line in shown.splitlines()[3:]] == ["m²", "m", "3"]
    assert "250 450" in shown
    for wrong in (("band", "grids", "5", "3"), ("min-area", "nan"), ("code-scheme", "x")):
        with pytest.raises(InputError):
            run("grids", "rules", "set", *wrong)
    assert run("grids", "rules").stdout == shown
    log = run("grids", "rules", "log").stdout.splitlines()
    assert len(log) == 5
    assert all("operator" in line for line in log)
    run("grids", "rules", "reset")
    assert "300 500" in run("grids", "rules").stdout
