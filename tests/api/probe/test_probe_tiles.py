"""As each role: tiles hold the features and properties of the role, and count no others."""

from __future__ import annotations

from math import asinh, pi, radians, tan
from typing import Any

import httpx
import mapbox_vector_tile
import pytest

from layers.catalogue import Entry
from layers.entries import CATALOGUE
from layers.reading.tiles.bins import counted_codes
from layers.roles import Role

INTERNAL = [entry for entry in CATALOGUE.entries if entry.readers]
WORLD = "WebMercatorQuad/0/0/0"


def tile_of(client: httpx.Client, zoom: int) -> str:
    """The tile in the middle of the town."""
    west, south, east, north = client.get("/api/town").json()["bounds"]
    lon, lat = (west + east) / 2, (south + north) / 2
    row = int((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**zoom)
    return f"WebMercatorQuad/{zoom}/{row}/{int((lon + 180) / 360 * 2**zoom)}"


def features_in(client: httpx.Client, entry: Entry, tile: str) -> list[dict[str, Any]]:
    answer = client.get(f"/ogc/collections/{entry.id}/tiles/{tile}?f=mvt")
    assert answer.status_code in (200, 204), answer.text
    layers = mapbox_vector_tile.decode(answer.content) if answer.content else {}
    assert layers.keys() <= {entry.id}
    found: list[dict[str, Any]] = layers.get(entry.id, {"features": []})["features"]
    return found


@pytest.mark.parametrize("role", list(Role))
def test_features_in_tiles_are_those_of_the_role(
    clients: dict[Role, httpx.Client], oracle: Any, role: Role
) -> None:
    client = clients[role]
    for entry in CATALOGUE.entries:
        if not entry.readable_by(role) or (not entry.readers and not oracle.hidden(entry, role)):
            continue
        tile = tile_of(client, max(entry.min_zoom, 13))
        for feature in features_in(client, entry, tile):
            assert feature["id"] in oracle.ids(entry, role), entry.id
            assert feature["properties"].keys() <= oracle.columns(entry, role), entry.id


@pytest.mark.parametrize("role", list(Role))
def test_from_afar_only_the_roles_features_are_counted(
    clients: dict[Role, httpx.Client], oracle: Any, role: Role
) -> None:
    """And in one process, from its cache: what one role was given, another isn't."""
    for entry in INTERNAL:
        if not entry.readable_by(role):
            refused = clients[role].get(f"/ogc/collections/{entry.id}/tiles/{WORLD}?f=mvt")
            assert refused.status_code == 404, entry.id
            continue
        for each in (Role.ADMINISTRATOR, role):
            found = [one["properties"] for one in features_in(clients[each], entry, WORLD)]
            total = sum(one.get("count") or one.get("merged") or 1 for one in found)
            assert total == len(oracle.ids(entry, each)), (entry.id, each)
        codes = {name for name, _field, _code in counted_codes(entry, role)}
        known = oracle.columns(entry, role) | codes | {"count", "h3", "merged"}
        assert all(one.keys() <= known for one in found), entry.id
