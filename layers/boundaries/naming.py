"""Codes and names that a draft gives to units: new ones, and those that are already somebody's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from layers.boundaries.redraw import Attributes, Coverage
from spatial.errors import ConflictError, NotFoundError

type GivenCodes = Mapping[str, frozenset[int]]  # code → the units whose it is or was

_LAST_NUMBER = re.compile(r"(?P<head>.*?)(?P<number>\d{1,5})$")


def given_codes(rows: Iterable[tuple[int, str]]) -> GivenCodes:
    """The units of each code that was ever given."""
    found: dict[str, set[int]] = {}
    for unit, code in rows:
        found.setdefault(code, set()).add(unit)
    return {code: frozenset(units) for code, units in found.items()}


def next_code(coverage: Coverage, like: int, given: GivenCodes) -> str:
    """A code that was never given, beside that of a unit: its last number, counted up."""
    code = coverage.attributes[like].code
    found = _LAST_NUMBER.fullmatch(code)
    head, width, number = code + "-", 1, 1
    if found:
        head, width = found["head"], len(found["number"])
        number = int(found["number"]) + 1
    taken = {each.code for each in coverage.attributes.values()} | given.keys()
    while (made := f"{head}{number:0{width}d}") in taken:
        number += 1
    return made


def next_name(coverage: Coverage, like: int) -> str:
    """The name of a unit with a number behind it that no other of its level bears."""
    name, units = coverage.attributes[like].name, coverage.topology.units.by_id
    taken = {
        coverage.attributes[unit].name
        for unit in coverage.attributes
        if unit in units and units[unit].level == units[like].level
    }
    number = 2
    while (made := f"{name}-{number}") in taken:
        number += 1
    return made


def check_codes(
    before: Mapping[int, Attributes], after: Mapping[int, Attributes], given: GivenCodes
) -> None:
    """Refuse codes that two units bear, and retired ones.

    Args:
        before: the attributes of the coverage that the draft stands on.
        after: those of the draft.
        given: every code ever given. One that a living unit gives up in the draft itself may pass
            on to another, as when a village is numbered anew.

    Raises:
        ConflictError: names the first code.
    """
    times = Counter(each.code for each in after.values())
    twice = sorted(code for code, count in times.items() if count > 1)
    if twice:
        raise ConflictError(f"code {twice[0]} would be that of two units / 编码重复")
    passed_on = {before[unit].code for unit in before if unit in after}
    for unit, each in after.items():
        owners = given.get(each.code, frozenset())
        if owners and unit not in owners and each.code not in passed_on:
            raise ConflictError(
                f"code {each.code} was another unit's and is retired / 编码已停用,不得再用",
                remedy="take one that was never given",
            )


def attributes_of(coverage: Coverage, unit: int) -> Attributes:
    """What a unit is called.

    Raises:
        NotFoundError: it isn't there.
    """
    found = coverage.attributes.get(unit)
    if found is None:
        raise NotFoundError(f"there is no unit {unit} / 单元不存在")
    return found
