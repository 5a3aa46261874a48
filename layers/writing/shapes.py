"""The geometry of a body: GeoJSON in the coordinates that the client states, to what is stored."""

from __future__ import annotations

import json
from typing import Any

import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from grids.cells import STORED_RESOLUTION, cells_of_points
from layers.catalogue import Entry
from layers.reading.crs import OutputCrs, to_stored
from spatial.errors import InputError

_ANY = ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")


def read_shape(entry: Entry, geometry: Any, crs: OutputCrs) -> BaseGeometry:
    """The geometry in EPSG:4326, longitude first and without heights, which no layer keeps.

    Raises:
        InputError: it is no GeoJSON geometry of the layer's type, is empty, crosses itself, or lies
            outside the world.
    """
    shape = shapely.force_2d(_parse(geometry, allowed_types(entry)))
    if shape.is_empty:
        raise InputError("the geometry is empty / 几何为空")
    stored = to_stored(shape, crs)
    west, south, east, north = stored.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InputError(
            f"the geometry lies outside the world: {west:.6g}, {south:.6g} / 坐标超出范围",
            remedy="lon before lat, or another Content-Crs",
        )
    if not stored.is_valid:
        raise InputError(f"the geometry is not valid: {shapely.is_valid_reason(stored)} / 几何无效")
    return stored


def allowed_types(entry: Entry) -> tuple[str, ...]:
    """GeoJSON's names of the geometries that a layer takes."""
    if entry.geometry == "Geometry":
        return _ANY
    if entry.geometry == "Point":
        return ("Point",)
    return (entry.geometry, f"Multi{entry.geometry}")


def cell_of(shape: BaseGeometry) -> int | None:
    """The H3 cell in which a stored point lies."""
    if not isinstance(shape, Point):
        return None
    return int(cells_of_points([shape.x], [shape.y], STORED_RESOLUTION)[0])


def _parse(geometry: Any, types: tuple[str, ...]) -> BaseGeometry:
    if not isinstance(geometry, dict) or geometry.get("type") not in types:
        raise InputError(
            f"geometry has to be a GeoJSON geometry of type {' or '.join(types)} / 几何类型不符"
        )
    try:
        return shapely.from_geojson(json.dumps(geometry))
    except shapely.errors.GEOSException as error:
        raise InputError(f"geometry is no GeoJSON: {error} / 几何无法读取") from None
