"""What an expression of a filter is: a kind, and either SQL or a value that isn't bound yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from psycopg import sql

from spatial.errors import InputError


class Kind(StrEnum):
    """The kinds of CQL2's expressions, as they are called in messages."""

    NUMBER = "a number"
    TEXT = "a text"
    BOOLEAN = "true or false"
    DATE = "a date"
    TIMESTAMP = "a date-time"
    INTERVAL = "an interval"
    GEOMETRY = "a geometry"
    ARRAY = "an array"


INSTANTS = frozenset({Kind.DATE, Kind.TIMESTAMP})


@dataclass(frozen=True)
class Expression:
    """SQL of a kind; `label` names it in messages."""

    kind: Kind
    sql: sql.Composable
    label: str


@dataclass(frozen=True)
class Constant:
    """A value of the filter, to be bound as a parameter once its use is known.

    Attributes:
        folds: SQL functions to apply to it, the first one first.
    """

    kind: Kind
    value: Any
    folds: tuple[sql.SQL, ...] = ()

    @property
    def label(self) -> str:
        """The value as it is called in messages."""
        return repr(self.value) if self.kind in {Kind.NUMBER, Kind.TEXT} else self.kind.value


@dataclass(frozen=True)
class Members:
    """An array or an interval: its parts. None is an open end of an interval."""

    kind: Kind
    parts: tuple[Term | None, ...]

    @property
    def label(self) -> str:
        """What it is called in messages."""
        return self.kind.value


Term = Expression | Constant | Members


def predicate(test: sql.Composable, label: str) -> Expression:
    """A boolean expression."""
    return Expression(Kind.BOOLEAN, test, label)


def require(operator: str, term: Term, *kinds: Kind) -> None:
    """Whether `term` is of one of `kinds`.

    Raises:
        InputError: it is not.
    """
    if term.kind not in kinds:
        wanted = " or ".join(kind.value for kind in kinds)
        raise InputError(f"filter: {operator} needs {wanted}, but {term.label} is {term.kind}")


def require_count(operator: str, arguments: Sequence[object], *counts: int) -> None:
    """Whether the operator has as many arguments as it takes.

    Raises:
        InputError: it has not.
    """
    if len(arguments) not in counts:
        wanted = " or ".join(map(str, counts))
        raise InputError(f"filter: {operator} takes {wanted} arguments, not {len(arguments)}")
