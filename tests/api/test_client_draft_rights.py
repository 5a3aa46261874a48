"""What of the coverage map clients may write, and who may."""

from __future__ import annotations

import psycopg
import pytest
import shapely
from psycopg_pool import ConnectionPool

from drawn_town import DrawnTown
from layers.accounts.administration import find_account
from layers.boundaries.cache import DraftCache
from layers.boundaries.clients.settling import Table, UncleanDraftError
from layers.boundaries.desk import Desk
from layers.roles import Role
from polygon_client import GRIDS, MICRO, Qgis, with_vertex
from spatial.database import Principal
from spatial.town import read_town


def test_what_may_not_be_edited_is_said(drawn_town: DrawnTown):
    agent = "QGIS-d/1"
    grids, micro = (Qgis(drawn_town.client("editor", agent), items) for items in (GRIDS, MICRO))
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


def test_the_outline_is_the_administrators(drawn_town: DrawnTown):
    """An editor may draw it; an administrator hands it in, and names the town beyond."""
    place, to = (120.0, 29.025), (119.999, 29.025)
    qgis = Qgis(drawn_town.client("editor", "QGIS-f/1"))
    for unit in qgis.at(place):
        qgis.draw(unit, with_vertex(qgis.polygon(unit), place, to))
    draft = drawn_town.draft("QGIS-f")
    assert drawn_town.submit(draft["id"], 422, neighbour="邻镇")["rule"] == "outline"
    seen = (draft["id"], draft["revision"])
    with ConnectionPool(drawn_town.conninfo, min_size=1, max_size=2) as pool:
        with psycopg.connect(drawn_town.conninfo) as connection:
            place_of = read_town(connection)
            account = find_account(connection, 1, "administrator").id
        desk = Desk(pool, DraftCache())
        administrator = Principal(Role.ADMINISTRATOR, 1, account_id=account)
        with pytest.raises(UncleanDraftError, match="outline"):
            Table(desk, administrator, place_of).submit(seen)
        Table(desk, administrator, place_of, "邻镇").submit(seen)
    [step] = drawn_town.ask("GET", f"/api/drafts/{draft['id']}")["steps"]
    assert step["kind"] == "move_outline_client"
    assert step["parameters"] == {"client": "QGIS-f", "units": 2, "neighbour": "邻镇"}


@pytest.mark.parametrize(("name", "status"), [(None, 401), ("planner", 403), ("officer", 403)])
def test_only_those_who_draft_may_write(drawn_town: DrawnTown, name: str | None, status: int):
    client = drawn_town.client(name)
    unit = drawn_town.ids["t10100"]
    body = {"properties": {"name": "x"}}
    headers = {"Content-Type": "application/merge-patch+json"}
    assert client.patch(f"{MICRO}/{unit}", json=body, headers=headers).status_code == status
    assert client.delete(f"{MICRO}/{unit}").status_code == status
    assert "PATCH" not in client.options(f"{MICRO}/{unit}").headers["allow"]
    assert "PATCH" in drawn_town.client("editor").options(f"{MICRO}/{unit}").headers["allow"]


@pytest.mark.parametrize(("name", "writes"), [("editor", True), ("planner", False), (None, False)])
def test_the_document_lists_the_operations_of_who_may(
    drawn_town: DrawnTown, name: str | None, writes: bool
):
    paths = drawn_town.client(name).get("/ogc/openapi").json()["paths"]
    for layer in ("villages", "grids", "micro-grids"):
        assert ("post" in paths[f"/collections/{layer}/items"]) == writes
        item = paths[f"/collections/{layer}/items/{{featureId}}"]
        assert ({"put", "patch", "delete"} <= item.keys()) == writes
        schema = (
            drawn_town.client(name).get(f"/ogc/collections/{layer}/schema").json()["properties"]
        )
        assert ("readOnly" in schema["code"]) != writes
        assert schema["updated"]["readOnly"]
    assert "post" not in paths["/collections/town/items"]
