"""Streets from raw OpenStreetMap ways."""

from __future__ import annotations

import numpy as np

from routing.assembly import Chains, streets_from_chains
from routing.osm_rules import properties_of
from routing.streets import Streets
from spatial.errors import InputError
from spatial.osmfile import Ways


def streets_from_ways(ways: Ways, source: str) -> Streets:
    """The streets among `ways`, which share nodes where they meet.

    Args:
        ways: as read from a file.
        source: what to call the file.

    Raises:
        InputError: there is no street among them.
    """
    properties = [properties_of(tags) for tags in ways.tags]
    kept = np.array([p is not None for p in properties], dtype=bool)
    if not kept.any():
        raise InputError(f"{source}: there are no streets in it / 文件里没有道路")
    counts = np.diff(ways.first)
    vertices = np.repeat(kept, counts)
    return streets_from_chains(
        Chains(
            properties=[p for p in properties if p is not None],
            osm_ids=[str(ways.ids[way]) for way in np.flatnonzero(kept)],
            node_ids=ways.node_ids[vertices],
            xy=ways.xy[vertices],
            first=np.concatenate([[0], np.cumsum(counts[kept])]),
        )
    )
