"""The streets as compact arrays: what is saved, and what the engine is built from."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from routing.modes import Mode

if TYPE_CHECKING:
    # An engine starts from saved arrays, without the tables that they were made from.
    from routing.streets import Streets


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

    @property
    def lines(self) -> NDArray[np.object_]:
        """(S,) LineStrings in degrees."""
        street_of_vertex = np.repeat(np.arange(len(self.street_ids)), np.diff(self.first_vertex))
        return np.asarray(shapely.linestrings(self.vertices, indices=street_of_vertex))

    def admits(self, mode: Mode) -> NDArray[np.bool_]:
        """(S, 2) whether `mode` may travel along and against each street."""
        return np.asarray((self.modes & mode) != 0)


def graph_from_streets(streets: Streets) -> Graph:
    """The arrays of `streets`."""
    nodes = streets.nodes.sort_values("id")
    node_ids = nodes["id"].to_numpy(np.int64)
    rows = streets.streets
    lines = rows.geometry.to_numpy()
    vertex_counts = shapely.get_num_coordinates(lines)
    return Graph(
        node_ids=node_ids,
        node_xy=shapely.get_coordinates(nodes.geometry.to_numpy()),
        street_ids=rows["id"].to_numpy(np.int64),
        ends=np.searchsorted(node_ids, rows[["from_node", "to_node"]].to_numpy()).astype(np.int32),
        keys=rows["key"].to_numpy(np.int32),
        length_m=rows["length_m"].to_numpy(np.float64),
        speed_kph=rows["speed_kph"].to_numpy(np.float64),
        modes=rows[["forward_modes", "backward_modes"]].to_numpy(np.uint8),
        vertices=shapely.get_coordinates(lines),
        first_vertex=np.concatenate([[0], np.cumsum(vertex_counts)]).astype(np.int64),
    )


def graph_to_bytes(graph: Graph) -> bytes:
    """The arrays as a compressed NumPy .npz file."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, **{field.name: getattr(graph, field.name) for field in fields(graph)}
    )
    return buffer.getvalue()


def graph_from_bytes(data: bytes) -> Graph:
    """The inverse of `graph_to_bytes`."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return Graph(**{field.name: arrays[field.name] for field in fields(Graph)})
