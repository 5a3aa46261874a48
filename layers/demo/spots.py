"""Places on streets where things happen or stand: evenly spread over all streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layers.demo.frame import Bools, Floats, Frame, Geometries, Ints
from routing.modes import Mode
from routing.streets import Streets

_EVERY_M = 28.0
_MAIN_CLASSES = ("trunk", "primary", "secondary", "tertiary")


@dataclass(frozen=True)
class Spots:
    """Points on streets.

    Attributes:
        lonlat: (n, 2) exactly on a street, as the street is stored.
        xy: (n, 2) the same in local metres.
        street: (n,) row of the street.
        main: (n,) whether it is a main road.
        cars: (n,) whether cars get there from nearly everywhere, and away again.
    """

    lonlat: Floats
    xy: Floats
    street: Ints
    main: Bools
    cars: Bools


def make_spots(chance: Generator, streets: Streets, frame: Frame) -> Spots:
    """One spot for every stretch of a street, at a random place in it."""
    table = streets.streets
    lines: Geometries = table.geometry.to_numpy()
    stretches = np.maximum(np.ceil(table["length_m"].to_numpy() / _EVERY_M), 1).astype(np.int64)
    street = np.repeat(np.arange(len(lines)), stretches)
    ordinal = np.arange(len(street)) - np.repeat(np.cumsum(stretches) - stretches, stretches)
    share = (ordinal + chance.uniform(0.05, 0.95, len(street))) / stretches[street]
    points = shapely.line_interpolate_point(lines[street], share, normalized=True)
    lonlat = shapely.get_coordinates(points)
    street_class = table["class"].to_numpy()[street]
    return Spots(
        lonlat,
        frame.to_metres(lonlat),
        street,
        np.isin(street_class, _MAIN_CLASSES),
        drivable_streets(table)[street],
    )


def drivable_streets(table: pd.DataFrame) -> Bools:
    """Which streets lie in the largest part in which cars get from everywhere to everywhere."""
    ends = table[["from_node", "to_node"]].to_numpy()
    known, number = np.unique(ends, return_inverse=True)
    number = number.reshape(ends.shape)
    forward, backward = (
        (table[name].to_numpy() & int(Mode.CAR)) > 0 for name in ("forward_modes", "backward_modes")
    )
    arcs = np.vstack([number[forward], number[backward][:, ::-1]])
    matrix = coo_array((np.ones(len(arcs)), arcs.T), shape=(len(known), len(known)))
    _, label = connected_components(matrix.tocsr(), connection="strong")
    largest = label == np.bincount(label).argmax()
    return np.asarray((forward | backward) & largest[number].all(axis=1))


def nearness(xy: Floats, centre: Floats, radius_m: float) -> Floats:
    """1 at the centre, falling like a bell curve of standard deviation `radius_m`."""
    squared = ((xy - centre) ** 2).sum(axis=1)
    near: Floats = np.exp(-squared / (2 * radius_m**2))
    return near


def choose(chance: Generator, weight: Floats, count: int) -> Ints:
    """`count` row numbers, more often where there is more weight; may repeat."""
    running = np.cumsum(weight)
    drawn = chance.random(count) * running[-1]
    return np.asarray(np.searchsorted(running, drawn, side="right"))
