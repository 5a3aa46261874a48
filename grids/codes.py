"""Codes of units: how they are made up, which one is next, and numbering a village anew. Pure.

The default is that of the urban-management standards (GB/T 30428.1, CJ/T 349): six digits of the
county, three of the town, three of the community or village, then a sequence within it from west to
east and from north to south; micro-grids add two digits to their grid's code.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatial.errors import ConflictError, InputError

LEVELS = (1, 2, 3, 4)
# Of what any way in takes: files, steps of drafts, map clients.
LONGEST_CODE, LONGEST_NAME = 40, 200
_BAND_SHARE = 0.75


@dataclass(frozen=True)
class CodeScheme:
    """How many digits each level adds to the code of the unit above.

    Attributes:
        digits: by level; level 1, the town, stands alone.
    """

    digits: Mapping[int, int]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The scheme written as sums: `6+3, 3, 3, 2` for town, village, grid and micro-grid.

        Raises:
            InputError: it isn't four sums of digits.
        """
        try:
            numbers = [sum(int(part) for part in each.split("+")) for each in text.split(",")]
        except ValueError:
            numbers = []
        if len(numbers) != len(LEVELS) or not all(1 <= number <= 12 for number in numbers):
            raise InputError(
                f"'{text[:50]}' is no scheme of codes / 编码规则不对", remedy="e.g. 6+3, 3, 3, 2"
            )
        return cls(dict(zip(LEVELS, numbers, strict=True)))

    def fault(self, code: str, level: int, parent_code: str | None) -> str | None:
        """Why a code is not well formed; None when it is.

        Args:
            parent_code: of the unit right above; None for the town.
        """
        above = parent_code or ""
        if not code.startswith(above):
            return f"{code} doesn't begin with {above}, the code above / 编码前缀不是上级编码"
        own = code.removeprefix(above)
        if len(own) != self.digits[level] or not (own.isascii() and own.isdecimal()):
            return f"{code} should have {self.digits[level]} digits after {above} / 编码位数不对"
        return f"{code} ends in zeros / 顺序码不能为零" if level > 2 and not int(own) else None

    def make(self, parent_code: str, level: int, number: int) -> str:
        """The code of a number.

        Raises:
            ConflictError: it has more digits than the scheme leaves.
        """
        width = self.digits[level]
        if not 0 < number < 10**width:
            raise ConflictError(
                f"{parent_code} has no code left with {width} digits / 编码已用完",
                remedy="a scheme with more digits",
            )
        return f"{parent_code}{number:0{width}d}"

    def next_code(self, parent_code: str, level: int, given: Collection[str]) -> str:
        """A code that was never given: after the highest one, else the lowest that is left.

        Args:
            given: every code that a unit has or had; retired ones are not given again.

        Raises:
            ConflictError: all of them were given.
        """
        used = self.numbers_given(parent_code, level, given)
        after = max(used, default=0) + 1
        if after < 10 ** self.digits[level]:
            return self.make(parent_code, level, after)
        left = (number for number in range(1, 10 ** self.digits[level]) if number not in used)
        return self.make(parent_code, level, next(left, 0))

    def renumber(
        self, parent_code: str, level: int, present: Sequence[str], given: Collection[str]
    ) -> list[str]:
        """New codes for all units below one.

        Args:
            present: their codes now, in reading order.
            given: every code that a unit has or had. Those of `present` may be given on among
                themselves; those of others, and retired ones, are left out.

        Raises:
            ConflictError: there are more units than codes.
        """
        taken = self.numbers_given(parent_code, level, set(given) - set(present))
        free = (number for number in range(1, 10 ** self.digits[level]) if number not in taken)
        return [self.make(parent_code, level, next(free, 0)) for _ in present]

    def numbers_given(self, parent_code: str, level: int, given: Collection[str]) -> set[int]:
        """The numbers of those codes of a level below a parent."""
        return {
            int(code.removeprefix(parent_code))
            for code in given
            if self.fault(code, level, parent_code) is None
        }


DEFAULT_SCHEME = CodeScheme({1: 9, 2: 3, 3: 3, 4: 2})


def reading_order(centres: ArrayLike, heights_m: ArrayLike) -> NDArray[np.int64]:
    """The rows of units in the order in which they are numbered.

    Units are read in bands as lines are: the northernmost begins a band, which holds all whose
    centre is less than three quarters of the median height below it; each band from west to east.
    Rows of equal units are one height apart, so that none lies where a band ends.

    Args:
        centres: (n, 2) eastings and northings.
        heights_m: (n,) from the southernmost to the northernmost point of each.
    """
    xy = np.asarray(centres, dtype=np.float64).reshape(-1, 2)
    if not len(xy):
        return np.empty(0, dtype=np.int64)
    step = _BAND_SHARE * float(np.median(np.asarray(heights_m, dtype=np.float64)))
    band = np.zeros(len(xy), dtype=np.int64)
    from_north = np.lexsort((xy[:, 0], -xy[:, 1])).tolist()
    top, number = float(xy[from_north[0], 1]), 0
    for row in from_north:
        if top - xy[row, 1] >= step:
            top, number = float(xy[row, 1]), number + 1
        band[row] = number
    order: NDArray[np.int64] = np.lexsort((-xy[:, 1], xy[:, 0], band))
    return order
