"""The streets as compact arrays: what is saved, and what the engine is built from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from routing.modes import Mode
from routing.network.speeds import CLASSES, FALLBACK_CLASS

if TYPE_CHECKING:
    # An engine starts from saved arrays, without the tables that they were made from.
    from routing.streets import Streets, Turn


@dataclass(frozen=True)
class Graph:
    """N nodes and S streets; a street's direction 0 runs along its geometry, 1 against it.

    Attributes:
        node_ids: (N,) int64, ascending.
        node_xy: (N, 2) lon, lat in degrees.
        street_ids: (S,) int64.
        ends: (S, 2) int32, indices of from_node and to_node.
        keys: (S,) int32.
        length_m: (S,) great-circle metres.
        speed_kph: (S,) a car's.
        modes: (S, 2) uint8, bits of Mode that may travel along and against the geometry.
        vertices: (V, 2) lon, lat of all streets' vertices, one street after the other.
        first_vertex: (S + 1,) int64; street s has vertices[first_vertex[s]:first_vertex[s + 1]].
        classes: (S,) uint8, indices in `routing.network.speeds.CLASSES`.
        signals: (S, 2) uint8, signals met along and against the geometry.
        crossings: (S,) uint8, pedestrian crossings without signal.
        turn_edges: forbidden ways to go on, one after the other: numbers of edges, 2·street along
            its geometry, 2·street + 1 against it, that must not follow each other.
        first_turn_edge: (T + 1,) int64; t is turn_edges[first_turn_edge[t]:first_turn_edge[t + 1]].
        turn_modes: (T,) uint8, bits of the modes that it binds.
    """

    node_ids: NDArray[np.int64]
    node_xy: NDArray[np.float64]
    street_ids: NDArray[np.int64]
    ends: NDArray[np.int32]
    keys: NDArray[np.int32]
    length_m: NDArray[np.float64]
    speed_kph: NDArray[np.float64]
    modes: NDArray[np.uint8]
    vertices: NDArray[np.float64]
    first_vertex: NDArray[np.int64]
    classes: NDArray[np.uint8]
    signals: NDArray[np.uint8]
    crossings: NDArray[np.uint8]
    turn_edges: NDArray[np.int32]
    first_turn_edge: NDArray[np.int64]
    turn_modes: NDArray[np.uint8]

    @property
    def lines(self) -> NDArray[np.object_]:
        """(S,) LineStrings in degrees."""
        street_of_vertex = np.repeat(np.arange(len(self.street_ids)), np.diff(self.first_vertex))
        return np.asarray(shapely.linestrings(self.vertices, indices=street_of_vertex))

    def admits(self, mode: Mode) -> NDArray[np.bool_]:
        """(S, 2) whether `mode` may travel along and against each street."""
        return np.asarray((self.modes & mode) != 0)

    def read_only(self) -> Graph:
        """The same arrays as they come from shared memory, for which machine code is made once."""
        arrays = {name: np.ascontiguousarray(array).view() for name, array in vars(self).items()}
        for array in arrays.values():
            array.flags.writeable = False
        return Graph(**arrays)

    def turns_of(self, mode: Mode) -> list[tuple[int, ...]]:
        """The forbidden ways to go on that bind `mode`, as numbers of edges."""
        first = self.first_turn_edge
        return [
            tuple(self.turn_edges[first[t] : first[t + 1]].tolist())
            for t in np.flatnonzero(self.turn_modes & mode).tolist()
        ]


def graph_from_streets(streets: Streets) -> Graph:
    """The arrays of `streets`."""
    nodes = streets.nodes.sort_values("id")
    node_ids = nodes["id"].to_numpy(np.int64)
    rows = streets.streets
    lines = rows.geometry.to_numpy()
    vertex_counts = shapely.get_num_coordinates(lines)
    street_ids = rows["id"].to_numpy(np.int64)
    number_of_class = {klass: number for number, klass in enumerate(CLASSES)}
    turn_edges, first_turn_edge, turn_modes = _turn_arrays(street_ids, streets.turns)
    return Graph(
        node_ids=node_ids,
        node_xy=shapely.get_coordinates(nodes.geometry.to_numpy()),
        street_ids=street_ids,
        ends=np.searchsorted(node_ids, rows[["from_node", "to_node"]].to_numpy()).astype(np.int32),
        keys=rows["key"].to_numpy(np.int32),
        length_m=rows["length_m"].to_numpy(np.float64),
        speed_kph=rows["speed_kph"].to_numpy(np.float64),
        modes=rows[["forward_modes", "backward_modes"]].to_numpy(np.uint8),
        vertices=shapely.get_coordinates(lines),
        first_vertex=np.concatenate([[0], np.cumsum(vertex_counts)]).astype(np.int64),
        classes=np.array(
            [number_of_class.get(k, number_of_class[FALLBACK_CLASS]) for k in rows["class"]],
            np.uint8,
        ),
        signals=rows[["signals", "signals_back"]].to_numpy(np.uint8),
        crossings=rows["crossings"].to_numpy(np.uint8),
        turn_edges=turn_edges,
        first_turn_edge=first_turn_edge,
        turn_modes=turn_modes,
    )


def _turn_arrays(
    street_ids: NDArray[np.int64], turns: Sequence[Turn]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.uint8]]:
    """Forbidden turns with indices of streets instead of ids."""
    index = {street: i for i, street in enumerate(street_ids.tolist())} if turns else {}
    known = [turn for turn in turns if all(abs(step) in index for step in turn.steps)]
    edges = [2 * index[abs(step)] + (step < 0) for turn in known for step in turn.steps]
    counts = [len(turn.steps) for turn in known]
    return (
        np.array(edges, np.int32),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.array([turn.modes for turn in known], np.uint8),
    )
