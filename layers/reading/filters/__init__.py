"""CQL2: a client's filter → SQL over the columns that the client's role sees.

parsing      text or JSON → the tree of CQL2-JSON, small enough to be walked
translation  the tree, from its leaves up, each operator by the modules below
terms        what an expression is: its kind, and its SQL or its value
scope        what a filter may name, and the parameters that it binds
comparisons, texts, numbers, shapes, times, arrays: the operators of OGC 21-065r2
"""

from __future__ import annotations

from layers.reading.filters.parsing import LANGUAGES, parse_filter
from layers.reading.filters.scope import Scope
from layers.reading.filters.translation import translate

__all__ = ["LANGUAGES", "Scope", "parse_filter", "translate"]
