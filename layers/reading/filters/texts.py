"""LIKE, CASEI and ACCENTI (OGC 21-065r2, 7.3 to 7.5)."""

from __future__ import annotations

import re
from dataclasses import replace

from psycopg import sql

from layers.reading.filters.scope import Scope
from layers.reading.filters.terms import (
    Constant,
    Expression,
    Kind,
    Term,
    predicate,
    require,
    require_count,
)
from spatial.errors import InputError

_LIKE = sql.SQL("({} LIKE {})")
_HALF_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\$")
_FOLDS = {
    "CASEI": sql.SQL("layers.case_folded({})"),
    "ACCENTI": sql.SQL("layers.accent_folded({})"),
}


def _like(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    """`%` is any text, `_` any character, a backslash takes the next one as it is."""
    require_count(operator, arguments, 2)
    for each in arguments:
        require(operator, each, Kind.TEXT)
    value, pattern = arguments
    if not isinstance(pattern, Constant):
        raise InputError("filter: the pattern of LIKE has to be a text, not a property")
    if _HALF_ESCAPE.search(pattern.value):
        raise InputError("filter: the pattern of LIKE ends in the middle of an escape")
    return predicate(_LIKE.format(scope.render(value), scope.render(pattern)), operator)


def _fold(scope: Scope, operator: str, arguments: list[Term]) -> Term:
    require_count(operator, arguments, 1)
    require(operator, arguments[0], Kind.TEXT)
    fold, text = _FOLDS[operator], arguments[0]
    if isinstance(text, Constant):
        return replace(text, folds=(*text.folds, fold))
    return Expression(Kind.TEXT, fold.format(scope.render(text)), f"{operator} of {text.label}")


OPERATORS = {"like": _like, "casei": _fold, "accenti": _fold}
