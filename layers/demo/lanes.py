"""Lanes inside settlements: warped, turned and thinned lattices, each of its own bearing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator

from layers.demo.frame import Bools, Floats, Ints
from layers.demo.settlements import Kind, Settlements, nearest_settlement
from layers.demo.shapes import points_at
from layers.demo.terrain import Terrain

# metres between neighbouring crossings: along the lanes that houses stand on, and across them
_SPACING_M = {
    Kind.QUARTER: (78.0, 62.0),
    Kind.VILLAGE: (47.0, 40.0),
    Kind.HAMLET: (44.0, 42.0),
    Kind.INDUSTRY: (165.0, 120.0),
}
_MISSING = {Kind.QUARTER: 0.06, Kind.VILLAGE: 0.09, Kind.HAMLET: 0.15, Kind.INDUSTRY: 0.08}
_EDGE_OF_BUILT_UP = {Kind.QUARTER: 1.25, Kind.VILLAGE: 1.0, Kind.HAMLET: 1.0, Kind.INDUSTRY: 1.0}
_OWNERSHIP_MARGIN = 0.03  # settlements keep a strip between their lattices, in radii
_BANK_M = 38.0


@dataclass(frozen=True)
class Lattice:
    """Crossings of lanes.

    Attributes:
        xy: (n, 2) in local metres.
        settlement: (n,) which settlement each crossing belongs to.
        column, row: (n,) the crossing's place in its settlement's lattice.
    """

    xy: Floats
    settlement: Ints
    column: Ints
    row: Ints

    def only(self, keep: Bools) -> Lattice:
        """The crossings where `keep` is true."""
        return Lattice(self.xy[keep], self.settlement[keep], self.column[keep], self.row[keep])


def make_lattice(chance: Generator, terrain: Terrain, settlements: Settlements) -> Lattice:
    """The lattices of all settlements, on dry land inside the outline, none in another."""
    parts = [_one(chance, settlements, index) for index in range(len(settlements.xy))]
    lattice = Lattice(
        np.vstack([part.xy for part in parts]),
        np.concatenate([part.settlement for part in parts]),
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.row for part in parts]),
    )
    return lattice.only(_owned(settlements, lattice) & _dry(terrain, lattice.xy))


def _dry(terrain: Terrain, xy: Floats) -> Bools:
    points = points_at(xy)
    land = terrain.outline.buffer(-60.0)
    shapely.prepare(land)
    shapely.prepare(terrain.river)
    near_water = shapely.dwithin(terrain.river, points, _BANK_M)
    return np.asarray(shapely.contains_properly(land, points) & ~near_water)


def _owned(settlements: Settlements, lattice: Lattice) -> Bools:
    """Whether a crossing lies clearly nearer to its own settlement than to any other."""
    _, closest = nearest_settlement(settlements, lattice.xy)
    own = settlements.xy[lattice.settlement]
    distance = np.hypot(*(lattice.xy - own).T) / settlements.radius_m[lattice.settlement]
    return np.asarray(distance <= closest + _OWNERSHIP_MARGIN / 2)


def _one(chance: Generator, settlements: Settlements, index: int) -> Lattice:
    kind = Kind(settlements.kind[index])
    radius = settlements.radius_m[index] * _EDGE_OF_BUILT_UP[kind]
    across, up = (_steps(chance, radius, spacing) for spacing in _SPACING_M[kind])
    column, row = (grid.ravel() for grid in np.meshgrid(np.arange(len(across)), np.arange(len(up))))
    xy = np.column_stack([across[column], up[row]])
    keep = _in_shape(chance, xy, radius) & (chance.random(len(xy)) > _MISSING[kind])
    xy = _warp(chance, xy, settlements.bearing[index]) + settlements.xy[index]
    owner = np.full(len(xy), index)
    return Lattice(xy, owner, column, row).only(keep)


def _steps(chance: Generator, radius: float, spacing: float) -> Floats:
    """Places of parallel lanes from -radius to radius, unevenly spaced."""
    count = int(2 * radius / spacing) + 2
    gaps = spacing * chance.uniform(0.72, 1.32, count)
    places = np.cumsum(gaps)
    return np.asarray(places - places[-1] / 2)


def _in_shape(chance: Generator, xy: Floats, radius: float) -> Bools:
    """An uneven blob instead of a disc."""
    angle = np.arctan2(xy[:, 1], xy[:, 0])
    limit = np.ones(len(xy))
    for wave in (2, 3, 5):
        limit += chance.normal(0.0, 0.26 / wave) * np.cos(wave * angle + chance.uniform(0, 6.28))
    inside: Bools = np.hypot(xy[:, 0], xy[:, 1]) < radius * np.clip(limit, 0.6, 1.45)
    return inside


def _warp(chance: Generator, xy: Floats, bearing: float) -> Floats:
    """Bend the lanes a little, shake the crossings, and turn everything to the bearing."""
    bent = xy + chance.normal(0.0, 2.2, xy.shape)
    for axis in (0, 1):
        wave, phase = chance.uniform(280.0, 620.0), chance.uniform(0.0, 6.28)
        bent[:, axis] += 0.022 * wave * np.sin(2 * np.pi * xy[:, 1 - axis] / wave + phase)
    cosine, sine = np.cos(bearing), np.sin(bearing)
    return np.asarray(bent @ np.array([[cosine, sine], [-sine, cosine]]))
