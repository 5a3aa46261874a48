"""What if streets were closed, or responders stood elsewhere: nothing is changed by asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from layers.reach.members import Members
from routing.answers import Origin
from routing.engine import Engine
from routing.measures import Measure
from routing.modes import MODES_BY_NAME, Mode
from spatial.errors import InputError

MOST_CHANGES = 200
# JSON Schema of what is supposed.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "closures": {
            "type": "array",
            "maxItems": MOST_CHANGES,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["streets"],
                "properties": {
                    "streets": {
                        "type": "array",
                        "items": {"type": "integer", "minimum": -(2**53), "maximum": 2**53},
                        "minItems": 1,
                        "maxItems": 10_000,
                    },
                    "speed_share": {"type": "number", "minimum": 0, "maximum": 1, "default": 0},
                },
            },
        },
        "responders": {
            "type": "array",
            "maxItems": MOST_CHANGES,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["key", "lon", "lat"],
                "properties": {
                    "key": {"type": "string", "minLength": 1, "maxLength": 200},
                    "lon": {"type": "number", "minimum": -180, "maximum": 180},
                    "lat": {"type": "number", "minimum": -90, "maximum": 90},
                    "mode": {"enum": sorted(MODES_BY_NAME)},
                },
            },
        },
        "without": {
            "type": "array",
            "maxItems": MOST_CHANGES,
            "items": {"type": "string", "maxLength": 200},
        },
    },
}


@dataclass(frozen=True)
class WhatIf:
    """What is supposed.

    Attributes:
        measures: closures and slowdowns beside those that are in force.
        moved: responders who would stand elsewhere, or who would be there besides.
        without: keys of those who wouldn't be there.
    """

    measures: Sequence[Measure] = ()
    moved: Sequence[tuple[str, float, float, Mode | None]] = ()
    without: frozenset[str] = field(default_factory=frozenset)

    def engine(self, engine: Engine, at: datetime | None) -> Engine:
        """The streets as they would be; the very engine where nothing of them changes.

        Raises:
            InputError: a street isn't known.
        """
        if not self.measures:
            return engine
        supposed = {f"what-if {i}": each for i, each in enumerate(self.measures)}
        return engine.under({**engine.measures.at(at), **supposed})

    def members(self, members: Members) -> Members:
        """Those who would cover the town."""
        origins, labels, idle = dict(members.origins), dict(members.labels), set(members.idle)
        for key in self.without:
            origins.pop(key, None)
        for key, lon, lat, mode in self.moved:
            known = origins.get(key)
            if known is None:
                origins[key] = Origin(key, lon, lat, mode or Mode.CAR)
                idle.add(key)
            else:
                origins[key] = replace(known, lon=lon, lat=lat, mode=mode or known.mode)
            labels.setdefault(key, key)
        return Members(origins, labels, frozenset(idle & origins.keys()))


def read_what_if(document: Mapping[str, Any] | None) -> WhatIf:
    """What a checked document of SCHEMA supposes.

    Raises:
        InputError: a street is named by 0.
    """
    document = document or {}
    closures = document.get("closures", [])
    if any(0 in each["streets"] for each in closures):
        raise InputError("what_if: there is no street 0 / 没有编号为 0 的道路")
    return WhatIf(
        measures=[
            Measure(tuple(each["streets"]), float(each.get("speed_share", 0))) for each in closures
        ],
        moved=[
            (each["key"], each["lon"], each["lat"], _mode(each.get("mode")))
            for each in document.get("responders", [])
        ],
        without=frozenset(document.get("without", ())),
    )


def _mode(name: str | None) -> Mode | None:
    return MODES_BY_NAME[name] if name else None
