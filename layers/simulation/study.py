"""Tune on the first half, report on the second: every policy with the same fleet, seeds, calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layers.simulation.plan import Setting, Supply, Terms
from routing.simulation.comparing import Difference, paired_difference
from routing.simulation.policies import Nearest, Platform, PlatformSettings, Policy
from routing.simulation.roads import Floats
from routing.simulation.running import simulate
from routing.simulation.world import Calls, Record, World

AIR, ROAD, JOINT, PLATFORM = "nearest-by-air", "nearest-by-road", "assignment-only", "platform"
AGAIN = "platform-again"
# One parameter after the other, each with those before it at their best.
_STEPS: tuple[tuple[str, tuple[float | None, ...]], ...] = (
    ("busy", (None, 0.2, 0.4, 0.6)),
    ("reassign_gain_s", (None, 30.0, 60.0, 120.0)),
    ("move_share", (None, 0.01, 0.003)),
    ("price_s", (0.0, 100.0, 400.0)),
)
# What acts where units go home, too.
_ALONE = {"busy", "reassign_gain_s"}
Report = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """One run while tuning: what was set, and the weighted share that was reached in time."""

    settings: PlatformSettings
    share: float


@dataclass(frozen=True)
class LevelResult:
    """What came out at one level of supply, on the second half.

    Attributes:
        settings: tuned on the first half.
        trials: by which.
        records: by policy.
        in_time: paired differences of the share that is reached in time, by (policy, other).
        response: those of the seconds until somebody was there.
    """

    supply: Supply
    settings: PlatformSettings
    trials: list[Trial]
    records: dict[str, Record]
    in_time: dict[tuple[str, str], Difference]
    response: dict[tuple[str, str], Difference]


COMPARED = (
    (PLATFORM, ROAD),
    (PLATFORM, AIR),
    (ROAD, AIR),
    (JOINT, ROAD),
    (PLATFORM, AGAIN),
)


def run_study(
    setting: Setting, terms: Terms, pool: Executor, report: Report = lambda _: None
) -> list[LevelResult]:
    """Tune and compare at every level of supply.

    Args:
        setting: world, calls, fleets.
        terms: what holds for all.
        pool: where the runs are made, several at once.
        report: told what is being done.
    """
    tuned = _tune(setting, terms, pool, report)
    runs: dict[tuple[str, str], Future[Record]] = {}
    for supply in setting.supplies:
        for name, policy in _policies(tuned[supply.name][-1].settings).items():
            runs[supply.name, name] = pool.submit(
                simulate, setting.world, setting.second, supply.homes, policy
            )
    for done, ((level, name), run) in enumerate(runs.items(), start=1):
        run.result()
        report(f"second half {done}/{len(runs)}: {level}, {name}")
    return [
        _result(
            setting,
            terms,
            supply,
            tuned[supply.name],
            {name: run.result() for (level, name), run in runs.items() if level == supply.name},
        )
        for supply in setting.supplies
    ]


def share_in_time(calls: Calls, record: Record, hold_s: float) -> float:
    """Of all calls, each by its weight."""
    held = record.response_s(calls) <= hold_s
    return float(np.average(held, weights=calls.weight))


def _policies(settings: PlatformSettings) -> dict[str, Policy]:
    joint = PlatformSettings(reassign_gain_s=settings.reassign_gain_s)
    return {
        AIR: Nearest(by_air=True),
        ROAD: Nearest(by_air=False),
        JOINT: Platform(joint),
        PLATFORM: Platform(settings),
        AGAIN: Platform(settings),
    }


def _tune(setting: Setting, terms: Terms, pool: Executor, report: Report) -> dict[str, list[Trial]]:
    """By level, all trials; the best comes last."""
    calls = setting.first.part(slice(max(len(setting.first) - terms.tune_calls, 0), None))
    trials: dict[str, list[Trial]] = {supply.name: [] for supply in setting.supplies}
    best = {supply.name: Trial(PlatformSettings(), -1.0) for supply in setting.supplies}
    for number, (parameter, values) in enumerate(_STEPS, start=1):
        runs = {
            (supply.name, value): pool.submit(
                _share,
                setting.world,
                calls,
                supply,
                _with(best[supply.name].settings, parameter, value),
            )
            for supply in setting.supplies
            for value in _values(parameter, values, best[supply.name])
        }
        for (level, value), run in runs.items():
            settings = _with(best[level].settings, parameter, value)
            trials[level].append(Trial(settings, run.result()))
        for level, its_trials in trials.items():
            # the first of equals: what does less stays
            best[level] = max(its_trials, key=_share_of)
        report(f"first half, tuning {number}/{len(_STEPS)}: {parameter}")
    return {level: [*its_trials, best[level]] for level, its_trials in trials.items()}


def _share_of(trial: Trial) -> float:
    return trial.share


def _with(settings: PlatformSettings, parameter: str, value: float | None) -> PlatformSettings:
    changed: Any = {parameter: value}
    return replace(settings, **changed)


def _values(parameter: str, values: Sequence[float | None], best: Trial) -> Iterable[float | None]:
    """Those that aren't tried yet and would change anything."""
    if best.share < 0:
        return values
    return values[1:] if best.settings.busy is not None or parameter in _ALONE else ()


def _share(world: World, calls: Calls, supply: Supply, settings: PlatformSettings) -> float:
    record = simulate(world, calls, supply.homes, Platform(settings))
    return share_in_time(calls, record, world.hold_s)


def _result(
    setting: Setting,
    terms: Terms,
    supply: Supply,
    trials: list[Trial],
    records: dict[str, Record],
) -> LevelResult:
    calls = setting.second
    response_s = {name: record.response_s(calls) for name, record in records.items()}
    held: dict[str, Floats] = {
        name: (seconds <= terms.hold_s).astype(np.float64) for name, seconds in response_s.items()
    }

    def differences(values: dict[str, Floats]) -> dict[tuple[str, str], Difference]:
        return {
            (one, other): paired_difference(values[one], values[other], setting.block, terms.seed)
            for one, other in COMPARED
        }

    return LevelResult(
        supply=supply,
        settings=trials[-1].settings,
        trials=trials[:-1],
        records=records,
        in_time=differences(held),
        response=differences(response_s),
    )
