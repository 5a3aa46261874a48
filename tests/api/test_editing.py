"""Writing features over HTTP (OGC API Features 4)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import httpx
import psycopg
import pytest
from jsonschema import Draft202012Validator

from layers.accounts.administration import find_account
from layers.accounts.keys import KeyPlan, add_key

EPSG = "http://www.opengis.net/def/crs/EPSG/0"
ITEMS = "/collections/premises/items"
POINT = {"type": "Point", "coordinates": [120.05, 29.05]}
SHOP = {"type": "Feature", "geometry": POINT, "properties": {"name": "店 <&>", "kind": "shop"}}


@pytest.fixture(scope="module")
def base_url(guarded) -> str:
    return f"{guarded.url}/ogc"


@pytest.fixture(scope="module")
def client_of(guarded, base_url: str) -> Callable[..., httpx.Client]:
    """`client_of(name)`, with a key of that account that may write, or not."""

    def make(name: str, *, may_write: bool = True) -> httpx.Client:
        with psycopg.connect(guarded.conninfo) as connection:
            account = find_account(connection, 1, name)
            key = add_key(connection, account, KeyPlan("test", may_write=may_write))
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=base_url, headers=headers, timeout=30)

    return make


@pytest.fixture(scope="module")
def editor(client_of) -> httpx.Client:
    return client_of("editor")


@pytest.fixture(scope="module")
def anonymous(base_url: str) -> httpx.Client:
    return httpx.Client(base_url=base_url, timeout=30)


def add(editor: httpx.Client, **properties) -> str:
    """The path of a new shop."""
    answer = editor.post(ITEMS, json=SHOP | {"properties": SHOP["properties"] | properties})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"].removeprefix(str(editor.base_url).rstrip("/"))


def test_a_feature_is_made(editor: httpx.Client, anonymous: httpx.Client):
    answer = editor.post(ITEMS, json=SHOP)
    assert answer.status_code == 201
    location = answer.headers["location"]
    assert location == f"{str(editor.base_url).rstrip('/')}{ITEMS}/{answer.json()['id']}"
    found = anonymous.get(location).json()
    assert found["id"] == answer.json()["id"]
    assert found["geometry"] == POINT
    assert found["properties"]["name"] == "店 <&>"
    assert found["properties"]["inside"] is True
    seen = editor.get(location)
    assert seen.headers["etag"] == answer.headers["etag"]
    assert seen.headers["last-modified"] == answer.headers["last-modified"]
    assert len(seen.json()["properties"]["key"]) == 36


def test_a_feature_is_replaced_as_a_whole(editor: httpx.Client):
    path = add(editor, address="路 1", floor="2")
    key = editor.get(path).json()["properties"]["key"]
    body = SHOP | {"id": 999, "properties": {"name": "新", "kind": "firm", "floor": "3"}}
    assert editor.put(path, json=body).status_code == 204
    found = editor.get(path).json()
    assert found["properties"] | {"updated": None} == {
        "name": "新", "kind": "firm", "address": None, "entrance": None, "floor": "3",
        "inside": True, "key": key, "updated": None,
    }  # fmt: skip
    # What was read can be sent back as it is, links and all.
    assert editor.put(path, json=found).status_code == 204
    assert editor.get(path).json() == found


def test_a_patch_changes_what_it_names(editor: httpx.Client):
    path = add(editor, address="路 1", floor="2")
    patch = {"properties": {"floor": None, "name": "改"}, "geometry": {"coordinates": [121, 30]}}
    answer = editor.patch(
        path, content=json.dumps(patch), headers={"content-type": "application/merge-patch+json"}
    )
    assert answer.status_code == 204
    found = editor.get(path)
    assert found.headers["etag"] == answer.headers["etag"]
    properties = found.json()["properties"]
    assert (properties["name"], properties["floor"]) == ("改", None)
    assert properties["address"] == "路 1"
    assert properties["inside"] is False
    assert found.json()["geometry"]["coordinates"] == [121, 30]
    # QGIS sends its patches so, GDAL as GeoJSON.
    headers = {"content-type": "application/geo+json"}
    assert editor.patch(path, content=json.dumps(SHOP), headers=headers).status_code == 204
    assert editor.get(path).json()["properties"]["name"] == "店 <&>"


def test_a_feature_is_deleted_once(editor: httpx.Client):
    path = add(editor)
    assert editor.delete(path).status_code == 204
    assert editor.get(path).status_code == 404
    assert editor.delete(path).status_code == 404


def test_the_answer_holds_the_feature_where_that_is_preferred(editor: httpx.Client):
    prefer = {"prefer": "return=representation"}
    answer = editor.post(ITEMS, json=SHOP, headers=prefer)
    assert (answer.status_code, answer.headers["preference-applied"]) == (201, prefer["prefer"])
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json() == editor.get(answer.headers["location"]).json()
    answer = editor.put(answer.headers["location"], json=SHOP, headers=prefer)
    assert (answer.status_code, answer.json()["properties"]["kind"]) == (200, "shop")


@pytest.mark.parametrize(
    "uri", ["<http://www.opengis.net/def/crs/EPSG/0/4549>", "{base}/crs/GCJ02"]
)
def test_a_feature_that_was_read_in_a_crs_is_written_in_it(editor: httpx.Client, uri: str):
    path = add(editor)
    uri = uri.format(base=str(editor.base_url).rstrip("/"))
    read = editor.get(path, params={"crs": uri.strip("<>")})
    assert read.json()["geometry"] != POINT
    answer = editor.put(path, json=read.json(), headers={"Content-Crs": uri})
    assert answer.status_code == 204, answer.text
    assert editor.get(path).json()["geometry"]["coordinates"] == pytest.approx(
        POINT["coordinates"], abs=1e-8
    )


def test_an_unknown_crs_is_refused(editor: httpx.Client):
    uri = f"<{EPSG}/26910>"
    assert editor.post(ITEMS, json=SHOP, headers={"Content-Crs": uri}).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": ""}, 400),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/gml+xml"}, 415),
        ({"content-type": "application/geo+json; charset=gb18030"}, 415),
        ({"content-type": "application/geo+json", "content-encoding": "gzip"}, 415),
        ({"content-type": "application/geo+json; charset=UTF-8"}, 201),
        ({"content-type": "Application/JSON"}, 201),
    ],
)
def test_what_a_body_may_be(editor: httpx.Client, headers, status):
    answer = editor.post(ITEMS, content=json.dumps(SHOP), headers=headers)
    assert answer.status_code == status, answer.text
    if status == 415:
        assert "application/geo+json" in answer.headers["accept-post"]
        assert answer.json()["description"]


def test_a_body_without_a_media_type_is_refused(editor: httpx.Client):
    path = add(editor)
    for method, address in [("POST", ITEMS), ("PUT", path), ("PATCH", path)]:
        request = editor.build_request(method, address, content=json.dumps(SHOP))
        request.headers.pop("content-type", None)
        assert editor.send(request).status_code == 400


def test_a_body_that_is_too_large_is_refused(editor: httpx.Client):
    headers = {"content-type": "application/geo+json"}
    assert editor.post(ITEMS, content=b" " * 5_000_001, headers=headers).status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(60):
            yield b" " * 100_000

    with httpx.Client(base_url=editor.base_url, headers=editor.headers) as client:
        assert client.post(ITEMS, content=endless(), headers=headers).status_code == 413


def test_what_contradicts_the_tables_is_said_in_words(editor: httpx.Client):
    add(editor, key="mine")
    answer = editor.post(ITEMS, json=SHOP | {"properties": SHOP["properties"] | {"key": "mine"}})
    assert (answer.status_code, answer.json()["code"]) == (409, "Conflict")
    assert "来源编号" in answer.json()["description"]
    answer = editor.patch(add(editor), json={"properties": {"key": "mine"}})
    assert answer.status_code == 409


def test_who_may_not_write_is_told_so(editor, anonymous: httpx.Client, client_of):
    path = add(editor)
    planner, reader = client_of("planner"), client_of("editor", may_write=False)
    for method, address in [("POST", ITEMS), ("PUT", path), ("PATCH", path), ("DELETE", path)]:
        body = None if method == "DELETE" else SHOP
        answer = anonymous.request(method, address, json=body)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert "登录" in answer.json()["description"]
        answer = planner.request(method, address, json=body)
        assert answer.status_code == 403
        assert "无权" in answer.json()["description"]
        assert reader.request(method, address, json=body).status_code == 403
    assert editor.get(path).json()["properties"]["name"] == "店 <&>"


def test_options_say_what_whoever_asks_may(editor, anonymous: httpx.Client, client_of):
    allowed = editor.options(ITEMS)
    assert allowed.status_code == 200
    assert "POST" in allowed.headers["allow"].split(", ")
    assert "application/geo+json" in allowed.headers["accept-post"]
    one = editor.options(f"{ITEMS}/unknown_id")  # QGIS asks so of an empty layer
    assert {"PUT", "PATCH", "DELETE"} <= set(one.headers["allow"].split(", "))
    assert "application/merge-patch+json" in one.headers["accept-patch"]
    for client in (anonymous, client_of("planner"), client_of("editor", may_write=False)):
        for address in (ITEMS, f"{ITEMS}/1"):
            assert client.options(address).headers["allow"] == "GET, HEAD, OPTIONS"
    assert editor.options("/collections/hotspots/items").headers["allow"] == "GET, HEAD, OPTIONS"


def test_what_nobody_writes_is_not_allowed(editor: httpx.Client, anonymous: httpx.Client):
    for client, method, address in [
        (editor, "POST", "/collections/hotspots/items"),
        (anonymous, "DELETE", "/collections/town/items/1"),
        (editor, "PUT", ITEMS),
        (editor, "POST", f"{ITEMS}/1"),
    ]:
        answer = client.request(method, address, json=SHOP)
        assert answer.status_code == 405
        assert "GET" in answer.headers["allow"]
    assert anonymous.post("/collections/incidents/items", json=SHOP).status_code == 404


def test_a_client_that_knows_the_feature_gets_it_not_again(editor: httpx.Client):
    path = add(editor)
    first = editor.get(path)
    tag = first.headers["etag"]
    again = editor.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    for known in (f'"other", W/{tag}', "*"):
        assert editor.get(path, headers={"If-None-Match": known}).status_code == 304
    assert editor.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    other_crs = {"crs": f"{EPSG}/4490"}
    assert editor.get(path, params=other_crs).headers["etag"] != tag
    assert editor.put(
        path, json=SHOP | {"geometry": {**POINT, "coordinates": [120, 29]}}
    ).is_success
    assert editor.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_what_was_changed_meanwhile_is_not_written_over(editor: httpx.Client, method: str):
    path = add(editor)
    read = editor.get(path)
    late = {"If-Match": read.headers["etag"]}
    assert editor.patch(path, json={"properties": {"name": "先"}}, headers=late).status_code == 204
    body = {} if method == "DELETE" else {"json": SHOP}
    for stale in (late, {"If-Match": '"0"'}, {"If-Match": "nonsense"}, {"If-None-Match": "*"}):
        answer = editor.request(method, path, headers=stale, **body)
        assert (answer.status_code, answer.json()["code"]) == (412, "PreconditionFailed")
    now = editor.get(path)
    assert now.json()["properties"]["name"] == "先"
    weak = {"If-Match": f"W/{now.headers['etag']}"}
    assert editor.request(method, path, headers=weak, **body).status_code == 412
    known = {"If-Match": f'"0", {now.headers["etag"]}'}
    assert editor.request(method, path, headers=known, **body).status_code == 204


def test_a_tag_read_in_any_crs_is_known(editor: httpx.Client):
    path = add(editor)
    params = {"crs": f"{EPSG}/4549"}
    tag = editor.get(path, params=params).headers["etag"]
    assert editor.put(path, json=SHOP, headers={"If-Match": tag}).status_code == 204
    assert editor.put(path, json=SHOP, headers={"If-Match": "*"}).status_code == 204


def test_a_date_will_do_as_well(editor: httpx.Client):
    path = add(editor)
    last = parsedate_to_datetime(editor.get(path).headers["last-modified"])
    before = format_datetime(last - timedelta(seconds=1), usegmt=True)
    stale = editor.put(path, json=SHOP, headers={"If-Unmodified-Since": before})
    assert stale.status_code == 412
    current = {"If-Unmodified-Since": format_datetime(last, usegmt=True)}
    assert editor.put(path, json=SHOP, headers=current).status_code == 204
    assert editor.put(path, json=SHOP, headers={"If-Unmodified-Since": "soon"}).status_code == 204
    assert (
        editor.put("/collections/premises/items/0", json=SHOP, headers=current).status_code == 404
    )


def test_two_editors_at_once(editor: httpx.Client):
    """Of all who start from the same state one is taken; the others are told, and lose nothing."""
    path, together = add(editor), threading.Barrier(6)
    known = {"If-Match": editor.get(path).headers["etag"]}

    def save(number: int) -> int:
        together.wait(timeout=10)
        body = {"properties": {"name": f"编辑 {number}"}}
        return editor.patch(path, json=body, headers=known).status_code

    with ThreadPoolExecutor(6) as editors:
        statuses = list(editors.map(save, range(6)))
    assert sorted(statuses) == [204] + [412] * 5
    assert editor.get(path).json()["properties"]["name"] == f"编辑 {statuses.index(204)}"


def test_the_schema_says_what_is_taken(editor: httpx.Client, anonymous: httpx.Client):
    schema = editor.get("/collections/premises/schema").json()
    assert schema["required"] == ["geometry", "name", "kind"]
    closed = {name for name, each in schema["properties"].items() if each.get("readOnly")}
    assert closed == {"inside", "updated"}
    for_all = anonymous.get("/collections/premises/schema").json()["properties"]
    assert all(each.get("readOnly") for each in for_all.values())
    assert "required" not in editor.get("/collections/premises/queryables").json()
    flat = SHOP["properties"] | {"geometry": POINT}
    checker = Draft202012Validator(schema)
    for name, value in [("name", " "), ("kind", "castle"), ("nothing", 1), ("floor", 1)]:
        wrong = SHOP | {"properties": SHOP["properties"] | {name: value}}
        assert not checker.is_valid(flat | {name: value})
        assert editor.post(ITEMS, json=wrong).status_code == 400
    assert checker.is_valid(flat)


def test_part_4_is_declared(anonymous: httpx.Client):
    declared = anonymous.get("/conformance").json()["conformsTo"]
    names = {each.rsplit("/", 1)[-1] for each in declared if "/ogcapi-features-4/" in each}
    assert names == {
        "create-replace-delete", "update", "features", "optimistic-locking-etags",
        "optimistic-locking-timestamps",
    }  # fmt: skip


def test_sensors_are_written_too(editor: httpx.Client):
    properties = {"name": "水 1", "kind": "water", "value": 7, "last_seen": "2026-06-30T08:00:00"}
    body = SHOP | {"properties": properties}
    answer = editor.post("/collections/sensors/items", json=body)
    found = editor.get(answer.headers["location"]).json()["properties"]
    assert (found["value"], found["status"]) == (7, "unknown")
    assert found["last_seen"] == "2026-06-30T08:00:00+08:00"  # the town's time
