"""The lie of the land: the outline that the town roughly has, and its river."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from layers.demo.frame import Floats

_OUTLINE_VERTICES = 240
_RIVER_STATIONS = 260
_RIVER_NORTH_OF_CENTRE_M = 620.0


@dataclass(frozen=True)
class Terrain:
    """Ground in local metres.

    Attributes:
        outline: where the town roughly ends; the exact outline follows from the micro-grids.
        river_line: the river's middle; empty where there is no river.
        river: the water's surface, empty where there is no river.
    """

    outline: Polygon
    river_line: LineString
    river: BaseGeometry


def make_terrain(chance: Generator, area_km2: float) -> Terrain:
    """A round-ish outline of `area_km2` with a river that crosses it north of the centre."""
    outline = _make_outline(chance, area_km2)
    radius = float(np.sqrt(area_km2 * 1e6 / np.pi))
    river_line = _make_river_line(chance, radius)
    surface = _widen(chance, river_line)
    return Terrain(outline, river_line, surface.intersection(outline.buffer(900.0)))


def _make_outline(chance: Generator, area_km2: float) -> Polygon:
    angle = np.linspace(0.0, 2 * np.pi, _OUTLINE_VERTICES, endpoint=False)
    radius = np.ones_like(angle)
    for wave in range(2, 22):
        height = chance.normal(0.0, 0.15 / wave if wave < 8 else 0.13 / wave)
        radius += height * np.cos(wave * angle + chance.uniform(0, 6.28))
    radius = np.clip(radius, 0.7, 1.35)
    ring = np.column_stack([1.15 * radius * np.cos(angle), 0.9 * radius * np.sin(angle)])
    shape = Polygon(ring)
    factor = np.sqrt(area_km2 * 1e6 / shape.area)
    return Polygon(ring * factor)


def _make_river_line(chance: Generator, radius: float) -> LineString:
    """From the south-west to the north-east, with meanders of a few kilometres."""
    x = np.linspace(-1.9 * radius, 1.9 * radius, _RIVER_STATIONS)
    y = np.zeros_like(x)
    for length_m, height_m in ((7_800.0, 520.0), (4_300.0, 260.0), (2_300.0, 90.0)):
        y += height_m * np.sin(2 * np.pi * x / length_m + chance.uniform(0, 6.28))
    y += _RIVER_NORTH_OF_CENTRE_M - np.interp(0.0, x, y)
    turn = np.deg2rad(24.0)
    along = x * np.cos(turn) - y * np.sin(turn)
    up = x * np.sin(turn) + y * np.cos(turn)
    return LineString(np.column_stack([along, up]))


def _widen(chance: Generator, line: LineString) -> Polygon:
    """The water's surface: 55 to 95 m to each side of the line, varying slowly."""
    xy = shapely.get_coordinates(line)
    normal = _normals(xy)
    station = np.linspace(0.0, 1.0, len(xy))
    half = 72.0 + 14.0 * np.sin(2 * np.pi * 5 * station + chance.uniform(0, 6.28))
    half += 8.0 * np.sin(2 * np.pi * 17 * station + chance.uniform(0, 6.28))
    left, right = xy + half[:, None] * normal, xy - half[:, None] * normal
    return Polygon(np.vstack([left, right[::-1]])).buffer(0)


def _normals(xy: Floats) -> Floats:
    """The unit normals, to the left, at the vertices of a line."""
    along = np.gradient(xy, axis=0)
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    return np.column_stack([-along[:, 1], along[:, 0]])
