"""What somebody needs who shares out a polygon: the buildings on it, and codes to give."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import shapely
from psycopg import sql

from grids.arcs.rules import BrokenRuleError, Rule
from grids.arcs.trace import polygon
from layers.boundaries.codes.naming import OwnersOf, attributes_of, next_code
from layers.boundaries.codes.numbering import Numbering
from layers.boundaries.coverage import Connection
from layers.boundaries.highrises.shares import read_buildings
from layers.boundaries.redraw import Attributes, Coverage
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from spatial.errors import ConflictError

type Json = dict[str, Any]

_NEAR = sql.SQL("""
SELECT id FROM {view} WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 4326) ORDER BY id
""")


def buildings_on(connection: Connection, coverage: Coverage, unit: int, role: Role) -> list[Json]:
    """The buildings that stand on the polygon of a unit of the lowest level, the highest first.

    Args:
        connection: in a transaction as somebody of this role.

    Raises:
        NotFoundError, BrokenRuleError: there is no such unit, or it is of another level.
    """
    attributes_of(coverage, unit)
    if unit not in coverage.topology.arcs_of:
        raise BrokenRuleError(Rule.LEVEL, None, [unit])
    ground = polygon(coverage.topology, unit)
    query = _NEAR.format(view=view_of(CATALOGUE.entry("buildings"), role))
    near = [row[0] for row in connection.execute(query, ground.bounds).fetchall()]
    there = {
        number: building
        for number, building in read_buildings(connection, near).items()
        if shapely.intersects_xy(ground, *building.place)
    }
    highest_first = sorted(there, key=lambda number: (-(there[number].floors or 0), number))
    return [{"id": number, **there[number]._asdict()} for number in highest_first]


def codes_beside(
    coverage: Coverage, unit: int, owners_of: OwnersOf, numbering: Numbering, count: int
) -> list[str]:
    """Codes that were never given, beside that of a unit; fewer where the scheme leaves fewer.

    Raises:
        NotFoundError: there is no such unit.
    """
    attributes_of(coverage, unit)
    asking_once = replace(numbering, given_below=cache(numbering.given_below))
    names = dict(coverage.attributes)
    for each in (each for own in coverage.shares.values() for each in own):
        names[_unused(names)] = Attributes(each.code, each.name)
    found: list[str] = []
    while len(found) < count:
        try:
            code = next_code(replace(coverage, attributes=names), unit, owners_of, asking_once)
        except ConflictError:
            break
        found.append(code)
        names[_unused(names)] = Attributes(code, "")
    return found


def _unused(names: dict[int, Attributes]) -> int:
    """A key that is no unit's: codes that micro-grids without a polygon bear are taken too."""
    return -1 - len(names)
