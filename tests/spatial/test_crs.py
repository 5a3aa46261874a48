"""What coordinates mean, and how they come to EPSG:4326."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod, Transformer

from spatial.crs import check_metric_srid, metric_srid_of
from spatial.crs_names import parse_crs, stated_crs, stored_crs
from spatial.errors import DatumError, InputError

FOTANG = (120.03, 29.2)
_DEGREES = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]]'
)


def _gauss_kruger(name: str, degrees: str, false_easting: float, meridian: float) -> str:
    return (
        f'PROJCS["{name}",{degrees},PROJECTION["Gauss_Kruger"],'
        f'PARAMETER["False_Easting",{false_easting}],PARAMETER["False_Northing",0.0],'
        f'PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


ESRI_PRJ = {
    "degrees": _DEGREES,
    "CM 120E": _gauss_kruger("CGCS2000_3_Degree_GK_CM_120E", _DEGREES, 500_000.0, 120.0),
    "zone 40": _gauss_kruger("CGCS2000_3_Degree_GK_Zone_40", _DEGREES, 40_500_000.0, 120.0),
    "a county's own meridian": _gauss_kruger("Local", _DEGREES, 500_000.0, 119.5),
}


def _plain_gauss_kruger(false_easting: float, meridian: float) -> Transformer:
    """Written out, so that no name is looked up."""
    crs = (
        f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0={false_easting} +y_0=0 "
        "+a=6378137 +rf=298.257222101 +units=m +type=crs"
    )
    degrees = CRS("+proj=longlat +a=6378137 +rf=298.257222101 +type=crs")
    return Transformer.from_crs(degrees, crs, always_xy=True)


@pytest.mark.parametrize(
    ("lon", "lat", "srid"),
    [
        (120.03, 29.2, 4549),  # Fotang
        (120.9, 30.9, 4549),  # Yaozhuang
        (113.99, 22.5, 4547),  # Shenzhen
        (116.4, 39.9, 4548),  # Beijing
        (75.9, 39.5, 4534),  # Kashgar, the westernmost zone
        (134.4, 48.3, 4554),  # the easternmost
        (9.5, 47.1, 32632),  # Liechtenstein
        (-75.3, 40.2, 32618),  # Montgomery County
        (151.2, -33.8, 32756),  # Sydney
        (127.0, 37.5, 32652),  # Seoul: within China's longitudes, not in a zone's area
        (77.2, 28.6, 32643),  # Delhi
        (179.99, 10.0, 32660),
        (-180.0, 10.0, 32601),
    ],
)
def test_metric_srid_of_places(lon: float, lat: float, srid: int) -> None:
    assert metric_srid_of(lon, lat) == srid


@pytest.mark.parametrize("meridian", range(75, 136, 3))
def test_every_zone_has_its_own_meridian(meridian: int) -> None:
    srid = 4534 + (meridian - 75) // 3
    assert CRS.from_epsg(srid).name == f"CGCS2000 / 3-degree Gauss-Kruger CM {meridian}E"


@pytest.mark.parametrize("srid", [4326, 99999, 2263])
def test_a_metric_crs_is_projected_and_in_metres(srid: int) -> None:
    with pytest.raises(InputError):
        check_metric_srid(srid)
    assert check_metric_srid(4549) == 4549


@pytest.mark.parametrize(
    ("stated", "false_easting", "meridian"),
    [
        ("EPSG:4549", 500_000, 120),
        ("4528", 40_500_000, 120),
        (ESRI_PRJ["CM 120E"], 500_000, 120),
        (ESRI_PRJ["zone 40"], 40_500_000, 120),
        (ESRI_PRJ["a county's own meridian"], 500_000, 119.5),
    ],
)
def test_gauss_kruger_lands_within_a_millimetre(
    stated: str, false_easting: float, meridian: float
) -> None:
    metres = _plain_gauss_kruger(false_easting, meridian).transform(*FOTANG)
    [point] = stored_crs(stated, "a.shp").to_wgs84(np.array([shapely.Point(metres)]))
    assert Geod(ellps="WGS84").inv(*FOTANG, point.x, point.y)[2] < 0.001


@pytest.mark.parametrize("stated", ["EPSG:4490", "cgcs2000", "wgs84", _DEGREES, "OGC:CRS84"])
def test_cgcs2000_degrees_are_wgs84_degrees(stated: str) -> None:
    [point] = stored_crs(stated, "a.shp").to_wgs84(np.array([shapely.Point(*FOTANG, 12.0)]))
    assert (point.x, point.y) == pytest.approx(FOTANG, abs=1e-12)
    assert not point.has_z


@pytest.mark.parametrize(
    "name", ["gcj02", "GCJ-02", "gcj_02", "amap", "bd09", "BD-09", "Baidu", "bd09ll"]
)
def test_shifted_datums_have_many_spellings(name: str) -> None:
    [point] = parse_crs(name).to_wgs84(np.array([shapely.Point(*FOTANG)]))
    assert 100 < Geod(ellps="WGS84").inv(*FOTANG, point.x, point.y)[2] < 2000


@pytest.mark.parametrize(
    "stated",
    [
        "EPSG:4610", "2327", "EPSG:2349", "EPSG:2390", "xian80", "Xi'an 80",
        "EPSG:4214", "2401", "EPSG:2442", "EPSG:21413", "EPSG:21483", "Beijing_1954",
        _DEGREES.replace("China_2000", "Xian_1980"),
        _DEGREES.replace("China_2000", "Beijing_1954"),
        _gauss_kruger("Xian_1980_3_Degree_GK_CM_120E",
                      _DEGREES.replace("China_2000", "Xian_1980"), 500_000.0, 120.0),
    ],
)  # fmt: skip
def test_licensed_datums_are_refused(stated: str) -> None:
    with pytest.raises(DatumError, match="licensed"):
        parse_crs(stated)
    with pytest.raises(DatumError, match=r"^a\.shp: .*licensed"):
        stored_crs(stated, "a.shp")


@pytest.mark.parametrize(
    "stated",
    ["", "nonsense", "EPSG:0", "EPSG:123456", 'LOCAL_CS["CAD",UNIT["m",1]]',
     _DEGREES.replace("D_China_2000", "Unknown").replace("GCS_China_Geodetic", "Odd")],
)  # fmt: skip
def test_what_is_no_known_crs_is_refused(stated: str) -> None:
    with pytest.raises(InputError):
        parse_crs(stated)
    with pytest.raises(DatumError, match=r"^a\.shp: "):
        stored_crs(stated, "a.shp")


_NADGRIDS = "+proj=longlat +ellps=krass +nadgrids=/etc/passwd +no_defs"


@pytest.mark.parametrize(
    "stated",
    [_NADGRIDS, "+proj=utm +zone=50 +datum=WGS84", "+init=epsg:4326", ESRI_PRJ["CM 120E"],
     '{"type": "GeographicCRS"}', "EPSG:4326+5773", "urn:ogc:def:crs,crs:EPSG::4326"],
)  # fmt: skip
def test_a_definition_is_taken_from_files_only(stated: str) -> None:
    with pytest.raises(InputError, match="EPSG:4490"):
        parse_crs(stated)


@pytest.mark.parametrize(
    "stated",
    ["urn:ogc:def:crs:EPSG::4490", "http://www.opengis.net/def/crs/EPSG/0/4490", "epsg:4490"],
)
def test_a_code_may_be_an_address(stated: str) -> None:
    assert parse_crs(stated).label == "EPSG:4490"


@pytest.mark.parametrize(
    "definition",
    [_NADGRIDS, ESRI_PRJ["CM 120E"][:-1] + f',EXTENSION["PROJ4","{_NADGRIDS}"]]',
     CRS.from_proj4("+proj=longlat +ellps=krass +nadgrids=a.gsb").to_wkt()],
)  # fmt: skip
def test_a_file_names_no_other_file_as_its_datum(definition: str) -> None:
    with pytest.raises(DatumError, match=r"^a\.shp: .*a file of its own"):
        stored_crs(definition, "a.shp")


@pytest.mark.parametrize(
    ("stated", "x", "y"),
    [
        ("EPSG:4549", 40_502_900.0, 3_231_000.0),  # has the zone's number
        ("EPSG:4528", 502_900.0, 3_231_000.0),  # has none
        ("EPSG:4549", 120.03, 29.2),  # degrees
        ("EPSG:32650", 120.03, 29.2),
    ],
)
def test_numbers_that_belong_to_another_crs_are_refused(stated: str, x: float, y: float) -> None:
    with pytest.raises(DatumError, match="--crs"):
        parse_crs(stated).to_wgs84(np.array([shapely.Point(x, y)]))


def test_missing_shapes_stay_missing() -> None:
    shapes = np.array([None, shapely.Point(), shapely.Point(*FOTANG)], dtype=object)
    for stated in ("EPSG:4490", "gcj02", "EPSG:4269"):
        missing, empty, _ = parse_crs(stated).to_wgs84(shapes)
        assert missing is None
        assert empty.is_empty


def test_shared_vertices_stay_shared() -> None:
    east, west = (
        shapely.box(500_000, 3.2e6, 501_000, 3.201e6),
        shapely.box(501_000, 3.2e6, 502_000, 3.201e6),
    )
    moved = parse_crs("EPSG:4549").to_wgs84(np.array([east, west]))
    assert shapely.coverage_is_valid(moved)


@pytest.mark.parametrize("text", ["Xian 1980", "EPSG:4214", "EPSG:99999", "nonsense"])
def test_a_file_whose_datum_is_refused_is_named(text: str) -> None:
    with pytest.raises(DatumError, match=r"^shops\.csv: "):
        stated_crs(text, "shops.csv")
