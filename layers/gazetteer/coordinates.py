"""A pasted pair of coordinates: which number is which, and of which datum; asked, not guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from layers.gazetteer.units import MOST_TYPED
from spatial.datum import Degrees, bd09_to_wgs84, gcj02_to_wgs84

_NUMBER = re.compile(r"(?<![\d.])[-+]?\d{1,3}\.\d+(?!\.?\d)")
_DEGREES = re.compile(
    r"(\d{1,3})\s*°\s*(\d{1,2}(?:\.\d+)?)\s*['′]\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|''|′′))?"
)
_EAST = re.compile(r"经度|東經|东经|\blon\w*|\blng|[\d°'\"″′]\s*e\b|\be\s*\d")
_NORTH = re.compile(r"纬度|緯度|北纬|\blat\w*|[\d°'\"″′]\s*n\b|\bn\s*\d")
_DATUMS = (
    ("gcj02", re.compile(r"gcj|火星|高德|腾讯|微信|amap|tencent|国测局")),
    ("bd09", re.compile(r"bd\s*-?_?\s*0?9|百度|baidu")),
    ("wgs84", re.compile(r"wgs|gps|北斗|天地图|4326")),
    ("cgcs2000", re.compile(r"cgcs|2000|4490|国家大地")),
)
_MOST_LON, _MOST_LAT = 180.0, 90.0


@dataclass(frozen=True)
class Reading:
    """One way to read a pair.

    Attributes:
        datum: wgs84, cgcs2000, gcj02 or bd09.
        typed: longitude and latitude as they were given, in that datum.
        lon, lat: WGS 84, degrees.
    """

    datum: str
    typed: tuple[float, float]
    lon: float
    lat: float


@dataclass(frozen=True)
class Pair:
    """A pasted pair.

    Attributes:
        readings: all that are possible; one where everything was said.
        asks: what has to be asked: "datum", "order", both or nothing.
    """

    readings: tuple[Reading, ...]
    asks: tuple[str, ...]


def read_pair(text: str) -> Pair | None:
    """The pair of coordinates that a text is about; None where it isn't."""
    text = unicodedata.normalize("NFKC", text[:MOST_TYPED]).lower().replace("、", ",")
    datum = next((name for name, words in _DATUMS if words.search(text)), None)
    numbers = _numbers(text)
    if numbers is None:
        return None
    orders = _orders(text, *numbers)
    datums = (datum,) if datum else ("wgs84", "gcj02", "bd09")
    readings = tuple(_reading(name, order) for order, name in product(orders, datums))
    asks = ("order",) * (len(orders) > 1) + ("datum",) * (datum is None)
    return Pair(readings, asks) if readings else None


def _numbers(text: str) -> tuple[float, float] | None:
    angles = _DEGREES.findall(text)
    if len(angles) == 2:
        one, other = (
            float(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
            for degrees, minutes, seconds in angles
        )
        return one, other
    numbers = _NUMBER.findall(text)
    return (float(numbers[0]), float(numbers[1])) if len(numbers) == 2 else None


def _orders(text: str, one: float, other: float) -> list[tuple[float, float]]:
    """(lon, lat) as it was said or must be; both ways where neither is so."""
    pairs = [(one, other), (other, one)]
    possible = [(x, y) for x, y in pairs if abs(x) <= _MOST_LON and abs(y) <= _MOST_LAT]
    east, north = _EAST.search(text), _NORTH.search(text)
    if len(possible) == 2 and east and north:
        return possible[:1] if east.start() < north.start() else possible[1:]
    return list(dict.fromkeys(possible))


_TO_WGS84: dict[str, Callable[[float, float], tuple[Degrees, Degrees]]] = {
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}


def _reading(datum: str, typed: tuple[float, float]) -> Reading:
    if datum not in _TO_WGS84:
        return Reading(datum, typed, *typed)
    lon, lat = _TO_WGS84[datum](*typed)
    return Reading(datum, typed, round(float(lon), 7), round(float(lat), 7))
