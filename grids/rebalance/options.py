"""How one village can be brought into the band: by whole micro-grids, compactly, or by cuts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from grids.bands import Band
from grids.rebalance.chains import Handed, hand_on
from grids.rebalance.cutting import Ground, with_homes
from grids.rebalance.openings import Opening, openings_of
from grids.rebalance.search import cheapest, closest, mean_compactness
from grids.rebalance.village import Leafset

_OPENINGS_TO_CUT = 4


@dataclass(frozen=True)
class Option:
    """One way to divide a village.

    Attributes:
        ground: its leaves, some of them cut; homes are those of the present grids and of new ones.
        sets: what each grid has; nothing of a closed one.
        band: that the grids shall be in.
    """

    ground: Ground
    sets: tuple[Leafset, ...]
    band: Band

    @cached_property
    def distance(self) -> int:
        """Households that are missing or too many in the grids that have something."""
        held = map(self.ground.village.held, filter(None, self.sets))
        return sum(map(self.band.distance, held))

    @cached_property
    def moved(self) -> int:
        """Households that change their grid."""
        village = self.ground.village
        pairs = zip(village.homes, self.sets, strict=True)
        return sum(village.held(home & ~leaves) for home, leaves in pairs)

    @property
    def grids(self) -> int:
        """How many have something."""
        return sum(leaves != 0 for leaves in self.sets)

    @cached_property
    def compactness(self) -> float:
        """The mean of its grids."""
        return mean_compactness(self.ground.village, self.sets)


class Options:
    """The options of one village, each worked out when it is first asked for.

    Args:
        ground: the village as it is.
        band: of its grids.
        can_be_cut: whether the plots' buildings are known.
    """

    def __init__(self, ground: Ground, band: Band, *, can_be_cut: bool) -> None:
        self.ground = ground
        self.band = band
        self._can_be_cut = can_be_cut

    @cached_property
    def openings(self) -> list[Opening]:
        """Which numbers of grids are worth a search."""
        return openings_of(self.ground.village, self.band)

    @cached_property
    def unavoidable(self) -> int:
        """How far from the band all grids together must stay."""
        return sum(self.openings[0].unavoidable)

    @cached_property
    def present(self) -> Option:
        """Everything as it is."""
        return Option(self.ground, self.ground.village.homes, self.band)

    @property
    def is_settled(self) -> bool:
        """Whether nothing can be mended."""
        return not self.present.distance or self.present.distance <= self.unavoidable

    @cached_property
    def at_least(self) -> int:
        """Households that any mending moves, by whatever cuts."""
        return 0 if self.is_settled else self.openings[0].at_least

    @cached_property
    def whole(self) -> Option | None:
        """Fewest households, by whole micro-grids; None where none fits."""
        return self._by_whole_leaves(0.0)

    def compact(self, most_lost: float) -> Option | None:
        """Fewest households, the village's mean compactness falling by no more than `most_lost`."""
        return self._by_whole_leaves(self.present.compactness - most_lost)

    def _by_whole_leaves(self, least_compactness: float) -> Option | None:
        found = cheapest(self.openings, least_compactness)
        if found is None:
            return None
        ground = with_homes(self.ground, found.opening.homes)
        return Option(ground, found.sets, self.band)

    @cached_property
    def cut(self) -> Option | None:
        """Fewest households of all ways by chains and cuts; None where buildings aren't known.

        It may miss the band, where a building is too large.
        """
        if not self._can_be_cut:
            return None
        starts = [(o, o.homes) for o in self.openings if not o.changes]
        near = [closest([opening]) for opening in self.openings[:_OPENINGS_TO_CUT]]
        starts += [
            (opening, division.sets) for opening, division in near if not division.tally.stray
        ]
        return min((self._handed_on(*start) for start in starts), key=_rank, default=None)

    def _handed_on(self, opening: Opening, sets: tuple[Leafset, ...]) -> Option:
        ground = with_homes(self.ground, opening.homes)
        handed = hand_on(Handed(ground, sets, self.band, opening.closed))
        return Option(handed.ground, handed.sets, self.band)

    @cached_property
    def best(self) -> Option:
        """By whole micro-grids where they fit, else by cuts, else as near to the band as found."""
        if self.is_settled:
            return self.present
        if self.whole is not None:
            return self.whole
        if self.cut is not None and self.cut.distance <= self.unavoidable:
            return self.cut
        return min([self._nearest, self.present, *filter(None, [self.cut])], key=_rank)

    @property
    def _nearest(self) -> Option:
        opening, division = closest(self.openings)
        return Option(with_homes(self.ground, opening.homes), division.sets, self.band)


def _rank(option: Option) -> tuple[int, int]:
    return option.distance, option.moved
