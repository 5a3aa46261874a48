"""The tree of a filter → SQL, from its leaves up."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from psycopg import sql

from layers.reading.filters import arrays, comparisons, numbers, shapes, texts, times
from layers.reading.filters.parsing import MAX_DEPTH, Node
from layers.reading.filters.scope import Scope
from layers.reading.filters.terms import Constant, Kind, Members, Term, require
from spatial.errors import InputError

Operator = Callable[[Scope, str, list[Term]], Term]
_OPERATORS: Mapping[str, Operator] = {
    name.lower(): operator
    for module in (comparisons, numbers, texts, shapes, times, arrays)
    for name, operator in module.OPERATORS.items()
}
_GEOMETRIES = frozenset({
    "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
})  # fmt: skip


def translate(scope: Scope, node: Node) -> sql.Composable:
    """The condition that a filter is; its parameters are `scope.values`.

    Raises:
        InputError: a property or operator is unknown, kinds don't fit, or it is no condition.
    """
    term = _term(scope, node, 0)
    require("the whole", term, Kind.BOOLEAN)
    return scope.render(term)


def _term(scope: Scope, node: Node, depth: int) -> Term:
    if depth > MAX_DEPTH:
        raise InputError(f"filter: nested more than {MAX_DEPTH} deep")
    if isinstance(node, list):
        return Members(Kind.ARRAY, tuple(_term(scope, each, depth + 1) for each in node))
    if isinstance(node, dict):
        return _object(scope, node, depth)
    return _scalar(node)


def _scalar(value: Any) -> Constant:
    # A bool is an int to Python, so it comes first.
    if isinstance(value, bool):
        return Constant(Kind.BOOLEAN, value)
    if isinstance(value, str):
        if "\0" in value:
            raise InputError("filter: a text holds the character U+0000")
        return Constant(Kind.TEXT, value)
    if isinstance(value, int | float) and math.isfinite(value):
        return numbers.constant(value)
    if value is None:
        raise InputError("filter: null can't be compared", remedy="IS NULL")
    raise InputError(f"filter: {value!r} is not a finite number")


def _object(scope: Scope, node: dict[str, Any], depth: int) -> Term:
    """A property, an operator with its arguments, or a literal that is an object."""
    if "op" in node:
        return _operation(scope, node, depth)
    if "property" in node:
        return scope.column(node["property"])
    if node.get("type") in _GEOMETRIES:
        return shapes.geometry(scope, node)
    if "bbox" in node:
        return _box(scope, node["bbox"], depth)
    for name, read in (("date", times.read_date), ("timestamp", times.read_timestamp)):
        if name in node:
            return read(scope, node[name])
    if "interval" in node:
        return _interval(scope, node["interval"], depth)
    raise InputError(f"filter: {{{', '.join(map(str, node))}}} is nothing that CQL2 knows")


def _operation(scope: Scope, node: dict[str, Any], depth: int) -> Term:
    name, arguments = node["op"], node.get("args")
    operator = _OPERATORS.get(name.lower()) if isinstance(name, str) else None
    if operator is None:
        raise InputError(f"filter: unknown operator or function {name!r}")
    if not isinstance(arguments, list):
        raise InputError(f"filter: the args of {name} have to be an array")
    return operator(scope, name.upper(), [_term(scope, each, depth + 1) for each in arguments])


def _box(scope: Scope, parts: Any, depth: int) -> Term:
    """BBOX(w, s, e, n) is a geometry; CQL's older BBOX(property, w, s, e, n) is a test of one."""
    if isinstance(parts, list) and parts and isinstance(parts[0], dict):
        column = _term(scope, parts[0], depth + 1)
        return shapes.OPERATORS["s_intersects"](
            scope, "BBOX", [column, shapes.box(scope, parts[1:5])]
        )
    return shapes.box(scope, parts)


def _interval(scope: Scope, bounds: Any, depth: int) -> Members:
    if not isinstance(bounds, list) or len(bounds) != 2:
        raise InputError("filter: an interval has two ends")
    ends = tuple(
        None if each == ".." else times.instant(scope, _term(scope, each, depth + 1))
        for each in bounds
    )
    return Members(Kind.INTERVAL, ends)
