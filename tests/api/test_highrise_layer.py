"""Micro-grids of high-rises over HTTP: features with a history, and who answers for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import httpx
import psycopg
import pytest

from api.auth.settings import AuthSettings
from layers.accounts.administration import AccountPlan, add_account
from layers.roles import Role

PASSWORD = "a password for tests"
ITEMS = "/ogc/collections/micro-grid-shares/items"
MEMBERS = "/api/highrises/members"
TOWER = """
INSERT INTO layers.building (town_id, key, name, floors, households, geom, inside, batch_id)
VALUES (1, 'tower', '塔楼', 18, 180,
        ST_Multi(ST_Expand(ST_Point(120.01, 29.01, 4326), 0.0002)), true, 1) RETURNING id
"""
# Two from some day on.
SHARE = """
UPDATE grids.version SET valid = tstzrange(lower(valid), '2024-01-01Z') WHERE unit_id = %(unit)s;
INSERT INTO grids.version (town_id, unit_id, name, geom, valid, shares, batch_id)
SELECT town_id, unit_id, name, geom, '[2024-01-01Z,)', %(shares)s, batch_id
FROM grids.version WHERE unit_id = %(unit)s
"""


@dataclass
class Served:
    """A served town with two micro-grids on one polygon, and a member of their grid."""

    url: str
    member: int

    @contextmanager
    def client(self, name: str) -> Iterator[httpx.Client]:
        """Signed in as on the page; "" for nobody."""
        headers = {"Origin": self.url}
        with httpx.Client(base_url=self.url, headers=headers, timeout=30) as client:
            body = {"name": name, "password": PASSWORD}
            assert not name or client.post("/api/session", json=body).status_code == 201
            yield client


@pytest.fixture(scope="module")
def served(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Iterator[Served]:
    with new_database() as conninfo:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            ids = add_square_grids(connection, 1)
            row = connection.execute(TOWER).fetchone()
            assert row is not None
            shares = [
                {"code": f"t10100-{n}", "name": f"第{n}段",
                 "parts": [{"building": row[0], "floors": floors}]}
                for n, floors in enumerate(([1, 9], [10, 18]), start=1)
            ]  # fmt: skip
            values = {"unit": ids["t10100"], "shares": json.dumps(shares)}
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(SHARE, values)
            plan = AccountPlan("li", Role.GRID_MEMBER, "李", grid="t101")
            member = add_account(connection, 1, plan)
        with serve_app(conninfo, only_this_machine=True, auth=auth_settings) as url:
            yield Served(url, member)


def test_each_is_a_feature_now_and_at_a_past_moment(served: Served) -> None:
    with served.client("") as anybody:
        found = anybody.get(ITEMS).json()
        assert [each["properties"]["code"] for each in found["features"]] == [
            "t10100-1", "t10100-2",
        ]  # fmt: skip
        first = found["features"][0]["properties"]
        assert (first["parent"], first["polygon"], first["building"], first["floors"]) == (
            "t101", "t10100", "塔楼", "1-9",
        )  # fmt: skip
        assert "households" not in first
        past = anybody.get(ITEMS, params={"datetime": "2023-06-01T00:00:00Z"}).json()
        assert past["features"] == []
        polygons = anybody.get("/ogc/collections/micro-grids/items", params={"limit": 100}).json()
        assert len(polygons["features"]) == 16
        high = anybody.get(ITEMS, params={"filter": "floors = '10-18'"}).json()
        assert high["numberMatched"] == 1
    with served.client("dispatcher") as dispatcher:
        features = dispatcher.get(ITEMS).json()["features"]
        assert [each["properties"]["households"] for each in features] == [90, 90]


def test_a_member_of_the_grid_answers_for_one(served: Served) -> None:
    with served.client("editor") as editor:
        [highrise] = editor.get(MEMBERS).json()["highrises"]
        person = {"account": served.member, "name": "李"}
        assert highrise["may_answer"] == [person]
        said = editor.put(f"{MEMBERS}/t10100-1", json={"account": served.member})
        assert said.status_code == 200, said.text
        [highrise] = said.json()["highrises"]
        assert [each["member"] for each in highrise["shares"]] == [person, None]
        for code, account, status in (
            ("t10100-1", 1, 400), ("t10100", served.member, 404), ("t10100-1", "x", 400),
        ):  # fmt: skip
            answer = editor.put(f"{MEMBERS}/{code}", json={"account": account})
            assert answer.status_code == status, answer.text
        assert editor.put(f"{MEMBERS}/t10100-1", json={}).status_code == 400
        [highrise] = editor.put(f"{MEMBERS}/t10100-1", json={"account": None}).json()["highrises"]
        assert [each["member"] for each in highrise["shares"]] == [None, None]
    with served.client("planner") as planner:
        assert planner.get(MEMBERS).status_code == 403


@pytest.mark.parametrize("draft", [False, True])
def test_who_draws_takes_them_out_in_files(served: Served, *, draft: bool) -> None:
    with served.client("editor") as editor:
        asked = {"f": "geojson"}
        if draft:
            asked["draft"] = str(editor.post("/api/drafts", json={"name": "x"}).json()["id"])
        answer = editor.get("/api/grids/export", params=asked)
        assert answer.status_code == 200, answer.text
        rows = [each["properties"] for each in answer.json()["features"]]
    shares = [row for row in rows if row["level"] == "micro-grid-shares"]
    assert [(row["code"], row["bld_name"], row["floors"]) for row in shares] == [
        ("t10100-1", "塔楼", "1-9"), ("t10100-2", "塔楼", "10-18"),
    ]  # fmt: skip
