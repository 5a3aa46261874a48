"""The rules of the town as JSON, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grids.bands import Band
from grids.town_rules import TownRules
from layers.boundaries.parameters import Parameters
from layers.boundaries.rules import RuleEvent
from spatial.errors import InputError

type Json = dict[str, Any]


def rules_json(rules: TownRules) -> Json:
    """Bands by level, measures, scheme; `rules_from` reads it back."""
    return {
        "bands": bands_json(rules.bands),
        "min_area_m2": rules.min_area_m2,
        "min_width_m": rules.min_width_m,
        "code_scheme": rules.code_scheme,
    }


def bands_json(bands: Mapping[int, Band]) -> Json:
    """By level the least and the most households."""
    return {str(level): [band.least, band.most] for level, band in sorted(bands.items())}


def rules_from(given: Parameters) -> TownRules:
    """All rules at once; a level that `bands` leaves out has the default.

    Raises:
        InputError: one is missing, unknown or out of reason.
    """
    bands = {_level(level): _band(level, pair) for level, pair in given.object("bands").items()}
    rules = TownRules(
        {**TownRules().bands, **bands},
        given.metres("min_area_m2"),
        given.metres("min_width_m"),
        given.text("code_scheme"),
    )
    given.finish()
    return rules


def event_json(event: RuleEvent, names: Mapping[int, str]) -> Json:
    """One change and who made it; `by` is null for the operator at the machine."""
    return {
        "at": event.at.isoformat(),
        "by": event.by_account,
        "by_name": names.get(event.by_account or 0),
        "before": event.before,
        "after": event.after,
    }


def _level(text: str) -> int:
    if text not in ("2", "3", "4"):
        raise InputError(
            f"bands has a level {text[:20]!r} / 层级不对",
            remedy="2 villages, 3 grids, 4 micro-grids",
        )
    return int(text)


def _band(level: str, pair: object) -> Band:
    match pair:
        case [int() as least, int() as most] if (
            type(least) is type(most) is int
        ):  # bool is no number
            return Band(least, most)
    raise InputError(f"the band of level {level} has to be [least, most] / 户数区间应为两个整数")
