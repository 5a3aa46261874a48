"""A town's streets as plain tables, whatever they were read from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

STREET_DTYPES = {
    "id": "int64",
    "from_node": "int64",
    "to_node": "int64",
    "key": "int64",
    "osm_ids": "object",
    "name": "object",
    "ref": "object",
    "class": "object",
    "oneway": "bool",
    "bridge": "bool",
    "tunnel": "bool",
    "level": "int64",
    "length_m": "float64",
    "speed_kph": "float64",
    "forward_modes": "int64",
    "backward_modes": "int64",
    "signals": "int64",
    "signals_back": "int64",
    "crossings": "int64",
}
STREET_COLUMNS = (*STREET_DTYPES, "geometry")


@dataclass(frozen=True)
class Turn:
    """A way to go on that is forbidden.

    Attributes:
        steps: ids of streets that must not follow each other in this order, at least two; negative
            where the street is travelled against its geometry.
        modes: bits of the modes that are bound.
        kind: what the sign says, such as `no_left_turn`.
        osm_id: of the relation; None where it isn't from OSM.
    """

    steps: tuple[int, ...]
    modes: int
    kind: str
    osm_id: int | None = None


@dataclass(frozen=True)
class Streets:
    """Nodes and streets of a town, both in EPSG:4326.

    Attributes:
        nodes: one row a junction, dead end or change of a street's properties; columns
            `id` (int64, unique) and `geometry` (Point). Every node is an end of some street.
        streets: one row a street between two nodes; a two-way street is one row. Columns:
            `id` (int64, unique), `from_node` and `to_node` (node ids; the geometry runs from the
            first to the second), `key` (int64; see `number_parallel_streets`), `osm_ids` (comma
            separated, or None), `name`, `ref` (or None), `class` (OSM highway value), `oneway`
            (bool: cars may travel in one direction only), `bridge`, `tunnel` (bool), `level`
            (int, OSM layer), `length_m` (great circle, see `length_along`), `speed_kph` (a car's),
            `forward_modes`, `backward_modes` (int, bits of `routing.modes.Mode`: who may travel
            along and against the geometry), `signals`, `signals_back` (signals met along and
            against the geometry), `crossings` (of pedestrians, without signal) and `geometry`
            (LineString).
        turns: the forbidden ones.
    """

    nodes: GeoDataFrame
    streets: GeoDataFrame
    turns: tuple[Turn, ...] = ()


def number_parallel_streets(
    from_node: NDArray[np.int64], to_node: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The `key` of each street, so that (u, v, key) names one direction of one street.

    Streets between the same two nodes, whichever way they run, count up in steps of one. The
    direction against the geometry is (to_node, from_node, key); on a loop, where that would be
    the same name, it is (node, node, key + 1), so loops count up in steps of two.
    """
    low, high = np.minimum(from_node, to_node), np.maximum(from_node, to_node)
    ordinal = pd.DataFrame({"low": low, "high": high}).groupby(["low", "high"]).cumcount()
    return np.asarray(ordinal.to_numpy() * np.where(from_node == to_node, 2, 1), dtype=np.int64)


def select_streets(streets: Streets, keep: NDArray[np.bool_]) -> Streets:
    """Only the streets marked in `keep`, and the nodes that they still have."""
    kept = streets.streets[keep].reset_index(drop=True)
    used = np.union1d(kept["from_node"], kept["to_node"])
    nodes = streets.nodes[streets.nodes["id"].isin(used)].reset_index(drop=True)
    ids = set(kept["id"].tolist())
    turns = tuple(t for t in streets.turns if all(abs(step) in ids for step in t.steps))
    return Streets(nodes, kept, turns)


def number_nodes(streets: Streets) -> Streets:
    """The same streets with nodes numbered 1, 2, 3, ... in their order."""
    nodes, rows = streets.nodes.sort_values("id"), streets.streets
    ids = nodes["id"].to_numpy()
    ends = {name: np.searchsorted(ids, rows[name]) + 1 for name in ("from_node", "to_node")}
    numbered = nodes.assign(id=np.arange(1, len(ids) + 1))
    return Streets(numbered, rows.assign(**ends), streets.turns)
