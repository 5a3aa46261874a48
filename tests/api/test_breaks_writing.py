"""What was seen to break in other servers when features are written: one test for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pyproj import Transformer

ITEMS = "/ogc/collections/premises/items"
EPSG = "http://www.opengis.net/def/crs/EPSG/0"
LON_LAT = [120.05, 29.05]
SHOP: dict[str, Any] = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": LON_LAT},
    "properties": {"name": "店", "kind": "shop"},
}


@pytest.fixture
def editor(guarded) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=guarded.url, auth=("editor", guarded.password), timeout=30
    ) as client:
        yield client


def add(editor: httpx.Client, **properties: Any) -> int:
    body = SHOP | {"properties": SHOP["properties"] | properties}
    return editor.post(ITEMS, json=body).json()["id"]


def named(name: str, **members: Any) -> dict[str, Any]:
    return SHOP | {"properties": {"name": name, "kind": "shop"}} | members


def name_of(editor: httpx.Client, feature_id: int) -> str:
    return editor.get(f"{ITEMS}/{feature_id}").json()["properties"]["name"]


def test_the_id_of_the_address_wins_over_the_bodys(editor: httpx.Client):
    meant, other = add(editor, name="a"), add(editor, name="b")
    assert editor.put(f"{ITEMS}/{meant}", json=named("c", id=other)).status_code == 204
    assert (name_of(editor, meant), name_of(editor, other)) == ("c", "b")


def test_a_body_needs_no_id(editor: httpx.Client):
    feature_id = add(editor)
    assert editor.put(f"{ITEMS}/{feature_id}", json=named("c")).status_code == 204
    assert name_of(editor, feature_id) == "c"


def test_an_id_in_a_new_feature_overwrites_nothing(editor: httpx.Client):
    there = add(editor, name="a")
    made = editor.post(ITEMS, json=named("b", id=there)).json()["id"]
    assert made != there
    assert name_of(editor, there) == "a"


def test_an_unknown_id_is_not_made(editor: httpx.Client):
    unknown = add(editor) + 40_000
    for path in (f"{ITEMS}/{unknown}", f"{ITEMS}/abc", f"{ITEMS}/{2**70}"):
        for headers in ({}, {"If-Match": '"xyz"'}):
            for method in ("PUT", "PATCH"):
                answer = editor.request(method, path, json=SHOP, headers=headers)
                assert answer.status_code == 404, answer.text
            assert editor.delete(path, headers=headers).status_code == 404
        assert editor.get(path).status_code == 404


@pytest.mark.parametrize("srid", [3857, 4326, 4490, 4549])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_coordinates_are_of_the_stated_crs(editor: httpx.Client, srid: int, method: str):
    # PROJ without always_xy speaks the axis order of each definition.
    written = Transformer.from_crs(4326, srid).transform(*reversed(LON_LAT))
    body = SHOP | {"geometry": {"type": "Point", "coordinates": list(written)}}
    path = ITEMS if method == "POST" else f"{ITEMS}/{add(editor)}"
    answer = editor.request(method, path, json=body, headers={"Content-Crs": f"<{EPSG}/{srid}>"})
    assert answer.is_success, answer.text
    stored = editor.get(answer.headers.get("location", path)).json()["geometry"]["coordinates"]
    assert stored == pytest.approx(LON_LAT, abs=1e-8)


def test_metres_are_not_taken_for_degrees(editor: httpx.Client):
    body = SHOP | {"geometry": {"type": "Point", "coordinates": [13_363_905.0, 3_382_000.0]}}
    answer = editor.post(ITEMS, json=body)
    assert answer.status_code == 400
    assert "Content-Crs" in answer.json()["description"]


def test_a_stale_tag_stops_the_write(editor: httpx.Client):
    feature_id = add(editor, name="a")
    path = f"{ITEMS}/{feature_id}"
    tag = {"If-Match": editor.get(path).headers["etag"]}
    assert editor.put(path, json=named("b"), headers=tag).status_code == 204
    assert editor.put(path, json=named("c"), headers=tag).status_code == 412
    assert name_of(editor, feature_id) == "b"


def test_a_part_can_be_changed(editor: httpx.Client):
    feature_id = add(editor, address="路 1")
    headers = {"Content-Type": "application/merge-patch+json"}
    patch = b'{"properties": {"floor": "3"}}'
    answer = editor.patch(f"{ITEMS}/{feature_id}", content=patch, headers=headers)
    assert answer.status_code == 204
    properties = editor.get(f"{ITEMS}/{feature_id}").json()["properties"]
    assert (properties["address"], properties["floor"]) == ("路 1", "3")


@pytest.mark.parametrize(
    "change",
    [
        {"geometry": None},
        {"geometry": {}},
        {"geometry": {"type": "Point", "coordinates": None}},
        {"geometry": {"type": "Point", "coordinates": [None, None]}},
        {"properties": None},
        {"properties": {"name": "x", "kind": "air", "value": "abc"}},
        {"properties": {"name": "x", "kind": "air", "last_seen": "abc"}},
        {"properties": {"name": "x", "kind": "air", "nothing": 1}},
    ],
    ids=str,
)
def test_a_wrong_value_is_the_clients_mistake(editor: httpx.Client, change: dict[str, Any]):
    body = {**SHOP, "properties": {"name": "x", "kind": "air"}, **change}
    answer = editor.post("/ogc/collections/sensors/items", json=body)
    assert answer.status_code == 400
    assert answer.json()["description"]


@pytest.mark.parametrize(
    "name", ['<b>&lt;"\\</b>', "'; DROP TABLE layers.premises; --", "🏠\u2028"]
)
def test_a_text_is_kept_as_it_is(editor: httpx.Client, name: str):
    assert name_of(editor, add(editor, name=name)) == name


def test_several_features_at_once_are_refused_in_words(editor: httpx.Client):
    body = {"type": "FeatureCollection", "features": [SHOP, SHOP]}
    answer = editor.post(ITEMS, json=body)
    assert answer.status_code == 400
    assert "one GeoJSON feature" in answer.json()["description"]
