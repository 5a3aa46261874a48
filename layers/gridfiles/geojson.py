"""One GeoJSON collection of all levels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shapely.geometry import mapping

from layers.gridfiles.units import UnitRow, shared
from spatial.crs import SourceCrs


def write_geojson(rows: Sequence[UnitRow], path: Path, crs: SourceCrs) -> list[Path]:
    """Write it, every coordinate with all its digits."""
    features = [
        {"type": "Feature", "properties": row.values, "geometry": mapping(row.shape)}
        for row in rows
    ]
    features += [
        {"type": "Feature", "properties": share.values, "geometry": mapping(shape)}
        for share, shape in shared(rows)
    ]
    document = {"type": "FeatureCollection", **_crs_member(crs), "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return [path]


def _crs_member(crs: SourceCrs) -> dict[str, Any]:
    """None in WGS 84; else as GeoJSON had it before RFC 7946, which GDAL writes and reads too."""
    if crs.label == "EPSG:4326":
        return {}
    name = crs.label.replace("EPSG:", "urn:ogc:def:crs:EPSG::")
    return {"crs": {"type": "name", "properties": {"name": name}}}
