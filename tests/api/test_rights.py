"""What an anonymous visitor from elsewhere finds of the demo town: public layers, nothing else."""

from __future__ import annotations

import httpx
import pytest

from layers.catalogue import Release
from layers.entries import CATALOGUE

INTERNAL = [entry.id for entry in CATALOGUE.entries if entry.release is Release.INTERNAL]
PUBLIC = [entry.id for entry in CATALOGUE.entries if entry.release is Release.PUBLIC]


@pytest.fixture(scope="module")
def anonymous(public_url: str) -> httpx.Client:
    return httpx.Client(base_url=public_url, timeout=60)


def test_internal_layers_are_not_even_named(anonymous: httpx.Client):
    named = {each["id"] for each in anonymous.get("/ogc/collections").json()["collections"]}
    assert named == set(PUBLIC)
    assert {each["id"] for each in anonymous.get("/api/layers").json()} == set(PUBLIC)
    openapi = anonymous.get("/ogc/openapi", headers={"accept": "application/json"}).text
    assert not any(f"/collections/{layer}/" in openapi for layer in INTERNAL)
    assert anonymous.get("/api/town").json()["shows_internal"] is False


@pytest.mark.parametrize("layer", INTERNAL)
@pytest.mark.parametrize(
    "path",
    ["", "/items", "/items/1", "/queryables", "/schema", "/tiles", "/tiles/WebMercatorQuad",
     "/tiles/WebMercatorQuad/13/3401/6827"],
)  # fmt: skip
def test_internal_layers_look_as_if_there_were_none(anonymous: httpx.Client, layer: str, path: str):
    assert anonymous.get(f"/ogc/collections/{layer}{path}").status_code == 404


@pytest.mark.parametrize("layer", PUBLIC)
def test_public_layers_are_there(anonymous: httpx.Client, layer: str):
    found = anonymous.get(f"/ogc/collections/{layer}/items?limit=1").json()
    assert found["numberMatched"] > 0


def test_nobody_asks_where_responders_are(anonymous: httpx.Client):
    body = {"inputs": {"lon": 120.02, "lat": 29.2}}
    answer = anonymous.post("/ogc/processes/nearest-responders/execution", json=body)
    assert answer.status_code == 403
    assert "responders" not in answer.json()


def test_its_own_machines_page_sees_internal_layers_and_is_told(demo_url: str):
    """Programs on the same machine are anonymous as everywhere."""
    with httpx.Client(base_url=demo_url) as browser:
        assert browser.get("/api/town").json()["shows_internal"] is False
        browser.get("/", headers={"Accept": "text/html"})
        layers = browser.get("/api/layers").json()
        assert {each["id"] for each in layers} == {*PUBLIC, *INTERNAL}
        assert browser.get("/api/town").json()["shows_internal"] is True
