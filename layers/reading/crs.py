"""The coordinate reference systems in which a layer can be asked for and answered.

OGC API Features Part 2: a CRS is named by URI and its coordinates come in the axis order of its
definition, so EPSG:4326 is latitude first while CRS84 is longitude first.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pyproj import CRS

from spatial.errors import InputError

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
# Nine decimals of a degree are a tenth of a millimetre, as are four of a metre.
_DEGREE_DIGITS = 9
_METRE_DIGITS = 4


@dataclass(frozen=True)
class OutputCrs:
    """A CRS at the door.

    Attributes:
        northing_first: whether coordinates are written (y, x).
    """

    uri: str
    srid: int
    northing_first: bool
    digits: int


def epsg_uri(srid: int) -> str:
    """The OGC URI of an EPSG code."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{srid}"


@cache
def supported_crs(metric_srid: int | None) -> tuple[OutputCrs, ...]:
    """CRS84 first (the default), then the EPSG codes that a town's clients use."""
    srids = dict.fromkeys((4326, 4490, 4549, 3857, *([metric_srid] if metric_srid else [])))
    return (OutputCrs(CRS84, 4326, False, _DEGREE_DIGITS), *map(_epsg, srids))  # noqa: FBT003


def _epsg(srid: int) -> OutputCrs:
    crs = CRS.from_epsg(srid)
    northing_first = crs.axis_info[0].direction == "north"
    digits = _DEGREE_DIGITS if crs.is_geographic else _METRE_DIGITS
    return OutputCrs(epsg_uri(srid), srid, northing_first, digits)


def find_crs(uri: str | None, metric_srid: int | None) -> OutputCrs:
    """The CRS called `uri`; None asks for the default.

    Raises:
        InputError: it is not one of `supported_crs`.
    """
    choices = supported_crs(metric_srid)
    if uri is None:
        return choices[0]
    for choice in choices:
        if uri.strip("[]<>") == choice.uri:
            return choice
    raise InputError(f"the CRS {uri} is not supported", remedy="one of those in the collection")
