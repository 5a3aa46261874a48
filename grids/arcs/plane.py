"""The town's metric CRS, in which edges are straight, lengths are metres and areas are measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from spatial.errors import InputError

type Coords = NDArray[np.float64]
type Shapes = NDArray[np.object_] | Sequence[BaseGeometry]


@dataclass(frozen=True)
class Plane:
    """Metres of a projected CRS (`srid`), and the way from stored coordinates and back."""

    srid: int

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs(4326, self.srid, always_xy=True)

    def to_metres(self, lonlat: Coords) -> Coords:
        """(n, 2) eastings and northings of (n, 2) longitudes and latitudes.

        Raises:
            InputError: a place is too far away for this CRS.
        """
        xy = np.column_stack(self._transformer.transform(lonlat[:, 0], lonlat[:, 1]))
        if not np.isfinite(xy).all():
            lon, lat = lonlat[~np.isfinite(xy).all(axis=1)][0].tolist()
            raise InputError(
                f"{lon:.6f}, {lat:.6f} is out of reach of EPSG:{self.srid} / 坐标超出范围",
                remedy="give longitude and latitude of a place near the town",
            )
        return xy

    def to_lonlat(self, xy: Coords) -> Coords:
        """(n, 2) longitudes and latitudes of new points; stored ones are never sent this way."""
        there = self._transformer.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
        return np.column_stack(there)

    def projected(self, shapes: Shapes) -> NDArray[np.object_]:
        """Shapes in metres, vertex by vertex."""
        moved: NDArray[np.object_] = shapely.transform(
            np.asarray(shapes, dtype=object), self.to_metres
        )
        return moved
