"""Moments and intervals: T_* functions and comparisons (OGC 21-065r2, 7.7).

Dates among themselves are compared as dates. Beside a date-time, a date is its whole day in the
town's time zone, from midnight to the last microsecond. An instant is an interval whose ends are
equal. An open end `..` lies before or after everything; an end that is null makes the test null.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from psycopg import sql

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

_DATE_LENGTH = len("2026-01-01")
# {a} and {z} are the first argument's ends, {b} and {y} the second's.
_TESTS = {
    "T_AFTER": "{a} > {y}",
    "T_BEFORE": "{z} < {b}",
    "T_CONTAINS": "{a} < {b} AND {z} > {y}",
    "T_DISJOINT": "{z} < {b} OR {a} > {y}",
    "T_DURING": "{a} > {b} AND {z} < {y}",
    "T_EQUALS": "{a} = {b} AND {z} = {y}",
    "T_FINISHEDBY": "{a} < {b} AND {z} = {y}",
    "T_FINISHES": "{a} > {b} AND {z} = {y}",
    "T_INTERSECTS": "{a} <= {y} AND {z} >= {b}",
    "T_MEETS": "{z} = {b}",
    "T_METBY": "{a} = {y}",
    "T_OVERLAPPEDBY": "{a} > {b} AND {a} < {y} AND {z} > {y}",
    "T_OVERLAPS": "{a} < {b} AND {z} > {b} AND {z} < {y}",
    "T_STARTEDBY": "{a} = {b} AND {z} > {y}",
    "T_STARTS": "{a} = {b} AND {z} < {y}",
}
# Between a date and a date-time: equal is to lie in the day.
_MIXED = {
    "=": "{a} <= {y} AND {z} >= {b}",
    "<>": "NOT ({a} <= {y} AND {z} >= {b})",
    "<": "{z} < {b}",
    ">": "{a} > {y}",
    "<=": "{a} <= {y}",
    ">=": "{z} >= {b}",
}
_DAY_START = sql.SQL("({day}::timestamp AT TIME ZONE {zone})")
_DAY_END = sql.SQL("(({day} + 1)::timestamp AT TIME ZONE {zone} - interval '1 microsecond')")


def read_date(_scope: Scope, value: Any) -> Constant:
    """`DATE('2026-01-01')`.

    Raises:
        InputError: it is none.
    """
    try:
        if isinstance(value, str) and len(value) == _DATE_LENGTH:
            return Constant(Kind.DATE, date.fromisoformat(value))
    except ValueError:
        pass
    raise InputError(f"filter: {value!r} is not a date like 2026-01-31")


def read_timestamp(scope: Scope, value: Any) -> Constant:
    """`TIMESTAMP('2026-01-01T00:00:00Z')`; without an offset it is the town's time.

    Raises:
        InputError: it is none.
    """
    try:
        if isinstance(value, str) and len(value) > _DATE_LENGTH:
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=scope.zone)
            return Constant(Kind.TIMESTAMP, moment.astimezone(UTC))
    except (ValueError, OverflowError):
        pass
    raise InputError(f"filter: {value!r} is not a date-time like 2026-01-31T08:00:00Z")


def of_text(scope: Scope, term: Term) -> Term:
    """A text constant as the moment that it writes; other terms as they are.

    Raises:
        InputError: the text writes no moment.
    """
    if not isinstance(term, Constant) or term.kind is not Kind.TEXT or term.folds:
        return term
    return read_moment(scope, term.value)


def read_moment(scope: Scope, text: str) -> Constant:
    """A date or a date-time."""
    # OGR writes 2026/01/31 08:00:00.
    text = text.replace("/", "-")
    return read_date(scope, text) if len(text) == _DATE_LENGTH else read_timestamp(scope, text)


def instant(scope: Scope, term: Term) -> Term:
    """One end of an interval.

    Raises:
        InputError: it is no instant.
    """
    term = of_text(scope, term)
    require("INTERVAL", term, *INSTANTS)
    return term


def compare(scope: Scope, operator: str, left: Term, right: Term) -> Expression:
    """A comparison of two instants by `=`, `<>`, `<`, `>`, `<=` or `>=`."""
    if left.kind is right.kind:
        test = sql.SQL("({} {} {})").format(
            scope.render(left),
            sql.SQL(operator),
            scope.render(right),
        )
        return predicate(test, operator)
    return _test(scope, operator, _MIXED[operator], left, right)


def _relate(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 2)
    left, right = (of_text(scope, each) for each in arguments)
    for each in (left, right):
        require(operator, each, *INSTANTS, Kind.INTERVAL)
    return _test(scope, operator, _TESTS[operator], left, right)


def _test(scope: Scope, operator: str, test: str, left: Term, right: Term) -> Expression:
    days = all(each.kind is Kind.DATE for each in (*_instants(left), *_instants(right)))
    first, second = _span(scope, left, days=days), _span(scope, right, days=days)
    condition = sql.SQL("({})").format(
        sql.SQL(test).format(a=first.start, z=first.end, b=second.start, y=second.end)
    )
    return predicate(condition, operator)


def _instants(term: Term) -> list[Term]:
    """An instant, or the ends of an interval that are not open."""
    if isinstance(term, Members):
        return [each for each in term.parts if each is not None]
    return [term]


@dataclass(frozen=True)
class _Span:
    start: sql.Composable
    end: sql.Composable


def _span(scope: Scope, term: Term, *, days: bool) -> _Span:
    """Both ends of an instant or interval, as dates or as date-times."""
    if isinstance(term, Members):
        start, end = term.parts
        return _Span(
            _OPEN[days][0] if start is None else _end(scope, start, days=days).start,
            _OPEN[days][1] if end is None else _end(scope, end, days=days).end,
        )
    return _end(scope, term, days=days)


_OPEN = {
    True: (sql.SQL("'-infinity'::date"), sql.SQL("'infinity'::date")),
    False: (sql.SQL("'-infinity'::timestamptz"), sql.SQL("'infinity'::timestamptz")),
}


def _end(scope: Scope, term: Term, *, days: bool) -> _Span:
    """An instant as the span that it takes up."""
    moment = scope.render(term)
    if days or term.kind is Kind.TIMESTAMP:
        return _Span(moment, moment)
    zone = scope.bind(Constant(Kind.TEXT, scope.zone.key))
    return _Span(_DAY_START.format(day=moment, zone=zone), _DAY_END.format(day=moment, zone=zone))


OPERATORS = dict.fromkeys((name.lower() for name in _TESTS), _relate)
