"""The rules of the town as JSON, in and out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from grids.bands import Band
from grids.town_rules import AREA_M2, MOST_HOUSEHOLDS, WIDTH_M, TownRules
from layers.boundaries.parameters import Parameters
from layers.boundaries.rules import RuleEvent
from spatial.errors import InputError

type Json = dict[str, Any]

LIMITS: Json = {
    "households": [1, MOST_HOUSEHOLDS], "min_area_m2": [*AREA_M2], "min_width_m": [*WIDTH_M],
}  # fmt: skip
"""Between which numbers each rule has to be."""


class BadRulesError(InputError):
    """Some rules are out of reason; `faults` says of each field why.

    Attributes:
        faults: by field: `bands.3`, `min_area_m2`, `min_width_m`, `code_scheme`.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__("; ".join(self.faults.values()))


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
        BadRulesError: some are missing or out of reason.
        InputError: one is unknown.
    """
    rules, faults = TownRules(), dict[str, str]()
    for level, pair in given.object("bands").items():
        with _noting(faults, f"bands.{level[:20]}"):
            band = TownRules({_level(level): _band(level, pair)}).bands
            rules = replace(rules, bands={**rules.bands, **band})
    with _noting(faults, "min_area_m2"):
        rules = replace(rules, min_area_m2=given.metres("min_area_m2"))
    with _noting(faults, "min_width_m"):
        rules = replace(rules, min_width_m=given.metres("min_width_m"))
    with _noting(faults, "code_scheme"):
        rules = replace(rules, code_scheme=given.text("code_scheme"))
    given.finish()
    if faults:
        raise BadRulesError(faults)
    return rules


@contextmanager
def _noting(faults: dict[str, str], field: str) -> Iterator[None]:
    """Note what is wrong with a field, and go on to the next."""
    try:
        yield
    except InputError as error:
        faults[field] = str(error)


def event_json(event: RuleEvent, names: Mapping[int, str]) -> Json:
    """One change and who made it; `by` is null for the operator at the machine."""
    return {
        "id": event.id,
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
