"""Micro-grids gathered into grids and villages: connected groups in the graph of neighbours."""

from __future__ import annotations

import heapq

import numpy as np
import shapely
from numpy.random import Generator
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from layers.demo.frame import Bools, Floats, Ints
from layers.demo.mesh import Mesh
from layers.demo.terrain import Terrain

_RIVER_DETOUR_M = 2_500.0  # a village doesn't like to reach across the river
_FEWEST_PER_GRID = 3


def neighbour_graph(chance: Generator, mesh: Mesh, terrain: Terrain) -> csr_array:
    """Distances between neighbouring cells, a little uneven, and long across the river."""
    a, b = mesh.neighbours.T
    length = np.hypot(*(mesh.seeds[a] - mesh.seeds[b]).T) * chance.uniform(0.8, 1.25, len(a))
    if not terrain.river_line.is_empty:
        shapely.prepare(terrain.river_line)
        step = shapely.linestrings(np.stack([mesh.seeds[a], mesh.seeds[b]], axis=1))
        length += _RIVER_DETOUR_M * shapely.intersects(terrain.river_line, step)
    count = len(mesh.seeds)
    graph = coo_array((length, (a, b)), shape=(count, count)).tocsr()
    return csr_array(graph + graph.T)


def gather_villages(graph: csr_array, mesh: Mesh, centres: Floats) -> Ints:
    """For each cell the village whose centre is nearest through the graph: always connected."""
    _, home = cKDTree(mesh.seeds).query(centres)
    home = _distinct(home, mesh.seeds, centres)
    _, _, source = dijkstra(
        graph, indices=home, directed=False, min_only=True, return_predecessors=True
    )
    number = np.full(len(mesh.seeds), -1)
    number[home] = np.arange(len(home))
    return np.asarray(number[source])


def _distinct(home: Ints, seeds: Floats, centres: Floats) -> Ints:
    """Two centres in one cell: the second takes the nearest free one."""
    taken: set[int] = set()
    for index, cell in enumerate(home.tolist()):
        if cell in taken:
            order = np.argsort(np.hypot(*(seeds - centres[index]).T), kind="stable")
            home[index] = next(each for each in order.tolist() if each not in taken)
        taken.add(int(home[index]))
    return home


def share_out(count: int, weight: Floats, most: Ints) -> Ints:
    """Split `count` by weight, at least one and at most `most` each (largest averages first)."""
    share = np.ones(len(weight), dtype=np.int64)
    queue = [(-w / 2, i) for i, w in enumerate(weight.tolist())]
    heapq.heapify(queue)
    while share.sum() < count and queue:
        _, i = heapq.heappop(queue)
        if share[i] < most[i]:
            share[i] += 1
            heapq.heappush(queue, (-float(weight[i]) / (share[i] + 1), i))
    return share


def gather_grids(graph: csr_array, village: Ints, weight: Floats, count: int) -> Ints:
    """For each cell its grid, numbered from 0 village by village; grids are connected."""
    villages = int(village.max()) + 1
    held = np.bincount(village, weight, villages)
    cells = np.bincount(village, minlength=villages)
    share = share_out(count, held, np.maximum(cells // _FEWEST_PER_GRID, 1))
    grid = np.full(len(village), -1)
    first = 0
    for index in range(villages):
        members = np.flatnonzero(village == index)
        inside = csr_array(graph[members][:, members])
        grid[members] = first + split_evenly(inside, weight[members], int(share[index]))
        first += int(share[index])
    return grid


def split_evenly(graph: csr_array, weight: Floats, parts: int) -> Ints:
    """Connected parts of about equal weight: the lightest part grows by its nearest neighbour."""
    start = _far_apart(graph, weight, parts)
    distance = dijkstra(graph, indices=start, directed=False)
    part = np.full(len(weight), -1)
    part[start] = np.arange(parts)
    held = weight[start].copy()
    open_parts = np.ones(parts, dtype=bool)
    while (part < 0).any():
        lightest = int(np.argmin(np.where(open_parts, held, np.inf)))
        border = _free_neighbours(graph, part, lightest)
        if len(border) == 0:
            open_parts[lightest] = False
            continue
        cell = border[np.argmin(distance[lightest][border])]
        part[cell] = lightest
        held[lightest] += weight[cell]
    return part


def _free_neighbours(graph: csr_array, part: Ints, index: int) -> Ints:
    reached: Bools = np.asarray((graph[part == index] > 0).sum(axis=0)).ravel() > 0
    return np.flatnonzero(reached & (part < 0))


def _far_apart(graph: csr_array, weight: Floats, parts: int) -> Ints:
    """Cells with much weight that are far from each other."""
    everything = dijkstra(graph, directed=False)
    chosen = [int(np.argmax(weight))]
    while len(chosen) < parts:
        away = everything[chosen].min(axis=0)
        score = away * np.sqrt(weight + 0.05 * weight.max() + 1e-9)
        score[chosen] = -1.0
        chosen.append(int(np.argmax(score)))
    return np.array(chosen)
