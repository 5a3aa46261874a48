"""AND, OR, NOT, comparisons, BETWEEN, IN and IS NULL (OGC 21-065r2, 6.4 to 6.6 and 7.2)."""

from __future__ import annotations

from psycopg import sql

from layers.reading.filters import times
from layers.reading.filters.scope import Scope
from layers.reading.filters.terms import (
    INSTANTS,
    Constant,
    Expression,
    Kind,
    Members,
    Term,
    predicate,
    require,
    require_count,
)
from spatial.errors import InputError

_ORDERED = frozenset({Kind.NUMBER, Kind.TEXT})
_EQUALITIES = frozenset({"=", "<>"})


def _join(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    if len(arguments) < 2:
        raise InputError(f"filter: {operator} takes at least 2 arguments")
    for each in arguments:
        require(operator, each, Kind.BOOLEAN)
    joined = sql.SQL(" AND " if operator == "AND" else " OR ").join(map(scope.render, arguments))
    return predicate(sql.SQL("({})").format(joined), operator)


def _not(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 1)
    require(operator, arguments[0], Kind.BOOLEAN)
    return predicate(sql.SQL("(NOT {})").format(scope.render(arguments[0])), operator)


def _compare(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 2)
    left, right = unify(scope, operator, arguments)
    if left.kind in INSTANTS:
        return times.compare(scope, operator, left, right)
    if left.kind not in _ORDERED and not (left.kind is Kind.BOOLEAN and operator in _EQUALITIES):
        raise InputError(f"filter: {operator} doesn't compare {left.kind}")
    test = sql.SQL("({} {} {})").format(
        scope.render(left), sql.SQL(_SQL_OPERATORS[operator]), scope.render(right)
    )
    return predicate(test, operator)


def unify(scope: Scope, operator: str, terms: list[Term]) -> list[Term]:
    """The terms, known to be comparable; a text that stands for a moment becomes one.

    Raises:
        InputError: they are of different kinds.
    """
    if any(each.kind in INSTANTS and not isinstance(each, Constant) for each in terms):
        # A text constant beside a moment: GDAL writes date-times so.
        terms = [times.of_text(scope, each) for each in terms]
    first = terms[0]
    for each in terms[1:]:
        if each.kind is not first.kind and not {each.kind, first.kind} <= INSTANTS:
            raise InputError(
                f"filter: {operator} can't compare {first.label}, which is {first.kind}, "
                f"with {each.label}, which is {each.kind}"
            )
    return terms


def _between(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    if len(arguments) == 2 and isinstance(arguments[1], Members):
        # An earlier draft of CQL2-JSON wrote the bounds as an array.
        arguments = [arguments[0], *(each for each in arguments[1].parts if each)]
    require_count(operator, arguments, 3)
    value, low, high = arguments
    bounds = [_compare(scope, ">=", [value, low]), _compare(scope, "<=", [value, high])]
    return _join(scope, "AND", bounds)


def _in(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 2)
    value, choices = arguments
    if not isinstance(choices, Members) or choices.kind is not Kind.ARRAY:
        raise InputError("filter: IN needs a list of values")
    if not choices.parts:
        return predicate(sql.SQL("false"), operator)
    parts = [each for each in choices.parts if each is not None]
    _, *parts = unify(scope, operator, [value, *parts])
    if value.kind in _ORDERED and all(map(_is_plain, parts)):
        return predicate(_any(scope, value, parts), operator)
    tests = [_compare(scope, "=", [value, each]) for each in parts]
    return tests[0] if len(tests) == 1 else _join(scope, "OR", tests)


def _is_plain(term: Term) -> bool:
    return isinstance(term, Constant) and not term.folds


def _any(scope: Scope, value: Term, choices: list[Term]) -> sql.Composable:
    """One parameter for the whole list, however long."""
    values = [each.value for each in choices if isinstance(each, Constant)]
    return sql.SQL("({} = ANY ({}))").format(
        scope.render(value), scope.bind_many(value.kind, values)
    )


def _is_null(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 1)
    if not isinstance(arguments[0], Expression):
        raise InputError("filter: IS NULL needs a property or an expression")
    return predicate(sql.SQL("({} IS NULL)").format(scope.render(arguments[0])), operator)


_SQL_OPERATORS = {each: each for each in ("=", "<>", "<", ">", "<=", ">=")}
OPERATORS = {
    "and": _join,
    "or": _join,
    "not": _not,
    "between": _between,
    "in": _in,
    "isNull": _is_null,
    **dict.fromkeys(_SQL_OPERATORS, _compare),
}
