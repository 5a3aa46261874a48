"""Which codes were given, as the database knows: whose each was, and which begin alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from grids.town_rules import TownRules
from layers.boundaries.codes.numbering import Numbering
from layers.boundaries.coverage import Connection
from layers.boundaries.redraw import Attributes


def owners_of_codes(connection: Connection, codes: Sequence[str]) -> dict[str, frozenset[int]]:
    """The units of the town whose each of some codes is or ever was."""
    query = "SELECT code, array_agg(unit_id) FROM grids.owners_of_codes(%s) GROUP BY code"
    rows = connection.execute(query, (list(codes),)).fetchall()
    return {code: frozenset(units) for code, units in rows}


def codes_given_below(connection: Connection, prefix: str) -> frozenset[str]:
    """The codes that begin so and were a unit's of the town at any time."""
    rows = connection.execute("SELECT grids.codes_given_below(%s)", (prefix,)).fetchall()
    return frozenset(row[0] for row in rows)


def numbering_of(
    connection: Connection, rules: TownRules, base: Mapping[int, Attributes]
) -> Numbering:
    """How the town makes up codes, for a draft on a base with these names."""
    return Numbering(rules.scheme, base, partial(codes_given_below, connection))
