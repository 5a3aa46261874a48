"""Codes by the town's scheme, in a draft: new units', those not well formed, all anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from grids.arcs.rules import Ground
from grids.codes import CodeScheme
from grids.numbering import Renumbering, code_fault, follows_scheme
from layers.boundaries.redraw import Attributes, Coverage

type Names = Mapping[int, Attributes]

# Below a town the villages' codes are official: who wants other ones says so.
_FIRST_LEVEL = {1: 3, 2: 3, 3: 4}


@dataclass(frozen=True)
class Numbering:
    """How codes are made up, and which there ever were.

    Attributes:
        formerly: the names where the draft began.
        given_below: the codes that begin so and were a unit's at any time.
    """

    scheme: CodeScheme
    formerly: Names
    given_below: Callable[[str], frozenset[str]]


def next_code_by_scheme(coverage: Coverage, like: int, numbering: Numbering) -> str | None:
    """A code that was never given, beside that of a unit.

    Returns:
        After the highest one below the same parent; None where the units of that level don't
        follow the scheme.

    Raises:
        ConflictError: the parent has none left.
    """
    units, codes = coverage.topology.units, codes_of(coverage.attributes)
    level, parent = units.by_id[like]
    if parent not in codes or not follows_scheme(numbering.scheme, units, codes, level):
        return None
    above = codes[parent]
    given = {code for code in codes.values() if code.startswith(above)}
    return numbering.scheme.next_code(above, level, given | numbering.given_below(above))


def renumbered(
    coverage: Coverage, ground: Ground, numbering: Numbering, top: int, level: int | None
) -> dict[int, str]:
    """New codes for everything below a unit, from a level down; see `Renumbering`.

    Args:
        level: None for grids below the town and villages, for micro-grids below a grid.
    """
    units, codes = coverage.topology.units.by_id, codes_of(coverage.attributes)
    if level is None:
        level = _FIRST_LEVEL.get(units[top].level if top in units else 0, 4)
    given = numbering.given_below(codes.get(top, ""))
    formerly = codes_of(numbering.formerly)
    work = Renumbering(coverage.topology, ground, numbering.scheme, codes, formerly, given)
    return work.new_codes(top, level)


def ill_formed(base: Coverage, now: Coverage, scheme: CodeScheme) -> Iterator[tuple[int, str]]:
    """New units and units with a new code whose code isn't well formed, and why.

    Asked only at levels that follow the scheme where the draft began: a town that came with codes
    of its own goes on with them. A unit may keep its code below another parent, so that of any
    unit above will do.
    """
    was, codes = codes_of(base.attributes), codes_of(now.attributes)
    units, prefixes = now.topology.units, {*was.values(), *codes.values()}
    for level in units.levels[1:]:
        if not follows_scheme(scheme, base.topology.units, was, level):
            continue
        for unit, code in sorted(codes.items()):
            if units.by_id[unit].level == level and was.get(unit) != code:
                fault = code_fault(scheme, units, codes, unit)
                above = code[: -scheme.digits[level]]
                if fault and (above not in prefixes or scheme.fault(code, level, above)):
                    yield unit, fault


def codes_of(names: Names) -> dict[int, str]:
    """Codes by unit."""
    return {unit: each.code for unit, each in names.items()}
