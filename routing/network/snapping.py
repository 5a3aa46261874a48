"""Where a point lies on the streets: the nearest street that a mode may use, and how far along."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.lengths import shares_along
from routing.network.graph import Graph
from routing.network.mode_network import ModeNetwork
from routing.network.segment_grid import OFF_STREET, Segments, make_segments, snap_points

__all__ = ["OFF_STREET", "Snaps", "segments_of", "snap"]


@dataclass(frozen=True)
class Snaps:
    """(P,) positions on streets.

    Attributes:
        street: index in the graph's arrays, or OFF_STREET where every street is too far.
        fraction: 0 at the beginning of the street's geometry, 1 at its end.
        distance_m: metres from the point to the street; inf where off street.
    """

    street: NDArray[np.int32]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]


def segments_of(graph: Graph) -> Segments:
    """The graph's streets, to be found by nearness."""
    counts = np.diff(graph.first_vertex)
    street = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    return make_segments(graph.vertices, shares_along(graph.vertices, graph.first_vertex), street)


def snap(
    segments: Segments,
    network: ModeNetwork,
    lonlat: NDArray[np.float64],
    *,
    max_m: float,
    leaving: bool,
) -> Snaps:
    """The nearest place on a street of the mode for each of (P, 2) points in degrees.

    A street that hangs together with few others (a yard whose drive nobody mapped, a stub cut off
    at the file's edge) is used only where it is nearer than any other by ISLAND_HANDICAP_M: who
    stands there can walk to the next street, and is not lost.

    Where several streets are equally near, most often because their junction is what is
    nearest, a two-way street is preferred; else one that begins there, or, for who is
    `leaving`, one that ends there: all of them stand for the junction itself.

    Args:
        segments: of the graph's streets.
        network: of the mode.
        lonlat: (P, 2) points.
        max_m: the farthest that a point may lie from a street.
        leaving: the points are where travels begin, not where they end.
    """
    n = len(lonlat)
    snaps = Snaps(np.empty(n, np.int32), np.empty(n), np.empty(n))
    snap_points(
        segments,
        network.admits,
        network.mainland,
        lonlat,
        max_m,
        leaving,
        snaps.street,
        snaps.fraction,
        snaps.distance_m,
    )
    return snaps
