"""How many households a unit should have, by its level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spatial.errors import InputError


@dataclass(frozen=True)
class Band:
    """From `least` to `most` households, both included.

    Raises:
        InputError: the band is empty or begins below 1.
    """

    least: int
    most: int

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most:
            raise InputError(
                f"a band from {self.least} to {self.most} households holds nothing / 户数区间无效",
                remedy="give a least of 1 or more and a most that is not below it",
            )

    def excess(self, households: int) -> int:
        """How many households there are too many."""
        return max(0, households - self.most)

    def shortage(self, households: int) -> int:
        """How many households there are too few."""
        return max(0, self.least - households)

    def distance(self, households: int) -> int:
        """How far from the band; 0 inside."""
        return self.excess(households) + self.shortage(households)

    def times(self, units: int) -> Band:
        """What so many units hold together when each is in the band."""
        return Band(units * self.least, units * self.most)

    def closest_numbers(self, households: int) -> range:
        """How many units may share out the households, so that they miss the band by least.

        Where the households can be divided into the band these are all numbers of units that do
        it; else one number, or two that miss it equally.
        """
        if households < self.least:
            return range(1, 2)
        fewest, most = -(-households // self.most), households // self.least
        if fewest <= most:
            return range(fewest, most + 1)
        # Between most * self.most and fewest * self.least, fewest being most + 1.
        by = {number: self.times(number).distance(households) for number in (most, fewest)}
        near = [number for number in by if by[number] == min(by.values())]
        return range(near[0], near[-1] + 1)


DEFAULT_BANDS: Mapping[int, Band] = {3: Band(300, 500), 4: Band(10, 99)}
"""By level: grids, and micro-grids with some tens."""
