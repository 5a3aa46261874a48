"""Where calls come from: their density, laid over the streets of another place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from routing.simulation.roads import Floats, Ints

# Places far outside (wrong coordinates, calls from elsewhere) don't stretch the density.
_EXTENT_PERCENTILES = (0.5, 99.5)


@dataclass(frozen=True)
class Density:
    """(C, C) share of the calls in each cell of their extent, rows from south to north."""

    share: Floats


def density_of(xy: Floats, cells: int = 48, spread_cells: float = 1.0) -> Density:
    """The density of (n, 2) places in their own extent: counts per cell, smoothed a little.

    Args:
        xy: of the calls, in any system of coordinates.
        cells: along each side.
        spread_cells: standard deviation of the smoothing.
    """
    low, high = np.percentile(xy, _EXTENT_PERCENTILES, axis=0)
    inside = ((xy >= low) & (xy <= high)).all(axis=1)
    counts, _, _ = np.histogram2d(
        xy[inside, 1], xy[inside, 0], bins=cells, range=[(low[1], high[1]), (low[0], high[0])]
    )
    smooth = gaussian_filter(counts, spread_cells, mode="constant")
    return Density(smooth / smooth.sum())


def draw_places(
    density: Density | None,
    middles: Floats,
    length_m: Floats,
    n_places: int,
    chance: np.random.Generator,
) -> tuple[Ints, Floats]:
    """Streets and shares of them, drawn by density; within a cell by length.

    The extent of the calls is laid over the extent of the streets. What lies where there are no
    streets falls to the other cells in proportion.

    Args:
        density: of the calls; None to draw by length alone.
        middles: (S, 2) of the streets.
        length_m: (S,) of the streets; 0 where no call may come from.
        n_places: how many.
        chance: what is drawn with.
    """
    weight = length_m if density is None else _street_weights(density, middles, length_m)
    street = chance.choice(len(weight), n_places, p=weight / weight.sum())
    return street.astype(np.int32), chance.random(n_places)


def _street_weights(density: Density, middles: Floats, length_m: Floats) -> Floats:
    n_cells = len(density.share)
    used = middles[length_m > 0]
    low, high = used.min(axis=0), used.max(axis=0)
    scaled = (middles - low) / np.maximum(high - low, 1e-12) * n_cells
    column, row = np.clip(scaled.astype(np.int64), 0, n_cells - 1).T
    cell: NDArray[np.int64] = row * n_cells + column
    in_cell_m = np.bincount(cell, length_m, n_cells * n_cells)
    per_metre = density.share.ravel() / np.maximum(in_cell_m, 1e-9)
    per_metre[in_cell_m == 0] = 0
    return np.asarray(per_metre[cell] * length_m)
