"""OWSLib reads every layer, filters on the server with CQL, and knows the processes."""

from __future__ import annotations

from typing import Any

import pytest
from owslib.ogcapi.features import Features
from owslib.ogcapi.processes import Processes

from layers.catalogue import Release
from layers.entries import CATALOGUE

PUBLIC = [entry.id for entry in CATALOGUE.entries if entry.release is Release.PUBLIC]


@pytest.fixture(scope="module")
def features(town: Any) -> Features:
    return Features(town.ogc)


def test_it_lists_the_public_layers(features: Features):
    assert set(PUBLIC) <= set(features.feature_collections())


@pytest.mark.parametrize("layer", PUBLIC)
def test_it_reads(features: Features, layer: str):
    page = features.collection_items(layer, limit=3)
    assert page["numberReturned"] == min(3, page["numberMatched"])
    assert features.collection(layer)["title"] == CATALOGUE.entry(layer).title.zh
    assert features.collection_queryables(layer)["properties"]


def test_it_reads_one_feature(features: Features):
    first = features.collection_items("premises", limit=1)["features"][0]
    assert features.collection_item("premises", first["id"])["properties"] == first["properties"]


def test_a_cql_filter_is_evaluated_by_the_server(features: Features):
    page = features.collection_items("sensors", filter="kind = 'water' AND value > 5", limit=1000)
    found = [each["properties"] for each in page["features"]]
    assert 0 < len(found) == page["numberMatched"] < 2000
    assert all(each["kind"] == "water" and each["value"] > 5 for each in found)


def test_a_box_is_evaluated_by_the_server(features: Features):
    box = [120.0, 29.2, 120.03, 29.22]
    page = features.collection_items("premises", bbox=box, limit=10_000)
    west, south, east, north = box
    assert 0 < page["numberMatched"] == page["numberReturned"]
    for feature in page["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        assert west <= lon <= east
        assert south <= lat <= north


def test_it_describes_the_processes(town: Any):
    found = {process["id"] for process in Processes(town.ogc).processes()}
    assert {"hotspots", "echo"} <= found
