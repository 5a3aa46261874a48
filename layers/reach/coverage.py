"""Use case: how much of the town the responders on duty reach in time, once and twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import mapping

from grids.cells import cell_boundaries
from layers.reach.ground import Ground, StreetCells, Targets
from routing.reach.coverage import Cover, Covering

SECONDS = (60, 120, 180, 300)
DEPTHS = {1: "single", 2: "double"}
_DECIMALS = 4


@dataclass(frozen=True)
class Reached:
    """Targets of one kind, and who is there first."""

    targets: Targets
    covering: Covering

    def share(self, limit_s: float, depth: int) -> float | None:
        """Of the weight that is reached in time by so many; None where there is nothing."""
        if not self.targets.weight.sum():
            return None
        return self.covering.share(self.targets.weight, limit_s, depth)

    def outside(self, limit_s: float, depth: int) -> float:
        """The weight that isn't."""
        late = self.covering.labels.time_s[:, depth - 1] > limit_s
        return float(self.targets.weight[late].sum())


@dataclass(frozen=True)
class TownCoverage:
    """What is reached now.

    Attributes:
        at: the moment.
        seconds: ascending limits.
        members: how many responders cover the town.
        cells: the cells along the streets.
        of_cells: who is first in their middles.
        premises, expected: what is to be reached.
        rooms: likewise; None for who isn't told.
    """

    at: datetime
    seconds: tuple[int, ...]
    members: int
    cells: StreetCells
    of_cells: Covering
    premises: Reached
    expected: Reached
    rooms: Reached | None

    def as_json(self) -> dict[str, Any]:
        """Shares and counts for each limit, and a digit for each cell: the first limit that holds.

        The digit is the number of the limit, from 0; as many as there are limits where none does.
        """
        return {
            "at": self.at.isoformat(),
            "responders": self.members,
            "premises": len(self.premises.targets.weight),
            "rooms": None if self.rooms is None else int(self.rooms.targets.weight.sum()),
            "expected_per_hour": _rounded(float(self.expected.targets.weight.sum())),
            "limits": [
                {"seconds": limit_s}
                | {word: self._of_limit(limit_s, depth) for depth, word in DEPTHS.items()}
                for limit_s in self.seconds
            ],
            "cells": {
                "resolution": self.cells.resolution,
                "version": self.cells.version,
                **{word: self._digits(depth) for depth, word in DEPTHS.items()},
            },
        }

    def _of_limit(self, limit_s: int, depth: int) -> dict[str, Any]:
        premises, expected, rooms = self.premises, self.expected, self.rooms
        return {
            "share_premises": _rounded(premises.share(limit_s, depth)),
            "share_rooms": _rounded(rooms.share(limit_s, depth)) if rooms else None,
            "share_expected": _rounded(expected.share(limit_s, depth)),
            "premises_outside": int(premises.outside(limit_s, depth)),
            "rooms_outside": int(rooms.outside(limit_s, depth)) if rooms else None,
            "expected_outside_per_hour": _rounded(expected.outside(limit_s, depth)),
        }

    def classes(self, depth: int) -> NDArray[np.int64]:
        """(C,) for each cell the number of the first limit that holds there."""
        time_s = self.of_cells.labels.time_s[:, depth - 1]
        return np.searchsorted(np.array(self.seconds, np.float64), time_s, side="left")

    def areas(self) -> dict[str, Any]:
        """A FeatureCollection of nested areas of cells, for each depth and limit."""
        hexagons = cell_boundaries(self.cells.cells)
        features = []
        for depth, word in DEPTHS.items():
            classes = self.classes(depth)
            for number, limit_s in enumerate(self.seconds):
                area = shapely.coverage_union_all(hexagons[classes <= number])
                properties = {"seconds": limit_s, "depth": depth, "coverage": word}
                features.append(
                    {"type": "Feature", "properties": properties, "geometry": mapping(area)}
                )
        return {"type": "FeatureCollection", "features": features}

    def premises_outside(self, limit_s: float) -> dict[str, Any]:
        """The premises that nobody reaches in time, as points with their names."""
        late = self.premises.covering.labels.time_s[:, 0] > limit_s
        targets = self.premises.targets
        features = [
            {
                "type": "Feature",
                "properties": {"name": targets.names[i]},
                "geometry": {"type": "Point", "coordinates": targets.places.lonlat[i].tolist()},
            }
            for i in np.flatnonzero(late).tolist()
        ]
        return {"type": "FeatureCollection", "features": features}

    def _digits(self, depth: int) -> str:
        return "".join(map(str, self.classes(depth).tolist()))


@dataclass(frozen=True)
class WhatCounts:
    """What is to be reached, as far as who asks is told."""

    premises: Targets
    expected: Targets
    rooms: Targets | None


def town_coverage(  # noqa: PLR0913 - who, where, for what, when and how fast
    cover: Cover,
    members: int,
    ground: Ground,
    counts: WhatCounts,
    *,
    at: datetime,
    seconds: Sequence[int] = SECONDS,
) -> TownCoverage:
    """What is reached of the town within some seconds, by one member and by two of them.

    Args:
        cover: at least two deep, and as far as the longest of `seconds`.
        members: how many they are.
        ground: of their streets.
        counts: what is to be reached.
        at: the moment, in the town's time.
        seconds: at most nine limits.
    """

    def reached(targets: Targets) -> Reached:
        return Reached(targets, cover.at(targets.places))

    return TownCoverage(
        at=at,
        seconds=tuple(sorted(set(seconds))),
        members=members,
        cells=ground.cells,
        of_cells=cover.at(ground.cells.places),
        premises=reached(counts.premises),
        expected=reached(counts.expected),
        rooms=reached(counts.rooms) if counts.rooms else None,
    )


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, _DECIMALS)
