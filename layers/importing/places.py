"""Whether a row's geometry can stand on the map: its kind, its numbers, its soundness."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.crs import Geometries
from spatial.town import Town


def as_kind(geometries: Geometries, kind: str) -> Geometries:
    """A MultiPoint of one as Point, a Polygon as MultiPolygon, when `kind` asks for that."""
    shapes = geometries.copy()
    types = shapely.get_type_id(shapes)
    if kind == "Point":
        single = (types == shapely.GeometryType.MULTIPOINT) & (
            shapely.get_num_geometries(shapes) == 1
        )
        shapes[single] = shapely.get_geometry(shapes[single], 0)
    else:
        polygon = types == shapely.GeometryType.POLYGON
        shapes[polygon] = shapely.multipolygons(shapes[polygon][:, None])
    return shapes


def without_noise(geometries: Geometries) -> Geometries:
    """Coordinates to nine decimals, a tenth of a millimetre.

    Transformations leave noise behind that; without it a row from another format is the same row.
    """
    rounded: Geometries = shapely.transform(geometries, lambda lonlat: np.round(lonlat, 9))
    return rounded


def place_faults(geometries: Geometries, kind: str, town: Town) -> NDArray[np.object_]:
    """Per geometry the reason why it can't be taken, or None.

    A place outside the town is no fault, unless it would lie inside with lon and lat swapped.
    """
    types = shapely.get_type_id(geometries)
    wanted = shapely.GeometryType.POINT if kind == "Point" else shapely.GeometryType.MULTIPOLYGON
    checks = (
        (shapely.is_missing(geometries) | shapely.is_empty(geometries), lambda _: "no geometry"),
        (types != wanted, lambda shape: f"a {kind} is wanted, this is a {shape.geom_type}"),
        (
            _off_earth(geometries),
            lambda shape: f"no lon, lat: {_first(shape)}; metres, or swapped?",
        ),
        (~shapely.is_valid(geometries), shapely.is_valid_reason),
        (_swapped(geometries, town), lambda shape: f"lon and lat are swapped: {_first(shape)}"),
    )
    faults = np.full(len(geometries), None, dtype=object)
    for wrong, reason in checks:
        for position in np.flatnonzero(wrong & shapely.is_missing(faults)):
            faults[position] = reason(geometries[position])
    return faults


def lies_inside(geometries: Geometries, town: Town) -> NDArray[np.bool_]:
    """Whether each touches the town's outline; while there is no outline, all do."""
    if town.outline is None:
        return np.ones(len(geometries), dtype=bool)
    shapely.prepare(town.outline)
    inside: NDArray[np.bool_] = shapely.intersects(town.outline, geometries)
    return inside


def _off_earth(geometries: Geometries) -> NDArray[np.bool_]:
    west, south, east, north = shapely.bounds(geometries).T
    on_earth = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    # An empty shape has no bounds; a broken number makes them NaN.
    return np.asarray(~on_earth)


def _swapped(geometries: Geometries, town: Town) -> NDArray[np.bool_]:
    if town.outline is None:
        return np.zeros(len(geometries), dtype=bool)
    west, south, east, north = shapely.bounds(geometries).T
    w, s, e, n = town.outline.bounds
    turned = (south <= e) & (north >= w) & (west <= n) & (east >= s)
    return np.asarray(turned & ~lies_inside(geometries, town))


def _first(shape: BaseGeometry) -> str:
    x, y = shapely.get_coordinates(shape)[0]
    return f"({x:.6g}, {y:.6g})"
