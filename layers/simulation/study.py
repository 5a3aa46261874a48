"""Tune on the first half, report on the second: every policy with the same fleet, seeds, calls."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.simulation.plan import Setting, Supply, Terms
from routing.simulation.comparing import Difference, paired_difference
from routing.simulation.policies import Nearest, Platform, PlatformSettings, Policy
from routing.simulation.roads import Floats
from routing.simulation.running import simulate
from routing.simulation.world import Calls, Record, World

AIR, ROAD, PLATFORM = "nearest-by-air", "nearest-by-road", "platform"
# The platform without parts of it, so that one sees what each brings.
UNTURNED, ASSIGNED = "assignment-nobody-turned", "assignment-only"
AGAIN = "platform-again"
# One parameter after the other, each with those before it at their best. Turning somebody for less
# than 60 s, the platform's own threshold, isn't tried.
_STEPS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("reassign_gain_s", (60.0, 120.0)),
    ("move_share", (0.02, 0.01, 0.003)),
)
Report = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """One run while tuning.

    Attributes:
        settings: what was set.
        share: that was reached in time.
        gain: over the best before it; None for the first.
        is_taken: whether it became the best.
    """

    settings: PlatformSettings
    share: float
    gain: Difference | None
    is_taken: bool


@dataclass
class Tuned:
    """What tuning has come to so far.

    Attributes:
        settings: the best.
        held: (C,) which calls these reached in time, as 1 and 0.
        trials: all, in their order.
    """

    settings: PlatformSettings
    held: Floats
    trials: list[Trial]

    def told(self, parameter: str) -> str:
        """What a parameter has been set to, and what that came to."""
        return f"{getattr(self.settings, parameter) or 'none'}, {self.held.mean():.1%}"


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
    (UNTURNED, ROAD),
    (ASSIGNED, UNTURNED),
    (PLATFORM, ASSIGNED),
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
    runs: dict[tuple[str, str], Future[Record]] = {
        (supply.name, name): pool.submit(
            simulate, setting.world, setting.second, supply.homes, policy
        )
        for supply in setting.supplies
        for name, policy in _policies(tuned[supply.name].settings).items()
    }
    for done, ((level, name), run) in enumerate(runs.items(), start=1):
        share = (run.result().response_s(setting.second) <= terms.hold_s).mean()
        report(f"second half, run {done} of {len(runs)}: {level}, {name}: {share:.1%}")
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
    assigned = PlatformSettings(reassign_gain_s=settings.reassign_gain_s)
    return {
        AIR: Nearest(by_air=True),
        ROAD: Nearest(by_air=False),
        UNTURNED: Platform(PlatformSettings()),
        ASSIGNED: Platform(assigned),
        PLATFORM: Platform(settings),
        AGAIN: Platform(settings),
    }


def _tune(setting: Setting, terms: Terms, pool: Executor, report: Report) -> dict[str, Tuned]:
    """By level. A value is taken only if the first half shows that it is better: chance isn't."""
    skipped = max(len(setting.first) - terms.tune_calls, 0)
    calls, block = setting.first.part(slice(skipped, None)), setting.first_block[skipped:]
    plain = PlatformSettings()
    runs = {
        supply.name: pool.submit(_held, setting.world, calls, supply, plain)
        for supply in setting.supplies
    }
    tuned = {name: Tuned(plain, run.result(), []) for name, run in runs.items()}
    for level, each in tuned.items():
        share = float(each.held.mean())
        each.trials.append(Trial(plain, share, None, is_taken=True))
        report(f"first half, {level}, nobody turned or moved: {share:.1%} of {len(calls):,}")
    for parameter, values in _STEPS:
        tries = {
            (supply.name, value): pool.submit(
                _held,
                setting.world,
                calls,
                supply,
                _with(tuned[supply.name].settings, parameter, value),
            )
            for supply in setting.supplies
            for value in values
        }
        for level, each in tuned.items():
            found = {value: run.result() for (name, value), run in tries.items() if name == level}
            _take_best(each, parameter, found, block, terms.seed)
            report(f"first half, {level}, {parameter}: {each.told(parameter)}")
    return tuned


def _take_best(
    tuned: Tuned,
    parameter: str,
    found: dict[float, Floats],
    block: NDArray[np.int64],
    seed: int,
) -> None:
    """Of the values tried, the best, if it is surely better than what was best before."""
    before, settings = tuned.held, tuned.settings
    best = max(found, key=lambda value: float(found[value].mean()), default=None)
    for value, held in found.items():
        gain = paired_difference(held, before, block, seed)
        tried = _with(settings, parameter, value)
        is_taken = value == best and gain.low > 0
        tuned.trials.append(Trial(tried, float(held.mean()), gain, is_taken))
        if is_taken:
            tuned.settings, tuned.held = tried, held


def _with(settings: PlatformSettings, parameter: str, value: float) -> PlatformSettings:
    changed: Any = {parameter: value}
    return replace(settings, **changed)


def _held(world: World, calls: Calls, supply: Supply, settings: PlatformSettings) -> Floats:
    """(C,) 1 for each call that was reached in time, 0 for the others."""
    record = simulate(world, calls, supply.homes, Platform(settings))
    return (record.response_s(calls) <= world.hold_s).astype(np.float64)


def _result(
    setting: Setting,
    terms: Terms,
    supply: Supply,
    tuned: Tuned,
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
        settings=tuned.settings,
        trials=tuned.trials,
        records=records,
        in_time=differences(held),
        response=differences(response_s),
    )
