"""Which option each village gets, so that the town as a whole keeps its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grids.rebalance.options import Option, Options
from grids.rebalance.town import Ints


@dataclass(frozen=True)
class Limits:
    """What the town as a whole shouldn't exceed.

    Attributes:
        compactness_lost: how much the mean of all grids may fall by.
        moved_share: of all households; when whole micro-grids would move more, the villages where
            cuts save most are cut.
    """

    compactness_lost: float = 0.05
    moved_share: float = 0.05


@dataclass
class Part:
    """One village of the town.

    Attributes:
        village: its id.
        rows: of its leaves.
        grids: ids of its present grids.
        options: how it can be divided.
        chosen: which way is taken.
    """

    village: int
    rows: Ints
    grids: list[int]
    options: Options
    chosen: Option

    @property
    def at_least(self) -> int:
        """Households that any way as near to the band moves; 0 where it could be nearer."""
        reached = self.chosen.distance <= self.options.unavoidable
        return self.options.at_least if reached else 0


def mean_of_grids(options: Sequence[Option]) -> float:
    """The mean of Polsby and Popper's measure over the grids of all villages."""
    grids = sum(option.grids for option in options)
    return sum(option.compactness * option.grids for option in options) / max(grids, 1)


def choose(parts: Sequence[Part], limits: Limits) -> None:
    """Change what was chosen for some parts, where all together exceed a limit."""
    present = mean_of_grids([part.options.present for part in parts])
    _keep_compact(parts, limits.compactness_lost, present - limits.compactness_lost)
    households = sum(sum(part.options.ground.village.households) for part in parts)
    _keep_few(parts, limits.moved_share * households, present - limits.compactness_lost)


def _is_compact(parts: Sequence[Part], floor: float) -> bool:
    return mean_of_grids([part.chosen for part in parts]) >= floor


def _keep_compact(parts: Sequence[Part], most_lost: float, floor: float) -> None:
    """While the mean is too low, more compact divisions, those first that lost most."""

    def lost(part: Part) -> float:
        present = part.options.present
        return (present.compactness - part.chosen.compactness) * part.chosen.grids

    for part in sorted(parts, key=lambda part: (-lost(part), part.village)):
        if _is_compact(parts, floor) or lost(part) <= 0:
            return
        part.chosen = part.options.compact(most_lost) or part.chosen


def _keep_few(parts: Sequence[Part], most_moved: float, floor: float) -> None:
    """While whole micro-grids move too much, cuts, those first that save most."""
    if sum(part.chosen.moved for part in parts) <= most_moved:
        return
    savers = sorted((part for part in parts if _saved(part) > 0), key=_saved, reverse=True)
    for part in savers:
        whole, part.chosen = part.chosen, part.options.cut or part.chosen
        if not _is_compact(parts, floor):
            part.chosen = whole
        if sum(each.chosen.moved for each in parts) <= most_moved:
            return


def _saved(part: Part) -> int:
    """Households that stay where they are when the village is cut."""
    cut = None if part.options.is_settled else part.options.cut
    if cut is None or cut.distance > part.chosen.distance:
        return 0
    return part.chosen.moved - cut.moved
