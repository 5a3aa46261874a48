"""Who is known to travel a street stands on it, and would have to turn round to leave it backwards.

Map matching says on which street and in which direction; the nearest street may be another one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.lengths import segment_lengths_m
from routing.nearest.answers import Origin
from routing.nearest.routes import Legs, draw
from routing.network.graph import Graph
from routing.network.mode_network import ModeNetwork
from routing.network.segment_grid import Segments
from routing.network.snapping import Snaps
from routing.network.speeds import PACES

# A street that lies farther than this from where somebody was seen isn't the one that was meant.
ASTRAY_M = 100.0
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def stand_by_headings(
    graph: Graph,
    network: ModeNetwork,
    segments: Segments,
    origins: Sequence[Origin],
    snaps: Snaps,
) -> Floats:
    """Put those who travel a street on it, in place of the nearest one.

    A street that isn't there (any more), that lies elsewhere, or that the mode may not travel
    in that direction counts for nothing.

    Args:
        graph: the streets.
        network: of the mode of all these.
        segments: of the graph's streets.
        origins: (P,) who.
        snaps: (P,) where they were put by nearness; changed.

    Returns:
        (P, 2) seconds to turn round before one leaves along the street and against it; 0 and 0
        where it isn't known how somebody moves.
    """
    turn_s = np.zeros((len(origins), 2))
    rows = [row for row, origin in enumerate(origins) if origin.heading is not None]
    if not rows:
        return turn_s
    headings = [origin.heading for origin in origins if origin.heading is not None]
    street = _indices(graph, [heading.street_id for heading in headings])
    fraction = np.clip([heading.fraction for heading in headings], 0.0, 1.0)
    direction = np.array([0 if heading.forward else 1 for heading in headings])
    seen = np.array([(origins[row].lon, origins[row].lat) for row in rows])
    place = _places(graph, segments, np.maximum(street, 0), fraction)
    aside_m = _metres_between(seen, place)
    counts = (street >= 0) & network.admits[street, direction] & (aside_m <= ASTRAY_M)
    there = np.array(rows)[counts]
    snaps.street[there] = street[counts]
    snaps.fraction[there] = fraction[counts]
    snaps.distance_m[there] = aside_m[counts]
    turn_s[there, 1 - direction[counts]] = PACES[network.mode].u_turn_s
    return turn_s


def _indices(graph: Graph, street_ids: Sequence[int]) -> Ints:
    """Of streets by their ids; -1 for one that isn't there."""
    order = np.argsort(graph.street_ids, kind="stable")
    wanted = np.array(street_ids, np.int64)
    at = np.minimum(np.searchsorted(graph.street_ids[order], wanted), len(order) - 1)
    found = order[at]
    return np.where(graph.street_ids[found] == wanted, found, -1).astype(np.int32)


def _places(graph: Graph, segments: Segments, street: Ints, fraction: Floats) -> Floats:
    """(P, 2) lon, lat of places on streets."""
    legs = Legs(np.arange(len(street) + 1), street, fraction, fraction)
    xy, line, _ = draw(segments, graph.first_vertex, graph.length_m, legs)
    return np.asarray(xy[np.searchsorted(line, np.arange(len(street)))])


def _metres_between(one: Floats, other: Floats) -> Floats:
    both = np.stack([one, other], axis=1).reshape(-1, 2)
    return segment_lengths_m(both[:, 0], both[:, 1])[::2]
