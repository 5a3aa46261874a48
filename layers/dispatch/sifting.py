"""Who may be asked at all, and who is left out and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from layers.dispatch.asked import Inputs, Known, RankRequest
from layers.dispatch.settings import DispatchSettings


class Why(StrEnum):
    """Why somebody is left out."""

    OFF_DUTY = "off_duty"
    EXCLUDED = "excluded"
    OTHER_MODE = "other_mode"
    OTHER_DEPARTMENT = "other_department"
    LACKS_SKILL = "lacks_skill"
    STALE_FIX = "stale_fix"
    ON_BREAK = "on_break"
    ON_ORDER = "on_order"
    ON_SCENE = "on_scene"
    OFF_STREET = "off_street"
    INCIDENT_OFF_STREET = "incident_off_street"
    NO_WAY = "no_way"
    CUT_OFF = "cut_off"


@dataclass(frozen=True)
class LeftOut:
    """One who isn't asked, or can't come."""

    known: Known
    why: Why


@dataclass(frozen=True)
class Sifted:
    """Who may be asked, and who not, each by key.

    Attributes:
        candidates: who may be asked.
        resting: who may be asked if none of these is in time: they are on a break.
        left_out: who isn't asked.
    """

    candidates: list[Known]
    resting: list[Known]
    left_out: list[LeftOut]


def sift(inputs: Inputs) -> Sifted:
    """Who may be asked, and who not."""
    sifted = Sifted([], [], [])
    for known in inputs.known:
        why = _why_not(known, inputs.request, inputs.settings)
        if why is not None:
            sifted.left_out.append(LeftOut(known, why))
        elif _comes_last(known, inputs):
            sifted.resting.append(known)
        else:
            sifted.candidates.append(known)
    return sifted


def turnout_s(known: Known, settings: DispatchSettings) -> float:
    """Seconds before somebody moves."""
    return float(
        {
            "free": settings.turnout_free_s,
            "break": settings.turnout_break_s,
            "ordered": settings.turnout_ordered_s,
            "on_scene": settings.turnout_on_scene_s,
        }[known.state]
    )


def missing_skills(known: Known, wanted: Iterable[str]) -> list[str]:
    """The skills wanted that somebody doesn't have."""
    return [skill for skill in wanted if skill not in known.skills]


def _comes_last(known: Known, inputs: Inputs) -> bool:
    rests = known.state == "break" and inputs.settings.break_rule == "last"
    return rests and known.key != inputs.request.chosen


def _why_not(known: Known, asked: RankRequest, settings: DispatchSettings) -> Why | None:
    """The first reason that a dispatcher would give."""
    is_stale = (known.fix_age_s or 0.0) > settings.max_fix_age_s
    if known.key == asked.chosen and known.on_duty:
        return Why.STALE_FIX if is_stale else None
    reasons = (
        (not known.on_duty, Why.OFF_DUTY),
        (known.key in asked.exclude, Why.EXCLUDED),
        (asked.mode is not None and known.mode != asked.mode.label, Why.OTHER_MODE),
        (asked.departments and known.department not in asked.departments, Why.OTHER_DEPARTMENT),
        (missing_skills(known, asked.skills), Why.LACKS_SKILL),
        (known.state == "ordered" and not asked.with_busy, Why.ON_ORDER),
        (known.state == "on_scene" and not asked.with_busy, Why.ON_SCENE),
        (is_stale, Why.STALE_FIX),
        (known.state == "break" and settings.break_rule == "never", Why.ON_BREAK),
    )
    return next((why for holds, why in reasons if holds), None)
