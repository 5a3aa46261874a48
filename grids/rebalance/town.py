"""Micro-grids as plain arrays: what a rebalance has to know of a town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatial.errors import InputError

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]
type Polygons = NDArray[np.object_]


@dataclass(frozen=True)
class Borders:
    """Shared edges.

    Attributes:
        pairs: (k, 2) rows of two leaves; a pair may come several times.
        lengths_m: (k,) how much edge they share.
    """

    pairs: Ints
    lengths_m: Floats


@dataclass(frozen=True)
class Leaves:
    """The polygons of the lowest level. Micro-grids that share one polygon are one leaf here.

    Attributes:
        ids: (n,) of each leaf.
        households: (n,) whole numbers.
        grids: (n,) the id of its grid.
        villages: (n,) the id of its village, the same for all leaves of a grid.
        perimeters_m: (n,)
        areas_m2: (n,)
        borders: what they share with each other.

    Raises:
        InputError: arrays don't fit together, or a grid lies in two villages.
    """

    ids: Ints
    households: Ints
    grids: Ints
    villages: Ints
    perimeters_m: Floats
    areas_m2: Floats
    borders: Borders

    def __post_init__(self) -> None:
        for name in ("households", "grids", "villages", "perimeters_m", "areas_m2"):
            if len(getattr(self, name)) != len(self.ids):
                raise InputError(f"{name}: not one for each of the {len(self.ids)} micro-grids")
        if len(self.households) and self.households.min() < 0:
            row = int(self.households.argmin())
            raise InputError(f"micro-grid {self.ids[row]} has {self.households[row]} households")
        pairs = np.unique(np.column_stack([self.grids, self.villages]), axis=0)
        torn = pairs[:-1, 0][pairs[:-1, 0] == pairs[1:, 0]]
        if len(torn):
            raise InputError(f"grid {torn[0]} lies in more than one village / 网格跨村")


@dataclass(frozen=True)
class Buildings:
    """What a micro-grid could be cut between.

    Attributes:
        ids: (b,)
        leaves: (b,) the row of the leaf that each stands in.
        households: (b,) their sums are those of the leaves.
        xy: (b, 2) metres.
        polygons: (n,) of the leaves, in metres.
    """

    ids: Ints
    leaves: Ints
    households: Ints
    xy: Floats
    polygons: Polygons


def shared_borders(polygons: Polygons) -> Borders:
    """The edges that polygons of a coverage share, vertex by vertex, in metres.

    Args:
        polygons: (n,) a valid coverage (see `grids.coverage`).
    """
    coordinates, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(polygons)), return_index=True
    )
    owner = _owners_of_rings(polygons)[ring]
    inside = ring[:-1] == ring[1:]
    starts, ends, owner = coordinates[:-1][inside], coordinates[1:][inside], owner[:-1][inside]
    turned = (starts[:, 0] > ends[:, 0]) | (
        (starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1])
    )
    low = np.where(turned[:, None], ends, starts)
    high = np.where(turned[:, None], starts, ends)
    _, edge = np.unique(np.hstack([low, high]), axis=0, return_inverse=True)
    order = np.lexsort((owner, edge))
    twice = edge[order][:-1] == edge[order][1:]
    one, other = order[:-1][twice], order[1:][twice]
    lengths = np.hypot(*(ends - starts)[one].T)
    return Borders(np.column_stack([owner[one], owner[other]]), lengths)


def _owners_of_rings(polygons: Polygons) -> Ints:
    parts, polygon = shapely.get_parts(polygons, return_index=True)
    _, part = shapely.get_rings(parts, return_index=True)
    owners: Ints = polygon[part].astype(np.int64)
    return owners
