"""Which arcs lie near a place: a tree of boxes, and beside it what has changed since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

type Box = tuple[float, float, float, float]

# An edge that is straight in metres bulges out of its box of degrees: by 1 m at 10 km.
_MARGIN = 0.01
_LEAST_MARGIN = 1e-9
_REBUILT_AFTER = 400


def box_of(coords: NDArray[np.float64]) -> Box:
    """The box of (n, 2) longitudes and latitudes that are joined by edges straight in metres."""
    (west, south), (east, north) = coords.min(axis=0).tolist(), coords.max(axis=0).tolist()
    margin = _MARGIN * max(east - west, north - south) + _LEAST_MARGIN
    return west - margin, south - margin, east + margin, north + margin


@dataclass(frozen=True)
class _Tree:
    """The boxes of all arcs at one moment; made when it is first asked."""

    coords: Mapping[int, NDArray[np.float64]]

    @cached_property
    def _built(self) -> tuple[shapely.STRtree, NDArray[np.int64]]:
        ids = np.fromiter(self.coords, dtype=np.int64, count=len(self.coords))
        counts = np.array([len(coords) for coords in self.coords.values()], dtype=np.int64)
        if not len(ids):
            return shapely.STRtree([]), ids
        stacked = np.concatenate(list(self.coords.values()))
        firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        low, high = np.minimum.reduceat(stacked, firsts), np.maximum.reduceat(stacked, firsts)
        margin = _MARGIN * (high - low).max(axis=1, keepdims=True) + _LEAST_MARGIN
        boxes = np.asarray(shapely.box(*(low - margin).T, *(high + margin).T), dtype=object)
        return shapely.STRtree(boxes), ids

    def near(self, box: Box) -> list[int]:
        tree, ids = self._built
        found: list[int] = ids[tree.query(shapely.box(*box))].tolist()
        return found


@dataclass(frozen=True)
class ArcIndex:
    """Boxes in degrees.

    Attributes:
        tree: of the arcs as they once were.
        changed: boxes of the arcs that have changed since; None for those that are gone.
    """

    tree: _Tree
    changed: Mapping[int, Box | None] = field(default_factory=dict)

    @classmethod
    def of(cls, coords: Mapping[int, NDArray[np.float64]]) -> ArcIndex:
        """An index of arcs by their ids."""
        return cls(_Tree(coords))

    def near(self, coords: NDArray[np.float64]) -> set[int]:
        """The arcs whose boxes meet that of (n, 2) longitudes and latitudes."""
        box = box_of(coords)
        found = {arc_id for arc_id in self.tree.near(box) if arc_id not in self.changed}
        found.update(i for i, other in self.changed.items() if other and _meet(box, other))
        return found

    def changed_by(self, arcs: Mapping[int, NDArray[np.float64] | None]) -> ArcIndex:
        """The index after `arcs` got other coordinates, or None for those that went."""
        boxes = {i: None if coords is None else box_of(coords) for i, coords in arcs.items()}
        return ArcIndex(self.tree, {**self.changed, **boxes})

    @property
    def is_worn(self) -> bool:
        """Whether so much has changed that a new tree pays."""
        return len(self.changed) > _REBUILT_AFTER


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
    )  # fmt: skip
