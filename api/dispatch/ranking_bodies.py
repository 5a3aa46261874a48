"""What is asked of who can be there first, read from checked JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.dispatch.closure_bodies import plan_from
from layers.closures.desk import place
from layers.dispatch.asked import Known, RankRequest, Supposed
from routing.modes import MODES_BY_NAME
from routing.network.graph import Graph
from routing.network.measures import Measure

type Json = dict[str, Any]

_POINT = {
    "lon": {"type": "number", "minimum": -180, "maximum": 180},
    "lat": {"type": "number", "minimum": -90, "maximum": 90},
}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 100}
_MODE = {"enum": [*MODES_BY_NAME]}
CODES = {"type": "array", "items": _TEXT, "maxItems": 50, "default": []}
KEYS = {"type": "array", "items": _TEXT, "maxItems": 1000, "default": []}

# What the schema of `what_if` is; closures are as for POST /api/closures.
WHAT_IF = {
    "type": "object",
    "properties": {
        "moved": {
            "type": "array",
            "maxItems": 1000,
            "items": {
                "type": "object",
                "properties": {"key": _TEXT, **_POINT},
                "required": ["key", "lon", "lat"],
                "additionalProperties": False,
            },
        },
        "added": {
            "type": "array",
            "maxItems": 100,
            "items": {
                "type": "object",
                "properties": {
                    "label": _TEXT,
                    "department": _TEXT,
                    "mode": _MODE,
                    "skills": CODES,
                    **_POINT,
                },
                "required": ["lon", "lat"],
                "additionalProperties": False,
            },
        },
        "without": {"type": "array", "items": _TEXT, "maxItems": 1000},
        "closures": {"type": "array", "maxItems": 100, "items": {"type": "object"}},
    },
    "additionalProperties": False,
}


def rank_request(body: Json, graph: Graph, now: datetime) -> RankRequest:
    """The question.

    Args:
        body: of the process's schema.
        graph: on which closures are laid.
        now: the moment.

    Raises:
        InputError: a closure can't be read, or no street lies there.
        NotFoundError: a street isn't there.
    """
    mode = body.get("mode")
    return RankRequest(
        lon=body["lon"],
        lat=body["lat"],
        k=body["k"],
        mode=MODES_BY_NAME[mode] if mode else None,
        skills=tuple(body["skills"]),
        departments=tuple(body["departments"]),
        exclude=tuple(body["exclude"]),
        supposed=supposed_from(body.get("what_if"), graph, now),
    )


def supposed_from(body: Json | None, graph: Graph, now: datetime) -> Supposed | None:
    """What is supposed, read from what WHAT_IF allows; None for things as they are.

    Raises:
        InputError: a closure can't be read, or no street lies there.
        NotFoundError: a street isn't there.
    """
    if not body:
        return None
    return Supposed(
        moved={each["key"]: (each["lon"], each["lat"]) for each in body.get("moved", ())},
        added=tuple(_added(n, each) for n, each in enumerate(body.get("added", ()), 1)),
        without=frozenset(body.get("without", ())),
        measures={
            f"what-if {n}": _measure(each, graph, now)
            for n, each in enumerate(body.get("closures", ()), 1)
        },
    )


def _added(number: int, body: Json) -> Known:
    return Known(
        key=f"what-if-{number}",
        label=body.get("label") or f"推演 {number}",
        department=body.get("department"),
        mode=body.get("mode", "car"),
        team=None,
        skills=tuple(body.get("skills", ())),
        lon=body["lon"],
        lat=body["lat"],
        on_duty=True,
        fix_age_s=0.0,
        accuracy_m=0.0,
        speed_mps=0.0,
    )


def _measure(body: Json, graph: Graph, now: datetime) -> Measure:
    """A closure that would be in force at the moment asked for, whenever it ends."""
    plan = plan_from(body, now)
    _, laid = place(graph, plan)
    return Measure(laid.steps, plan.speed_share, plan.modes)
