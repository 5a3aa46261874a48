"""Where a point lies on the streets: the nearest street that a mode may use, and how far along."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

OFF_STREET = -1
# Streets that are as near as this to the nearest one are taken as equally near.
_TIE_M = 0.001
# How much farther a street may lie that hangs together with the others than one that doesn't.
ISLAND_HANDICAP_M = 100.0


@dataclass(frozen=True)
class Snaps:
    """(P,) positions on streets.

    Attributes:
        street: index in the graph's arrays, or OFF_STREET where every street is too far.
        fraction: 0 at the beginning of the street's geometry, 1 at its end.
        distance_m: metres from the point to the street; inf where off street.
    """

    street: NDArray[np.int64]
    fraction: NDArray[np.float64]
    distance_m: NDArray[np.float64]


def metres_around(lonlat: NDArray[np.float64]) -> Transformer:
    """From degrees to metres about the middle of `lonlat` (n, 2): azimuthal equidistant.

    Distances there are true to 1e-5 within 50 km of the middle, in every direction.
    """
    if len(lonlat):
        lon, lat = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2
    else:
        lon, lat = 0.0, 0.0
    return Transformer.from_crs(
        4326, f"+proj=aeqd +lon_0={lon} +lat_0={lat} +ellps=WGS84 +units=m", always_xy=True
    )


def lines_in_metres(lines: NDArray[np.object_], to_metres: Transformer) -> NDArray[np.object_]:
    """LineStrings in degrees as LineStrings in the metres of `to_metres`."""
    xy, line_of_vertex = shapely.get_coordinates(lines, return_index=True)
    metric = np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1]))
    return np.asarray(shapely.linestrings(metric, indices=line_of_vertex))


class Snapper:
    """An index of the streets that one mode may use.

    A street that hangs together with few others (a yard whose drive nobody mapped, a stub cut off
    at the file's edge) is used only where it is nearer than any other by ISLAND_HANDICAP_M: who
    stands there can walk to the next street, and is not lost.
    """

    def __init__(
        self,
        lines_metric: NDArray[np.object_],
        admits: NDArray[np.bool_],
        mainland: NDArray[np.bool_],
        to_metres: Transformer,
    ) -> None:
        """Index the streets.

        Args:
            lines_metric: (S,) LineStrings in the metres of `to_metres`.
            admits: (S, 2) whether the mode may travel along and against each street.
            mainland: (S,) whether the street hangs together with most others.
            to_metres: from degrees to metres.
        """
        usable = admits.any(axis=1)
        self._anywhere = _Index(lines_metric, admits, usable)
        self._mainland = _Index(lines_metric, admits, usable & mainland)
        self._to_metres = to_metres

    def snap(
        self, lon: NDArray[np.float64], lat: NDArray[np.float64], *, max_m: float, leaving: bool
    ) -> Snaps:
        """The nearest place on a street for each of P points in degrees.

        Where several streets are equally near, most often because their junction is what is
        nearest, a two-way street is preferred; else one that begins there, or, for who is
        `leaving`, one that ends there: all of them stand for the junction itself.

        Args:
            max_m: the farthest that a point may lie from a street.
            leaving: the points are where travels begin, not where they end.
        """
        points = shapely.points(*self._to_metres.transform(lon, lat))
        anywhere = self._anywhere.snap(points, max_m, leaving=leaving)
        mainland = self._mainland.snap(points, max_m, leaving=leaving)
        near = mainland.distance_m <= anywhere.distance_m + ISLAND_HANDICAP_M
        return Snaps(
            np.where(near, mainland.street, anywhere.street),
            np.where(near, mainland.fraction, anywhere.fraction),
            np.where(near, mainland.distance_m, anywhere.distance_m),
        )


class _Index:
    """Some of the streets, found by nearness."""

    def __init__(
        self,
        lines_metric: NDArray[np.object_],
        admits: NDArray[np.bool_],
        chosen: NDArray[np.bool_],
    ) -> None:
        self._streets = np.flatnonzero(chosen)
        self._admits = admits
        self._lines = lines_metric
        self._tree = shapely.STRtree(lines_metric[self._streets])

    def snap(self, points: NDArray[np.object_], max_m: float, *, leaving: bool) -> Snaps:
        """The nearest place for each of P points in metres."""
        point, street = self._equally_near(points, max_m)
        fraction = shapely.line_locate_point(self._lines[street], points[point], normalized=True)
        fraction = np.nan_to_num(fraction)  # a street without length
        order = self._preference(point, street, fraction, leaving=leaving)
        which, first = np.unique(point[order], return_index=True)
        chosen = order[first]
        snaps = Snaps(
            np.full(len(points), OFF_STREET, dtype=np.int64),
            np.zeros(len(points)),
            np.full(len(points), np.inf),
        )
        snaps.street[which] = street[chosen]
        snaps.fraction[which] = fraction[chosen]
        snaps.distance_m[which] = shapely.distance(
            points[point[chosen]], self._lines[street[chosen]]
        )
        return snaps

    def _equally_near(
        self, points: NDArray[np.object_], max_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs of point and street."""
        found, distance_m = self._tree.query_nearest(
            points, max_distance=max_m, all_matches=False, return_distance=True
        )
        pairs = self._tree.query(points[found[0]], "dwithin", distance_m + _TIE_M)
        return found[0][pairs[0]], self._streets[pairs[1]]

    def _preference(
        self,
        point: NDArray[np.int64],
        street: NDArray[np.int64],
        fraction: NDArray[np.float64],
        *,
        leaving: bool,
    ) -> NDArray[np.int64]:
        """An order of the pairs in which the best of each point comes first."""
        admits = self._admits[street]
        along = np.where(admits[:, 0], fraction, 1 - fraction)
        rest = 1 - along if leaving else along
        return np.lexsort((street, rest, ~admits.all(axis=1), point))
