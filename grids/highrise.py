"""High-rises: micro-grids that share one polygon, told apart by building, entrance and floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatial.errors import InputError


class Floors(NamedTuple):
    """From the `lowest` to the `highest` floor, both included; below ground they are negative."""

    lowest: int
    highest: int


@dataclass(frozen=True)
class Share:
    """What one micro-grid has of one building.

    Attributes:
        unit: the micro-grid; several shares may name it.
        building: which building.
        entrances: its entrances (单元); None for all.
        floors: its floors; None for all.
    """

    unit: int
    building: str
    entrances: frozenset[str] | None = None
    floors: Floors | None = None


class Home(NamedTuple):
    """Where something is in the polygon: a household, a rented room, a shop."""

    building: str
    entrance: str
    floor: int


class ShareError(InputError):
    """Two micro-grids have the same floor of an entrance, or nobody has it.

    Attributes:
        home: the entrance and floor concerned; of an overlap on all entrances or floors, "*" or 0.
        units: the micro-grids that both have it; none where nobody does.
    """

    def __init__(self, home: Home, units: tuple[int, ...], problem: str) -> None:
        self.home, self.units = home, units
        super().__init__(
            f"building {home.building}, entrance {home.entrance}, floor {home.floor}: {problem}",
            remedy="give each floor of each entrance to exactly one micro-grid",
        )


def share_out(homes: Sequence[Home], shares: Sequence[Share]) -> NDArray[np.int64]:
    """The micro-grid of each home, (n,).

    Raises:
        ShareError: two micro-grids have a floor of an entrance, whether or not somebody lives
            there, or a home is nobody's.
    """
    of_building: dict[str, list[Share]] = {}
    for share in shares:
        of_building.setdefault(share.building, []).append(share)
    for same in of_building.values():
        _refuse_overlap(same)
    owner = {home: _owner(home, of_building) for home in dict.fromkeys(homes)}
    return np.array([owner[home] for home in homes], dtype=np.int64)


def _owner(home: Home, of_building: Mapping[str, Sequence[Share]]) -> int:
    for share in of_building.get(home.building, ()):
        if _has(share, home):
            return share.unit
    raise ShareError(home, (), "no micro-grid has it / 未划入任何微网格")


def _has(share: Share, home: Home) -> bool:
    entrance = share.entrances is None or home.entrance in share.entrances
    floors = share.floors
    return entrance and (floors is None or floors.lowest <= home.floor <= floors.highest)


def _refuse_overlap(shares: Sequence[Share]) -> None:
    for one, other in combinations(shares, 2):
        if one.unit == other.unit:
            continue
        entrance, floor = _common_entrance(one, other), _common_floor(one, other)
        if entrance is not None and floor is not None:
            units = (one.unit, other.unit)
            problem = f"micro-grids {one.unit} and {other.unit} both have it / 重复划分"
            raise ShareError(Home(one.building, entrance, floor), units, problem)


def _common_entrance(one: Share, other: Share) -> str | None:
    """One that both have, the first by name; "*" where both have all."""
    if one.entrances is None and other.entrances is None:
        return "*"
    if one.entrances is None or other.entrances is None:
        named = one.entrances if other.entrances is None else other.entrances
        return min(named or (), default=None)
    return min(one.entrances & other.entrances, default=None)


def _common_floor(one: Share, other: Share) -> int | None:
    """The lowest that both have; where both have all, the ground floor."""
    stated = [share.floors for share in (one, other) if share.floors is not None]
    if not stated:
        return 1
    lowest = max(floors.lowest for floors in stated)
    return lowest if lowest <= min(floors.highest for floors in stated) else None
