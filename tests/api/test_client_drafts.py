"""QGIS and others redraw boundaries by OGC API Features Part 4, into drafts of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
import shapely
from psycopg_pool import ConnectionPool
from shapely.geometry import mapping, shape

from api.auth.settings import AuthSettings
from api.ogc.own_draft import product_of
from layers.accounts.administration import AccountPlan, add_account, find_account
from layers.boundaries.arc_store import store_missing_arcs
from layers.boundaries.cache import DraftCache
from layers.boundaries.clients.settling import Table, UncleanDraftError
from layers.boundaries.desk import Desk
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.roles import Role
from spatial.database import Principal
from spatial.town import read_town

PASSWORD = "a password for tests"
QGIS_AGENT = "Mozilla/5.0 QGIS/34006/Debian GNU/Linux 13 (trixie)"
MICRO, GRIDS, VILLAGES = (
    f"/ogc/collections/{name}/items" for name in ("micro-grids", "grids", "villages")
)

type Json = dict[str, Any]


def jitter(points: np.ndarray) -> np.ndarray:
    """Corners inside the town somewhere beside the squares' own, with all their digits."""
    inside = ((points > [120.001, 29.001]) & (points < [120.099, 29.099])).all(axis=1)
    moved = points + 0.003 * np.sin(
        points.round(3) * [7919.0, 6007.0] + points[:, ::-1].round(3) * 997.0
    )
    return np.where(inside[:, None], moved, points)


@dataclass
class Town:
    """A served town of 16 micro-grids, and clients of the people in it."""

    url: str
    conninfo: str
    ids: dict[str, int]
    clients: dict[tuple[str | None, str], httpx.Client] = field(default_factory=dict)

    def client(self, name: str | None, agent: str = QGIS_AGENT) -> httpx.Client:
        if (name, agent) not in self.clients:
            auth = (name, PASSWORD) if name else None
            headers = {"User-Agent": agent}
            self.clients[name, agent] = httpx.Client(
                base_url=self.url, auth=auth, headers=headers, timeout=30
            )
        return self.clients[name, agent]

    def ask(
        self, method: str, path: str, body: Any = None, *, by: str = "editor", status: int = 200
    ) -> Any:
        """Of the routes of drafts."""
        answer = self.client(by, "page").request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def draft(self, client: str, by: str = "editor") -> Json:
        """The open draft of a client."""
        found = self.ask("GET", "/api/drafts?state=open", by=by)
        mine = [each for each in found["drafts"] if each["author"] == found["account"]]
        [draft] = [each for each in mine if (each["client"] or "").startswith(client)]
        return draft

    def submit(self, draft: int, status: int = 200, by: str = "editor", **more: Any) -> Any:
        revision = self.ask("GET", f"/api/drafts/{draft}", by=by)["draft"]["revision"]
        body = {"revision": revision, **more}
        return self.ask("POST", f"/api/drafts/{draft}/submit", body, by=by, status=status)

    def take_effect(self, draft: int) -> None:
        """Approved by somebody else, and done by the worker."""
        self.ask("POST", f"/api/drafts/{draft}/approve", {}, by="bert")
        with psycopg.connect(self.conninfo) as connection:
            assert redraw_what_is_due(connection, read_town(connection)) == 1

    def stored(self) -> dict[int, bytes]:
        """The shapes that hold, of all levels, by unit."""
        with psycopg.connect(self.conninfo) as connection:
            rows = connection.execute(
                "SELECT unit_id, ST_AsBinary(geom) FROM grids.version WHERE valid @> now()"
            ).fetchall()
        return dict(rows)


@pytest.fixture(scope="module")
def open_town(
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    add_square_grids: Callable[..., dict[str, int]],
    auth_settings: AuthSettings,
) -> Callable[[], AbstractContextManager[Town]]:
    @contextmanager
    def run() -> Iterator[Town]:
        with new_database() as conninfo:
            fill_town(conninfo)
            with psycopg.connect(conninfo) as connection:
                ids = add_square_grids(connection, 1)
                rows = connection.execute(
                    "SELECT id, ST_AsBinary(geom) FROM grids.version"
                ).fetchall()
                for number, wkb in rows:
                    moved = shapely.transform(shapely.from_wkb(wkb), jitter)
                    connection.execute(
                        "UPDATE grids.version SET geom = ST_GeomFromWKB(%s, 4326) WHERE id = %s",
                        (moved.wkb, number),
                    )
                store_missing_arcs(connection, read_town(connection))
                plan = AccountPlan(
                    "bert", Role.GIS_EDITOR, password=PASSWORD, must_change_password=False
                )
                add_account(connection, 1, plan)
            with serve_app(conninfo, only_this_machine=True, auth=auth_settings) as url:
                found = Town(url, conninfo, ids)
                yield found
                for client in found.clients.values():
                    client.close()

    return run


@pytest.fixture(scope="module")
def town(open_town: Callable[[], AbstractContextManager[Town]]) -> Iterator[Town]:
    """One for the tests that make nothing effective; each has a client of its own."""
    with open_town() as found:
        yield found


@pytest.fixture
def own_town(open_town: Callable[[], AbstractContextManager[Town]]) -> Iterator[Town]:
    with open_town() as found:
        yield found


class Qgis:
    """QGIS 3.40's requests, as recorded of PyQGIS: one for each feature when edits are saved.

    Changed geometries and attributes go out as merge patches with all digits, of which the last is
    noise where QGIS has computed; new features with six decimals and all attributes of the feature
    that was split; If-Match never.
    """

    def __init__(self, client: httpx.Client, items: str = MICRO) -> None:
        self.client, self.items = client, items
        self.features: dict[int, Json] = {}
        self.reload()

    def reload(self) -> None:
        answer = self.client.get(self.items, params={"limit": 1000})
        assert answer.status_code == 200, answer.text
        self.answer = answer
        self.features = {each["id"]: each for each in answer.json()["features"]}

    def of_code(self, code: str) -> int:
        [found] = [i for i, each in self.features.items() if each["properties"]["code"] == code]
        return found

    def polygon(self, feature: int) -> Any:
        return shape(self.features[feature]["geometry"])

    def patch(self, feature: int, body: Json, status: int = 204) -> httpx.Response:
        headers = {"Content-Type": "application/merge-patch+json"}
        answer = self.client.patch(f"{self.items}/{feature}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    def draw(self, feature: int, polygon: Any, status: int = 204) -> httpx.Response:
        noisy = shapely.transform(polygon, lambda xy: np.nextafter(xy, xy + 1))
        geometry = mapping(noisy)
        return self.patch(
            feature,
            {"geometry": {"coordinates": geometry["coordinates"], "type": geometry["type"]}},
            status,
        )

    def add(self, polygon: Any, attributes: Json, status: int = 201) -> int:
        rounded = shapely.transform(polygon, lambda xy: xy.round(6))
        attributes = attributes | {"updated": "2026-11-22T15:05:19.212", "valid_from": None}
        body = {"geometry": mapping(rounded), "properties": attributes, "type": "Feature"}
        headers = {"Content-Type": "application/geo+json"}
        answer = self.client.post(self.items, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        if status != 201:
            return 0
        # In these capitals alone QGIS finds it.
        [location] = [value for name, value in answer.headers.raw if name == b"Location"]
        feature = int(location.decode().rsplit("/", 1)[1])
        assert self.client.get(f"{self.items}/{feature}").status_code == 200
        return feature

    def delete(self, feature: int, status: int = 204) -> None:
        answer = self.client.delete(f"{self.items}/{feature}")
        assert answer.status_code == status, answer.text

    def at(self, place: tuple[float, float]) -> list[int]:
        point = shapely.Point(place)
        return [i for i in self.features if self.polygon(i).boundary.distance(point) < 1e-9]

    def move_vertex(self, place: tuple[float, float], to: tuple[float, float]) -> list[int]:
        """As the vertex tool does with topological editing on."""
        moved = self.at(place)
        for feature in moved:
            self.draw(feature, with_vertex(self.polygon(feature), place, to))
        self.reload()
        return moved

    def split(self, feature: int, line: Any, *, topological: bool = True) -> int:
        """As the split tool does: it leaves one half to the feature, and adds the other."""
        first, second = sorted(
            shapely.ops.split(self.polygon(feature).geoms[0], line).geoms, key=lambda p: -p.area
        )
        new = set(first.exterior.coords) - set(self.polygon(feature).geoms[0].exterior.coords)
        self.draw(feature, first)
        for other in [i for i in self.features if i != feature and topological]:
            polygon = self.polygon(other)
            for place in new:
                polygon = with_vertex_added(polygon, place)
            if not shapely.equals_identical(polygon, self.polygon(other)):
                self.draw(other, polygon)
        made = self.add(second, self.features[feature]["properties"])
        self.reload()
        return made

    def merge(self, survivor: int, absorbed: int) -> None:
        """As "merge selected features" does."""
        self.draw(survivor, shapely.unary_union([self.polygon(survivor), self.polygon(absorbed)]))
        self.patch(survivor, {"properties": self.features[survivor]["properties"]})
        self.delete(absorbed)
        self.reload()


def with_vertex(polygon: Any, place: tuple[float, float], to: tuple[float, float]) -> Any:
    """The polygon with a vertex elsewhere."""

    def move(points: np.ndarray) -> np.ndarray:
        is_there = np.abs(points - place).max(axis=1) < 1e-9
        return np.where(is_there[:, None], to, points)

    return shapely.transform(polygon, move)


def with_vertex_added(polygon: Any, place: tuple[float, float]) -> Any:
    """The polygon with a vertex more where the place lies on its edge."""
    ring = list(polygon.geoms[0].exterior.coords)
    for number, edge in enumerate(pairwise(ring), start=1):
        near = shapely.LineString(edge).distance(shapely.Point(place)) < 1e-8
        if near and min(math.dist(place, end) for end in edge) > 1e-8:
            return shapely.MultiPolygon([shapely.Polygon([*ring[:number], place, *ring[number:]])])
    return polygon


def corner(x: float, y: float) -> tuple[float, float]:
    lon, lat = jitter(np.array([[x, y]]))[0].tolist()
    return lon, lat


def test_a_session_of_qgis_ends_clean_and_is_approved(own_town: Town):
    """Shows 6: a shared vertex moved, a unit split, two merged; one request for each feature."""
    before = own_town.stored()
    qgis = Qgis(own_town.client("editor"))
    place = corner(120.05, 29.05)
    moved = qgis.move_vertex(place, (place[0] + 0.00123456789, place[1] - 0.00098765432))
    assert len(moved) == 4
    assert qgis.answer.headers["gridwhistle-draft"] == str(own_town.draft("QGIS")["id"])
    assert [each["rel"] for each in qgis.answer.json()["links"]][-1] == "working-copy"
    corner_unit = qgis.of_code("t10100")
    box = qgis.polygon(corner_unit).bounds
    middle = (box[0] + box[2]) / 2
    made = qgis.split(corner_unit, shapely.LineString([(middle, box[1] - 1), (middle, box[3] + 1)]))
    names = {i: qgis.features[i]["properties"] for i in (corner_unit, made)}
    assert names[made]["code"] != names[corner_unit]["code"] == "t10100"
    assert names[made]["parent"] == "t101"
    survivor, absorbed = qgis.of_code("t20415"), qgis.of_code("t20414")
    qgis.merge(survivor, absorbed)
    draft = own_town.draft("QGIS")["id"]
    read = own_town.ask("GET", f"/api/drafts/{draft}")
    assert read["drawn"]["clean"], read["drawn"]
    # The split reaches one neighbour and the outline.
    assert read["drawn"]["units"] == len(moved) + len({corner_unit, made, "t10101"}) + 2
    assert own_town.ask("GET", f"/api/drafts/{draft}/check")["sound"]
    assert own_town.submit(draft)["state"] == "submitted"
    # What QGIS sees now is what holds, until the draft does.
    qgis.reload()
    assert "gridwhistle-draft" not in qgis.answer.headers
    assert len(qgis.features) == 16
    own_town.take_effect(draft)
    qgis.reload()
    assert len(qgis.features) == 16
    assert absorbed not in qgis.features
    assert made in qgis.features
    pairs = [(e["unit"], e["became"]) for e in own_town.ask("GET", "/api/lineage")["became"]]
    assert {(absorbed, survivor), (corner_unit, made)} <= set(pairs)
    check_untouched(before, own_town.stored(), {*moved, corner_unit, made, survivor, absorbed})


def check_untouched(before: dict[int, bytes], after: dict[int, bytes], touched: set[int]) -> None:
    """Every vertex that nobody moved is there to the bit, in all levels."""
    old, new = (
        np.unique(shapely.get_coordinates(shapely.from_wkb(list(each.values()))), axis=0)
        for each in (before, after)
    )
    kept = set(map(tuple, old.tolist()))
    added = [place for place in map(tuple, new.tolist()) if place not in kept]
    assert len(added) == 3, "the moved corner and the two ends of the split"
    assert len(kept - set(map(tuple, new.tolist()))) == 1
    for unit in before.keys() & after.keys() - touched:
        shapes = shapely.normalize(shapely.from_wkb([before[unit], after[unit]]))
        if not shapely.equals_identical(*shapes):  # it got the corner or an end of the split
            places = set(map(tuple, shapely.get_coordinates(shapes[1]).tolist()))
            assert places & set(added), unit


def test_others_and_other_programs_see_what_holds(town: Town):
    qgis = Qgis(town.client("editor", "Mozilla/5.0 QGIS-a/1 x"))
    unit = qgis.of_code("t10101")
    qgis.patch(unit, {"properties": {"name": "新名"}})
    qgis.reload()
    assert qgis.features[unit]["properties"]["name"] == "新名"
    one = qgis.client.get(f"{MICRO}/{unit}")
    assert one.json()["properties"]["name"] == "新名"
    assert one.headers["gridwhistle-draft"]
    assert one.headers["link"].endswith('rel="working-copy"')
    found = qgis.client.get(MICRO, params={"filter": "name = '新名'"}).json()
    assert found["numberMatched"] == 1
    for name, agent in (("editor", "curl/8"), ("bert", "QGIS-a/1"), (None, "QGIS-a/1")):
        other = town.client(name, agent).get(f"{MICRO}/{unit}")
        assert other.json()["properties"]["name"] != "新名"
        assert "gridwhistle-draft" not in other.headers
    past = qgis.client.get(MICRO, params={"datetime": "2024-01-01", "name": "新名"})
    assert past.json()["numberMatched"] == 0


def test_a_draft_says_that_it_is_unclean_and_where(town: Town):
    qgis = Qgis(town.client("editor", "QGIS-b/1"))
    place = corner(120.025, 29.025)
    to = (place[0] + 0.002, place[1])
    units = qgis.at(place)
    for number, unit in enumerate(units):
        qgis.draw(unit, with_vertex(qgis.polygon(unit), place, to))
        draft = town.draft("QGIS-b")
        drawn = town.ask("GET", f"/api/drafts/{draft['id']}")["drawn"]
        assert drawn["clean"] == (number == len(units) - 1)
        assert town.ask("GET", f"/api/drafts/{draft['id']}/check")["sound"] == drawn["clean"]
        if not drawn["clean"]:
            refused = town.submit(draft["id"], 422)
            assert refused["rule"] in ("overlap", "gap", "unmatched")
            assert math.dist(refused["place"], place) < 0.03
            assert set(refused["units"]) & set(units)
            assert refused["faults"]["features"][0]["geometry"]
            assert refused["repair_width_m"] is None  # 200 m are no sliver
    assert len(town.ask("GET", f"/api/drafts/{draft['id']}/faces")["features"]) == 4
    revision = town.draft("QGIS-b")["revision"]
    # Who draws on the page settles first what the client drew.
    step = {"revision": revision, "kind": "rename", "parameters": {"unit": units[0], "name": "甲"}}
    path = f"/api/drafts/{draft['id']}"
    assert "QGIS-b" in town.ask("POST", f"{path}/steps", step, status=409)["description"]
    revision = town.ask("POST", f"{path}/settle", {"revision": revision})["revision"]
    town.ask("POST", f"{path}/steps", step | {"revision": revision})
    read = town.ask("GET", path)
    assert read["drawn"] is None
    assert [each["kind"] for each in read["steps"]] == ["client", "rename"]
    qgis.reload()
    assert shapely.Point(to).distance(qgis.polygon(units[0]).boundary) < 1e-8
    assert qgis.features[units[0]]["properties"]["name"] == "甲"


def test_slivers_are_repaired_when_that_is_asked_for(town: Town):
    """A split without topological editing leaves the neighbour without its vertex."""
    qgis = Qgis(town.client("editor", "QGIS-c/1"))
    unit = qgis.of_code("t10100")
    box = qgis.polygon(unit).bounds
    middle = (box[1] + box[3]) / 2
    line = shapely.LineString([(box[0] - 1, middle), (box[2] + 1, middle)])
    qgis.split(unit, line, topological=False)
    draft = town.draft("QGIS-c")["id"]
    refused = town.submit(draft, 422)
    assert refused["rule"] in ("gap", "overlap", "unmatched")
    assert 0 < refused["repair_width_m"] < 0.1
    body = {"revision": town.draft("QGIS-c")["revision"], "width_m": 0.1}
    offer = town.ask("POST", f"/api/drafts/{draft}/repair", body)
    assert offer["clean_afterwards"]
    assert not offer["applied"]
    [neighbour] = [each for each in offer["units"] if not each["drawn"]]
    assert neighbour["code"] == "t10104"
    town.submit(draft, 422)
    done = town.ask("POST", f"/api/drafts/{draft}/repair", body | {"apply": True})
    assert done["applied"]
    assert town.submit(draft)["state"] == "submitted"
    town.ask("POST", f"/api/drafts/{draft}/withdraw", {})


def test_what_may_not_be_edited_is_said(town: Town):
    agent = "QGIS-d/1"
    grids, micro = (Qgis(town.client("editor", agent), items) for items in (GRIDS, MICRO))
    grid = grids.of_code("t101")
    smaller = shapely.affinity.scale(grids.polygon(grid), 0.9, 0.9)
    refused = grids.draw(grid, smaller, 409)
    assert "made of the units below" in refused.json()["description"]
    grids.add(smaller, {"name": "新网格"}, 409)
    grids.delete(grid, 409)
    # What was read may be sent back, and attributes may change.
    sent = grids.features[grid] | {
        "properties": grids.features[grid]["properties"] | {"name": "一格"}
    }
    assert grids.client.put(f"{GRIDS}/{grid}", json=sent).status_code == 204
    grids.reload()
    assert grids.features[grid]["properties"]["name"] == "一格"
    unit = micro.of_code("t10100")
    micro.patch(unit, {"properties": {"parent": "nowhere"}}, 400)
    micro.patch(unit, {"properties": {"parent": "t102"}})
    micro.patch(unit, {"properties": {"area": 1}}, 400)
    micro.patch(unit, {"properties": {"kind": "moon"}}, 400)
    micro.patch(unit, {"properties": {"code": "no code"}}, 400)
    micro.patch(10**9, {"properties": {"name": "x"}}, 404)
    micro.add(shapely.box(0, 0, 1, 1), {"name": "Null Island"}, 400)
    bowtie = shapely.Polygon([(120.01, 29.01), (120.02, 29.02), (120.02, 29.01), (120.01, 29.02)])
    micro.draw(unit, bowtie, 400)
    micro.reload()
    assert micro.features[unit]["properties"]["parent"] == "t102"


def test_a_parent_follows_its_micro_grids(town: Town):
    agent = "QGIS-e/1"
    micro = Qgis(town.client("editor", agent))
    place = corner(120.05, 29.025)
    to = (place[0] - 0.004, place[1])
    micro.move_vertex(place, to)
    for items in (GRIDS, VILLAGES):
        above = Qgis(town.client("editor", agent), items)
        assert "gridwhistle-draft" in above.answer.headers
        around = [
            i
            for i in above.features
            if above.polygon(i).boundary.distance(shapely.Point(to)) < 1e-8
        ]
        assert len(around) == 2, items


def test_the_outline_is_the_administrators(town: Town):
    """An editor may draw it; an administrator hands it in, and names the town beyond."""
    place, to = (120.0, 29.025), (119.999, 29.025)
    qgis = Qgis(town.client("editor", "QGIS-f/1"))
    for unit in qgis.at(place):
        qgis.draw(unit, with_vertex(qgis.polygon(unit), place, to))
    draft = town.draft("QGIS-f")
    assert town.submit(draft["id"], 422, neighbour="邻镇")["rule"] == "outline"
    seen = (draft["id"], draft["revision"])
    with ConnectionPool(town.conninfo, min_size=1, max_size=2) as pool:
        with psycopg.connect(town.conninfo) as connection:
            place_of = read_town(connection)
            account = find_account(connection, 1, "administrator").id
        desk = Desk(pool, DraftCache())
        administrator = Principal(Role.ADMINISTRATOR, 1, account_id=account)
        with pytest.raises(UncleanDraftError, match="outline"):
            Table(desk, administrator, place_of).submit(seen)
        Table(desk, administrator, place_of, "邻镇").submit(seen)
    [step] = town.ask("GET", f"/api/drafts/{draft['id']}")["steps"]
    assert step["kind"] == "move_outline_client"
    assert step["parameters"] == {"client": "QGIS-f", "units": 2, "neighbour": "邻镇"}


def test_ground_that_nobody_takes_is_a_fault(town: Town):
    qgis = Qgis(town.client("editor", "QGIS-g/1"))
    qgis.delete(qgis.of_code("t10105"))
    draft = town.draft("QGIS-g")["id"]
    assert town.submit(draft, 422)["rule"] == "gap"
    revision = town.draft("QGIS-g")["revision"]
    town.ask("POST", f"/api/drafts/{draft}/discard", {"revision": revision})
    qgis.reload()
    assert len(qgis.features) == 16
    assert "gridwhistle-draft" not in qgis.answer.headers
    assert "changes nothing" in town.submit(draft, 409)["description"]


@pytest.mark.parametrize(("name", "status"), [(None, 401), ("planner", 403), ("officer", 403)])
def test_only_those_who_draft_may_write(town: Town, name: str | None, status: int):
    client = town.client(name)
    unit = town.ids["t10100"]
    body = {"properties": {"name": "x"}}
    headers = {"Content-Type": "application/merge-patch+json"}
    assert client.patch(f"{MICRO}/{unit}", json=body, headers=headers).status_code == status
    assert client.delete(f"{MICRO}/{unit}").status_code == status
    assert "PATCH" not in client.options(f"{MICRO}/{unit}").headers["allow"]
    assert "PATCH" in town.client("editor").options(f"{MICRO}/{unit}").headers["allow"]


@pytest.mark.parametrize(("name", "writes"), [("editor", True), ("planner", False), (None, False)])
def test_the_document_lists_the_operations_of_who_may(town: Town, name: str | None, writes: bool):
    paths = town.client(name).get("/ogc/openapi").json()["paths"]
    for layer in ("villages", "grids", "micro-grids"):
        assert ("post" in paths[f"/collections/{layer}/items"]) == writes
        item = paths[f"/collections/{layer}/items/{{featureId}}"]
        assert ({"put", "patch", "delete"} <= item.keys()) == writes
        schema = town.client(name).get(f"/ogc/collections/{layer}/schema").json()["properties"]
        assert ("readOnly" in schema["code"]) != writes
        assert schema["updated"]["readOnly"]
    assert "post" not in paths["/collections/town/items"]


def test_if_match_is_honoured(town: Town):
    qgis = Qgis(town.client("editor", "QGIS-h/1"))
    unit = qgis.of_code("t10101")
    address = f"{MICRO}/{unit}"
    headers = {"Content-Type": "application/merge-patch+json"}
    tag = qgis.client.get(address).headers["etag"]
    for name, status in (("甲", 204), ("乙", 412)):
        body = {"properties": {"name": name}}
        answer = qgis.client.patch(address, json=body, headers=headers | {"If-Match": tag})
        assert answer.status_code == status, answer.text
    tag = qgis.client.get(address).headers["etag"]
    whole = headers | {"If-Match": tag, "Prefer": "return=representation"}
    answer = qgis.client.patch(address, json={"properties": {"name": "丙"}}, headers=whole)
    assert answer.status_code == 200
    assert answer.json()["properties"]["name"] == "丙"


def test_what_took_effect_meanwhile_is_taken_over(own_town: Town):
    """Conflicts are found by the draft's base: such clients send no If-Match."""
    mine, theirs = (Qgis(own_town.client(name)) for name in ("editor", "bert"))
    place = corner(120.075, 29.075)
    mine.move_vertex(place, (place[0] + 0.001, place[1]))
    other = theirs.of_code("t10100")
    theirs.patch(other, {"properties": {"name": "别处"}})
    draft = own_town.draft("QGIS", by="bert")["id"]
    own_town.submit(draft, by="bert")
    own_town.ask("POST", f"/api/drafts/{draft}/approve", {})
    with psycopg.connect(own_town.conninfo) as connection:
        assert redraw_what_is_due(connection, read_town(connection)) == 1
    mine.reload()
    assert mine.features[other]["properties"]["name"] != "别处"  # it stands on its base
    draft = own_town.draft("QGIS")
    assert draft["is_stale"]
    assert "rebase" in own_town.submit(draft["id"], 409)["description"]
    body = {"revision": own_town.draft("QGIS")["revision"]}
    own_town.ask("POST", f"/api/drafts/{draft['id']}/rebase", body)
    mine.reload()
    assert mine.features[other]["properties"]["name"] == "别处"
    assert own_town.submit(draft["id"])["state"] == "submitted"
    # The next edit begins another draft; the first can't be opened beside it.
    mine.patch(other, {"properties": {"name": "又改"}})
    assert own_town.draft("QGIS")["id"] != draft["id"]
    own_town.ask("POST", f"/api/drafts/{draft['id']}/amend", {}, status=409)


@pytest.mark.parametrize(
    ("agent", "client"),
    [
        (QGIS_AGENT, "QGIS"),
        ("GDAL/3.10.3", "GDAL"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "python-httpx"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:1) Gecko/20100101 Firefox/130.0", "Gecko"),
        ("", "program"),
        ("(nothing)", "program"),
        ("Mozilla/5.0", "program"),
    ],
)
def test_a_client_is_known_by_its_programs_name(agent: str, client: str):
    assert product_of(agent) == client
