"""Features, tiles and schemas over a town of a few features whose answers are known."""

from __future__ import annotations

import json
import math

import httpx
import psycopg
import pytest
from pyproj import Transformer

EPSG = "http://www.opengis.net/def/crs/EPSG/0"
NASTY = '<b>"o\'Reilly" & 佛堂\\</b>'


@pytest.fixture(scope="module")
def client(small_town, serve_app):
    """Three premises, one of them with a name that needs care, of a survey that is to be named."""
    with small_town(synthetic=True) as conninfo:
        fill(conninfo)
        with serve_app(conninfo, only_this_machine=True) as base_url:
            yield httpx.Client(base_url=f"{base_url}/ogc", timeout=30)


def fill(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE spatial.batch SET attribution = 'a survey, CC BY'")
        connection.execute(
            """
            INSERT INTO layers.premises (town_id, key, kind, name, geom, inside, batch_id)
            VALUES (1, 'a', 'shop', %s, 'SRID=4326;POINT(120.05 29.05)', true, 1),
                   (1, 'b', 'firm', '二', 'SRID=4326;POINT(120.01 29.09)', true, 1),
                   (1, 'c', 'shop', '三', 'SRID=4326;POINT(120.5 29.5)', false, 1)
            """,
            (NASTY,),
        )


def features(client: httpx.Client, **parameters):
    answer = client.get("/collections/premises/items", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_items_come_as_they_are(client: httpx.Client):
    answer = client.get("/collections/premises/items")
    assert answer.headers["content-type"].startswith("application/geo+json")
    assert answer.headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
    collection = answer.json()
    assert (collection["numberMatched"], collection["numberReturned"]) == (3, 3)
    first = collection["features"][0]
    assert first["properties"]["name"] == NASTY
    assert first["geometry"] == {"type": "Point", "coordinates": [120.05, 29.05]}
    assert "town_id" not in first["properties"]


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"kind": "firm"}, ["二"]),
        ({"bbox": "120,29,120.02,29.1"}, ["二"]),
        ({"bbox": "29,120,29.1,120.02", "bbox-crs": f"{EPSG}/4326"}, ["二"]),
        ({"bbox": "120,29,0,120.02,29.1,9"}, ["二"]),
        ({"bbox": "170,-1,-170,1"}, []),
        ({"inside": "false"}, ["三"]),
        ({"sortby": "-name", "limit": "1"}, ["二"]),
        ({"offset": "2"}, ["三"]),
        ({"datetime": "2020-01-01"}, [NASTY, "二", "三"]),
    ],
)
def test_filters(client: httpx.Client, parameters, names):
    found = features(client, **parameters)["features"]
    assert [feature["properties"]["name"] for feature in found] == names


def test_pages_follow_each_other(client: httpx.Client):
    seen, url = [], "/collections/premises/items?limit=2"
    while url:
        page = client.get(url).json()
        seen += [feature["id"] for feature in page["features"]]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize("srid", [4326, 4490, 4549, 3857])
def test_output_crs_and_its_axis_order(client: httpx.Client, srid):
    uri = f"{EPSG}/{srid}"
    answer = client.get("/collections/premises/items", params={"crs": uri, "limit": 1})
    assert answer.headers["content-crs"] == f"<{uri}>"
    found = answer.json()["features"][0]["geometry"]["coordinates"]
    # PROJ without always_xy speaks the axis order of each definition.
    expected = Transformer.from_crs(4326, srid).transform(29.05, 120.05)
    assert found == pytest.approx(expected, abs=1e-3 if srid in {4549, 3857} else 1e-9)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/collections/nothing/items", 404),
        ("/collections/nothing", 404),
        ("/collections/premises/items/99", 404),
        ("/collections/premises/items/abc", 404),
        ("/collections/premises/items?nothing=1", 400),
        ("/collections/premises/items?bbox=1,2,3", 400),
        ("/collections/premises/items?f=xml", 400),
        ("/collections/premises/items?limit=abc", 400),
        ("/collections/premises/tiles/Nothing/14/1/1", 404),
        ("/collections/premises/tiles/WebMercatorQuad/14/99999/1", 404),
        ("/collections/premises/tiles/WebMercatorQuad/a/b/c", 404),
        ("/processes/nothing", 404),
        ("/nothing", 404),
    ],
)
def test_refused_in_words(client: httpx.Client, path, status):
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    assert "Traceback" not in answer.text


def test_one_feature(client: httpx.Client):
    feature_id = features(client, kind="firm")["features"][0]["id"]
    feature = client.get(f"/collections/premises/items/{feature_id}").json()
    assert feature["properties"]["name"] == "二"
    assert {link["rel"] for link in feature["links"]} >= {"self", "collection"}


def test_queryables_speak_both_languages(client: httpx.Client):
    chinese = client.get("/collections/premises/queryables").json()
    english = client.get("/collections/premises/queryables?lang=en").json()
    assert chinese["properties"]["kind"]["title"] == "类型"
    assert english["properties"]["kind"]["title"] == "kind"
    codes = {code["const"]: code["title"] for code in english["properties"]["kind"]["oneOf"]}
    assert codes["firm"] == "industrial firm"


def tile_of(lon: float, lat: float, zoom: int, matrix_set: str) -> tuple[int, int]:
    """Row and column of the tile that holds a point."""
    if matrix_set == "WorldCRS84Quad":
        side_deg = 180 / 2**zoom
        return int((90 - lat) / side_deg), int((lon + 180) / side_deg)
    northing = math.asinh(math.tan(math.radians(lat)))
    side = 2**zoom
    return int((1 - northing / math.pi) / 2 * side), int((lon + 180) / 360 * side)


@pytest.mark.parametrize("matrix_set", ["WebMercatorQuad", "WorldCRS84Quad"])
def test_tile_holds_the_point(client: httpx.Client, matrix_set):
    zoom = 14
    row, column = tile_of(120.05, 29.05, zoom, matrix_set)
    tile = client.get(f"/collections/premises/tiles/{matrix_set}/{zoom}/{row}/{column}")
    assert tile.status_code == 200
    assert tile.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert "佛堂".encode() in tile.content
    empty = client.get(f"/collections/premises/tiles/{matrix_set}/{zoom}/1/1")
    assert empty.status_code == 204


@pytest.mark.parametrize("kind", ["", "/items", "/items/1", "/queryables", "/schema", "/tiles"])
def test_html_loads_nothing_from_elsewhere(client: httpx.Client, kind):
    page = client.get(f"/collections/premises{kind}", params={"f": "html"})
    assert page.status_code == 200, page.text
    assert page.headers["content-type"].startswith("text/html")
    assert "<script" not in page.text
    assert "unpkg" not in page.text
    assert "gridwhistle.invalid" not in page.text
    assert NASTY not in page.text  # escaped, where it is shown


def test_links_follow_the_address_of_the_client(client: httpx.Client):
    base = str(client.base_url).rstrip("/")
    for path in ["/", "/collections", "/collections/premises", "/processes", "/openapi"]:
        text = client.get(path, headers={"accept": "application/json"}).text
        assert "gridwhistle.invalid" not in text
        assert base in text


def test_openapi_is_self_contained(client: httpx.Client):
    document = client.get("/openapi", headers={"accept": "application/json"}).json()
    references = [part.split('"')[0] for part in json.dumps(document).split('"$ref": "')[1:]]
    assert references
    assert all(reference.startswith("#/") for reference in references)


def test_a_collection_names_who_made_its_data(client: httpx.Client):
    collections = client.get("/collections").json()["collections"]
    said = {each["id"]: each["attribution"] for each in collections}
    assert said["premises"] == "a survey, CC BY"
    assert said["buildings"] == ""
    assert client.get("/collections/premises").json()["attribution"] == "a survey, CC BY"


def test_echo(client: httpx.Client):
    inputs = {"inputs": {"message": "网格吹哨 <&>"}}
    answer = client.post("/processes/echo/execution", json=inputs)
    assert answer.text == "网格吹哨 <&>"


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"inputs": {}}', '{"inputs": {"message": 1}}', '{"inputs": {"m": "x"}}'],
)
def test_bad_inputs_are_told(client: httpx.Client, body):
    answer = client.post("/processes/echo/execution", content=body)
    assert answer.status_code == 400
    assert answer.json()["description"]
