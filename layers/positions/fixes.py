"""Fixes as devices tell them, judged by the clock and by where they lie."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from layers.catalogue import Text

# A device's clock may be so far ahead of ours; what it tells then is taken for now.
AHEAD_S = 30.0
# What was recorded longer ago says nothing to anybody.
OLDEST_S = 24 * 3600.0
# "Null island": a receiver without a fix says zeros (BD-09 of zeros is 1 km off them).
_NULL_WITHIN_DEG = 0.02
# Who is on duty for a town may be in the next city, and not on another sea. Assumed.
FARTHEST_KM = 300.0
_EARTH_KM = 6371.0088


class Outcome(StrEnum):
    """What became of a fix."""

    TAKEN = "taken"
    LATE = "late"
    AHEAD = "ahead"
    TOO_OLD = "too_old"
    NO_FIX = "no_fix"
    FAR_AWAY = "far_away"
    OFF_DUTY = "off_duty"
    REFUSED = "refused"


WORDS = {
    Outcome.LATE: Text(
        "不晚于已知定位,已忽略", "not later than what is known already: ignored"
    ),
    Outcome.AHEAD: Text("时间在未来,请校准设备时钟", "from the future: set the device's clock"),
    Outcome.TOO_OLD: Text(
        "超过 24 小时,不再接收;如非补传,请校准设备时钟",
        "older than 24 hours: not taken any more; if it isn't, set the device's clock",
    ),
    Outcome.NO_FIX: Text(
        "经纬度 (0, 0) 表示设备尚未定位,已忽略",
        "(0, 0) is what a device without a fix says: ignored",
    ),
    Outcome.FAR_AWAY: Text(
        f"距本镇超过 {FARTHEST_KM:.0f} 公里,已忽略;请检查经纬度是否颠倒",
        f"more than {FARTHEST_KM:.0f} km from the town: ignored; are lon and lat turned round?",
    ),
    Outcome.OFF_DUTY: Text("仅在岗时接收定位", "positions are taken on duty only"),
    Outcome.REFUSED: Text(
        "没有这个处置力量,或无权上报其定位", "no such responder, or not yours to tell of"
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a device says that it was.

    Attributes:
        responder: the key; None for the one that the sender's account is bound to.
        lon, lat: degrees, WGS 84.
        at_s: seconds since 1970.
        accuracy_m: radius that holds the true place in 68 of 100 cases; None where it isn't said.
        bearing_deg: where it moves, from north clockwise.
        sender: the account that tells it; None for the installation's own client.
    """

    responder: str | None
    lon: float
    lat: float
    at_s: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    bearing_deg: float | None = None
    sender: int | None = None


def judge_by_clock(fix: Fix, now_s: float) -> tuple[Fix, Outcome | None]:
    """The fix with a moment that isn't in the future, and why it can't be taken, if so."""
    if fix.at_s > now_s + AHEAD_S:
        return fix, Outcome.AHEAD
    if fix.at_s < now_s - OLDEST_S:
        return fix, Outcome.TOO_OLD
    return (replace(fix, at_s=now_s) if fix.at_s > now_s else fix), None


def judge_by_place(fix: Fix, bounds: tuple[float, float, float, float] | None) -> Outcome | None:
    """Why nobody can be where a fix says, if so.

    Args:
        fix: as it was told.
        bounds: west, south, east and north of the town; None while that isn't known.
    """
    if max(abs(fix.lon), abs(fix.lat)) < _NULL_WITHIN_DEG:
        return Outcome.NO_FIX
    if bounds is None:
        return None
    west, south, east, north = bounds
    lon, lat = min(max(fix.lon, west), east), min(max(fix.lat, south), north)
    return Outcome.FAR_AWAY if _km_between(fix.lon, fix.lat, lon, lat) > FARTHEST_KM else None


def _km_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """On the great circle."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    chord = math.sin((other_phi - phi) / 2) ** 2 + math.cos(phi) * math.cos(other_phi) * (
        math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))
