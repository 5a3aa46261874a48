"""The topology of polygons that share their vertices.

Everything is done on arrays: vertices and edges become numbers, rings are cut at nodes into pieces,
and each piece meets its twin in the neighbour's ring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids.arcs.model import OUTSIDE, Arc, Topology, Unit
from grids.arcs.plane import Plane
from grids.coverage import GAP_WIDTHS_M, Fault, coverage_faults
from spatial.errors import InputError

type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]
type Polygons = NDArray[np.object_] | Sequence[BaseGeometry]


@dataclass(frozen=True)
class _Edges:
    """The edges of all rings, ring after ring, with their face on the left.

    Attributes:
        lonlat: (n, 2) where each begins.
        start: (n,) number of the vertex where it begins, in the order of the vertices' coordinates.
        key: (n,) number of the edge without its direction.
        face: (n,) row of the polygon.
        ring_first: (rings,) the first edge of each ring.
        ring: (n,) the ring.
    """

    lonlat: NDArray[np.float64]
    start: Ints
    key: Ints
    face: Ints
    ring_first: Ints
    ring: Ints

    def reordered(self, order: Ints) -> _Edges:
        """Other edges first within each ring."""
        return _Edges(
            self.lonlat[order],
            self.start[order],
            self.key[order],
            self.face,
            self.ring_first,
            self.ring,
        )


def topology_from_polygons(
    polygons: Polygons, ids: Sequence[int], units: Mapping[int, Unit], plane: Plane
) -> Topology:
    """The arcs between polygons of the lowest level.

    Args:
        polygons: (Multi)Polygons in EPSG:4326 that share their vertices bit for bit.
        ids: the unit of each.
        units: of all levels, those of `ids` among them.
        plane: metres, in which gaps and overlaps are looked for.

    Raises:
        InputError: two overlap, leave a gap, or meet without sharing their vertices; says where.
    """
    polygons = np.asarray(polygons, dtype=object)
    refuse_faults(polygons, ids, plane)
    edges = _edges_of(polygons)
    is_node = _nodes(edges)
    edges = _begun_at_nodes(edges, is_node)
    arcs = _arcs_of(edges, is_node, np.asarray(ids, dtype=np.int64))
    return Topology.of(dict(enumerate(arcs, start=1)), units)


def refuse_faults(polygons: NDArray[np.object_], ids: Sequence[int], plane: Plane) -> None:
    """Refuse polygons that are no valid coverage.

    Raises:
        InputError: names the first fault, the unit and the place.
    """
    metres = plane.projected(polygons)
    faults = coverage_faults(metres, max(GAP_WIDTHS_M))
    if faults:
        raise InputError(
            f"unit {ids[faults[0].index]}: {faults[0].kind.value}{_place(plane, faults[0])}",
            remedy=f"{len(faults)} faults; clean the coverage when importing it",
        )


def _place(plane: Plane, fault: Fault) -> str:
    if fault.where.is_empty:
        return ""
    ((lon, lat),) = plane.to_lonlat(shapely.get_coordinates(fault.where)[:1]).tolist()
    return f" near {lon:.6f}, {lat:.6f}"


def _edges_of(polygons: NDArray[np.object_]) -> _Edges:
    parts, face_of_part = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    _, vertex = np.unique(lonlat[:, 0] + 1j * lonlat[:, 1], return_inverse=True)
    # The last vertex of a ring is its first one again; a repeated vertex begins no edge.
    begins = (ring[:-1] == ring[1:]) & (vertex[:-1] != vertex[1:])
    start, end = vertex[:-1][begins], vertex[1:][begins]
    low, high = np.minimum(start, end), np.maximum(start, end)
    _, key = np.unique(low * (vertex.max() + 1) + high, return_inverse=True)
    ring = ring[:-1][begins]
    return _Edges(
        lonlat=lonlat[:-1][begins],
        start=start,
        key=key,
        face=face_of_part[part_of_ring[ring]],
        ring_first=np.flatnonzero(np.diff(ring, prepend=-1)),
        ring=ring,
    )


def _nodes(edges: _Edges) -> Bools:
    """Of each vertex whether other than two edges end there."""
    _, first = np.unique(edges.key, return_index=True)
    following = np.arange(1, len(edges.start) + 1)
    following[np.append(edges.ring_first[1:], len(edges.start)) - 1] = edges.ring_first
    ends = np.concatenate([edges.start[first], edges.start[following][first]])
    is_node: Bools = np.bincount(ends) != 2
    return is_node


def _begun_at_nodes(edges: _Edges, is_node: Bools) -> _Edges:
    """Each ring begun at its first node, or, if it has none, at its least vertex."""
    score = np.where(is_node[edges.start], -1, edges.start)
    least = np.minimum.reduceat(score, edges.ring_first)
    candidates = np.flatnonzero(score == least[edges.ring])
    _, position = np.unique(edges.ring[candidates], return_index=True)
    shift = candidates[position] - edges.ring_first
    size = np.diff(np.append(edges.ring_first, len(score)))
    first = edges.ring_first[edges.ring]
    within = np.arange(len(score)) - first
    return edges.reordered(first + (within + shift[edges.ring]) % size[edges.ring])


def _arcs_of(edges: _Edges, is_node: Bools, ids: Ints) -> list[Arc]:
    """Arcs in the order in which the rings run through them."""
    at_node = is_node[edges.start]
    at_node[edges.ring_first] = True
    first = np.flatnonzero(at_node)
    until = np.append(first[1:], len(at_node))
    twin, known, number = np.unique(
        np.minimum.reduceat(edges.key, first), return_index=True, return_inverse=True
    )
    face = ids[edges.face[first]]
    right = np.full(len(twin), OUTSIDE)
    others = np.flatnonzero(known[number] != np.arange(len(first)))
    right[number[others]] = face[others]
    closing = _closing(edges, until)
    return [
        Arc(
            np.concatenate([edges.lonlat[first[piece] : until[piece]], closing[piece][None]]),
            int(face[piece]),
            int(right[number[piece]]),
        )
        for piece in np.sort(known).tolist()
    ]


def _closing(edges: _Edges, until: Ints) -> NDArray[np.float64]:
    """The last vertex of each piece: where the next one begins, or its ring."""
    ring_end = np.append(edges.ring_first[1:], len(edges.start))
    of_ring = edges.ring[until - 1]
    after = np.where(until == ring_end[of_ring], edges.ring_first[of_ring], until)
    lonlat: NDArray[np.float64] = edges.lonlat[after]
    return lonlat
