"""What a rebalance suggests: to look at, never applied by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from grids.rebalance.town import Ints


class Reason(StrEnum):
    """Why some grids of a village stay outside the band."""

    INDIVISIBLE = (
        "no number of grids divides these households into the band; the closest division was taken"
        " / 户数无法整除到区间，已取最接近的划分"
    )
    NOTHING_FITS = (
        "no whole micro-grid fits, nor do the buildings beyond a straight line; divide a high-rise"
        " by entrance or floor / 微网格和楼栋都无法合适划分，请按单元或楼层划分"
    )


@dataclass(frozen=True)
class Move:
    """A micro-grid that gets another grid; the whole of it, but for what its cuts say.

    Attributes:
        leaf: id of the micro-grid.
        from_grid, to_grid: ids; a new grid's is negative.
        households: that live in it, without the parts that are cut off.
    """

    leaf: int
    from_grid: int
    to_grid: int
    households: int


@dataclass(frozen=True)
class Cut:
    """A part of a micro-grid that is in another grid than the rest, as no whole one fits.

    Attributes:
        leaf: id of the micro-grid that is to be cut.
        from_grid, to_grid: ids; a new grid's is negative. They are the same where the rest moves.
        buildings: ids of those on the part, inhabited or not.
        households: that live in them.
        line: where it is cut off, in metres; from outline to outline unless it ends at another cut.
        part: its ground, in metres.
    """

    leaf: int
    from_grid: int
    to_grid: int
    buildings: tuple[int, ...]
    households: int
    line: BaseGeometry | None
    part: BaseGeometry


@dataclass(frozen=True)
class Named:
    """A village with a grid outside the band, and why it can't be helped."""

    village: int
    households: int
    reason: Reason


@dataclass(frozen=True)
class Suggestion:
    """The least change that was found.

    Attributes:
        grids: (n,) the grid of each leaf; of one that is cut, the grid of what is left of it.
        moves: micro-grids that get another grid, by village.
        cuts: parts of micro-grids.
        households: of each grid that there would be.
        new_grids: their ids, -1 and below, and the village of each.
        closed_grids: ids of the grids that would have nothing.
        named: villages that can't be brought into the band.
        moved: households that change their grid.
        at_least: households that any other way would move as well; nothing of `NOTHING_FITS`.
        total: households of the town.
        compactness_before, compactness_after: Polsby and Popper's measure, the mean of all grids.
    """

    grids: Ints
    moves: tuple[Move, ...]
    cuts: tuple[Cut, ...]
    households: Mapping[int, int]
    new_grids: Mapping[int, int]
    closed_grids: tuple[int, ...]
    named: tuple[Named, ...]
    moved: int
    at_least: int
    total: int
    compactness_before: float
    compactness_after: float

    @property
    def moved_share(self) -> float:
        """Of all households those that change their grid."""
        return self.moved / self.total if self.total else 0.0
