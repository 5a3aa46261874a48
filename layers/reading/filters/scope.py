"""What a filter may name, and the parameters that its SQL binds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from psycopg import sql

from layers.catalogue import Field, FieldType
from layers.reading.crs import OutputCrs
from layers.reading.filters.terms import Constant, Expression, Kind, Members, Term
from spatial.errors import InputError

_GEOMETRY = "geometry"
_KINDS = {
    FieldType.STRING: Kind.TEXT,
    FieldType.INTEGER: Kind.NUMBER,
    FieldType.NUMBER: Kind.NUMBER,
    FieldType.BOOLEAN: Kind.BOOLEAN,
    FieldType.DATE: Kind.DATE,
    FieldType.DATE_TIME: Kind.TIMESTAMP,
}
_CASTS = {
    Kind.NUMBER: sql.SQL("::float8"),
    Kind.TEXT: sql.SQL("::text"),
    Kind.BOOLEAN: sql.SQL("::boolean"),
    Kind.DATE: sql.SQL("::date"),
    Kind.TIMESTAMP: sql.SQL("::timestamptz"),
    Kind.GEOMETRY: sql.SQL("::geometry"),
}
_BIGINT = sql.SQL("::bigint")
_ARRAY = sql.SQL("[]")


class Scope:
    """What a role may filter a layer by, under the names that a filter uses.

    Args:
        queryables: what may be named beside the geometry; all else is unknown.
        crs: in which the filter's coordinates are (Part 3, filter-crs).
        time_zone: of dates.

    Attributes:
        values: the parameters of the SQL made so far, by name.
    """

    def __init__(
        self, layer_id: str, queryables: Iterable[Field], crs: OutputCrs, time_zone: str
    ) -> None:
        self.crs = crs
        self.zone = ZoneInfo(time_zone)
        self.values: dict[str, Any] = {}
        self._layer_id = layer_id
        self._kinds = {each.name: _KINDS[each.type] for each in queryables}

    def column(self, name: object) -> Expression:
        """The property called `name`.

        Raises:
            InputError: there is none, or the role doesn't see it.
        """
        if isinstance(name, str) and name in self._kinds:
            return Expression(self._kinds[name], sql.Identifier(name), name)
        if name == _GEOMETRY:
            return Expression(Kind.GEOMETRY, sql.Identifier("geom"), _GEOMETRY)
        raise InputError(
            f"filter: unknown property {name!r}", remedy=f"see {self._layer_id}/queryables"
        )

    def render(self, term: Term) -> sql.Composable:
        """The SQL of a term; a constant is bound."""
        if isinstance(term, Expression):
            return term.sql
        if isinstance(term, Members):
            raise InputError(f"filter: {term.label} can't stand here")
        return self.bind(term)

    def bind(self, constant: Constant) -> sql.Composable:
        """A parameter with the constant's value, of its SQL type."""
        if constant.kind is Kind.NUMBER and isinstance(constant.value, int):
            # As a whole number, so that the index of a column of such is used.
            return self._placeholder(constant.value) + _BIGINT
        if constant.kind is Kind.GEOMETRY:
            shape = shapely.to_wkb(constant.value, hex=True, include_srid=True)
            return self._placeholder(shape) + _CASTS[constant.kind]
        bound: sql.Composable = self._placeholder(constant.value) + _CASTS[constant.kind]
        for fold in constant.folds:
            bound = fold.format(bound)
        return bound

    def bind_many(self, kind: Kind, values: list[Any]) -> sql.Composable:
        """A parameter with an array of numbers or texts."""
        if kind is Kind.NUMBER and all(isinstance(each, int) for each in values):
            return self._placeholder(values) + _BIGINT + _ARRAY
        if kind is Kind.NUMBER:
            values = list(map(float, values))
        return self._placeholder(values) + _CASTS[kind] + _ARRAY

    def _placeholder(self, value: Any) -> sql.Composed:
        name = f"filter{len(self.values)}"
        self.values[name] = value
        return sql.Composed([sql.Placeholder(name)])
