"""Shifted datums in files: written under a name that is known again, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatial.crs_names import parse_crs
from spatial.vectorfile import open_vector_file

SQUARE = shapely.box(120.01, 29.2, 120.02, 29.21)


@pytest.mark.parametrize("name", ["gcj02", "bd09", "EPSG:4490", "EPSG:4549", "EPSG:4326"])
@pytest.mark.parametrize("ending", ["gpkg", "shp", "fgb", "geojson"])
def test_a_file_says_its_crs_and_is_read_back(name: str, ending: str, tmp_path: Path) -> None:
    crs = parse_crs(name)
    shapes = crs.from_wgs84(np.array([SQUARE], dtype=object))
    path = tmp_path / f"file.{ending}"
    if ending == "geojson":
        label = crs.label.replace("EPSG:", "urn:ogc:def:crs:EPSG::")
        geometry = shapely.geometry.mapping(shapes[0])
        feature = {"type": "Feature", "properties": {}, "geometry": geometry}
        member = {"type": "name", "properties": {"name": label}}
        document = {"type": "FeatureCollection", "crs": member, "features": [feature]}
        path.write_text(json.dumps(document))
    else:
        gpd.GeoDataFrame({"a": [1]}, geometry=shapes, crs=crs.file_crs).to_file(path)
    read = open_vector_file(path)
    assert read.crs.label == crs.label
    away = shapely.get_coordinates(shapely.normalize(read.features.geometry[0]))
    away -= shapely.get_coordinates(shapely.normalize(SQUARE))
    assert np.abs(away).max() < 1e-9


@given(st.lists(st.tuples(st.floats(118, 122), st.floats(28, 31)), min_size=1, max_size=30))
def test_what_is_shared_stays_shared(places: list[tuple[float, float]]) -> None:
    for name in ("gcj02", "bd09", "EPSG:4549"):
        crs = parse_crs(name)
        points = shapely.points(places + places[::-1])
        there = shapely.get_coordinates(crs.from_wgs84(points))
        assert (there == there[::-1]).all()
        back = shapely.get_coordinates(crs.to_wgs84(shapely.points(there)))
        assert (back == back[::-1]).all()
        assert np.abs(back - shapely.get_coordinates(points)).max() < 1e-9
