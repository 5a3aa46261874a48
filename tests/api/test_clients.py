"""Real clients read every published layer: GDAL's OAPIF driver and OWSLib."""

from __future__ import annotations

from math import asinh, pi, radians, tan

import httpx
import pyogrio
import pytest
from owslib.ogcapi.features import Features
from owslib.ogcapi.processes import Processes

from layers.entries import CATALOGUE

LAYERS = [entry.id for entry in CATALOGUE.entries]


@pytest.fixture(scope="module")
def ogc(demo_url: str) -> str:
    return f"{demo_url}/ogc"


def matched(ogc: str, layer: str, **parameters: object) -> int:
    answer = httpx.get(f"{ogc}/collections/{layer}/items", params={"limit": 1} | parameters)
    return answer.json()["numberMatched"]


def test_gdal_lists_every_layer(ogc: str):
    assert {name for name, _ in pyogrio.list_layers(f"OAPIF:{ogc}")} == set(LAYERS)


@pytest.mark.parametrize("layer", LAYERS)
def test_gdal_reads(ogc: str, layer: str):
    info = pyogrio.read_info(f"OAPIF:{ogc}", layer=layer)
    entry = CATALOGUE.entry(layer)
    assert set(info["fields"]) >= {field.name for field in entry.fields} - {"id"}
    frame = pyogrio.read_dataframe(f"OAPIF:{ogc}", layer=layer, max_features=50)
    assert len(frame) == min(50, matched(ogc, layer))
    assert frame.crs.equals(4326, ignore_axis_order=True)
    assert frame.geometry.is_valid.all()


def test_gdal_pages_to_the_end(ogc: str):
    frame = pyogrio.read_dataframe(f"OAPIF:{ogc}", layer="premises", INITIAL_REQUEST_PAGE_SIZE=500)
    assert len(frame) == matched(ogc, "premises")
    assert not frame.geometry.is_empty.any()


@pytest.mark.parametrize("layer", LAYERS)
def test_owslib_reads(ogc: str, layer: str):
    service = Features(ogc)
    assert layer in service.feature_collections()
    page = service.collection_items(layer, limit=3)
    assert page["numberReturned"] == min(3, page["numberMatched"])
    assert service.collection(layer)["title"] == CATALOGUE.entry(layer).title.zh
    assert service.collection_queryables(layer)["properties"]


def test_owslib_describes_the_processes(ogc: str):
    found = {process["id"] for process in Processes(ogc).processes()}
    assert found == {"nearest-responders", "hotspots", "echo"}


@pytest.mark.parametrize("layer", LAYERS)
def test_gdal_reads_a_tile(ogc: str, demo_url: str, layer: str):
    """A tile in the middle of the town, or the first around it that isn't empty."""
    tilejson = httpx.get(f"{ogc}/collections/{layer}/tiles/WebMercatorQuad?f=tilejson").json()
    zoom = max(tilejson["minzoom"], 11)
    for tile in tiles_of(httpx.get(f"{demo_url}/api/town").json()["bounds"], zoom):
        answer = httpx.get(f"{ogc}/collections/{layer}/tiles/WebMercatorQuad/{tile}")
        if answer.status_code == 200:
            break
    assert answer.status_code == 200
    column, row = tile.split("/")[2], tile.split("/")[1]
    assert pyogrio.list_layers(answer.content).tolist()[0][0] == layer, (column, row)


def tiles_of(bounds: list[float], zoom: int):
    """zoom/row/column of every Web Mercator tile over `bounds`, the middle first."""
    west, south, east, north = bounds
    side = 2**zoom

    def row(lat: float) -> int:
        return int((1 - asinh(tan(radians(lat))) / pi) / 2 * side)

    def column(lon: float) -> int:
        return int((lon + 180) / 360 * side)

    middle = (column((west + east) / 2), row((south + north) / 2))
    yield f"{zoom}/{middle[1]}/{middle[0]}"
    for y in range(row(north), row(south) + 1):
        for x in range(column(west), column(east) + 1):
            yield f"{zoom}/{y}/{x}"
