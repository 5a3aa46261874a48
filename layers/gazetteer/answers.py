"""Places and pairs of coordinates as they leave the house."""

from __future__ import annotations

from typing import Any

from layers.gazetteer.coordinates import Pair, Reading
from layers.gazetteer.search import Found
from spatial.town import Town

_DATUM_WORDS = {
    "wgs84": ("GPS、北斗(WGS 84)", "GPS (WGS 84)"),
    "cgcs2000": ("天地图(CGCS2000)", "Tianditu (CGCS2000)"),
    "gcj02": ("高德、腾讯、微信(GCJ-02)", "AMap, Tencent, WeChat (GCJ-02)"),
    "bd09": ("百度(BD-09)", "Baidu (BD-09)"),
}
# Beyond its outline a town's calls come from as far away as this, in degrees.
_NEAR_DEG = 0.1


def place_as_json(found: Found) -> dict[str, Any]:
    """A place: kind, label, detail, lon, lat, id; `inner` is the part of it that was named too."""
    place = found.place
    return {
        "kind": place.kind,
        "label": place.label,
        "detail": place.detail,
        "inner": found.inner,
        "lon": place.lon,
        "lat": place.lat,
        "id": place.id,
    }


def pair_as_json(pair: Pair, town: Town) -> list[dict[str, Any]]:
    """Each reading of a pasted pair as a place, those in the town first."""
    readings = sorted(pair.readings, key=lambda reading: not _is_near(reading, town))
    return [_reading_as_json(reading, town) for reading in readings]


def _reading_as_json(reading: Reading, town: Town) -> dict[str, Any]:
    lon, lat = reading.typed
    zh, en = _DATUM_WORDS[reading.datum]
    return {
        "kind": "coordinate",
        "label": f"{lon:.6f}, {lat:.6f}",
        "detail": zh,
        "detail_en": en,
        "inner": "",
        "lon": reading.lon,
        "lat": reading.lat,
        "id": f"coordinate:{reading.datum}:{lon:.7f},{lat:.7f}",
        "datum": reading.datum,
        "in_town": _is_near(reading, town),
    }


def _is_near(reading: Reading, town: Town) -> bool:
    west, south, east, north = town.bounds()
    return (
        west - _NEAR_DEG <= reading.lon <= east + _NEAR_DEG
        and south - _NEAR_DEG <= reading.lat <= north + _NEAR_DEG
    )
