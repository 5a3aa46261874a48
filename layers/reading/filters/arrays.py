"""A_* functions (OGC 21-065r2, 7.8): arrays are compared as sets. A null member equals nothing."""

from __future__ import annotations

from psycopg import sql

from layers.reading.filters.scope import Scope
from layers.reading.filters.terms import Kind, Members, Term, predicate, require_count
from spatial.errors import InputError

_TESTS = {
    "A_EQUALS": sql.SQL("({left} @> {right} AND {left} <@ {right})"),
    "A_CONTAINS": sql.SQL("({left} @> {right})"),
    "A_CONTAINEDBY": sql.SQL("({left} <@ {right})"),
    "A_OVERLAPS": sql.SQL("({left} && {right})"),
}
_TYPES = {
    Kind.NUMBER: sql.SQL("float8"),
    Kind.TEXT: sql.SQL("text"),
    Kind.BOOLEAN: sql.SQL("boolean"),
    Kind.DATE: sql.SQL("date"),
    Kind.TIMESTAMP: sql.SQL("timestamptz"),
}


def _relate(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 2)
    kind = _member_kind(operator, arguments)
    left, right = (_array(scope, each, kind) for each in arguments)
    return predicate(_TESTS[operator].format(left=left, right=right), operator)


def _member_kind(operator: str, arguments: list[Term]) -> Kind:
    """What both arrays hold; texts where both are empty."""
    kinds = []
    for each in arguments:
        if not isinstance(each, Members) or each.kind is not Kind.ARRAY:
            raise InputError(f"filter: {operator} needs an array, but {each.label} is {each.kind}")
        kinds += [part.kind for part in each.parts if part is not None]
    if any(kind not in _TYPES for kind in kinds):
        raise InputError(f"filter: {operator} takes arrays of numbers, texts, booleans or moments")
    if len(set(kinds)) > 1:
        raise InputError(f"filter: {operator} can't compare {' with '.join(sorted(set(kinds)))}")
    return kinds[0] if kinds else Kind.TEXT


def _array(scope: Scope, term: Term, kind: Kind) -> sql.Composable:
    assert isinstance(term, Members)  # as _member_kind has seen
    members = sql.SQL(", ").join(scope.render(part) for part in term.parts if part is not None)
    return sql.SQL("ARRAY[{}]::{}[]").format(members, _TYPES[kind])


OPERATORS = dict.fromkeys((name.lower() for name in _TESTS), _relate)
