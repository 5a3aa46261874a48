"""What was seen to break in other servers when features are read: one test for each."""

from __future__ import annotations

import json
from itertools import chain, pairwise

import httpx
import psycopg
import pytest

from api.ogc import html

EPSG = "http://www.opengis.net/def/crs/EPSG/0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
NASTY = '<b>&lt; "quoted" & 佛堂 \\ </b>'


@pytest.fixture(scope="module")
def conninfo(small_town):
    """Sensors of known place, time and value."""
    with small_town(synthetic=True) as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                """
                INSERT INTO layers.sensor
                    (town_id, key, kind, name, value, last_seen, geom, inside, batch_id)
                VALUES (1, 'a', 'water', %s, 6.5, '2026-06-01T00:00Z',
                        'SRID=4326;POINT(120.05 29.05)', true, 1),
                       (1, 'b', 'air', '二', 80, '2026-06-02T00:00Z',
                        'SRID=4326;POINT(120.01 29.09)', true, 1),
                       (1, 'c', 'smoke', '三', NULL, NULL, 'SRID=4326;POINT(179.5 -1)', false, 1),
                       (1, 'd', 'smoke', '四', NULL, NULL, 'SRID=4326;POINT(-179.5 1)', false, 1)
                """,
                (NASTY,),
            )
        yield conninfo


@pytest.fixture(scope="module")
def client(conninfo, serve_app):
    with serve_app(conninfo, only_this_machine=False) as base_url:
        yield httpx.Client(base_url=f"{base_url}/ogc", timeout=30)


def get(client: httpx.Client, layer: str = "sensors", **parameters: object) -> httpx.Response:
    names = {name.replace("_", "-"): each for name, each in parameters.items()}
    return client.get(f"/collections/{layer}/items", params=names)


def names(client: httpx.Client, **parameters: object) -> list[str]:
    answer = get(client, **parameters)
    assert answer.status_code == 200, answer.text
    return [each["properties"]["name"] for each in answer.json()["features"]]


def test_angle_brackets_in_attributes_come_as_they_are(client):
    answer = get(client, limit=1)
    assert answer.json()["features"][0]["properties"]["name"] == NASTY
    assert json.dumps(NASTY, ensure_ascii=False)[1:-1] in answer.text


@pytest.mark.parametrize(
    ("crs", "expected"), [(CRS84, [120.05, 29.05]), (f"{EPSG}/4326", [29.05, 120.05])]
)
def test_storage_crs_and_axis_order(client, crs, expected):
    """The CRS asked for decides the order, for answers, boxes and filters alike."""
    answer = get(client, crs=crs, limit=1)
    assert answer.json()["features"][0]["geometry"]["coordinates"] == expected
    assert answer.headers["content-crs"] == f"<{crs}>"
    near = [expected[0] - 0.001, expected[1] - 0.001, expected[0] + 0.001, expected[1] + 0.001]
    box = ",".join(map(str, near))
    assert names(client, bbox=box, bbox_crs=crs) == [NASTY]
    inside = f"S_INTERSECTS(geometry, BBOX({box}))"
    assert names(client, filter=inside, filter_crs=crs) == [NASTY]


def test_stored_crs_is_told_of_every_collection(client):
    collection = client.get("/collections/sensors").json()
    assert collection["storageCrs"] == CRS84
    assert CRS84 in collection["crs"]


def test_bbox_with_6_values(client):
    assert names(client, bbox="120,29,-100,120.02,29.1,100") == ["二"]


def test_bbox_across_the_antimeridian(client):
    assert names(client, bbox="170,-2,-170,2") == ["三", "四"]
    assert names(client, bbox="-170,-2,170,2") == []
    across = "S_INTERSECTS(geometry, BBOX(170, -2, -170, 2))"
    assert names(client, filter=across) == ["三", "四"]


def test_value_abc_is_400(client):
    answer = get(client, value="abc")
    assert answer.status_code == 400
    assert "value has to be a number" in answer.json()["description"]


def test_null_geometry_is_fine(small_town, serve_app):
    """No layer has one today; a view over a table that has must not break the answer."""
    with small_town() as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute("ALTER TABLE layers.place ALTER geom DROP NOT NULL")
            connection.execute(
                "INSERT INTO layers.place (town_id, kind, name, batch_id)"
                " VALUES (1, 'village', '无处', 1)"
            )
        with serve_app(conninfo, only_this_machine=False) as base_url:
            places = httpx.Client(base_url=f"{base_url}/ogc", timeout=30)
            for crs in (CRS84, f"{EPSG}/4549"):
                answer = get(places, "places", crs=crs)
                assert [each["geometry"] for each in answer.json()["features"]] == [None]
            assert get(places, "places", f="csv").text.splitlines()[1].endswith(",,")


def test_unknown_cql2_property_is_400(client):
    answer = get(client, filter="nothing = 1")
    assert answer.status_code == 400
    assert "unknown property 'nothing'" in answer.json()["description"]


@pytest.mark.parametrize("interval", ["1900-01-01/1900-12-31", "2999-01-01T00:00:00Z/.."])
def test_datetime_outside_the_extent_is_an_empty_page(client, interval):
    answer = get(client, datetime=interval)
    assert answer.status_code == 200
    assert answer.json()["features"] == []
    assert answer.json()["numberMatched"] == 0


def test_datetime_on_a_layer_without_time_changes_nothing(client):
    """Part 1, 7.15.4: a feature without temporal property matches."""
    answer = get(client, "town", datetime="1900-01-01")
    assert answer.status_code == 200
    assert answer.json()["numberReturned"] == 1


@pytest.mark.parametrize("accept", ["application/geo+json", "application/json", "*/*"])
def test_items_are_geojson_when_geojson_is_asked_for(client, accept):
    answer = client.get("/collections/sensors/items", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith("application/geo+json")


@pytest.mark.parametrize(
    ("language", "expression", "expected"),
    [
        ("cql2-text", "S_DWITHIN(geometry, POINT(120.05 29.05), 10, 'm')", [NASTY]),
        ("cql2-text", "T_AFTER(last_seen, TIMESTAMP('2026-06-01T12:00:00Z'))", ["二"]),
        ("cql2-json", '{"op": "=", "args": [{"property": "kind"}, "air"]}', ["二"]),
        ("cql-text", "(kind = 'water') AND (value > 5)", [NASTY]),
    ],
)
def test_dwithin_after_and_json_filters(client, language, expression, expected):
    assert names(client, filter=expression, filter_lang=language) == expected


def test_templates_of_html_items_are_read_once(client):
    """One environment for all requests; a template is compiled at its first use."""
    assert get(client, f="html").status_code == 200
    kept = dict(html._ENVIRONMENT.cache.items())
    assert {name for _, name in kept} >= {"items.html", "_base.html"}
    assert get(client, f="html").status_code == 200
    assert dict(html._ENVIRONMENT.cache.items()) == kept


def test_connections_are_kept(client, conninfo):
    """One pool for the app, not one for each request; everything else there is under load."""
    web = (
        "SELECT pid FROM pg_stat_activity WHERE usename = 'gridwhistle_web'"
        " AND datname = current_database()"
    )
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for _ in range(10):
            assert get(client).status_code == 200
        before = set(connection.execute(web).fetchall())
        for _ in range(20):
            assert get(client).status_code == 200
            assert get(client, "places").status_code == 200
        assert before
        assert set(connection.execute(web).fetchall()) == before


def test_what_gdal_and_qgis_look_for_is_declared(client):
    """GDAL one name in an enum; QGIS classes (src/providers/wfs/oapif/qgsoapifprovider.cpp)."""
    declared = set(client.get("/conformance").json()["conformsTo"])
    wanted = {
        "ogcapi-features-3/1.0/conf/filter", "ogcapi-features-3/1.0/conf/features-filter",
        "cql2/1.0/conf/cql2-text", "cql2/1.0/conf/basic-cql2",
        "cql2/1.0/conf/basic-spatial-functions", "ogcapi-features-4/1.0/conf/create-replace-delete",
        "ogcapi-features-4/1.0/conf/update",
    }  # fmt: skip
    assert {f"http://www.opengis.net/spec/{each}" for each in wanted} <= declared
    document = client.get("/openapi").json()
    parameters = document["paths"]["/collections/sensors/items"]["get"]["parameters"]
    resolved = [
        document["components"]["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each
        else each for each in parameters
    ]  # fmt: skip
    [languages] = [each for each in resolved if each["name"] == "filter-lang"]
    assert "cql-text" in languages["schema"]["enum"]


def test_filter_that_cannot_be_computed_is_400(client):
    answer = get(client, filter="value ^ 1000 > 1")
    assert answer.status_code == 400
    assert "can't be computed" in answer.json()["description"]


def test_one_statement_answers_a_page(client):
    """Pages follow each other by cursor and come back the same way."""
    pages, url = [], "/collections/sensors/items?limit=1&sortby=-last_seen"
    while url:
        page = client.get(url).json()
        pages.append([each["id"] for each in page["features"]])
        links = {each["rel"]: each["href"] for each in page["links"]}
        url = links.get("next")
    assert sorted(chain(*pages)) == [1, 2, 3, 4]
    assert all(first != second for first, second in pairwise(pages))
