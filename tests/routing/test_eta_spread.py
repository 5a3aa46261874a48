"""How sure an arrival is: rules that hold for all numbers, and a plain simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.modes import Mode
from routing.nearest.eta_spread import TRAVEL_LOG_SD, TURNOUT_LOG_SD, slack_s, spread_of

SECONDS = st.floats(0, 1200)
MODES = st.sampled_from(list(Mode))


def in_time(turnout: float, travel: float, slack: float, mode: Mode = Mode.CAR) -> float:
    found = spread_of([turnout], [travel], [slack], [TRAVEL_LOG_SD[mode]], 180.0)
    return float(found.in_time[0])


@given(turnout=SECONDS, travel=SECONDS, more=SECONDS, slack=SECONDS, mode=MODES)
def test_who_is_later_is_never_surer(
    turnout: float, travel: float, more: float, slack: float, mode: Mode
) -> None:
    before = in_time(turnout, travel, slack, mode)
    assert in_time(turnout, travel + more, slack, mode) <= before
    assert in_time(turnout + more, travel, slack, mode) <= before


@given(
    travel=SECONDS,
    age=st.floats(0, 3600),
    older=st.floats(0, 3600),
    error=st.floats(0, 500),
    speed=st.none() | st.floats(0, 40),
    mode=MODES,
)
def test_an_older_or_worse_fix_is_never_surer(  # noqa: PLR0917 - each number that matters
    travel: float, age: float, older: float, error: float, speed: float | None, mode: Mode
) -> None:
    now = in_time(20.0, travel, slack_s(mode, age, error, speed), mode)
    assert in_time(20.0, travel, slack_s(mode, age + older, error, speed), mode) <= now
    assert in_time(20.0, travel, slack_s(mode, age, error + older, speed), mode) <= now


@given(turnout=SECONDS, travel=SECONDS, slack=SECONDS, within=SECONDS, mode=MODES)
def test_the_spread_holds_what_was_reckoned(
    turnout: float, travel: float, slack: float, within: float, mode: Mode
) -> None:
    found = spread_of([turnout], [travel], [slack], [TRAVEL_LOG_SD[mode]], within)
    assert found.low_s[0] <= turnout + travel <= found.high_s[0] + 1e-9
    assert 0.0 <= found.in_time[0] <= 1.0


@pytest.mark.parametrize(
    ("turnout", "travel", "slack"),
    [
        (0.0, 100.0, 1.0),
        (20.0, 120.0, 5.0),
        (60.0, 90.0, 30.0),
        (90.0, 100.0, 15.0),
        (20.0, 30.0, 200.0),
        (170.0, 3.0, 1.0),
        (5.0, 260.0, 60.0),
    ],
)
def test_a_plain_simulation_says_the_same(turnout: float, travel: float, slack: float) -> None:
    chance = np.random.default_rng(7)
    n = 400_000
    ready = turnout * np.exp(TURNOUT_LOG_SD * chance.standard_normal(n))
    way = travel * np.exp(TRAVEL_LOG_SD[Mode.CAR] * chance.standard_normal(n))
    arrival = ready + way + slack * np.abs(chance.standard_normal(n))
    found = spread_of([turnout], [travel], [slack], [TRAVEL_LOG_SD[Mode.CAR]], 180.0)
    assert found.in_time[0] == pytest.approx((arrival <= 180.0).mean(), abs=0.006)
    assert found.high_s[0] == pytest.approx(np.quantile(arrival, 0.9), rel=0.01)
    low = min(np.quantile(arrival, 0.1), turnout + travel)
    assert found.low_s[0] == pytest.approx(low, rel=0.01)


def test_the_same_question_gives_the_same_bits() -> None:
    first, second = (spread_of([20.0], [100.0], [9.0], [0.25], 180.0) for _ in range(2))
    assert first.in_time.tobytes() == second.in_time.tobytes()
    assert first.high_s.tobytes() == second.high_s.tobytes()


def test_nobody_has_no_spread() -> None:
    assert len(spread_of([], [], [], [], 180.0).in_time) == 0
