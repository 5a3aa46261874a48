"""What map clients draw is judged as a whole: faults named and placed, slivers repaired."""

from __future__ import annotations

import math

import shapely

from drawn_town import DrawnTown, corner
from polygon_client import GRIDS, VILLAGES, Qgis, with_vertex


def test_a_draft_says_that_it_is_unclean_and_where(drawn_town: DrawnTown):
    qgis = Qgis(drawn_town.client("editor", "QGIS-b/1"))
    place = corner(120.025, 29.025)
    to = (place[0] + 0.002, place[1])
    units = qgis.at(place)
    for number, unit in enumerate(units):
        qgis.draw(unit, with_vertex(qgis.polygon(unit), place, to))
        draft = drawn_town.draft("QGIS-b")
        drawn = drawn_town.ask("GET", f"/api/drafts/{draft['id']}")["drawn"]
        assert drawn["clean"] == (number == len(units) - 1)
        assert drawn_town.ask("GET", f"/api/drafts/{draft['id']}/check")["sound"] == drawn["clean"]
        if not drawn["clean"]:
            refused = drawn_town.submit(draft["id"], 422)
            assert refused["rule"] in ("overlap", "gap", "unmatched")
            assert math.dist(refused["place"], place) < 0.03
            assert set(refused["units"]) & set(units)
            assert refused["faults"]["features"][0]["geometry"]
            assert refused["repair_width_m"] is None  # 200 m are no sliver
    assert len(drawn_town.ask("GET", f"/api/drafts/{draft['id']}/faces")["features"]) == 4
    revision = drawn_town.draft("QGIS-b")["revision"]
    # Who draws on the page settles first what the client drew.
    step = {"revision": revision, "kind": "rename", "parameters": {"unit": units[0], "name": "甲"}}
    path = f"/api/drafts/{draft['id']}"
    assert "QGIS-b" in drawn_town.ask("POST", f"{path}/steps", step, status=409)["description"]
    revision = drawn_town.ask("POST", f"{path}/settle", {"revision": revision})["revision"]
    drawn_town.ask("POST", f"{path}/steps", step | {"revision": revision})
    read = drawn_town.ask("GET", path)
    assert read["drawn"] is None
    assert [each["kind"] for each in read["steps"]] == ["client", "rename"]
    qgis.reload()
    assert shapely.Point(to).distance(qgis.polygon(units[0]).boundary) < 1e-8
    assert qgis.features[units[0]]["properties"]["name"] == "甲"


def test_slivers_are_repaired_when_that_is_asked_for(drawn_town: DrawnTown):
    """A split without topological editing leaves the neighbour without its vertex."""
    qgis = Qgis(drawn_town.client("editor", "QGIS-c/1"))
    unit = qgis.of_code("t10100")
    box = qgis.polygon(unit).bounds
    middle = (box[1] + box[3]) / 2
    line = shapely.LineString([(box[0] - 1, middle), (box[2] + 1, middle)])
    qgis.split(unit, line, topological=False)
    draft = drawn_town.draft("QGIS-c")["id"]
    refused = drawn_town.submit(draft, 422)
    assert refused["rule"] in ("gap", "overlap", "unmatched")
    assert 0 < refused["repair_width_m"] < 0.1
    body = {"revision": drawn_town.draft("QGIS-c")["revision"], "width_m": 0.1}
    offer = drawn_town.ask("POST", f"/api/drafts/{draft}/repair", body)
    assert offer["clean_afterwards"]
    assert not offer["applied"]
    [neighbour] = [each for each in offer["units"] if not each["drawn"]]
    assert neighbour["code"] == "t10104"
    drawn_town.submit(draft, 422)
    done = drawn_town.ask("POST", f"/api/drafts/{draft}/repair", body | {"apply": True})
    assert done["applied"]
    assert drawn_town.submit(draft)["state"] == "submitted"
    drawn_town.ask("POST", f"/api/drafts/{draft}/withdraw", {})


def test_a_parent_follows_its_micro_grids(drawn_town: DrawnTown):
    agent = "QGIS-e/1"
    micro = Qgis(drawn_town.client("editor", agent))
    place = corner(120.05, 29.025)
    to = (place[0] - 0.004, place[1])
    micro.move_vertex(place, to)
    for items in (GRIDS, VILLAGES):
        above = Qgis(drawn_town.client("editor", agent), items)
        assert "gridwhistle-draft" in above.answer.headers
        around = [
            i
            for i in above.features
            if above.polygon(i).boundary.distance(shapely.Point(to)) < 1e-8
        ]
        assert len(around) == 2, items


def test_ground_that_nobody_takes_is_a_fault(drawn_town: DrawnTown):
    qgis = Qgis(drawn_town.client("editor", "QGIS-g/1"))
    qgis.delete(qgis.of_code("t10105"))
    draft = drawn_town.draft("QGIS-g")["id"]
    assert drawn_town.submit(draft, 422)["rule"] == "gap"
    revision = drawn_town.draft("QGIS-g")["revision"]
    drawn_town.ask("POST", f"/api/drafts/{draft}/discard", {"revision": revision})
    qgis.reload()
    assert len(qgis.features) == 16
    assert "gridwhistle-draft" not in qgis.answer.headers
    assert "changes nothing" in drawn_town.submit(draft, 409)["description"]
