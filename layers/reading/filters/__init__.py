"""CQL2: a client's filter → SQL over the columns that the client's role sees.

parsing      text or JSON → the tree of CQL2-JSON, small enough to be walked
translation  the tree, from its leaves up, each operator by the modules below
terms        what an expression is: its kind, and its SQL or its value
scope        what a filter may name, and the parameters that it binds
comparisons, texts, numbers, shapes, times, arrays: the operators of OGC 21-065r2
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from layers.entries import CATALOGUE
from layers.reading.crs import OutputCrs
from layers.reading.filters.parsing import LANGUAGES, parse_filter
from layers.reading.filters.scope import Scope
from layers.reading.filters.translation import translate
from layers.roles import Role

__all__ = [
    "LANGUAGES",
    "Condition",
    "Scope",
    "Written",
    "compile_filter",
    "parse_filter",
    "translate",
]


@dataclass(frozen=True)
class Written:
    """A filter as a client wrote it.

    Attributes:
        language: one of LANGUAGES.
        crs: of the coordinates in it.
        time_zone: of its dates.
    """

    text: str
    language: str
    crs: OutputCrs
    time_zone: str


@dataclass(frozen=True, eq=False)
class Condition:
    """SQL with named placeholders, and their values."""

    sql: str
    values: dict[str, Any]


# A client that pages or refreshes sends the same filter again and again.
@lru_cache(maxsize=256)
def compile_filter(layer_id: str, role: Role, written: Written) -> Condition:
    """The condition that a filter is, for one who reads the layer as `role`.

    Raises:
        InputError: it is no filter, or names a property that the role doesn't see.
    """
    queryables = CATALOGUE.entry(layer_id).queryables_for(role)
    scope = Scope(layer_id, queryables, written.crs, written.time_zone)
    condition = translate(scope, parse_filter(written.text, written.language))
    return Condition(condition.as_string(), scope.values)
