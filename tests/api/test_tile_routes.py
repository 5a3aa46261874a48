"""Tiles, tilesets, matrix sets and styles as a client meets them, over a town of a few premises."""

from __future__ import annotations

import gzip
import json
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import mapbox_vector_tile
import psycopg
import pytest
from pygeoapi.models.provider.base import TMS_DIR

ROOT = Path(__file__).parents[2]
VALIDATOR = ROOT / "api/page/node_modules/@maplibre/maplibre-gl-style-spec/dist"
# The tiles of the two premises, of level 14.
HERE, THERE = "WebMercatorQuad/14/6809/13655", "WebMercatorQuad/14/6785/13674"
MVT = "application/vnd.mapbox-vector-tile"


@pytest.fixture(scope="module")
def town_database(small_town):
    with small_town() as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                "INSERT INTO layers.premises (town_id, key, kind, name, geom, inside) VALUES"
                " (1, 'a', 'shop', '佛堂', 'SRID=4326;POINT(120.05 29.05)', true),"
                " (1, 'b', 'firm', '义乌', 'SRID=4326;POINT(120.46 29.51)', true)"
            )
        yield conninfo


@pytest.fixture(scope="module")
def client(town_database, serve_app):
    with serve_app(town_database) as base_url:
        yield httpx.Client(base_url=f"{base_url}/ogc", timeout=60)


@contextmanager
def locked(conninfo: str):
    """While premises can't be read."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("LOCK TABLE layers.premises IN ACCESS EXCLUSIVE MODE")
        yield


def tile(client, address=HERE, **headers) -> httpx.Response:
    return client.get(f"/collections/premises/tiles/{address}", headers=headers)


def names(answer: httpx.Response) -> list[str]:
    layers = mapbox_vector_tile.decode(answer.content)
    return [each["properties"]["name"] for each in layers["premises"]["features"]]


def test_a_tile_with_its_headers(client):
    answer = tile(client)
    assert answer.headers["content-type"] == MVT
    assert names(answer) == ["佛堂"]
    assert answer.headers["cache-control"] == "public, no-cache"
    assert {"Accept-Encoding", "Authorization", "Cookie"} <= {
        each.strip() for each in answer.headers["vary"].split(",")
    }


def test_whoever_has_the_tile_is_told_so(client):
    for encoding in ("identity", "gzip"):
        first = tile(client, **{"accept-encoding": encoding})
        tag = first.headers["etag"]
        assert not tag.startswith("W/")
        again = tile(client, **{"accept-encoding": encoding, "if-none-match": tag})
        assert again.status_code == 304
        assert (again.headers["etag"], again.content) == (tag, b"")
        assert tile(client, **{"if-none-match": '"other"'}).status_code == 200


def test_compressed_and_plain_have_tags_of_their_own(client):
    plain = tile(client, **{"accept-encoding": "identity"})
    with client.stream(
        "GET", f"/collections/premises/tiles/{HERE}", headers={"accept-encoding": "gzip"}
    ) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(packed.iter_raw())) == plain.content
    assert "content-encoding" not in plain.headers
    assert packed.headers["etag"] != plain.headers["etag"]


def test_an_empty_tile_is_no_content(client):
    answer = tile(client, "WebMercatorQuad/14/1/1")
    assert (answer.status_code, answer.content) == (204, b"")
    known = {"if-none-match": answer.headers["etag"]}
    assert tile(client, "WebMercatorQuad/14/1/1", **known).status_code == 304


def test_a_kept_tile_needs_no_database(client, town_database):
    for address in (HERE, "WebMercatorQuad/14/1/1", "CGCS2000Quad/9/84/426"):
        tile(client, address)
        with locked(town_database):
            assert tile(client, address).status_code in {200, 204}


def test_a_change_reaches_the_tile_that_it_touches_and_no_other(client, town_database):
    tile(client), tile(client, THERE)
    with psycopg.connect(town_database) as connection:
        connection.execute("UPDATE layers.premises SET name = '新名' WHERE key = 'a'")
    deadline = time.monotonic() + 30
    while names(tile(client)) != ["新名"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with locked(town_database):
        assert names(tile(client, THERE)) == ["义乌"]


def test_who_hangs_up_ends_the_query(client, town_database):
    with locked(town_database), psycopg.connect(town_database, autocommit=True) as watcher:
        address = f"{client.base_url}collections/premises/tiles/WorldCRS84Quad/13/2768/13655"
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(address, timeout=httpx.Timeout(30, read=0.5))
        deadline = time.monotonic() + 30
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock'"
        )
        while watcher.execute(waiting).fetchone()[0]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.mark.long
def test_a_tile_that_takes_too_long_says_so(client, town_database):
    with locked(town_database):
        answer = tile(client, "WorldCRS84Quad/13/2768/13656")
    assert answer.status_code == 503
    assert "too long" in answer.json()["description"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("WebMercatorQuad/19/1/1", 404),
        ("WebMercatorQuad/0/1/0", 404),
        ("CGCS2000Quad/0/0/0", 404),
        ("Nothing/1/0/0", 404),
        ("WebMercatorQuad/a/b/c", 404),
        ("WebMercatorQuad/٣/1/1", 404),
        ("WebMercatorQuad/1/-1/0", 404),
        ("WebMercatorQuad/1/0/99999999999999999999", 404),
        ("WebMercatorQuad/1/0/0?f=png", 400),
    ],
)
def test_what_is_no_tile(client, path, status):
    assert tile(client, path).status_code == status


def test_internal_layers_have_no_tiles_for_strangers(client):
    assert client.get(f"/collections/incidents/tiles/{HERE}").status_code == 404
    assert client.get("/collections/incidents/styles/default").status_code == 404


def test_tiles_of_the_few_are_private(guarded):
    address = f"{guarded.url}/ogc/collections/responders/tiles/{HERE}"
    answer = httpx.get(address, auth=("dispatcher", guarded.password), timeout=60)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"


SETS = ["WebMercatorQuad", "WorldCRS84Quad", "CGCS2000Quad", "WebMercatorQuadGCJ02"]


def test_sets_are_listed_defined_and_used_alike(client):
    listed = client.get("/TileMatrixSets").json()["tileMatrixSets"]
    assert [each["id"] for each in listed] == SETS
    tilesets = client.get("/collections/premises/tiles").json()["tilesets"]
    assert [each["tileMatrixSetId"] for each in tilesets] == SETS
    for each in tilesets:
        defined = client.get(f"/TileMatrixSets/{each['tileMatrixSetId']}").json()
        assert defined["crs"] == each["crs"]
        assert defined["uri"] == each["tileMatrixSetURI"]
        matrices = [matrix["id"] for matrix in defined["tileMatrices"]]
        limits = each["tileMatrixSetLimits"]
        assert [limit["tileMatrix"] for limit in limits] == matrices
        template = next(one for one in each["links"] if one.get("templated"))["href"]
        for limit, matrix in zip(limits, defined["tileMatrices"], strict=True):
            assert 0 <= limit["minTileRow"] <= limit["maxTileRow"] < matrix["matrixHeight"]
            assert 0 <= limit["minTileCol"] <= limit["maxTileCol"] < matrix["matrixWidth"]
        first = limits[0]
        address = template.format(
            tileMatrix=first["tileMatrix"], tileRow=first["minTileRow"], tileCol=first["minTileCol"]
        )
        assert client.get(address).status_code == 200


def test_definitions_agree_with_the_registered_ones(client):
    """pygeoapi brings the registered definitions along."""
    for name in SETS[:2]:
        ours = client.get(f"/TileMatrixSets/{name}").json()
        theirs = json.loads((TMS_DIR / f"{name}.json").read_text())
        assert ours["uri"] == theirs["uri"]
        for mine, registered in zip(ours["tileMatrices"], theirs["tileMatrices"], strict=False):
            assert mine["id"] == registered["id"]
            for member in ("scaleDenominator", "cellSize"):
                assert mine[member] == pytest.approx(registered[member], rel=1e-9)
            assert mine["pointOfOrigin"] == pytest.approx(registered["pointOfOrigin"], rel=1e-9)
            for member in ("matrixWidth", "matrixHeight", "tileWidth", "tileHeight"):
                assert mine[member] == registered[member]


def test_the_chinese_set_counts_from_one_and_names_latitude_first(client):
    defined = client.get("/TileMatrixSets/CGCS2000Quad").json()
    assert defined["crs"].endswith("/EPSG/0/4490")
    assert defined["orderedAxes"] == ["Lat", "Lon"]
    first = defined["tileMatrices"][0]
    assert first["id"] == "1"
    assert first["pointOfOrigin"] == [90, -180]
    assert (first["matrixWidth"], first["matrixHeight"]) == (2, 1)
    assert len(defined["tileMatrices"]) == 18


def test_the_shifted_set_says_what_it_is(client):
    said = client.get("/TileMatrixSets/WebMercatorQuadGCJ02?lang=en").json()["description"]
    assert "not true" in said
    assert "GRIDWHISTLE_GCJ02" in said


@pytest.mark.parametrize("path", ["/TileMatrixSets", *(f"/TileMatrixSets/{name}" for name in SETS)])
def test_sets_have_pages(client, path):
    page = client.get(path, headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>" in page.text


LAYERS = ["water", "buildings", "streets", "places", "town", "grids", "hotspots", "premises"]


@pytest.mark.parametrize("layer", LAYERS)
def test_styles_keep_to_the_specification(client, tmp_path, layer):
    listed = client.get(f"/collections/{layer}/styles").json()
    (style,) = listed["styles"]
    address = style["links"][0]["href"]
    answer = client.get(address)
    assert answer.headers["content-type"].startswith("application/vnd.mapbox.style+json")
    document = answer.json()
    # Every property that the style reads is one that the tiles are said to have.
    tileset = client.get(f"/collections/{layer}/tiles/WebMercatorQuad").json()
    known = set(tileset["layers"][0]["propertiesSchema"]["properties"])
    assert {each["source-layer"] for each in document["layers"]} == {layer}
    assert _properties_read(document["layers"]) <= known
    if not VALIDATOR.exists():
        pytest.skip("the page's packages are not installed")
    file = tmp_path / "style.json"
    file.write_text(answer.text)
    command = [ROOT / ".venv/bin/node", VALIDATOR / "gl-style-validate.cjs", file]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def _properties_read(expression) -> set[str]:
    if isinstance(expression, dict):
        return set().union(*map(_properties_read, expression.values()))
    if not isinstance(expression, list):
        return set()
    if expression[:1] in (["get"], ["has"]):
        return {expression[1]}
    return set().union(*map(_properties_read, expression))


@pytest.mark.parametrize(
    ("path", "status"),
    [("/styles/other", 404), ("/styles/default?f=sld", 400), ("/tiles/Nothing", 404)],
)
def test_what_is_no_style_and_no_tileset(client, path, status):
    assert client.get(f"/collections/premises{path}").status_code == status
