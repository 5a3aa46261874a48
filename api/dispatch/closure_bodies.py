"""What is posted to close streets, read from JSON; what is wrong is said by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from api.auth.bodies import number_of, optional_text, text_of, texts_of
from layers.closures.plans import (
    ClosurePlan,
    check_not_over,
    check_note,
    check_reason,
    check_share,
    check_span,
    kind_of,
)
from routing.closing.drawing import Drawing, DrawnAs
from routing.modes import ALL_MODES, MODES_BY_NAME, Mode
from spatial.errors import InputError

type Json = dict[str, Any]

_PLAN = frozenset({
    "geometry", "streets", "as", "radius_m", "one_way", "kind", "speed_share", "modes", "starts",
    "ends", "minutes", "reason", "note",
})  # fmt: skip
_CHANGE = frozenset({"kind", "speed_share", "modes", "starts", "ends", "minutes", "reason", "note"})
_SLOW_SHARE = 0.5
_MOST_MINUTES = 3 * 366 * 24 * 60
_DEEPEST = 8


def plan_from(body: Json, now: datetime) -> ClosurePlan:
    """What a new closure is.

    Raises:
        InputError: a member is missing, wrong, or unknown.
    """
    _refuse_unknown(body, _PLAN)
    starts = _moment(body, "starts") or now
    ends = _ends(body, starts)
    check_not_over(ends, now)
    drawing = None
    if body.get("geometry") is not None:
        drawing = Drawing(
            _geometry(body["geometry"]),
            _drawn_as(body),
            number_of(body, "radius_m", 0) if body.get("radius_m") is not None else None,
            one_way=_flag(body, "one_way"),
        )
    return ClosurePlan(
        starts=starts,
        ends=ends,
        drawing=drawing,
        street_ids=_street_ids(body),
        speed_share=_speed_share(body, 0.0),
        modes=_modes(body),
        reason=text_of(body, "reason", "other"),
        note=optional_text(body, "note"),
    )


def change_from(body: Json, now: datetime) -> Json:
    """What is to be changed of a closure, by the names of its columns.

    Raises:
        InputError: a member is wrong or unknown, or there is none.
    """
    _refuse_unknown(body, _CHANGE)
    if not body:
        raise InputError("nothing is to be changed / 没有要修改的内容", remedy=_names(_CHANGE))
    change: Json = {}
    if "kind" in body or "speed_share" in body:
        share = _speed_share(body, 0.0)
        check_share(share)
        change |= {"speed_share": share, "kind": kind_of(share).value}
    if "modes" in body:
        change["modes"] = int(_modes(body))
    starts = _moment(body, "starts")
    if starts is not None:
        change["starts"] = starts.isoformat()
    if "ends" in body or "minutes" in body:
        ends = _ends(body, now)
        check_span(starts or now, ends)
        change["ends"] = ends.isoformat() if ends else None
    if "reason" in body:
        change["reason"] = text_of(body, "reason")
        check_reason(change["reason"])
    if "note" in body:
        change["note"] = optional_text(body, "note")
        check_note(change["note"])
    return change


def _refuse_unknown(body: Json, known: frozenset[str]) -> None:
    unknown = sorted(set(body) - known)
    if unknown:
        raise InputError(
            f"{unknown[0][:40]!r} is no member of a closure / 未知字段", remedy=_names(known)
        )


def _names(known: frozenset[str]) -> str:
    return f"there are {', '.join(sorted(known))}"


def _geometry(document: Any) -> BaseGeometry:
    """A GeoJSON geometry, or that of a feature, in longitude and latitude."""
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = document.get("geometry")
    if isinstance(document, dict) and "crs" in document:
        # RFC 7946, section 4: GeoJSON is in longitude and latitude, and no member says otherwise.
        raise InputError(
            "a geometry has no crs / 图形不带 crs", remedy="give longitude and latitude in WGS 84"
        )
    try:
        _refuse_depth(document, _DEEPEST)
        drawn = shape(document)
        return shapely.force_2d(drawn)
    except (
        AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError,
        shapely.errors.ShapelyError,
    ) as error:  # fmt: skip
        raise InputError(
            "the geometry can't be read / 图形无法解析",
            remedy="a GeoJSON Point, LineString or Polygon, or several of a kind",
        ) from error


def _refuse_depth(document: Any, levels: int) -> None:
    """Raises ValueError where lists lie in lists deeper than in any geometry."""
    if levels == 0:
        raise ValueError
    for each in document.values() if isinstance(document, dict) else document:
        if isinstance(each, dict | list):
            _refuse_depth(each, levels - 1)


def _drawn_as(body: Json) -> DrawnAs | None:
    text = optional_text(body, "as")
    known = {each.value: each for each in DrawnAs if each is not DrawnAs.STREETS}
    if text is None:
        return None
    if text not in known:
        raise InputError(
            f"streets aren't drawn as {text[:40]!r} / 画法无效", remedy=f"one of {', '.join(known)}"
        )
    return known[text]


def _street_ids(body: Json) -> tuple[int, ...]:
    ids = body.get("streets") or []
    fits = isinstance(ids, list) and all(
        isinstance(each, int) and not isinstance(each, bool) and 0 < abs(each) < 2**62
        for each in ids
    )
    if not fits:
        raise InputError("streets is a list of ids / streets 应为路段编号列表")
    return tuple(ids)


def _speed_share(body: Json, default: float) -> float:
    kind = body.get("kind")
    if kind not in {None, "closed", "slow"}:
        raise InputError("kind is closed or slow / kind 应为 closed 或 slow")
    share = number_of(body, "speed_share", _SLOW_SHARE if kind == "slow" else default)
    if (kind == "closed" and share != 0) or (kind == "slow" and share == 0):
        raise InputError("kind and speed_share contradict each other / 类型与速度比例矛盾")
    return float(share)


def _modes(body: Json) -> Mode:
    names = texts_of(body, "modes")
    if not names:
        return ALL_MODES
    modes = Mode(0)
    for name in names:
        if name not in MODES_BY_NAME:
            raise InputError(
                f"there is no mode {name[:40]!r} / 没有此出行方式",
                remedy=f"of {', '.join(MODES_BY_NAME)}",
            )
        modes |= MODES_BY_NAME[name]
    return modes


def _flag(body: Json, name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise InputError(f"{name} is true or false / {name} 应为 true 或 false")
    return value


def _ends(body: Json, starts: datetime) -> datetime | None:
    """When it ends: at a moment, after some minutes, or when somebody ends it."""
    if body.get("minutes") is None:
        return _moment(body, "ends")
    if body.get("ends") is not None:
        raise InputError("it ends at a moment or after minutes, not both / 结束时间重复")
    minutes = number_of(body, "minutes", 0)
    if not 0 < minutes <= _MOST_MINUTES:
        raise InputError("minutes is more than 0, and three years at most / 分钟数无效")
    return starts + timedelta(minutes=minutes)


def _moment(body: Json, name: str) -> datetime | None:
    text = optional_text(body, name)
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if _has_zone(text) else _zoneless(name)
    except (OverflowError, ValueError) as error:
        raise InputError(
            f"{name} is no moment: {text[:50]} / 时间无效", remedy="2026-01-31T12:00:00+08:00"
        ) from error


def _has_zone(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


def _zoneless(name: str) -> datetime:
    raise InputError(f"{name} needs its time zone / 时间须带时区", remedy="2026-01-31T12:00:00Z")
