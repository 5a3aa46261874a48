"""Whether the platform did better, in words; where it didn't, why, from the same numbers."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np

from layers.simulation.plan import Setting
from layers.simulation.study import AIR, ASSIGNED, PLATFORM, ROAD, UNTURNED, LevelResult
from routing.simulation.comparing import Difference
from routing.simulation.policies import PlatformSettings
from routing.simulation.world import Calls, Record

# Less is as good as never, or as good as nothing.
_SELDOM = 0.05
_LITTLE = 0.01


class Outcome(StrEnum):
    """What the interval says."""

    BETTER = "better"
    WORSE = "worse"
    NOT_SHOWN = "no difference shown"


def outcome_of(difference: Difference) -> Outcome:
    """Of a share that shall be large."""
    if difference.holds_zero:
        return Outcome.NOT_SHOWN
    return Outcome.BETTER if difference.estimate > 0 else Outcome.WORSE


def verdict_of(setting: Setting, level: LevelResult) -> dict[str, Any]:
    """Against nearest-by-road and nearest-by-air; what it cost, and why where it isn't better."""
    outcomes = {other: outcome_of(level.in_time[PLATFORM, other]) for other in (ROAD, AIR)}
    reasons = []
    if any(outcome is not Outcome.BETTER for outcome in outcomes.values()):
        reasons = _reasons(setting, level)
    return {
        "against": {other: outcome.value for other, outcome in outcomes.items()},
        "where_it_comes_from": _parts(level),
        "why_not_better": reasons,
        "what_it_costs": _costs(level),
    }


def _parts(level: LevelResult) -> dict[str, float]:
    """The difference to nearest-by-road, step by step; the steps add up."""
    return {
        "whom_to_serve_first": level.in_time[UNTURNED, ROAD].estimate,
        "turning_who_is_under_way": level.in_time[ASSIGNED, UNTURNED].estimate,
        "standing_by": level.in_time[PLATFORM, ASSIGNED].estimate,
    }


def _reasons(setting: Setting, level: LevelResult) -> list[str]:
    road = level.records[ROAD]
    reached = float((road.response_s(setting.second) <= setting.world.hold_s).mean())
    possible = _reachable_share(setting)
    several = _several_open(setting.second, road)
    reasons = []
    if level.settings == PlatformSettings():
        reasons.append(
            "on the first half neither turning who is under way nor standing by was surely better: "
            "the platform assigns free units, and they go home"
        )
    if several < _SELDOM:
        reasons.append(
            f"only {several:.1%} of the calls came while another waited for its unit: there is "
            "hardly anything to assign jointly"
        )
    if possible - reached < _LITTLE:
        reasons.append(
            f"nearest-by-road reaches {reached:.1%}, and {possible:.1%} is all that waiting places "
            "reach in time, however many units: nothing is left to gain"
        )
    if level.settings != PlatformSettings():
        tuned = [trial.share for trial in level.trials if trial.is_taken]
        reasons.append(
            f"on the first half the tuned settings reached {tuned[-1]:.1%}, the plain ones "
            f"{tuned[0]:.1%}; on the second that gain wasn't seen, or is smaller than what "
            f"{level.in_time[PLATFORM, ROAD].n_blocks} {setting.block_name} can tell"
        )
    return reasons


def _reachable_share(setting: Setting) -> float:
    coverage = setting.world.coverage
    return float(coverage.demand[(coverage.reaches > 0).any(axis=0)].sum())


def _several_open(calls: Calls, record: Record) -> float:
    """Share of the calls that came while another waited or its unit was under way."""
    reached = np.sort(record.reached_s)
    open_before = np.arange(len(calls)) - np.searchsorted(reached, calls.at_s)
    return float((open_before > 0).mean())


def _costs(level: LevelResult) -> list[str]:
    road, platform = (level.records[name] for name in (ROAD, PLATFORM))
    more = platform.driven_s.sum() / max(road.driven_s.sum(), 1.0)
    told = [f"units drive {more:.2f} times as long as under nearest-by-road"]
    if platform.reassigned:
        share = platform.reassigned / len(platform.unit)
        told.append(
            f"{platform.reassigned:,} times somebody under way was turned to another call "
            f"({share:.1%} of the calls), for one call at most {platform.most_handed_on} times"
        )
    if platform.moves:
        told.append(f"{platform.moves:,} times somebody who waited was moved")
    slower = level.response[PLATFORM, ROAD]
    if slower.low > 0:
        told.append(f"the mean response is {slower.estimate:.0f} s longer")
    longest = [float((r.reached_s - r.ordered_s).max()) for r in (platform, road)]
    if longest[0] > longest[1]:
        told.append("the longest drive of all is longer")
    return told
