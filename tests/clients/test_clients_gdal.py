"""GDAL's OAPIF driver (in pyogrio's wheel): reads every layer and filters on the server."""

from __future__ import annotations

from typing import Any

import httpx
import pyogrio
import pytest
from shapely import box

from layers.catalogue import Release
from layers.entries import CATALOGUE
from layers.roles import Role
from liveonly import BEGIN_EMPTY

PUBLIC = [entry.id for entry in CATALOGUE.entries if entry.release is Release.PUBLIC]
INTERNAL = [entry.id for entry in CATALOGUE.entries if entry.release is Release.INTERNAL]
# The driver always reads one small page first, to see what the geometries are.
PROBE = {"INITIAL_REQUEST_PAGE_SIZE": 1}
WINDOW = (120.0, 29.2, 120.03, 29.22)


def test_it_lists_what_everybody_may_see(town: Any):
    listed = {name for name, _ in pyogrio.list_layers(f"OAPIF:{town.ogc}")}
    assert listed == set(PUBLIC)


@pytest.mark.parametrize("layer", PUBLIC)
def test_it_reads(town: Any, layer: str):
    address = f"OAPIF:{town.ogc}"
    info = pyogrio.read_info(address, layer=layer)
    public = CATALOGUE.entry(layer).fields_for(Role.ANONYMOUS)
    assert set(info["fields"]) == {field.name for field in public}
    frame = pyogrio.read_dataframe(address, layer=layer, max_features=50)
    assert len(frame) == min(50, town.matched(layer))
    assert frame.crs.equals(4326, ignore_axis_order=True)
    assert frame.geometry.is_valid.all()


@pytest.mark.parametrize("layer", INTERNAL)
def test_it_signs_in_to_read_an_internal_layer(town: Any, layer: str):
    role = next(iter(CATALOGUE.entry(layer).readers))
    account = {"USERPWD": ":".join(town.account(role))}
    frame = pyogrio.read_dataframe(
        f"OAPIF:{town.ogc}", layer=layer, max_features=50, **account, **PROBE
    )
    assert len(frame) == min(50, town.matched(layer, role))
    assert bool(len(frame)) == (layer not in BEGIN_EMPTY)


def test_it_knows_each_fields_type_before_it_sees_a_value(town: Any):
    """The first sensors have no reading: without a schema `value` would be a text."""
    info = pyogrio.read_info(f"OAPIF:{town.ogc}", layer="sensors", **PROBE)
    types = dict(zip(info["fields"], info["ogr_types"], strict=True))
    assert types["value"] == "OFTReal"
    assert types["last_seen"] == "OFTDateTime"


def test_it_pages_to_the_end(town: Any):
    frame = pyogrio.read_dataframe(f"OAPIF:{town.ogc}", layer="premises", PAGE_SIZE=500)
    assert len(frame) == town.matched("premises")
    assert not frame.geometry.is_empty.any()


@pytest.mark.parametrize(
    ("layer", "where", "cql2"),
    [
        ("sensors", "kind = 'water' AND value > 5", "kind = 'water' AND value > 5"),
        ("sensors", "kind = 'water' OR kind = 'air'", "kind IN ('water', 'air')"),
        ("sensors", "value BETWEEN 5 AND 7 OR status = 'alarm'",
         "value BETWEEN 5 AND 7 OR status = 'alarm'"),
        ("sensors", "last_seen < '2026/06/30 00:00:00' AND kind <> 'camera'",
         "last_seen < TIMESTAMP('2026-06-30T00:00:00Z') AND kind <> 'camera'"),
        ("premises", "name LIKE '%印刷%' AND floor IS NOT NULL",
         "name LIKE '%印刷%' AND floor IS NOT NULL"),
        ("buildings", "floors > 6 AND NOT use = 'residential'",
         "floors > 6 AND NOT (use = 'residential')"),
    ],
)  # fmt: skip
def test_what_it_downloads_is_what_matches(
    town: Any, record: Any, layer: str, where: str, cql2: str
):
    """One request for the features that match, none for the others."""
    expected = town.matched(layer, filter=cql2)
    assert 0 < expected < 1000, "the case would prove nothing"
    frame = pyogrio.read_dataframe(f"OAPIF:{record.ogc}", layer=layer, where=where, **PROBE)
    probe, *pages = record.items(layer)
    assert len(frame) == expected
    assert probe.features == 1
    assert [page.features for page in pages] == [expected]


@pytest.mark.parametrize("where", [None, "value > 5"])
def test_a_spatial_filter_downloads_what_matches(town: Any, record: Any, where: str | None):
    parameters = {"filter": where} if where else {}
    expected = town.matched("sensors", bbox=",".join(map(str, WINDOW)), **parameters)
    frame = pyogrio.read_dataframe(
        f"OAPIF:{record.ogc}", layer="sensors", bbox=WINDOW, where=where, **PROBE
    )
    probe, *pages = record.items("sensors")
    assert frame.geometry.intersects(box(*WINDOW)).all()
    assert [page.features for page in pages] == [expected] == [len(frame)]
    assert probe.features == 1
    assert expected > 0


def test_the_servers_words_reach_the_user(town: Any):
    with pytest.raises(pyogrio.errors.DataSourceError, match="there is no layer called nothing"):
        pyogrio.read_info(f"OAPIF:{town.ogc}/collections/nothing")


@pytest.mark.parametrize("layer", ["premises", "micro-grids", "streets"])
def test_it_reads_a_vector_tile(town: Any, layer: str):
    """The tile of the town's middle at zoom 14."""
    tileset = f"{town.ogc}/collections/{layer}/tiles/WebMercatorQuad"
    answer = httpx.get(f"{tileset}/14/6801/13654").raise_for_status()
    [(name, _)] = pyogrio.list_layers(answer.content)
    assert name == layer
    assert len(pyogrio.read_dataframe(answer.content)) > 0
