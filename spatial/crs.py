"""Which coordinate reference system numbers are in, and the way from there to EPSG:4326.

CGCS2000 (EPSG:4490) is taken as WGS 84: they agree to centimetres. What people and files call them
is in `spatial.crs_names`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from spatial.datum import Shift, bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from spatial.errors import DatumError, InputError

Geometries = NDArray[np.object_]

WGS84 = CRS.from_epsg(4326)
_CHINA_3_DEGREE_SRID = 4534  # central meridian 75 E, no zone number before the easting
_CHINA_3_DEGREE_FIRST, _CHINA_3_DEGREE_LAST = 75, 135
_ZONE_PREFIX_FROM_M = 10_000_000
# From Hainan to the Amur; no easting is so large without a zone number, nor so small with one.
_CHINESE_NORTHINGS_M = (1_700_000, 6_200_000)
_LARGEST_DEGREE = 360

SHIFTED: dict[str, tuple[str, Shift, Shift]] = {
    "gcj02": ("GCJ-02", gcj02_to_wgs84, wgs84_to_gcj02),
    "bd09": ("BD-09", bd09_to_wgs84, wgs84_to_bd09),
}
_SHIFTED_WKT = """
GEOGCRS["{label}",DATUM["{label} (shifted WGS 84)",ELLIPSOID["WGS 84",6378137,298.257223563]],
CS[ellipsoidal,2],AXIS["latitude",north],AXIS["longitude",east],UNIT["degree",0.0174532925199433]]
"""
_CGCS2000 = re.compile(r"china[ _]2000|cgcs[ _]?2000|china[ _]geodetic[ _].*2000", re.IGNORECASE)


def metric_srid_of(lon: float, lat: float) -> int:
    """EPSG code of the CRS in which metres are metres near a place.

    In China the CGCS2000 3-degree zone without zone number (EPSG:4534 to 4554), where the zone's
    area of use, as EPSG states it, holds the place; elsewhere the UTM zone (EPSG:326xx, 327xx).
    """
    meridian = 3 * round(lon / 3)
    if _CHINA_3_DEGREE_FIRST <= meridian <= _CHINA_3_DEGREE_LAST:
        srid = _CHINA_3_DEGREE_SRID + (meridian - _CHINA_3_DEGREE_FIRST) // 3
        area = CRS.from_epsg(srid).area_of_use
        if area and area.south <= lat <= area.north:
            return srid
    zone = int((lon + 180) // 6) % 60 + 1
    return (32600 if lat >= 0 else 32700) + zone


def check_metric_srid(srid: int) -> int:
    """`srid`, known to be a projected CRS in metres.

    Raises:
        InputError: PROJ doesn't know it, or it is not projected, or not in metres.
    """
    try:
        crs = CRS.from_epsg(srid)
    except CRSError as error:
        raise InputError(
            f"EPSG:{srid} is not known to PROJ", remedy="see https://epsg.io for codes"
        ) from error
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info):
        raise InputError(
            f"EPSG:{srid} ({crs.name}) is not a projected CRS in metres",
            remedy="leave --crs out to take the zone of the town's centre",
        )
    return srid


@dataclass(frozen=True)
class SourceCrs:
    """What the numbers of a source mean.

    Attributes:
        label: how to name it to a person and in a batch: `EPSG:4549`, `GCJ-02`, or the CRS's name.
        crs: None for the shifted datums.
        unshift, shift: from a shifted datum to WGS 84, and back.
    """

    label: str
    crs: CRS | None = None
    unshift: Shift | None = None
    shift: Shift | None = None

    @property
    def file_crs(self) -> str:
        """What to write into a file, as WKT: a shifted datum under a name that is known again."""
        return self.crs.to_wkt() if self.crs else _SHIFTED_WKT.format(label=self.label)

    def from_wgs84(self, geometries: Geometries) -> Geometries:
        """Two-dimensional `geometries` of EPSG:4326 in this CRS, easting or longitude first."""
        flat = shapely.force_2d(geometries)
        if self.crs is None:
            return _moved(flat, self.shift)
        geodetic = _geodetic_if_cgcs2000(self.crs)
        if self.crs == geodetic:
            return _moved(flat, None)
        return _moved(flat, _transformer(geodetic, self.crs, self.label).transform)

    def to_wgs84(self, geometries: Geometries) -> Geometries:
        """Two-dimensional `geometries` in EPSG:4326, lon first; None and empty ones stay.

        Raises:
            DatumError: the eastings show that another zone numbering was meant.
        """
        flat = shapely.force_2d(geometries)
        if self.crs is None:
            return _moved(flat, self.unshift)
        self._check_numbers(flat)
        geodetic = _geodetic_if_cgcs2000(self.crs)
        if self.crs == geodetic:
            return _moved(flat, None)
        to_lonlat = _transformer(self.crs, geodetic, self.label)
        return _moved(flat, to_lonlat.transform)

    def _check_numbers(self, geometries: Geometries) -> None:
        """Metres look like metres; Chinese eastings carry a zone number where the CRS says so."""
        eastings = shapely.get_coordinates(geometries)[:, 0]
        eastings = eastings[np.isfinite(eastings)]
        if self.crs is None or not self.crs.is_projected or not len(eastings):
            return
        typical = float(np.median(eastings))
        if np.abs(eastings).max() <= _LARGEST_DEGREE:
            raise DatumError(
                f"numbers like {typical:.6g} are degrees, but {self.label} is in metres",
                remedy="state the real one, e.g. --crs EPSG:4490, EPSG:4326, gcj02",
            )
        if "Gauss-Kruger" not in self.crs.name:
            return
        if _CHINESE_NORTHINGS_M[0] < typical < _CHINESE_NORTHINGS_M[1]:
            raise DatumError(
                f"numbers like {typical:.0f} stand for eastings and are northings / XY 坐标颠倒",
                remedy="swap the two: easting first",
            )
        numbered = typical > _ZONE_PREFIX_FROM_M
        if numbered == ("zone" in self.crs.name):
            return
        raise DatumError(
            f"eastings like {typical:.0f} {'have a' if numbered else 'have no'} zone number, "
            f"but {self.label} {'has none' if numbered else 'wants one'}",
            remedy="state the other, e.g. --crs EPSG:4528 (with number 40), EPSG:4549 (without)",
        )


def _moved(geometries: Geometries, move: Shift | None) -> Geometries:
    if move is None:
        return geometries

    def once(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        # Each place once: vectorized sines can differ in the last digit by their place in an
        # array, and what neighbours share has to stay the same.
        places, number = np.unique(lonlat[:, 0] + 1j * lonlat[:, 1], return_inverse=True)
        return np.column_stack(move(places.real, places.imag))[number]

    moved: Geometries = shapely.transform(geometries, once)
    return moved


def _geodetic_if_cgcs2000(crs: CRS) -> CRS:
    """Where to take numbers: CGCS2000's own degrees are WGS 84's; all else goes to WGS 84."""
    if crs.geodetic_crs is not None and _CGCS2000.search(datum_name(crs)):
        return crs.geodetic_crs
    return WGS84


def _transformer(source: CRS, target: CRS, label: str) -> Transformer:
    try:
        return Transformer.from_crs(source, target, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise DatumError(
            f"no transformation from {label} to WGS 84 is known",
            remedy="give the data in EPSG:4490 or EPSG:4326",
        ) from error


def datum_name(crs: CRS) -> str:
    """What the CRS calls its datum; empty where it says none."""
    return crs.datum.name if crs.datum else ""


def shifted(name: str) -> SourceCrs:
    """gcj02 or bd09."""
    label, unshift, shift = SHIFTED[name]
    return SourceCrs(label, unshift=unshift, shift=shift)


def source_of(crs: CRS, label: str) -> SourceCrs:
    """A CRS that lies on the earth.

    Raises:
        DatumError: no transformation to WGS 84 is known.
    """
    _transformer(crs, _geodetic_if_cgcs2000(crs), label)
    return SourceCrs(label, crs=crs)
