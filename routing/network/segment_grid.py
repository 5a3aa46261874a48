"""Segments of streets in square cells, and the nearest one found among them, as machine code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled

OFF_STREET = -1
# Streets that are as near as this to the nearest one are taken as equally near.
_TIE_M = 0.001
# How much farther a street may lie that hangs together with the others than one that doesn't.
ISLAND_HANDICAP_M = 100.0
_SEGMENTS_A_CELL = 2.0
# WGS 84
_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_2 = 0.00669437999014


class Segments(NamedTuple):
    """Cells over the streets, each with the segments that touch it.

    Attributes:
        vertices: (V, 2) lon, lat; segment i runs from vertex i to i + 1.
        share: (V,) of its street's length at which each vertex lies, from 0 to 1.
        street: (V,) index of each vertex's street.
        low: (2,) lon, lat of the first cell's corner.
        cell: (2,) width and height of a cell in degrees.
        shape: (2,) cells across and up.
        first: (C + 1,) cell c has the segments inside[first[c]] to inside[first[c + 1] - 1].
        inside: indices of segments.
    """

    vertices: NDArray[np.float64]
    share: NDArray[np.float64]
    street: NDArray[np.int32]
    low: NDArray[np.float64]
    cell: NDArray[np.float64]
    shape: NDArray[np.int32]
    first: NDArray[np.int32]
    inside: NDArray[np.int32]


def make_segments(
    vertices: NDArray[np.float64], share: NDArray[np.float64], street: NDArray[np.int32]
) -> Segments:
    """Lay cells over the streets, about as many as there are segments."""
    low = vertices.min(axis=0) if len(vertices) else np.zeros(2)
    extent = np.maximum(vertices.max(axis=0) - low, 1e-9) if len(vertices) else np.ones(2)
    narrow = max(float(np.cos(np.radians(low[1] + extent[1] / 2))), 0.01)
    metric = extent * [narrow, 1.0]
    side = max(float(np.sqrt(metric.prod() * _SEGMENTS_A_CELL / max(len(vertices), 1))), 1e-5)
    side = max(side, float(metric.max()) / 20_000)
    cell = np.array([side / narrow, side])
    shape = (np.floor(extent / cell) + 1).astype(np.int32)
    first = np.zeros(int(shape.prod()) + 1, np.int32)
    _fill(vertices, street, low, cell, shape, first, np.zeros(0, np.int32))
    first = np.concatenate([[0], np.cumsum(first[:-1])]).astype(np.int32)
    inside = np.empty(int(first[-1]), np.int32)
    _fill(vertices, street, low, cell, shape, first[:-1].copy(), inside)
    return Segments(vertices, share, street, low, cell, shape, first, inside)


@compiled
def _fill(
    vertices: Any, street: Any, low: Any, cell: Any, shape: Any, at: Any, inside: Any
) -> None:
    """Put each segment into the cells it touches; with no room, only count them in `at`."""
    for i in range(len(vertices) - 1):
        if street[i] != street[i + 1]:
            continue
        x0 = (vertices[i, 0] - low[0]) / cell[0]
        y0 = (vertices[i, 1] - low[1]) / cell[1]
        x1 = (vertices[i + 1, 0] - low[0]) / cell[0]
        y1 = (vertices[i + 1, 1] - low[1]) / cell[1]
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = (x1 - x0) / (y1 - y0) if y1 > y0 else 0.0
        for row in range(max(int(y0), 0), min(int(y1), shape[1] - 1) + 1):
            left, right = x0, x1
            if y1 > y0:
                left = x0 + slope * (max(float(row), y0) - y0)
                right = x0 + slope * (min(float(row + 1), y1) - y0)
            if left > right:
                left, right = right, left
            # a hair wider, so that rounding loses no cell
            begin = min(max(int(np.floor(left - 1e-6)), 0), shape[0] - 1)
            end = min(max(int(np.floor(right + 1e-6)), 0), shape[0] - 1)
            for column in range(begin, end + 1):
                c = row * shape[0] + column
                if len(inside):
                    inside[at[c]] = i
                at[c] += 1


@compiled
def metres_a_degree(lat: float) -> Any:
    """Metres a degree of longitude and of latitude has there, on the ellipsoid."""
    phi = np.radians(lat)
    w = 1 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    across = _SEMI_MAJOR_M / np.sqrt(w) * np.cos(phi)
    up = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_2) / w**1.5
    return np.radians(across), np.radians(up)


@compiled
def nearest_on(vertices: Any, i: int, lon: float, lat: float, mx: float, my: float) -> Any:
    """Metres to segment i, and how far along it the nearest place is, 0 to 1."""
    ax = (vertices[i, 0] - lon) * mx
    ay = (vertices[i, 1] - lat) * my
    dx = (vertices[i + 1, 0] - vertices[i, 0]) * mx
    dy = (vertices[i + 1, 1] - vertices[i, 1]) * my
    squared = dx * dx + dy * dy
    t = 0.0
    if squared > 0:
        t = min(max(-(ax * dx + ay * dy) / squared, 0.0), 1.0)
    return np.hypot(ax + t * dx, ay + t * dy), t


@compiled
def _snap_one(
    segments: Any, admits: Any, mainland: Any, lon: float, lat: float, max_m: float, leaving: bool
) -> Any:
    """Street, fraction, distance of the best place for a point; OFF_STREET where there is none."""
    mx, my = metres_a_degree(lat)
    x = int(np.floor((lon - segments.low[0]) / segments.cell[0]))
    y = int(np.floor((lat - segments.low[1]) / segments.cell[1]))
    cell_m = min(segments.cell[0] * mx, segments.cell[1] * my)
    columns, rows = segments.shape[0], segments.shape[1]
    # rings that lie wholly outside the cells hold nothing
    ring = max(0, -x, x - columns + 1, -y, y - rows + 1)
    last = max(x, columns - 1 - x, y, rows - 1 - y)
    anywhere, main = np.inf, np.inf
    while ring <= last:
        for row in range(max(y - ring, 0), min(y + ring, rows - 1) + 1):
            edge_row = row == y - ring or row == y + ring
            step = 1 if edge_row or ring == 0 else 2 * ring
            for column in range(x - ring, x + ring + 1, step):
                if column < 0 or column >= columns:
                    continue
                c = row * columns + column
                for p in range(segments.first[c], segments.first[c + 1]):
                    i = segments.inside[p]
                    s = segments.street[i]
                    if admits[s, 0] or admits[s, 1]:
                        distance, _ = nearest_on(segments.vertices, i, lon, lat, mx, my)
                        anywhere = min(anywhere, distance)
                        if mainland[s]:
                            main = min(main, distance)
        seen_m = ring * cell_m
        if seen_m >= max_m or main <= seen_m or anywhere + ISLAND_HANDICAP_M <= seen_m:
            break
        ring += 1
    on_main = main <= anywhere + ISLAND_HANDICAP_M and main <= max_m
    nearest = main if on_main else anywhere
    if nearest > max_m or nearest == np.inf:
        return OFF_STREET, 0.0, np.inf
    return _preferred(segments, admits, mainland, lon, lat, nearest + _TIE_M, on_main, leaving)


@compiled
def _preferred(
    segments: Any,
    admits: Any,
    mainland: Any,
    lon: float,
    lat: float,
    within_m: float,
    on_main: bool,
    leaving: bool,
) -> Any:
    """Of the equally near places the best: two-way, then near the end that counts, then first."""
    mx, my = metres_a_degree(lat)
    reach_x, reach_y = within_m / mx, within_m / my
    columns, rows = segments.shape[0], segments.shape[1]
    left = max(int(np.floor((lon - reach_x - segments.low[0]) / segments.cell[0])), 0)
    right = min(int(np.floor((lon + reach_x - segments.low[0]) / segments.cell[0])), columns - 1)
    down = max(int(np.floor((lat - reach_y - segments.low[1]) / segments.cell[1])), 0)
    up = min(int(np.floor((lat + reach_y - segments.low[1]) / segments.cell[1])), rows - 1)
    # cells at the rim hold what lies on their far border, too
    left, right = min(left, columns - 1), max(right, 0)
    down, up = min(down, rows - 1), max(up, 0)
    best, best_fraction, best_m = OFF_STREET, 0.0, np.inf
    best_both, best_rest = False, np.inf
    for row in range(down, up + 1):
        for column in range(left, right + 1):
            c = row * columns + column
            for p in range(segments.first[c], segments.first[c + 1]):
                i = segments.inside[p]
                s = segments.street[i]
                if not (admits[s, 0] or admits[s, 1]) or (on_main and not mainland[s]):
                    continue
                distance, t = nearest_on(segments.vertices, i, lon, lat, mx, my)
                if distance > within_m:
                    continue
                fraction = segments.share[i] + t * (segments.share[i + 1] - segments.share[i])
                both = admits[s, 0] and admits[s, 1]
                along = fraction if admits[s, 0] else 1 - fraction
                rest = 1 - along if leaving else along
                if best != OFF_STREET:
                    if both != best_both:
                        if not both:
                            continue
                    elif rest > best_rest or (rest == best_rest and s >= best):
                        continue
                best, best_fraction, best_m = s, fraction, distance
                best_both, best_rest = both, rest
    return best, best_fraction, best_m


@compiled
def snap_points(
    segments: Any,
    admits: Any,
    mainland: Any,
    lonlat: Any,
    max_m: float,
    leaving: bool,
    street: Any,
    fraction: Any,
    distance_m: Any,
) -> None:
    """Fill street, fraction and distance of each of (P, 2) points."""
    for p in range(len(lonlat)):
        street[p], fraction[p], distance_m[p] = _snap_one(
            segments, admits, mainland, lonlat[p, 0], lonlat[p, 1], max_m, leaving
        )
