"""Paging, counts, search, shifted coordinates and files of a layer of known features."""

from __future__ import annotations

import csv
import io
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

import httpx
import numpy as np
import psycopg
import pyogrio
import pytest

from layers.reading import statements
from spatial.datum import wgs84_to_gcj02
from spatial.settings import Settings

WITH_HOLE = (
    "SRID=4326;MULTIPOLYGON(((120 29,120.01 29,120.01 29.01,120 29.01,120 29),"
    "(120.002 29.002,120.002 29.004,120.004 29.004,120.002 29.002)))"
)
COUNT = 57
NAMES = ["网格吹哨超市", "佛堂公园健身馆", "Ｃａｆé 42", "=1+1", "50%_off\\", 'Sales, "best"\nshop']


@pytest.fixture(scope="module")
def conninfo(small_town) -> Iterator[str]:
    """Premises whose names repeat and whose floors are partly unknown."""
    with small_town(synthetic=True) as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                """
                INSERT INTO layers.premises
                    (town_id, key, kind, name, address, floor, geom, inside, batch_id)
                SELECT 1, n, CASE WHEN n %% 2 = 0 THEN 'shop' ELSE 'firm' END,
                       (%s::text[])[n %% 6 + 1],
                       CASE WHEN n %% 5 > 0 THEN '江滨路' || n || '号' END,
                       CASE WHEN n %% 4 > 0 THEN (n %% 4)::text END,
                       ST_SetSRID(ST_MakePoint(120 + n * 0.001, 29 + n * 0.001), 4326),
                       n %% 3 > 0, 1
                FROM generate_series(1, %s) AS n
                """,
                (NAMES, COUNT),
            )
            connection.execute(
                "INSERT INTO layers.building (town_id, key, use, geom, inside, batch_id)"
                " VALUES (1, 'b', 'public', %s, true, 1)",
                (WITH_HOLE,),
            )
        yield conninfo


@pytest.fixture(scope="module")
def client(conninfo, serve_app) -> Iterator[httpx.Client]:
    with serve_app(conninfo, only_this_machine=False) as base_url:
        yield httpx.Client(base_url=f"{base_url}/ogc", timeout=60)


def items(client: httpx.Client, layer: str = "premises", **parameters: object) -> httpx.Response:
    names = {name.replace("_", "-"): each for name, each in parameters.items()}
    return client.get(f"/collections/{layer}/items", params=names)


def found(client: httpx.Client, **parameters: object) -> list[dict]:
    answer = items(client, **{"limit": 1000} | parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["features"]


def ids(features: list[dict]) -> list[int]:
    return [each["id"] for each in features]


def links_of(page: dict) -> dict[str, str]:
    return {each["rel"]: each["href"] for each in page["links"]}


SORTS = [
    "",
    "id",
    "-id",
    "name",
    "-name",
    "floor",
    "-floor",
    "-floor,name",
    "address,-kind",
    "-updated",
]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(("limit", "count"), [(1, 13), (7, COUNT), (19, COUNT), (57, COUNT)])
def test_pages_are_the_whole_forward_and_backward(client, sort, limit, count):
    """Of the first `count` features; 13 have all names, kinds, floors and gaps, some twice."""
    asked = ({"sortby": sort} if sort else {}) | {"filter": f"id <= {count}"}
    whole = ids(found(client, **asked))
    assert sorted(whole) == list(range(1, count + 1))
    page = items(client, limit=limit, **asked).json()
    assert "prev" not in links_of(page)
    forward, pages = [], [page]
    while "next" in links_of(pages[-1]):
        pages.append(client.get(links_of(pages[-1])["next"]).json())
    for each in pages:
        assert each["numberMatched"] == count
        forward += ids(each["features"])
    assert forward == whole
    assert len(pages) == -(-count // limit)  # no empty last page
    backward = [ids(pages[-1]["features"])]
    page = pages[-1]
    while "prev" in links_of(page):
        page = client.get(links_of(page)["prev"]).json()
        backward.insert(0, ids(page["features"]))
    assert list(chain(*backward)) == whole


def test_pages_survive_inserts_and_deletes(client, conninfo):
    """Rows that come and go on pages behind shift nothing on the pages ahead."""
    first = items(client, limit=20).json()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE kept AS SELECT * FROM layers.premises WHERE id IN (3, 4, 20)"
        )
        connection.execute("DELETE FROM layers.premises WHERE id IN (3, 4, 20)")
        try:
            second = client.get(links_of(first)["next"]).json()
            again = client.get(links_of(second)["prev"]).json()
        finally:
            connection.execute(
                "INSERT INTO layers.premises OVERRIDING SYSTEM VALUE SELECT * FROM kept"
            )
            connection.execute("DROP TABLE kept")
    assert ids(second["features"]) == list(range(21, 41))
    assert ids(again["features"]) == [1, 2, *range(5, 20)]


def test_offset_still_works_and_leads_on_by_cursor(client):
    page = items(client, limit=10, offset=50).json()
    assert ids(page["features"]) == list(range(51, 58))
    assert "next" not in links_of(page)
    before = client.get(links_of(page)["prev"]).json()
    assert ids(before["features"]) == list(range(41, 51))
    assert "cursor=" in links_of(page)["prev"]


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "WzEsMCwxXQ", "!!!", "W" * 5000])
def test_foreign_cursors_are_refused(client, cursor):
    answer = items(client, cursor=cursor)
    assert answer.status_code == 400
    assert "cursor" in answer.json()["description"]


def test_cursor_of_another_sort_is_refused(client):
    page = items(client, limit=5, sortby="name").json()
    cursor = links_of(page)["next"].split("cursor=")[1]
    assert items(client, limit=5, cursor=cursor).status_code == 400


def test_many_matches_are_estimated_and_said_to_be(conninfo, serve_app, monkeypatch):
    monkeypatch.setattr("layers.reading.statements.EXACT_COUNT", 20)
    monkeypatch.setattr("layers.reading.items.EXACT_COUNT", 20)
    statements._compose_shape.cache_clear()
    try:
        with serve_app(conninfo, only_this_machine=False) as base_url:
            client = httpx.Client(base_url=f"{base_url}/ogc", timeout=60)
            answer = items(client, limit=5, filter="id > 2 AND name <> 'it''s 5% off'")
            assert answer.json()["numberMatchedEstimated"] is True
            assert answer.json()["numberMatched"] > 20
            assert answer.headers["ogc-numbermatched-estimated"] == "true"
            few = items(client, limit=5, filter="id > 40")
            assert few.json()["numberMatched"] == 17
            assert "numberMatchedEstimated" not in few.json()
            assert few.headers["ogc-numbermatched-estimated"] == "false"
    finally:
        statements._compose_shape.cache_clear()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("网", {NAMES[0]}),
        ("吹哨", {NAMES[0]}),
        ("公园 健身", {NAMES[1]}),
        ("公园 超市", set()),
        ("公园,超市", {NAMES[0], NAMES[1]}),
        ("公园\uff0c超市", {NAMES[0], NAMES[1]}),
        ("CAFE", {NAMES[2]}),
        ("ｃａｆｅ ４２", {NAMES[2]}),
        ("%_", {NAMES[4]}),
        ("\\", {NAMES[4]}),
        ("best", {NAMES[5]}),
        ("店面 哨", {NAMES[0]}),  # 店面 is in the title of the code shop
        ("江滨路 firm 健身", {NAMES[1]}),
    ],
)
def test_search(client, words, expected):
    assert {each["properties"]["name"] for each in found(client, q=words)} == expected


def test_search_in_addresses_of_any_length(client):
    assert ids(found(client, q="路17号")) == [17]
    assert ids(found(client, q="7号", filter="id < 20")) == [7, 17]


@pytest.mark.parametrize(
    "path", ["/collections/premises/items", "/collections/premises/queryables"]
)
@pytest.mark.parametrize(
    ("query", "told"),
    [("f=html&f=json", "'f' has more than one value"), ("lang=%D6%D0", "'lang' is not in UTF-8")],
)
def test_of_two_values_none_is_guessed(client, path, query, told):
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert told in answer.json()["description"]


def test_a_search_in_gbk_is_told_so(client):
    answer = client.get("/collections/premises/items?q=%B3%AC%CA%D0")
    assert "'q' is not in UTF-8" in answer.json()["description"]
    assert client.get("/collections/premises/items?q=a&q=a").status_code == 200


@pytest.mark.parametrize("words", ["", " ", ",", "a " * 30])
def test_search_for_nothing_is_refused(client, words):
    assert items(client, q=words).status_code == 400


def gcj02(client: httpx.Client) -> str:
    return f"{str(client.base_url).rstrip('/')}/crs/GCJ02"


@pytest.mark.parametrize("layer", ["premises", "buildings"])
def test_gcj02_is_the_shift_of_every_vertex(client, layer):
    true = items(client, layer, limit=10).json()["features"]
    answer = items(client, layer, limit=10, crs=gcj02(client))
    assert answer.headers["content-crs"] == f"<{gcj02(client)}>"
    for before, after in zip(true, answer.json()["features"], strict=True):
        old = np.array(list(positions(before["geometry"]["coordinates"])))
        new = np.array(list(positions(after["geometry"]["coordinates"])))
        assert np.allclose(np.array(wgs84_to_gcj02(*old.T)).T, new, rtol=0, atol=2e-9)
        assert np.abs(new - old).max() > 1e-3


def positions(coordinates: list) -> Iterator[list[float]]:
    if isinstance(coordinates[0], float | int):
        yield coordinates
        return
    for each in coordinates:
        yield from positions(each)


def test_boxes_and_filters_in_gcj02(client):
    lon, lat = (float(each) for each in wgs84_to_gcj02(120.03, 29.03))
    box = f"{lon - 1e-4},{lat - 1e-4},{lon + 1e-4},{lat + 1e-4}"
    assert ids(found(client, bbox=box, bbox_crs=gcj02(client))) == [30]
    assert ids(found(client, bbox=box)) == []
    near = f"S_DWITHIN(geometry, POINT({lon!r} {lat!r}), 1)"
    assert ids(found(client, filter=near, filter_crs=gcj02(client))) == [30]


def test_gcj02_is_described_and_named_by_collections(client):
    for page in (client.get("/crs/GCJ02").json(), client.get("/crs/GCJ02?lang=en").json()):
        assert page["isTrueCrs"] is False
        assert page["id"] == gcj02(client)
    assert "不是真正的坐标参考系" in client.get("/crs/GCJ02?f=html").text
    assert gcj02(client) in client.get("/collections/premises").json()["crs"]


def test_gcj02_can_be_turned_off(conninfo, serve_app, monkeypatch):
    off = property(lambda _: False, lambda *_: None)
    monkeypatch.setattr(Settings, "gcj02", off)
    with serve_app(conninfo, only_this_machine=False) as base_url:
        client = httpx.Client(base_url=f"{base_url}/ogc", timeout=60)
        assert client.get("/crs/GCJ02").status_code == 404
        assert items(client, crs=gcj02(client)).status_code == 400
        assert "GCJ02" not in client.get("/collections/premises").text


def test_csv_holds_every_row_as_it_is(client):
    answer = items(client, f="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    features = found(client)
    assert [int(row["id"]) for row in rows] == ids(features)
    for row, feature in zip(rows, features, strict=True):
        properties = feature["properties"]
        guarded = f"'{properties['name']}" if properties["name"][0] == "=" else properties["name"]
        assert row["name"] == guarded
        assert row["floor"] == (properties["floor"] or "")
        assert row["inside"] == str(properties["inside"]).lower()
        assert row["updated"] == properties["updated"]
        assert [float(row["lon"]), float(row["lat"])] == feature["geometry"]["coordinates"]


def test_csv_takes_filters_order_limit_and_crs(client):
    answer = items(
        client, f="csv", filter="id > 10", sortby="-id", limit=3, properties="kind",
        crs="http://www.opengis.net/def/crs/EPSG/0/4549",
    )  # fmt: skip
    header, *rows = answer.content.decode("utf-8-sig").splitlines()
    assert header == "id,kind,easting,northing"
    assert [row.split(",")[0] for row in rows] == ["57", "56", "55"]
    assert float(rows[0].split(",")[2]) == pytest.approx(500_000, abs=100_000)


def test_csv_of_areas_has_wkt(client):
    text = items(client, "buildings", f="csv").content.decode("utf-8-sig")
    assert "MULTIPOLYGON(((120 29," in text


@pytest.mark.parametrize(
    ("form", "parameters", "status"),
    [
        ("csv", {"filter": "nothing = 1"}, 400),
        ("csv", {"filter": "id ^ 1000 > 1"}, 400),
        ("gpkg", {"filter": "id ^ 1000 > 1"}, 400),
        ("fgb", {"limit": "0"}, 400),
        ("xml", {}, 400),
    ],
)
def test_files_are_refused_in_words(client, form, parameters, status):
    answer = items(client, f=form, **parameters)
    assert answer.status_code == status
    assert answer.json()["description"]


def test_files_never_claim_that_gcj02_is_a_crs(client):
    assert items(client, f="gpkg", crs=gcj02(client)).status_code == 400
    assert items(client, f="csv", crs=gcj02(client)).status_code == 200


@pytest.mark.parametrize("form", ["fgb", "gpkg"])
def test_gdal_opens_the_file(client, tmp_path, form):
    path = tmp_path / f"premises.{form}"
    answer = items(client, f=form, filter="id <= 40")
    assert answer.status_code == 200, answer.text
    path.write_bytes(answer.content)
    frame = pyogrio.read_dataframe(path)
    features = found(client, filter="id <= 40")
    assert frame.crs.to_epsg() == 4326
    frame = frame.sort_values("id", ignore_index=True)
    assert frame["id"].tolist() == ids(features)
    for row, feature in zip(frame.itertuples(), features, strict=True):
        assert row.name == feature["properties"]["name"]
        assert bool(row.inside) is feature["properties"]["inside"]
        assert (row.floor if isinstance(row.floor, str) else None) == feature["properties"]["floor"]
        assert [row.geometry.x, row.geometry.y] == pytest.approx(feature["geometry"]["coordinates"])
        assert row.updated.isoformat()[:19] == utc(feature["properties"]["updated"])
    if form == "gpkg":
        assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()[:19]


@pytest.mark.parametrize("form", ["fgb", "gpkg", "csv"])
def test_empty_file_is_a_file(client, tmp_path, form):
    path = tmp_path / f"none.{form}"
    path.write_bytes(items(client, f=form, filter="id < 0").content)
    assert len(pyogrio.read_dataframe(path)) == 0


@pytest.fixture
def slow_client(conninfo, serve_app):
    """Every row of the layer `places` takes its time."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        definition = connection.execute(
            "SELECT pg_get_viewdef('published.places'::regclass)"
        ).fetchone()[0]
        connection.execute("ALTER TABLE layers.place ALTER geom DROP NOT NULL")
        connection.execute(
            "INSERT INTO layers.place (town_id, kind, name, batch_id)"
            " SELECT 1, 'village', n, 1 FROM generate_series(1, 200) AS n"
        )
        connection.execute(
            "CREATE OR REPLACE VIEW published.places AS"
            f" SELECT slow.* FROM ({definition.rstrip(';')}) AS slow"
            " WHERE pg_sleep(0.2) IS NOT NULL"
        )
        with serve_app(conninfo, only_this_machine=False) as base_url:
            yield f"{base_url}/ogc/collections/places/items", connection
        connection.execute(f"CREATE OR REPLACE VIEW published.places AS {definition}")
        connection.execute("DELETE FROM layers.place")


def running(connection) -> int:
    """Statements of this layer's readers; the search for places by name has its own."""
    return connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
        " AND datname = current_database() AND query ~ 'places'"
        " AND query !~ 'AS lon' AND pid <> pg_backend_pid()"
    ).fetchone()[0]


def wait_until(test, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("parameters", [{}, {"f": "csv"}, {"f": "gpkg"}])
def test_query_ends_when_the_client_hangs_up(slow_client, parameters):
    url, connection = slow_client
    patience = httpx.Timeout(30, read=4 if parameters else 0.5)
    with httpx.Client(timeout=patience) as client, pytest.raises(httpx.ReadTimeout):
        client.get(url, params={"limit": 150} | parameters)
    # What was asked for takes 30 s.
    assert wait_until(lambda: running(connection) == 0, 3)


def test_query_that_takes_too_long_is_refused(slow_client, monkeypatch):
    url, _ = slow_client
    monkeypatch.setattr(
        "api.ogc.items.reading_as", lambda principal, *_: replace(principal, timeout_ms=300)
    )
    answer = httpx.get(url, params={"limit": 150, "filter": "id > 0"}, timeout=40)
    assert answer.status_code == 503
    assert "too long" in answer.json()["description"]
