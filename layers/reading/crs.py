"""The coordinate reference systems in which a layer can be asked for and answered.

OGC API Features Part 2: a CRS is named by URI and its coordinates come in the axis order of its
definition, so EPSG:4326 is latitude first while CRS84 is longitude first.

GCJ-02, the shifted datum of Chinese web maps, is offered beside them under a name of our own. It
is no true CRS: no authority publishes the shift, and metres are not metres in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from spatial.datum import gcj02_to_wgs84
from spatial.errors import InputError

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
STORED_SRID = 4326
# Nine decimals of a degree are a tenth of a millimetre, as are four of a metre.
DEGREE_DIGITS = 9
_METRE_DIGITS = 4


@dataclass(frozen=True)
class OutputCrs:
    """A CRS at the door.

    Attributes:
        uri: absolute; of GCJ-02 relative to where the OGC APIs start.
        northing_first: whether coordinates are written (y, x).
        digits: how many decimals are written.
        is_geographic: whether coordinates are degrees.
        is_shifted: whether coordinates are those of `srid` moved to GCJ-02.
    """

    uri: str
    srid: int
    northing_first: bool = False
    digits: int = DEGREE_DIGITS
    is_geographic: bool = True
    is_shifted: bool = False

    @property
    def is_stored(self) -> bool:
        """Whether coordinates are the stored ones but for their order."""
        return self.srid == STORED_SRID and not self.is_shifted


GCJ02 = OutputCrs("crs/GCJ02", STORED_SRID, is_shifted=True)


def epsg_uri(srid: int) -> str:
    """The OGC URI of an EPSG code."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{srid}"


@cache
def supported_crs(metric_srid: int | None, *, gcj02: bool = False) -> tuple[OutputCrs, ...]:
    """CRS84 first (the default), then the EPSG codes that a town's clients use, then GCJ-02.

    Args:
        metric_srid: the town's own metric CRS.
        gcj02: whether the installation offers it.
    """
    srids = dict.fromkeys((4326, 4490, 4549, 3857, *([metric_srid] if metric_srid else [])))
    shifted = [GCJ02] if gcj02 else []
    return (OutputCrs(CRS84, STORED_SRID), *map(_epsg, srids), *shifted)


def _epsg(srid: int) -> OutputCrs:
    crs = CRS.from_epsg(srid)
    return OutputCrs(
        epsg_uri(srid),
        srid,
        northing_first=crs.axis_info[0].direction == "north",
        digits=DEGREE_DIGITS if crs.is_geographic else _METRE_DIGITS,
        is_geographic=crs.is_geographic,
    )


def find_crs(uri: str | None, metric_srid: int | None, *, gcj02: bool = False) -> OutputCrs:
    """The CRS called `uri`; None asks for the default.

    Raises:
        InputError: it is not one of `supported_crs`.
    """
    choices = supported_crs(metric_srid, gcj02=gcj02)
    if uri is None:
        return choices[0]
    asked = uri.strip("[]<>")
    for choice in choices:
        if asked == choice.uri or (choice.is_shifted and asked.endswith(f"/{choice.uri}")):
            return choice
    raise InputError(f"the CRS {uri} is not supported", remedy="one of those in the collection")


def to_stored(shape: BaseGeometry, crs: OutputCrs) -> BaseGeometry:
    """A geometry whose vertices are written in `crs`, in EPSG:4326, longitude first.

    Raises:
        InputError: a vertex lies where `crs` has no places.
    """
    if crs.northing_first:
        shape = _moved(shape, _swap)
    if crs.is_stored:
        return shape
    moved = _moved(shape, gcj02_to_wgs84 if crs.is_shifted else _to_wgs84(crs.srid))
    if not all(abs(bound) <= 360 for bound in moved.bounds):  # infinite beyond a projection
        raise InputError(f"coordinates lie outside the CRS {crs.uri}")
    return moved


def _moved(shape: BaseGeometry, move: Any) -> BaseGeometry:
    # shapely's stubs know only functions of one interleaved array
    moved: BaseGeometry = shapely.transform(shape, move, interleaved=False)
    return moved


def _swap(first: Any, second: Any) -> tuple[Any, Any]:
    return second, first


@cache
def _to_wgs84(srid: int) -> Any:
    # As PROJ's caches are slow to ask, the transformer is kept: there are a handful of CRSs.
    return Transformer.from_crs(srid, STORED_SRID, always_xy=True).transform
