"""What a repair moves and where, to be looked at before it is taken. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from shapely import MultiPolygon
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from grids.arcs.model import Coords, Node
from grids.arcs.plane import Plane
from grids.arcs.trace import Shape
from layers.boundaries.clients.judging import Feature

_MOST_PLACES = 500
# What rounding leaves of vertices that lie on the new edge.
_NO_DISTANCE_M = 0.0005


def places_moved(
    before: Mapping[int, Shape],
    after: Mapping[int, MultiPolygon],
    plane: Plane,
    farthest_m: float,
) -> list[Feature]:
    """Where vertices go, as lines, and where new ones are set, as points; the farthest first.

    Args:
        before, after: polygons in EPSG:4326 by unit; those of `after` are repaired.
        farthest_m: how far any vertex went; one that has none so near is gone.
    """
    moved: dict[Node, Feature] = {}
    added: dict[Node, Feature] = {}
    for unit, shape in after.items():
        old, new = (shapely.get_coordinates(each) for each in (before[unit], shape))
        for place in _gone(old, new) - moved.keys():
            way, distance_m = _way(place, shape, plane)
            if distance_m > farthest_m + _NO_DISTANCE_M:
                way, distance_m = _way(place, shapely.boundary(shape), plane)
            moved[place] = _feature("moved", unit, way, distance_m)
        for place in _gone(new, old):
            added[place] = _feature("added", unit, shapely.Point(place), 0.0)
    ways = [each for each in moved.values() if _distance_m(each) > _NO_DISTANCE_M]
    ends = {each["geometry"]["coordinates"][1] for each in ways}
    told = sorted(ways, key=_distance_m, reverse=True)
    return [*told, *(each for place, each in added.items() if place not in ends)][:_MOST_PLACES]


def _way(place: Node, to: BaseGeometry, plane: Plane) -> tuple[BaseGeometry, float]:
    """From a place to the nearest vertex of a polygon, or to a line; its length in metres."""
    there = shapely.extract_unique_points(to) if to.area else to
    way = shapely.shortest_line(shapely.Point(place), there)
    ends = plane.to_metres(shapely.get_coordinates(way))
    return way, float(np.hypot(*(ends[1] - ends[0])))


def _gone(places: Coords, others: Coords) -> set[Node]:
    """The places that aren't among the others."""
    one, other = ({(lon, lat) for lon, lat in each.tolist()} for each in (places, others))
    return one - other


def _feature(kind: str, unit: int, where: BaseGeometry, distance_m: float) -> Feature:
    properties = {"kind": kind, "unit": unit, "distance_m": round(distance_m, 4)}
    return {"type": "Feature", "geometry": mapping(where), "properties": properties}


def _distance_m(place: Feature) -> float:
    distance_m: float = place["properties"]["distance_m"]
    return distance_m
