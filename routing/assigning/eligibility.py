"""Who may be sent where: skills, departments, breaks, and who may be taken off an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

MOST_URGENT, LEAST_URGENT = 1, 4
# A miss of severity 1 counts as eight of severity 4.
WEIGHT_OF_SEVERITY = {1: 8, 2: 4, 3: 2, 4: 1}


class Duty(StrEnum):
    """What a responder is doing."""

    FREE = "free"
    ORDERED = "ordered"  # told, hasn't accepted
    UNDER_WAY = "under_way"  # has accepted, isn't there
    ON_SCENE = "on_scene"
    ON_BREAK = "break"
    OFF = "off"


@dataclass(frozen=True)
class Call:
    """What an incident asks for.

    Attributes:
        key: its name.
        severity: 1, the most urgent, to 4.
        skills: all of which are wanted.
        departments: one of which; empty for any.
    """

    key: str
    severity: int = 3
    skills: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Crew:
    """What a responder is and does.

    Attributes:
        key: its name.
        duty: what it is doing.
        skills: what it can do.
        department: whose it is.
        call_key: of the incident that it is ordered to.
    """

    key: str
    duty: Duty = Duty.FREE
    skills: frozenset[str] = frozenset()
    department: str | None = None
    call_key: str | None = None


@dataclass(frozen=True)
class TakingRules:
    """When somebody is taken off what he does.

    Attributes:
        preempt_levels: who is under way is taken off only for an incident at least so many
            levels more urgent; 0: as urgent or more, if the gain is worth it.
        ends_breaks: whether somebody on a break may be sent.
    """

    preempt_levels: int = 0
    ends_breaks: bool = False


def refusal(call: Call, crew: Crew, severity_of: dict[str, int], rules: TakingRules) -> str | None:
    """Why a crew may not be sent to a call, as a code; None where it may.

    Args:
        call: the incident.
        crew: the responder.
        severity_of: by key, of the incidents that crews are ordered to.
        rules: when somebody is taken off what he does.
    """
    now = severity_of.get(crew.call_key or "", LEAST_URGENT)
    elsewhere = crew.duty is Duty.UNDER_WAY and crew.call_key != call.key
    reasons = (
        ("off_duty", crew.duty is Duty.OFF),
        ("on_scene", crew.duty is Duty.ON_SCENE),
        ("department", bool(call.departments) and crew.department not in call.departments),
        ("skills", not call.skills <= crew.skills),
        ("break", crew.duty is Duty.ON_BREAK and not rules.ends_breaks),
        ("under_way", elsewhere and now - call.severity < rules.preempt_levels),
    )
    return next((code for code, holds in reasons if holds), None)


def may_go(calls: Sequence[Call], crews: Sequence[Crew], rules: TakingRules) -> NDArray[np.bool_]:
    """(I, R) whether each crew may be sent to each call."""
    severity_of = {call.key: call.severity for call in calls}
    return np.array(
        [[refusal(call, crew, severity_of, rules) is None for crew in crews] for call in calls],
        np.bool_,
    ).reshape(len(calls), len(crews))
