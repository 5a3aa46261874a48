"""The frame in which the town is made: metres about its centre, in its metric CRS."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int64]
type Bools = NDArray[np.bool_]
type Geometries = NDArray[np.object_]

DECIMALS = 8  # of a degree: about a millimetre


@dataclass(frozen=True)
class Frame:
    """Local metres about a centre.

    Attributes:
        srid: EPSG code of the town's metric CRS.
        lon, lat: the centre in EPSG:4326.
    """

    srid: int
    lon: float
    lat: float

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_crs(4326, self.srid, always_xy=True)

    @cached_property
    def _origin(self) -> tuple[float, float]:
        easting, northing = self._transformer.transform(self.lon, self.lat)
        return round(easting, 3), round(northing, 3)

    def to_metres(self, lonlat: Floats) -> Floats:
        """Local metres of (n, 2) longitudes and latitudes."""
        east, north = self._transformer.transform(lonlat[:, 0], lonlat[:, 1])
        return np.column_stack([east, north]) - self._origin

    def to_lonlat(self, xy: Floats) -> Floats:
        """Longitudes and latitudes of (n, 2) local metres, rounded once to DECIMALS."""
        east, north = (xy + self._origin).T
        lonlat = np.column_stack(self._transformer.transform(east, north, direction="INVERSE"))
        return np.round(lonlat, DECIMALS)

    def shapes_to_lonlat(self, shapes: Any) -> Any:
        """Geometries in local metres, as geometries in EPSG:4326."""
        return shapely.transform(shapes, self.to_lonlat)
