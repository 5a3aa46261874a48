"""Codes and names that a draft gives to units: new ones, and those that are already somebody's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from layers.boundaries.codes.numbering import Numbering, next_code_by_scheme
from layers.boundaries.redraw import Attributes, Coverage
from spatial.errors import ConflictError, NotFoundError

type OwnersOf = Callable[[Sequence[str]], Mapping[str, frozenset[int]]]
"""The units whose each of some codes is or ever was; codes that were nobody's are left out."""


class TakenCodeError(ConflictError):
    """A code is another unit's, or was and is retired."""


_TRIED_TOGETHER = 20
_LAST_NUMBER = re.compile(r"(?P<head>.*?)(?P<number>\d{1,5})$")


def next_code(coverage: Coverage, like: int, owners_of: OwnersOf, numbering: Numbering) -> str:
    """A code that was never given, beside that of a unit.

    By the scheme of the town where units of that level follow it; else its last number counted up.

    Raises:
        ConflictError: the scheme leaves no code.
    """
    by_scheme = next_code_by_scheme(coverage, like, numbering)
    return _counted_up(coverage, like, owners_of) if by_scheme is None else by_scheme


def _counted_up(coverage: Coverage, like: int, owners_of: OwnersOf) -> str:
    code = coverage.attributes[like].code
    found = _LAST_NUMBER.fullmatch(code)
    head, width, number = code + "-", 1, 1
    if found:
        head, width = found["head"], len(found["number"])
        number = int(found["number"]) + 1
    taken = {each.code for each in coverage.attributes.values()}
    while True:
        free: list[str] = []
        while len(free) < _TRIED_TOGETHER:
            made = f"{head}{number:0{width}d}"
            number += 1
            if made not in taken:
                free.append(made)
        given = owners_of(free)
        never_given = next((each for each in free if each not in given), None)
        if never_given is not None:
            return never_given


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
    before: Mapping[int, Attributes], after: Mapping[int, Attributes], owners_of: OwnersOf
) -> None:
    """Refuse codes that two units bear, and retired ones.

    Args:
        before: the attributes of the coverage that the draft stands on.
        after: those of the draft. A code that a living unit gives up in the draft itself may pass
            on to another, as when a village is numbered anew.
        owners_of: of codes.

    Raises:
        TakenCodeError: names the first code.
    """
    times = Counter(each.code for each in after.values())
    twice = sorted(code for code, count in times.items() if count > 1)
    if twice:
        raise TakenCodeError(f"code {twice[0]} would be that of two units / 编码重复")
    passed_on = {before[unit].code for unit in before if unit in after}
    new = {
        each.code: unit
        for unit, each in after.items()
        if each.code not in passed_on and (unit not in before or before[unit].code != each.code)
    }
    for code, owners in owners_of(list(new)).items() if new else ():
        if new[code] not in owners:
            raise _retired(code)


def check_new_code(
    before: Mapping[int, Attributes], now: Mapping[int, Attributes], code: str, owners_of: OwnersOf
) -> None:
    """Refuse a new unit's code that is or was another one's; the same as `check_codes`, for one.

    Raises:
        TakenCodeError: names the code.
    """
    if any(each.code == code for each in now.values()):
        raise TakenCodeError(f"code {code} would be that of two units / 编码重复")
    passed_on = any(unit in now for unit, each in before.items() if each.code == code)
    if not passed_on and owners_of([code]):
        raise _retired(code)


def _retired(code: str) -> TakenCodeError:
    return TakenCodeError(
        f"code {code} was another unit's and is retired / 编码已停用,不得再用",
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
