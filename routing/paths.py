"""The shape of a way along streets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString

from routing.lengths import segment_lengths_m

Floats = NDArray[np.float64]


def piece(xy: Floats, start: float, end: float) -> Floats:
    """The part of a line from one share of its length to another, backwards if start > end.

    Args:
        xy: (n, 2) vertices in degrees.
        start: 0 at the line's first vertex, 1 at its last.
        end: likewise.

    Returns:
        (m, 2) vertices, m >= 2.
    """
    if start > end:
        return piece(xy, end, start)[::-1]
    if (start, end) == (0, 1):
        return xy
    travelled = np.concatenate([[0.0], np.cumsum(segment_lengths_m(xy[:, 0], xy[:, 1]))])
    if travelled[-1] > 0:
        travelled /= travelled[-1]
    inner = xy[(travelled > start) & (travelled < end)]
    ends = np.column_stack([np.interp([start, end], travelled, xy[:, i]) for i in (0, 1)])
    return np.vstack([ends[:1], inner, ends[1:]])


def join(pieces: list[Floats]) -> LineString:
    """One line of pieces of which each begins where the one before it ends."""
    xy = np.vstack(pieces)
    repeated = np.concatenate([[False], (xy[1:] == xy[:-1]).all(axis=1)])
    xy = xy[~repeated]
    return LineString(xy if len(xy) > 1 else np.repeat(xy, 2, axis=0))
