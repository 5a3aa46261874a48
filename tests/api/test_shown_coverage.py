"""The coverage over HTTP without a draft: today's for everybody, what is planned for editors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from api.auth.settings import AuthSettings
from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.roles import Role
from spatial.town import read_town

PASSWORD = "a password for tests"
HOME = """
INSERT INTO layers.building (town_id, key, use, households, geom, inside, batch_id)
VALUES (1, 'home', 'residential', 50,
        ST_Multi(ST_Expand(ST_Point(120.0125, 29.0125, 4326), 0.0002)), true, 1)
"""
COVERAGE, PLANNED = "/api/coverage", "/api/coverage/planned"


@dataclass
class Town:
    """A served town of squares and a client for each person; "" for nobody."""

    url: str
    conninfo: str
    ids: dict[str, int]
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def client(self, name: str) -> httpx.Client:
        if name not in self.clients:
            client = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=30)
            body = {"name": name, "password": PASSWORD}
            assert not name or client.post("/api/session", json=body).status_code == 201
            self.clients[name] = client
        return self.clients[name]

    def approve(self, name: str, days: float | None, **step: Any) -> int:
        """A draft of one step, approved for so many days from now; for now without."""
        editor = self.client("editor")
        draft = editor.post("/api/drafts", json={"name": name}).json()["id"]
        at = f"/api/drafts/{draft}"
        assert editor.post(f"{at}/steps", json={"revision": 0, **step}).status_code == 200
        assert editor.post(f"{at}/submit", json={"revision": 1}).status_code == 200
        since = days and (datetime.now(UTC) + timedelta(days)).isoformat()
        said = self.client("bert").post(f"{at}/approve", json={"effective_from": since})
        assert said.status_code == 200, said.text
        return int(draft)


@pytest.fixture(scope="module")
def town(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[Town]:
    with new_database() as conninfo:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            ids = add_square_grids(connection, 1)
            connection.execute(HOME)
            plan = AccountPlan(
                "bert", Role.GIS_EDITOR, password=PASSWORD, must_change_password=False
            )
            add_account(connection, 1, plan)
        with serve_app(conninfo, only_this_machine=True, auth=auth_settings) as url:
            found = Town(url, conninfo, ids)
            yield found
            for client in found.clients.values():
                client.close()


@pytest.mark.parametrize("name", ["", "planner", "dispatcher", "editor"])
def test_everybody_reads_todays_coverage(town: Town, name: str) -> None:
    answer = town.client(name).get(COVERAGE)
    assert answer.status_code == 200, answer.text
    read = answer.json()
    assert len(read["arcs"]) == 36
    assert {unit["id"] for unit in read["units"]} == set(town.ids.values())
    assert read["began"] == "2020-01-01T00:00:00+00:00"
    tag = answer.headers["ETag"]
    again = town.client(name).get(COVERAGE, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    plain = town.client(name).get(COVERAGE, headers={"Accept-Encoding": "identity"})
    assert plain.headers["ETag"] != tag
    assert plain.json() == read


def read_burdens(client: httpx.Client) -> Any:
    answer = client.get("/api/burdens")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_workloads_are_what_the_layers_show_to_the_role(town: Town) -> None:
    told = {
        name: read_burdens(town.client(name))
        for name in ("editor", "planner", "dispatcher", "system")
    }
    kinds = {name: each["points"].keys() for name, each in told.items()}
    assert kinds["editor"] >= {"households", "rooms", "incidents", "premises.shop", "patrol_m"}
    assert kinds["planner"] == kinds["dispatcher"] == kinds["editor"] - {"rooms", "incidents"}
    assert kinds["system"] == kinds["planner"] - {"households"}
    assert told["planner"]["points"]["households"] == told["editor"]["points"]["households"]
    assert told["planner"]["bands"] == {"3": [300, 500], "4": [10, 99]}
    assert town.client("").get("/api/burdens").status_code == 401


def test_what_is_planned_stands_on_what_comes_before(town: Town) -> None:
    assert town.client("editor").get(PLANNED).json() == {"planned": []}
    names = {"kind": "rename"}
    later = town.approve("后", 20, parameters={"unit": town.ids["t2"], "name": "新西"}, **names)
    sooner = town.approve("先", 10, parameters={"unit": town.ids["t1"], "name": "新东"}, **names)
    last = town.approve("末", 30, parameters={"unit": town.ids["t1"], "name": "大东"}, **names)
    editor = town.client("editor")
    planned = editor.get(PLANNED).json()["planned"]
    assert [each["id"] for each in planned] == [sooner, later, last]
    assert [each["comes_about"] for each in planned] == [True, True, False]
    assert planned[0]["approver_name"] == "bert"
    assert "现行边界与草案改动了同一处" in planned[2]["hindrance"]
    read = editor.get(f"{PLANNED}/{later}").json()
    called = {unit["code"]: unit["name"] for unit in read["units"]}
    assert (called["t1"], called["t2"]) == ("新东", "新西")
    assert read["changed"] == {"arcs": [], "units": [town.ids["t2"]], "gone": []}
    assert [each["id"] for each in read["after"]] == [sooner]
    assert editor.get(f"{PLANNED}/999").status_code == 404
    today = {unit["code"]: unit["name"] for unit in editor.get(COVERAGE).json()["units"]}
    assert today["t1"] == "单元t1"
    for name, status in (("", 401), ("planner", 403)):
        for path in (PLANNED, f"{PLANNED}/{later}"):
            assert town.client(name).get(path).status_code == status


def test_the_coverage_is_another_once_a_draft_is_in_effect(town: Town) -> None:
    before = town.client("").get(COVERAGE)
    place = {"node": [120.05, 29.05], "to": [120.052, 29.052]}
    town.approve("今天", None, kind="move_node", parameters=place)
    with psycopg.connect(town.conninfo) as connection:
        assert redraw_what_is_due(connection, read_town(connection)) == 1
    after = town.client("").get(COVERAGE, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    ends = [place for arc in after.json()["arcs"] for place in arc["coords"]]
    assert [120.052, 29.052] in ends
    assert [120.05, 29.05] not in ends
