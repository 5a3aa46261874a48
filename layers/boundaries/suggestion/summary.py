"""What a suggested draft does, counted on the draft itself: who moves where, and what can't be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grids.arcs.metric import MetricArcs
from grids.arcs.trace import polygons_of_level
from grids.bands import Band
from grids.rebalance.outcome import Reason, Suggestion
from grids.workload import compactness
from layers.boundaries.redraw import Coverage
from layers.boundaries.suggestion.town import GRID, HOUSEHOLDS, MICRO_GRID, Inhabited

type Json = dict[str, Any]

_MISSED = (
    "the lines of the cuts leave some households on the other side; look at them"
    " / 切分线两侧户数与计算略有出入，请查看"
)


@dataclass(frozen=True)
class Redistricted:
    """The coverage of today and that of a draft, with the same households.

    Attributes:
        villages: that were asked for.
        undrawable: of villages that had to be left as they are, why.
        suggestion: what was drawn.
        cut_off: of each micro-grid that a cut made the one that it was cut from.
    """

    before: Inhabited
    names_before: Coverage
    villages: Sequence[int]
    band: Band
    undrawable: Mapping[int, str]
    suggestion: Suggestion
    after: Inhabited
    names_after: Coverage
    cut_off: Mapping[int, int]

    def summary(self) -> Json:
        """As documented in docs/boundaries-api.md."""
        moved, total = self._moved, self._total
        return {
            "band": [self.band.least, self.band.most],
            "households": total,
            "moved": moved,
            "moved_share": moved / total if total else 0.0,
            "at_least": self.suggestion.at_least,
            "compactness": {
                "before": self._compactness(self.before),
                "after": self._compactness(self.after),
            },
            "outside": {"before": self._outside(self.before), "after": self._outside(self.after)},
            "moves": list(self._moves()),
            "grids": list(self._grids()),
            "villages": list(self._named()),
        }

    @property
    def _moved(self) -> int:
        changed = self.before.grid_of_home != self.after.grid_of_home
        return int(self.before.homes.weights[HOUSEHOLDS][changed].sum())

    @property
    def _total(self) -> int:
        return sum(self.before.households[grid] for grid in self._grids_of(self.before))

    def _grids_of(self, then: Inhabited) -> list[int]:
        asked = set(self.villages)
        return [grid for grid in then.units(GRID) if then.village(grid) in asked]

    def _outside(self, then: Inhabited) -> int:
        """How many grids are outside the band."""
        held = (then.households[grid] for grid in self._grids_of(then))
        return sum(1 for households in held if self.band.distance(households))

    def _compactness(self, then: Inhabited) -> float:
        """Polsby and Popper's measure, the mean of all grids."""
        metric = MetricArcs(then.topology.coords, then.plane)
        shapes = polygons_of_level(then.topology, GRID, metric.coords)
        mine = np.array([shapes[grid] for grid in self._grids_of(then)], dtype=object)
        return float(compactness(mine).mean()) if len(mine) else 0.0

    def _moves(self) -> Iterator[Json]:
        """Micro-grids whose grid changes, village by village."""
        was, now = self.before.topology.units.by_id, self.after.topology.units.by_id
        for unit in sorted(self.after.units(MICRO_GRID), key=lambda u: (self.after.village(u), u)):
            origin = self.cut_off.get(unit, unit)
            if was[origin].parent != now[unit].parent:
                yield {
                    **_called(self.names_after, unit),
                    "households": self._held_by_micro_grids.get(unit, 0),
                    "cut_from": _called(self.names_before, origin) if origin != unit else None,
                    "from": _called(self.names_before, was[origin].parent),
                    "to": _called(self.names_after, now[unit].parent),
                    "village": _called(self.names_after, self.after.village(unit)),
                }

    @cached_property
    def _held_by_micro_grids(self) -> dict[int, int]:
        units, row = np.unique(self.after.unit_of_home, return_inverse=True)
        held = np.bincount(row, self.after.homes.weights[HOUSEHOLDS]).astype(int)
        return dict(zip(units.tolist(), held.tolist(), strict=True))

    def _grids(self) -> Iterator[Json]:
        """Grids that get, give, open or close, and how many households they have."""
        before, after = self.before.households, self.after.households
        touched = {
            each for move in self._moves() for each in (move["from"]["id"], move["to"]["id"])
        }
        for grid in sorted(touched):
            names = self.names_after if grid in after else self.names_before
            then = self.after if grid in after else self.before
            yield {
                **_called(names, grid),
                "village": _called(names, then.village(grid)),
                "before": before.get(grid),
                "after": after.get(grid),
            }

    def _named(self) -> Iterator[Json]:
        """Villages that keep a grid outside the band, and why."""
        reasons = {each.village: each.reason for each in self.suggestion.named}
        after = self.after.households
        for village in self.villages:
            grids = [g for g in self._grids_of(self.after) if self.after.village(g) == village]
            outside = [grid for grid in grids if self.band.distance(after[grid])]
            if outside:
                kind, text = self._reason(village, reasons.get(village))
                yield {
                    **_called(self.names_after, village),
                    "households": sum(after[grid] for grid in grids),
                    "reason": kind,
                    "text": text,
                    "grids": [
                        {**_called(self.names_after, g), "households": after[g]} for g in outside
                    ],
                }

    def _reason(self, village: int, found: Reason | None) -> tuple[str, str]:
        if village in self.undrawable:
            return "undrawable", self.undrawable[village]
        if found is None:
            return "missed", _MISSED
        return found.name.lower(), found.value


def _called(coverage: Coverage, unit: int) -> Json:
    attributes = coverage.attributes[unit]
    named = {"code": attributes.code, "name": attributes.name, "name_en": attributes.name_en}
    return {"id": unit, **named}
