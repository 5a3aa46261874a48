"""Arithmetic: + - * / % div ^ (OGC 21-065r2, 7.9). A division by zero is null, not an error."""

from __future__ import annotations

from psycopg import sql

from layers.reading.filters.scope import Scope
from layers.reading.filters.terms import (
    Constant,
    Expression,
    Kind,
    Term,
    require,
    require_count,
)

_LARGEST_BIGINT = 2**63 - 1
_SQL = {
    "+": sql.SQL("({left} + {right})"),
    "-": sql.SQL("({left} - {right})"),
    "*": sql.SQL("({left} * {right})"),
    "/": sql.SQL("({left} / nullif({right}, 0))"),
    # PostgreSQL has no remainder of floats; as its integers do, the sign is the dividend's.
    "%": sql.SQL("({left} - {right} * trunc({left} / nullif({right}, 0)))"),
    "DIV": sql.SQL("trunc({left} / nullif({right}, 0))"),
    "^": sql.SQL("power({left}, {right})"),
}


def constant(value: float) -> Constant:
    """A number of the filter; whole ones as such, since the text's parser makes all of them floats.

    A whole number beyond PostgreSQL's bigint is a float.
    """
    if abs(value) <= _LARGEST_BIGINT and int(value) == value:
        return Constant(Kind.NUMBER, int(value))
    return Constant(Kind.NUMBER, float(value))


def _calculate(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 2)
    for each in arguments:
        require(operator, each, Kind.NUMBER)
    left, right = (sql.SQL("{}::float8").format(scope.render(each)) for each in arguments)
    return Expression(Kind.NUMBER, _SQL[operator].format(left=left, right=right), operator)


OPERATORS = dict.fromkeys(("+", "-", "*", "/", "%", "div", "^"), _calculate)
