"""What people and files call coordinate reference systems.

Xi'an 80 and Beijing 54 are refused: the parameters of their transformations are not public, and
guesses are off by metres.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pyproj import CRS
from pyproj.exceptions import CRSError

from spatial.crs import SHIFTED, SourceCrs, datum_name, shifted, source_of
from spatial.errors import DatumError, InputError

# What files of ours call them, so that they are known again; nobody has published a true one.
_SHIFTED_NAME = re.compile(r"(gcj)[ _-]?02|bd[ _-]?09", re.IGNORECASE)
_ALIASES = {
    "wgs84": "EPSG:4326",
    "crs84": "EPSG:4326",
    "cgcs2000": "EPSG:4490",
    "gcj": "gcj02",
    "amap": "gcj02",
    "tencent": "gcj02",
    "bd": "bd09",
    "bd09ll": "bd09",
    "baidu": "bd09",
    "xian80": "EPSG:4610",
    "xian1980": "EPSG:4610",
    "beijing54": "EPSG:4214",
    "beijing1954": "EPSG:4214",
}
_LICENSED = re.compile(r"xi_?'?an[ _]?(19)?80|beijing[ _]?(19)?54", re.IGNORECASE)
# EPSG:4490, urn:ogc:def:crs:EPSG::4490, http://www.opengis.net/def/crs/EPSG/0/4490
_AUTHORITY = re.compile(
    r"(?:urn:(?:ogc|x-ogc):def:crs:|https?://www\.opengis\.net/def/crs/)?"
    r"(?P<authority>EPSG|ESRI|OGC|IGNF)(?::[\d.]*:|/[\d.]+/|:)(?P<code>[A-Za-z0-9]{1,20})",
    re.IGNORECASE,
)
_GRID_FILES = re.compile(r"nadgrids|geoidgrids|parameterfile", re.IGNORECASE)


def parse_crs(text: str) -> SourceCrs:
    """What a person calls a CRS: `EPSG:4549`, `4549`, its URN or URL, `gcj02`, `bd09`, `wgs84`, ….

    Definitions (PROJ strings, WKT, PROJJSON) are taken from files only (`stored_crs`): they can
    name grid files, which PROJ would open.

    Raises:
        DatumError: its datum is unknown, or needs a licensed transformation.
        InputError: it is no CRS.
    """
    short = re.sub(r"[\s_-]", "", text).lower()
    short = _ALIASES.get(short, short if short in SHIFTED else text.strip())
    if short in SHIFTED:
        return shifted(short)
    if short.isdecimal():
        short = f"EPSG:{short}"
    _refuse_licensed(short)
    return _checked(_of_authority(short))


def _of_authority(text: str) -> CRS:
    named = _AUTHORITY.fullmatch(text)
    if named is not None:
        with suppress(CRSError):
            return CRS.from_authority(named["authority"].upper(), named["code"])
    raise InputError(
        f"'{text[:60]}' is not the code of a coordinate reference system / 不是坐标系代码",
        remedy="--crs EPSG:4326, EPSG:4490, EPSG:4549, …, gcj02 or bd09",
    )


def stated_crs(text: str, file_name: str) -> SourceCrs:
    """`parse_crs` of what a person says of a file: an error names it.

    Raises:
        DatumError: it is no CRS, or its datum is unknown or needs a licensed transformation.
    """
    with _naming(file_name, None):
        return parse_crs(text)


def stored_crs(text: str, file_name: str, *, remedy: str | None = None) -> SourceCrs:
    """What a file says of itself: a code, or a definition such as ESRI's WKT.

    Raises:
        DatumError: it is no CRS, names grid files, or its datum is unknown or needs a licensed
            transformation.
    """
    with _naming(file_name, remedy):
        _refuse_licensed(text)
        _refuse_grid_files(text)
        try:
            crs = CRS.from_user_input(text)
        except CRSError:
            return parse_crs(text)
        return _checked(crs)


def _refuse_grid_files(definition: str) -> None:
    found = _GRID_FILES.search(definition)
    if found:
        raise DatumError(
            f"its CRS is defined by a file of its own ({found.group()}) / 坐标系引用外部文件",
            remedy="state the real one with --crs, e.g. EPSG:4490",
        )


@contextmanager
def _naming(file_name: str, remedy: str | None) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        message = f"{file_name}: {error.message}"
        raise DatumError(message, remedy=error.remedy or remedy) from error


def _checked(crs: CRS) -> SourceCrs:
    named = _SHIFTED_NAME.search(crs.name)
    if named:
        return shifted("gcj02" if named[1] else "bd09")
    _refuse_licensed(f"{crs.name} {datum_name(crs)}")
    crs = crs.to_2d() if len(crs.axis_info) > 2 else crs
    authority = crs.to_authority()
    label = ":".join(authority) if authority else crs.name
    if crs.geodetic_crs is None:
        raise DatumError(
            f"{label} is a drawing's own system, not a place on earth",
            remedy="state the real one with --crs",
        )
    return source_of(crs, label)


def _refuse_licensed(name: str) -> None:
    found = _LICENSED.search(name)
    if found:
        raise DatumError(
            f"{found.group()}: Xi'an 80 and Beijing 54 need a licensed transformation / "
            "西安80、北京54 须由有资质的单位转换",
            remedy="ask the surveying office for the data in CGCS2000 (EPSG:4490)",
        )
