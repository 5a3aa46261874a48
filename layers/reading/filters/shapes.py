"""Geometries and S_* functions (OGC 21-065r2, 7.6), and S_DWITHIN as an extension.

A test states the boxes first: behind a view's barrier PostgreSQL uses the index of the geometries
for the box operator alone. S_DWITHIN(geometry, geometry, distance[, unit]) measures on the
ellipsoid; units are m (where none is given), km, ft and mi, or their UCUM and English names.
"""

from __future__ import annotations

import math
from typing import Any

import shapely
import shapely.geometry
from psycopg import sql
from shapely.geometry.base import BaseGeometry

from layers.reading.crs import to_stored
from layers.reading.filters.scope import Scope
from layers.reading.filters.terms import (
    Constant,
    Kind,
    Term,
    predicate,
    require,
    require_count,
)
from spatial.errors import InputError

MAX_VERTICES = 20_000
_TESTS = {
    "S_INTERSECTS": sql.SQL("({left} && {right} AND ST_Intersects({left}, {right}))"),
    "S_EQUALS": sql.SQL("({left} && {right} AND ST_Equals({left}, {right}))"),
    "S_DISJOINT": sql.SQL("(NOT ({left} && {right} AND ST_Intersects({left}, {right})))"),
    "S_TOUCHES": sql.SQL("({left} && {right} AND ST_Touches({left}, {right}))"),
    "S_WITHIN": sql.SQL("({left} && {right} AND ST_Within({left}, {right}))"),
    "S_OVERLAPS": sql.SQL("({left} && {right} AND ST_Overlaps({left}, {right}))"),
    "S_CROSSES": sql.SQL("({left} && {right} AND ST_Crosses({left}, {right}))"),
    "S_CONTAINS": sql.SQL("({left} && {right} AND ST_Contains({left}, {right}))"),
}
_DWITHIN = sql.SQL(
    "(ST_Expand({left}, {wide}, {high}) && {right}"
    " AND ST_DWithin({left}::geography, {right}::geography, {distance}))"
)
_UNITS_M = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "km": 1000.0, "kilometre": 1000.0, "kilometres": 1000.0, "kilometer": 1000.0,
    "kilometers": 1000.0,
    "ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "[ft_i]": 0.3048,
    "mi": 1609.344, "mile": 1609.344, "miles": 1609.344, "[mi_i]": 1609.344,
}  # fmt: skip
# The shortest degree of latitude on the ellipsoid, and of longitude at the equator, less a little.
_DEGREE_M = 110_000.0
_MAX_DISTANCE_M = 1_000_000.0


def geometry(scope: Scope, node: dict[str, Any]) -> Constant:
    """A GeoJSON geometry in the filter's CRS, as one in EPSG:4326.

    Raises:
        InputError: it is no valid geometry.
    """
    try:
        shape = shapely.force_2d(shapely.geometry.shape(node))
    except (
        TypeError,
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ):
        raise InputError(f"filter: the {node['type']} is not a GeoJSON geometry") from None
    return _constant(scope, shape)


def box(scope: Scope, numbers: Any) -> Constant:
    """BBOX(west, south, east, north), or with heights; across the antimeridian it is two boxes.

    Raises:
        InputError: it is no box.
    """
    if not isinstance(numbers, list) or not all(type(each) in {int, float} for each in numbers):
        raise InputError("filter: BBOX takes 4 or 6 numbers")
    if len(numbers) == 6:
        numbers = [*numbers[0:2], *numbers[3:5]]
    require_count("BBOX", numbers, 4)
    west, south, east, north = numbers
    if not scope.crs.is_geographic or scope.crs.northing_first or west <= east:
        return _constant(scope, shapely.box(west, south, east, north))
    halves = [shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)]
    return _constant(scope, shapely.MultiPolygon(halves))


def _constant(scope: Scope, shape: BaseGeometry) -> Constant:
    count = shapely.get_num_coordinates(shape)
    if not count or count > MAX_VERTICES:
        raise InputError(f"filter: a geometry has 1 to {MAX_VERTICES} vertices, not {count}")
    if not shapely.is_valid(shape):
        raise InputError(f"filter: a geometry is not valid: {shapely.is_valid_reason(shape)}")
    return Constant(Kind.GEOMETRY, shapely.set_srid(to_stored(shape, scope.crs), 4326))


def _relate(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 2)
    for each in arguments:
        require(operator, each, Kind.GEOMETRY)
    left, right = map(scope.render, arguments)
    name = "S_INTERSECTS" if operator == "BBOX" else operator
    return predicate(_TESTS[name].format(left=left, right=right), operator)


def _within_distance(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 3, 4)
    left, right, distance, *unit = arguments
    for each in (left, right):
        require(operator, each, Kind.GEOMETRY)
    if isinstance(left, Constant):
        left, right = right, left
    distance_m = _metres(operator, distance, unit)
    wide, high = _reach_deg(right, distance_m)
    # What is expanded is the constant, so that the column meets the index as it is.
    test = _DWITHIN.format(
        left=scope.render(right),
        right=scope.render(left),
        wide=scope.bind(Constant(Kind.NUMBER, wide)),
        high=scope.bind(Constant(Kind.NUMBER, high)),
        distance=scope.bind(Constant(Kind.NUMBER, distance_m)),
    )
    return predicate(test, operator)


def _metres(operator: str, distance: Term, unit: list[Term]) -> float:
    if not isinstance(distance, Constant) or distance.kind is not Kind.NUMBER:
        raise InputError(f"filter: the distance of {operator} has to be a number")
    if unit and (not isinstance(unit[0], Constant) or unit[0].value not in _UNITS_M):
        raise InputError(f"filter: the unit of {operator} has to be m, km, ft or mi")
    factor = _UNITS_M[unit[0].value] if unit and isinstance(unit[0], Constant) else 1.0
    distance_m = float(distance.value * factor)
    if not 0 <= distance_m <= _MAX_DISTANCE_M:
        raise InputError(f"filter: the distance of {operator} has to be 0 to 1,000 km")
    return distance_m


def _reach_deg(around: Term, distance_m: float) -> tuple[float, float]:
    """Degrees of longitude and latitude that hold everything within a distance of a geometry."""
    high = distance_m / _DEGREE_M
    if not isinstance(around, Constant):
        return 360.0, high
    _, south, _, north = around.value.bounds
    farthest = max(abs(south), abs(north)) + high
    narrowing = math.cos(math.radians(farthest)) if farthest < 89 else 0.0
    return (high / narrowing if narrowing else 360.0), high


OPERATORS = {
    **dict.fromkeys((name.lower() for name in _TESTS), _relate),
    "s_dwithin": _within_distance,
}
