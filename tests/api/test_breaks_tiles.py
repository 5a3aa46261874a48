"""What was seen to break in tiles of other servers: one test for each line of that table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import mapbox_vector_tile
import psycopg
import pytest

POINTS = 3000
TILE = "/collections/premises/tiles/WebMercatorQuad"


@pytest.fixture(scope="module")
def town_database(small_town):
    with small_town() as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                "INSERT INTO layers.premises (town_id, key, kind, name, geom, inside)"
                " SELECT 1, i::text, 'shop', 'x', ST_SetSRID(ST_MakePoint("
                " 120 + random() / 10, 29 + random() / 10), 4326), true"
                f" FROM generate_series(1, {POINTS}) AS i"
            )
        yield conninfo


@pytest.fixture(scope="module")
def client(town_database, serve_app):
    with serve_app(town_database) as base_url:
        yield httpx.Client(base_url=f"{base_url}/ogc", timeout=60)


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("", None),
        ("", "*/*"),
        ("", "text/html,application/xhtml+xml"),
        ("", "application/json"),
        ("", "application/x-protobuf"),
        ("?f=mvt", "image/png"),
    ],
)
def test_a_tile_without_f_and_without_a_matching_accept(client, query, accept):
    headers = {"accept": accept} if accept else {}
    answer = client.get(f"{TILE}/14/6809/13655{query}", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert mapbox_vector_tile.decode(answer.content)["premises"]["features"]


def test_tilejson(client):
    answer = client.get(f"{TILE}?f=tilejson")
    assert answer.status_code == 200
    document = answer.json()
    assert document["tilejson"] == "3.0.0"
    assert (document["minzoom"], document["maxzoom"]) == (0, 18)
    west, south, east, north = document["bounds"]
    assert 120 <= west <= east <= 120.1
    assert 29 <= south <= north <= 29.1
    (layer,) = document["vector_layers"]
    template = document["tiles"][0]
    tile = client.get(template.format(z=14, x=13655, y=6809))
    found = mapbox_vector_tile.decode(tile.content)[layer["id"]]["features"]
    assert set(found[0]["properties"]) <= set(layer["fields"])


def test_tilejson_of_what_is_no_mercator_is_refused_rather_than_drawn_wrongly(client):
    answer = client.get("/collections/premises/tiles/WorldCRS84Quad?f=tilejson")
    assert answer.status_code == 404
    assert "WebMercatorQuad" in answer.json()["description"]


def test_slow_tiles_stop_no_other_request(client, town_database):
    with ThreadPoolExecutor(24) as threads, psycopg.connect(town_database) as connection:
        connection.execute("LOCK TABLE layers.premises IN ACCESS EXCLUSIVE MODE")
        slow = [threads.submit(client.get, f"{TILE}/16/{number}/5") for number in range(20)]
        for path in ("/", "/collections/sensors/items", "/collections/sensors/items?limit=1"):
            assert client.get(path).status_code == 200
        assert not any(each.done() for each in slow)
        connection.rollback()
        assert {each.result().status_code for each in slow} == {204}


def test_zoom_0_is_not_truncated(client):
    for level in range(12):
        side = 2**level
        column, row = side * 300 // 360, int(side * 0.4157)
        counted = 0
        for each in {(row, column), (row + 1, column), (row, column + 1), (row + 1, column + 1)}:
            if max(each) >= side:
                continue
            answer = client.get(f"{TILE}/{level}/{each[0]}/{each[1]}")
            if answer.status_code == 200:
                features = mapbox_vector_tile.decode(answer.content)["premises"]["features"]
                counted += sum(feature["properties"]["count"] for feature in features)
        if level < 5:  # from there on the town may lie elsewhere
            assert counted == POINTS
