"""What AMap and other GCJ-02 maps are given; their own scripts can't be loaded in a test."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np

from spatial.datum import wgs84_to_gcj02


def coordinates(town: Any, **parameters: Any) -> dict[int, tuple[float, float]]:
    """Id → coordinates as they come."""
    address = f"{town.ogc}/collections/sensors/items"
    answer = httpx.get(address, params={"limit": 10_000} | parameters).raise_for_status()
    return {
        each["id"]: tuple(each["geometry"]["coordinates"]) for each in answer.json()["features"]
    }


def test_features_come_shifted_as_the_reference_has_it(town: Any):
    true = coordinates(town)
    shifted = coordinates(town, crs=f"{town.ogc}/crs/GCJ02")
    assert shifted.keys() == true.keys()
    expected = np.transpose(wgs84_to_gcj02(*np.transpose([true[key] for key in shifted])))
    np.testing.assert_allclose(list(shifted.values()), expected, rtol=0, atol=2e-9)


def test_a_box_of_the_shifted_map_finds_what_lies_in_it(town: Any):
    crs = f"{town.ogc}/crs/GCJ02"
    west, south, east, north = box = (120.005, 29.19, 120.03, 29.21)
    inside = {
        key
        for key, (lon, lat) in coordinates(town, crs=crs).items()
        if west <= lon <= east and south <= lat <= north
    }
    found = coordinates(town, bbox=",".join(map(str, box)), **{"bbox-crs": crs})
    assert set(found) == inside
    assert inside
