"""From what was chosen for each village to what is suggested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from grids.rebalance.choice import Part, mean_of_grids
from grids.rebalance.cutting import Plot
from grids.rebalance.outcome import Cut, Move, Named, Reason, Suggestion
from grids.rebalance.town import Buildings, Ints, Leaves
from grids.rebalance.village import leaves_in


class _Answer:
    """One village in the ids of the town.

    Attributes:
        ids: of its grids, new ones included.
        grid_of_leaf: of each of its leaves, then of the parts that were cut off.
    """

    def __init__(self, part: Part, next_new: int) -> None:
        self.part = part
        new = len(part.chosen.sets) - len(part.grids)
        self.ids = [*part.grids, *range(next_new, next_new - new, -1)]
        grid_of = {
            leaf: grid
            for grid, leaves in zip(self.ids, part.chosen.sets, strict=True)
            for leaf in leaves_in(leaves)
        }
        self.grid_of_leaf = [grid_of[leaf] for leaf in range(len(grid_of))]

    def cut_off(self, leaf: int) -> Iterator[tuple[int, Plot]]:
        """The parts of a leaf that are in another grid than what is left of it, and that grid."""
        plots = self.part.chosen.ground.plots
        for part in range(len(self.part.rows), len(plots)):
            grid = self.grid_of_leaf[part]
            if plots[part].leaf == leaf and grid != self.grid_of_leaf[leaf]:
                yield grid, plots[part]

    @property
    def new(self) -> list[int]:
        """Ids of the grids that there weren't and that have some ground."""
        return [grid for grid in self.ids[len(self.part.grids) :] if grid in self.households]

    @property
    def households(self) -> dict[int, int]:
        """Of each grid that has any ground."""
        village = self.part.chosen.ground.village
        pairs = zip(self.ids, self.part.chosen.sets, strict=True)
        return {grid: village.held(leaves) for grid, leaves in pairs if leaves}


def told(leaves: Leaves, buildings: Buildings | None, parts: Sequence[Part]) -> Suggestion:
    """The suggestion that the chosen options make together."""
    answers = _numbered(parts, min(leaves.grids.tolist(), default=0))
    grids = leaves.grids.copy()
    for answer in answers:
        rows = answer.part.rows
        grids[rows] = answer.grid_of_leaf[: len(rows)]
    households = {g: held for each in answers for g, held in each.households.items()}
    cuts = [] if buildings is None else [c for v in answers for c in _cuts(v, leaves, buildings)]
    return Suggestion(
        grids=grids,
        moves=tuple(move for each in answers for move in _moves(each, leaves)),
        cuts=tuple(cuts),
        households=households,
        new_grids={grid: each.part.village for each in answers for grid in each.new},
        closed_grids=tuple(np.setdiff1d(leaves.grids, list(households)).tolist()),
        named=tuple(_named(parts)),
        moved=sum(part.chosen.moved for part in parts),
        at_least=sum(part.at_least for part in parts),
        total=int(leaves.households.sum()),
        compactness_before=mean_of_grids([part.options.present for part in parts]),
        compactness_after=mean_of_grids([part.chosen for part in parts]),
    )


def _numbered(parts: Sequence[Part], lowest: int) -> list[_Answer]:
    """New grids are -1, -2 and so on, or below what there is, village by village."""
    answers: list[_Answer] = []
    next_new = min(lowest, 0) - 1
    for part in parts:
        answers.append(_Answer(part, next_new))
        next_new -= len(part.chosen.sets) - len(part.grids)
    return answers


def _moves(answer: _Answer, leaves: Leaves) -> Iterator[Move]:
    for leaf, row in enumerate(answer.part.rows.tolist()):
        before, after = int(leaves.grids[row]), answer.grid_of_leaf[leaf]
        if before != after:
            cut_off = sum(plot.households.sum() for _, plot in answer.cut_off(leaf))
            held = int(leaves.households[row]) - int(cut_off)
            yield Move(int(leaves.ids[row]), before, after, held)


def _cuts(answer: _Answer, leaves: Leaves, buildings: Buildings) -> Iterator[Cut]:
    for leaf, row in enumerate(answer.part.rows.tolist()):
        for grid, plot in answer.cut_off(leaf):
            yield Cut(
                leaf=int(leaves.ids[row]),
                from_grid=int(leaves.grids[row]),
                to_grid=grid,
                buildings=_ids(buildings, plot.buildings),
                households=int(plot.households.sum()),
                line=plot.cut_off_by,
                part=plot.polygon,
            )


def _ids(buildings: Buildings, rows: Ints) -> tuple[int, ...]:
    return tuple(sorted(buildings.ids[rows].tolist()))


def _named(parts: Sequence[Part]) -> Iterator[Named]:
    for part in parts:
        households = sum(part.options.ground.village.households)
        if part.options.unavoidable:
            yield Named(part.village, households, Reason.INDIVISIBLE)
        elif part.chosen.distance:
            yield Named(part.village, households, Reason.NOTHING_FITS)
