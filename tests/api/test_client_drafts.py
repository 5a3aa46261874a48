"""QGIS and others redraw boundaries by OGC API Features Part 4, into drafts of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from api.ogc.own_draft import product_of
from drawn_town import DrawnTown, corner
from polygon_client import MICRO, QGIS_AGENT, Qgis


def test_a_session_of_qgis_ends_clean_and_is_approved(own_drawn: DrawnTown):
    """Shows 6: a shared vertex moved, a unit split, two merged; one request for each feature."""
    before = own_drawn.stored()
    qgis = Qgis(own_drawn.client("editor"))
    place = corner(120.05, 29.05)
    moved = qgis.move_vertex(place, (place[0] + 0.00123456789, place[1] - 0.00098765432))
    assert len(moved) == 4
    assert qgis.answer.headers["gridwhistle-draft"] == str(own_drawn.draft("QGIS")["id"])
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
    draft = own_drawn.draft("QGIS")["id"]
    read = own_drawn.ask("GET", f"/api/drafts/{draft}")
    assert read["drawn"]["clean"], read["drawn"]
    # The split reaches one neighbour and the outline.
    assert read["drawn"]["units"] == len(moved) + len({corner_unit, made, "t10101"}) + 2
    assert own_drawn.ask("GET", f"/api/drafts/{draft}/check")["sound"]
    assert own_drawn.submit(draft)["state"] == "submitted"
    # What QGIS sees now is what holds, until the draft does.
    qgis.reload()
    assert "gridwhistle-draft" not in qgis.answer.headers
    assert len(qgis.features) == 16
    own_drawn.take_effect(draft)
    qgis.reload()
    assert len(qgis.features) == 16
    assert absorbed not in qgis.features
    assert made in qgis.features
    pairs = [(e["unit"], e["became"]) for e in own_drawn.ask("GET", "/api/lineage")["became"]]
    assert {(absorbed, survivor), (corner_unit, made)} <= set(pairs)
    check_untouched(before, own_drawn.stored(), {*moved, corner_unit, made, survivor, absorbed})


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


def test_others_and_other_programs_see_what_holds(drawn_town: DrawnTown):
    qgis = Qgis(drawn_town.client("editor", "Mozilla/5.0 QGIS-a/1 x"))
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
        other = drawn_town.client(name, agent).get(f"{MICRO}/{unit}")
        assert other.json()["properties"]["name"] != "新名"
        assert "gridwhistle-draft" not in other.headers
    past = qgis.client.get(MICRO, params={"datetime": "2024-01-01", "name": "新名"})
    assert past.json()["numberMatched"] == 0


def test_what_took_effect_meanwhile_is_taken_over(own_drawn: DrawnTown):
    """Conflicts are found by the draft's base: such clients send no If-Match."""
    mine, theirs = (Qgis(own_drawn.client(name)) for name in ("editor", "bert"))
    place = corner(120.075, 29.075)
    mine.move_vertex(place, (place[0] + 0.001, place[1]))
    other = theirs.of_code("t10100")
    theirs.patch(other, {"properties": {"name": "别处"}})
    draft = own_drawn.draft("QGIS", by="bert")["id"]
    own_drawn.submit(draft, by="bert")
    own_drawn.take_effect(draft, by="editor")
    mine.reload()
    assert mine.features[other]["properties"]["name"] != "别处"  # it stands on its base
    draft = own_drawn.draft("QGIS")
    assert draft["is_stale"]
    assert "rebase" in own_drawn.submit(draft["id"], 409)["description"]
    body = {"revision": own_drawn.draft("QGIS")["revision"]}
    own_drawn.ask("POST", f"/api/drafts/{draft['id']}/rebase", body)
    mine.reload()
    assert mine.features[other]["properties"]["name"] == "别处"
    assert own_drawn.submit(draft["id"])["state"] == "submitted"
    # The next edit begins another draft; the first can't be opened beside it.
    mine.patch(other, {"properties": {"name": "又改"}})
    assert own_drawn.draft("QGIS")["id"] != draft["id"]
    own_drawn.ask("POST", f"/api/drafts/{draft['id']}/amend", {}, status=409)


def test_two_clients_that_cut_one_edge_both_land(own_drawn: DrawnTown):
    """They send polygons and no arcs; only what both really moved is disputed."""
    mine, theirs = (Qgis(own_drawn.client(name)) for name in ("editor", "bert"))
    pair = [mine.of_code(code) for code in ("t10105", "t20309")]
    edge = mine.polygon(pair[0]).intersection(mine.polygon(pair[1]))
    for qgis, unit, share in ((theirs, pair[1], 0.6), (mine, pair[0], 0.4)):
        qgis.split(unit, across(qgis.polygon(unit), edge, share))
    draft = own_drawn.draft("QGIS", by="bert")["id"]
    own_drawn.submit(draft, by="bert")
    own_drawn.take_effect(draft, by="editor")
    draft = own_drawn.draft("QGIS")
    own_drawn.ask("POST", f"/api/drafts/{draft['id']}/rebase", {"revision": draft["revision"]})
    assert own_drawn.submit(draft["id"])["state"] == "submitted"
    own_drawn.take_effect(draft["id"])
    mine.reload()
    assert len(mine.features) == 18


def across(polygon: Any, edge: Any, share: float) -> Any:
    """A line across a unit that leaves it through one of its edges."""
    place = shapely.line_interpolate_point(shapely.line_merge(edge), share, normalized=True)
    middle = polygon.centroid
    beyond = shapely.affinity.scale(shapely.LineString([middle, place]), 4, 4, origin=place)
    return shapely.affinity.scale(beyond, 2, 2, origin=middle)


def test_if_match_is_honoured(drawn_town: DrawnTown):
    qgis = Qgis(drawn_town.client("editor", "QGIS-h/1"))
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
