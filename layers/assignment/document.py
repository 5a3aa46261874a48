"""A suggestion for machines and pages, with what it means in words."""

from __future__ import annotations

import math
from typing import Any

from layers.assignment.suggesting import Advice, Option, Price, Suggestion

type Json = dict[str, Any]

# Further ones are told on request only by being asked for with fewer incidents.
_OPTIONS_TOLD = 6


def as_json(suggestion: Suggestion) -> Json:
    """docs/assignment.md says what the fields mean."""
    inputs = suggestion.inputs
    settings = inputs.settings
    return {
        "at": inputs.at.isoformat(),
        "hold_s": settings.hold_s,
        "order_within_s": settings.order_within_s,
        "reassign_gain_s": settings.reassign_gain_s,
        "graph_version": inputs.graph_version,
        "measure_revision": inputs.measure_revision,
        "what_if": inputs.what_if,
        "free": suggestion.free,
        "misses": suggestion.misses,
        "weighted_s": round(suggestion.weighted_s, 1),
        "words": _whole(suggestion),
        "pairs": [
            {
                "incident": advice.call.id,
                "responder": advice.chosen.known.key,
                "eta_s": round(advice.chosen.eta_s, 1),
                "action": advice.action,
            }
            for advice in suggestion.advice
            if advice.chosen is not None
        ],
        "incidents": [_advice(advice) for advice in suggestion.advice],
    }


def _advice(advice: Advice) -> Json:
    call = advice.call
    return {
        "id": call.id,
        "number": call.number,
        "title": call.title,
        "category": {"zh": call.category, "en": call.category_en},
        "state": call.state,
        "severity": call.severity,
        "lon": call.lon,
        "lat": call.lat,
        "waited_s": round(call.waited_s),
        "order": call.order_id,
        "order_state": call.order_state,
        "responder": call.responder,
        "responder_label": call.responder_label,
        "action": advice.action,
        "suggested": _option(advice.chosen) if advice.chosen else None,
        "words": _words(advice),
        "price_of_deviation": [
            {
                **_option(option),
                "price": {
                    "misses": option.price.misses,
                    "weighted_s": round(option.price.weighted_s, 1),
                    "words": _price_words(option.price, is_chosen=option is advice.chosen),
                },
            }
            for option in advice.options[:_OPTIONS_TOLD]
        ],
    }


def _option(option: Option) -> Json:
    known = option.known
    return {
        "key": known.key,
        "label": known.label,
        "department": known.department,
        "mode": known.mode,
        "state": known.state,
        "lon": known.lon,
        "lat": known.lat,
        "eta_s": round(option.eta_s, 1),
        "in_time": option.in_time,
    }


def _whole(suggestion: Suggestion) -> dict[str, str]:
    n = len(suggestion.advice)
    late = sum(not (each.chosen and each.chosen.in_time) for each in suggestion.advice)
    zh = f"{n} 起事件待派,{suggestion.free} 个空闲力量;"
    en = f"{n} incidents open, {suggestion.free} responders free; "
    if not n:
        return {"zh": "没有待派事件", "en": "no incident waits for anybody"}
    if not late:
        return {"zh": zh + "均可按时到场", "en": en + "all can be reached in time"}
    return {
        "zh": zh + f"最优方案仍有 {late} 起不能按时到场",
        "en": en + f"even at best {late} can't be reached in time",
    }


def _words(advice: Advice) -> dict[str, str]:
    chosen = advice.chosen
    told = _plain_words(advice)
    if chosen is None or chosen.known.state != "break":
        return told
    return {"zh": told["zh"] + "(休息中)", "en": told["en"] + " (on a break)"}


def _plain_words(advice: Advice) -> dict[str, str]:
    chosen = advice.chosen
    if chosen is None:
        return {"zh": "暂无可派力量,等待", "en": "nobody can be sent; wait"}
    label, minutes = chosen.known.label, _clock(chosen.eta_s)
    told = {
        "order": (f"派 {label},{minutes} 到场", f"send {label}, there in {minutes}"),
        "keep": (
            f"保持 {label},{minutes} 到场",
            f"{label} goes on, there in {minutes}",
        ),
        "reassign": (
            f"改派 {label},{minutes} 到场",
            f"send {label} instead, there in {minutes}",
        ),
    }
    zh, en = told[advice.action]
    return {"zh": zh, "en": en}


def _price_words(price: Price, *, is_chosen: bool) -> dict[str, str]:
    """What a choice costs the whole."""
    if is_chosen:
        return {"zh": "建议", "en": "suggested"}
    if price.misses == 0 and price.weighted_s < 1:
        return {"zh": "同样好", "en": "as good"}
    zh = f"总计慢 {_clock(price.weighted_s)}"
    en = f"{_clock(price.weighted_s)} slower in all"
    if price.weighted_s < 0:
        zh = f"总计快 {_clock(-price.weighted_s)}"
        en = f"{_clock(-price.weighted_s)} quicker in all"
    if price.misses:
        return {"zh": f"有事件因此超时;{zh}", "en": f"makes an incident too late; {en}"}
    return {"zh": zh, "en": en}


def _clock(seconds: float) -> str:
    """Minutes and seconds, rounded up: never a promise too early."""
    minutes, rest = divmod(math.ceil(seconds - 1e-9), 60)
    return f"{minutes}:{rest:02d}"
