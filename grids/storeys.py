"""Micro-grids above one another: what each has of the buildings on the polygon that they share.

The polygon is one unit of the coverage, which keeps whatever none of these micro-grids is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from grids.highrise import Floors, Home, Share, ShareError, share_out
from spatial.errors import InputError

_ANY_OTHER = "*"  # an entrance that nobody names


class Part(NamedTuple):
    """What a micro-grid has of a building: entrances (单元) by name and floors; None for all."""

    building: int
    entrances: tuple[str, ...] | None = None
    floors: Floors | None = None


class MicroGrid(NamedTuple):
    """A micro-grid without a polygon of its own."""

    code: str
    name: str
    parts: tuple[Part, ...]


type MicroGrids = tuple[MicroGrid, ...]


def check_micro_grids(micro_grids: MicroGrids, floors_of: Mapping[int, int | None]) -> None:
    """Refuse micro-grids that don't have each floor of each entrance of their buildings once.

    Args:
        micro_grids: of one polygon.
        floors_of: how many floors each building has; None where nobody knows.

    Raises:
        InputError: two have the same floor, nobody has one, or a code is there twice; says which.
    """
    times = Counter(each.code for each in micro_grids)
    if twice := [code for code, number in times.items() if number > 1]:
        raise InputError(f"micro-grid {twice[0]} is there twice / 编码重复")
    for building in buildings_of(micro_grids):
        shares = _shares(micro_grids, building)
        try:
            share_out(_homes(building, shares, floors_of.get(building)), shares)
        except ShareError as error:
            raise _named(error, micro_grids) from error


def _named(error: ShareError, micro_grids: MicroGrids) -> InputError:
    codes = " and ".join(micro_grids[number].code for number in error.units)
    problem = f"{codes} both have it / 重复划分" if codes else "nobody has it / 未划入任何微网格"
    home = error.home
    return InputError(
        f"building {home.building}, entrance {home.entrance}, floor {home.floor}: {problem}",
        remedy=error.remedy,
    )


def buildings_of(micro_grids: MicroGrids) -> list[int]:
    """The buildings that are divided, by id."""
    return sorted({part.building for each in micro_grids for part in each.parts})


def _shares(micro_grids: MicroGrids, building: int) -> list[Share]:
    return [
        Share(
            number,
            str(building),
            None if part.entrances is None else frozenset(part.entrances),
            part.floors,
        )
        for number, each in enumerate(micro_grids)
        for part in each.parts
        if part.building == building
    ]


def _homes(
    building: int, shares: Sequence[Share], floors: int | None, *, only: int | None = None
) -> list[Home]:
    """Each floor of each entrance, as far as anybody knows of them; or those of one floor."""
    named = {entrance for share in shares for entrance in share.entrances or ()}
    if any(share.entrances is None for share in shares):
        named.add(_ANY_OTHER)
    ends = [end for share in shares if share.floors for end in share.floors]
    levels = range(min([1, *ends]), max([1, floors or 1, *ends]) + 1) if only is None else [only]
    there = [level for level in levels if level != 0 or only is not None]
    return [Home(str(building), entrance, level) for entrance in sorted(named) for level in there]


def portions(
    micro_grids: MicroGrids,
    building: int,
    floors: int | None,
    *,
    floor: int | None = None,
    entrance: str | None = None,
) -> dict[int, float]:
    """How much of a building, or of one floor or entrance of it, is whose.

    Nobody knows in which flat a household lives: each floor of each entrance counts the same.

    Args:
        micro_grids: sound ones, see `check_micro_grids`.
        building: by id.
        floors: how many it has.
        floor, entrance: only this one.

    Returns:
        Position of the micro-grid → portion in (0, 1]; what is missing is the polygon's own.
    """
    shares = _shares(micro_grids, building)
    homes = _homes(building, shares, floors, only=floor) if shares else []
    if entrance is not None:
        homes = list(dict.fromkeys(home._replace(entrance=entrance) for home in homes))
    owners: Counter[int] = Counter()
    for home in homes:
        try:
            owners[int(share_out([home], shares)[0])] += 1
        except ShareError:
            continue  # a floor that nobody was given
    return {number: count / len(homes) for number, count in sorted(owners.items())}


def owner_of(
    micro_grids: MicroGrids, building: int, floor: int | None, entrance: str | None = None
) -> int | None:
    """Position of the micro-grid that something is in, of which floor or entrance may be unknown.

    None where it is the polygon's own, or where too little is known to tell.
    """
    may = {
        number
        for number, each in enumerate(micro_grids)
        for part in each.parts
        if part.building == building and _may_hold(part, entrance, floor)
    }
    return may.pop() if len(may) == 1 else None


def _may_hold(part: Part, entrance: str | None, floor: int | None) -> bool:
    return (entrance is None or part.entrances is None or entrance in part.entrances) and (
        floor is None or part.floors is None or part.floors.lowest <= floor <= part.floors.highest
    )


def micro_grids_to_json(micro_grids: MicroGrids) -> list[dict[str, Any]]:
    """As they are stored and sent: {"code", "name", "parts": [{"building", …}]}."""
    return [
        {"code": each.code, "name": each.name, "parts": [_part_to_json(p) for p in each.parts]}
        for each in micro_grids
    ]


def _part_to_json(part: Part) -> dict[str, Any]:
    document: dict[str, Any] = {"building": part.building}
    if part.entrances is not None:
        document["entrances"] = list(part.entrances)
    if part.floors is not None:
        document["floors"] = list(part.floors)
    return document


def micro_grids_from_json(documents: Sequence[Mapping[str, Any]]) -> MicroGrids:
    """What `micro_grids_to_json` wrote; raises what reading a wrong document raises."""
    return tuple(
        MicroGrid(each["code"], each["name"], tuple(map(_part_from_json, each["parts"])))
        for each in documents
    )


def _part_from_json(document: Mapping[str, Any]) -> Part:
    entrances, floors = document.get("entrances"), document.get("floors")
    return Part(
        document["building"],
        None if entrances is None else tuple(sorted(set(entrances))),
        None if floors is None else Floors(*floors),
    )
