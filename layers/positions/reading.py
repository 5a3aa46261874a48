"""Fixes as they come in JSON: read one by one, and put on WGS 84."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from layers.positions.fixes import Fix
from spatial.datum import Degrees, bd09_to_wgs84, gcj02_to_wgs84
from spatial.errors import DatumError, InputError

# A phone said to be on the other side of the street is no news; nor is one said to be in a town.
_WORST_ACCURACY_M = 100_000.0
_FASTEST_MPS = 150.0
_MOST = 5_000
_EPOCH_MS_FROM, _NO_MOMENT = 1e11, 1e18


def _as_it_is(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    return np.asarray(lon, float), np.asarray(lat, float)


_TO_WGS84: dict[str, Callable[[ArrayLike, ArrayLike], tuple[Degrees, Degrees]]] = {
    "wgs84": _as_it_is,
    "cgcs2000": _as_it_is,
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
}
DATUMS = tuple(_TO_WGS84)


@dataclass(frozen=True)
class Told:
    """What was sent at a time.

    Attributes:
        fixes: those that can be read.
        places: where in what was sent each of them stood, from 0.
        faults: what is wrong with each of the others, by its place.
    """

    fixes: list[Fix]
    places: list[int]
    faults: dict[int, InputError]


def read_fixes(
    document: Any, *, now_s: float, datum: str | None = None, sender: int | None = None
) -> Told:
    """One fix, a list of them, or {"datum", "positions": […]}, as they come in JSON.

    One that can't be read is set aside: it doesn't take the others along.

    Args:
        document: what was sent.
        now_s: the moment of a fix that doesn't say its own.
        datum: of fixes that don't say their own.
        sender: whose account tells them.

    Raises:
        DatumError: of none of them the datum is known: GCJ-02 taken for WGS 84 is 500 m off.
        InputError: it is something else, or none of them says a place on earth.
    """
    if isinstance(document, dict) and "positions" in document:
        datum = document.get("datum", datum)
        document = document["positions"]
    items = document if isinstance(document, list) else [document]
    if len(items) > _MOST:
        raise InputError(f"at most {_MOST} positions at a time / 每次至多 {_MOST} 个定位")
    fixes: dict[int, Fix] = {}
    datums: list[str] = []
    faults: dict[int, InputError] = {}
    for where, item in enumerate(items):
        try:
            its_datum = _datum_of(item, datum, where)
            fixes[where] = _read_fix(item, where, now_s, sender)
        except InputError as fault:
            faults[where] = fault
        else:
            datums.append(its_datum)
    if faults and not fixes:
        raise next(iter(faults.values()))
    return Told(_on_wgs84(list(fixes.values()), datums), list(fixes), faults)


def _datum_of(item: Any, default: str | None, where: int) -> str:
    if not isinstance(item, dict):
        raise InputError(
            f"position {where} is no JSON object / 第 {where + 1} 个定位不是 JSON 对象"
        )
    datum = item.get("datum", default)
    if not isinstance(datum, str) or datum.lower() not in _TO_WGS84:
        raise DatumError(
            f"position {where}: say its datum / 须注明坐标系", remedy=f"datum: {', '.join(DATUMS)}"
        )
    return datum.lower()


def _read_fix(item: dict[str, Any], where: int, now_s: float, sender: int | None) -> Fix:
    responder = item.get("responder")
    if responder is not None and (not isinstance(responder, str) or len(responder) > 200):
        raise InputError(f"position {where}: responder is the key of one / responder 应为编号")
    lon, lat = (_number(item, name, where, -limit, limit) for name, limit in _PLACE)
    if lon is None or lat is None:
        raise InputError(f"position {where}: lon and lat are wanted / 缺少 lon、lat")
    bearing = _number(item, "bearing_deg", where, -1.0, 360.0)
    speed = _number(item, "speed_mps", where, -1.0, _FASTEST_MPS)
    return Fix(
        responder,
        lon,
        lat,
        _moment(item.get("at"), where, now_s),
        _number(item, "accuracy_m", where, 0.0, _WORST_ACCURACY_M),
        # Devices say -1 where they don't know.
        speed if speed is not None and speed >= 0 else None,
        bearing if bearing is not None and bearing >= 0 else None,
        sender,
    )


_PLACE = (("lon", 180.0), ("lat", 90.0))


def _number(item: dict[str, Any], name: str, where: int, least: float, most: float) -> float | None:
    value = item.get(name)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:
        raise InputError(
            f"position {where}: {name} is a number from {least:g} to {most:g}"
            f" / {name} 应在 {least:g} 到 {most:g} 之间"
        )
    return float(value)


def _moment(value: Any, where: int, now_s: float) -> float:
    """RFC 3339 with an offset, or seconds (or milliseconds) since 1970; now where it isn't said."""
    if value is None:
        return now_s
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _NO_MOMENT:
        return float(value) / 1000 if abs(value) >= _EPOCH_MS_FROM else float(value)
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputError(
            f"position {where}: at is a moment with its offset / at 应为带时区的时间",
            remedy=datetime.now(UTC).isoformat(timespec="seconds"),
        )
    return moment.timestamp()


def _on_wgs84(fixes: Sequence[Fix], datums: Sequence[str]) -> list[Fix]:
    placed = list(fixes)
    for datum in set(datums) - {"wgs84", "cgcs2000"}:
        rows = [i for i, each in enumerate(datums) if each == datum]
        lon, lat = _TO_WGS84[datum](
            np.array([fixes[i].lon for i in rows]), np.array([fixes[i].lat for i in rows])
        )
        for i, its_lon, its_lat in zip(rows, lon.tolist(), lat.tolist(), strict=True):
            placed[i] = replace(fixes[i], lon=its_lon, lat=its_lat)
    return placed
