"""Several incidents at once: the optimum, the price of another choice, and no thrashing."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import Bounds, LinearConstraint, milp

from routing.assigning.costs import FORBIDDEN, costs_of
from routing.assigning.eligibility import Call, Crew, Duty, TakingRules, may_go, refusal
from routing.assigning.matrix import eta_matrix
from routing.assigning.problem import NOBODY, AssignmentProblem, AssignmentRules, problem_of
from routing.assigning.solving import assign, deviation_ticks
from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets

RULES = AssignmentRules()


@st.composite
def problems(draw: st.DrawFn, most: int = 4) -> AssignmentProblem:
    n, m = draw(st.integers(1, most)), draw(st.integers(1, most + 1))
    eta = draw(hnp.arrays(np.float64, (n, m), elements=st.integers(0, 400).map(float)))
    cut_off = draw(hnp.arrays(np.bool_, (n, m)))
    allowed = draw(st.booleans())
    holder = np.full(n, NOBODY)
    for r, i in enumerate(draw(st.lists(st.integers(-1, n - 1), min_size=m, max_size=m))):
        if i >= 0 and not (cut_off[i, r] and not allowed):
            holder[i] = r
    return problem_of(
        eta if allowed else np.where(cut_off, np.inf, eta),
        weight=draw(hnp.arrays(np.int64, n, elements=st.sampled_from([1, 2, 4, 8]))),
        waited_s=draw(hnp.arrays(np.float64, n, elements=st.integers(0, 2000).map(float))),
        orders_so_far=draw(hnp.arrays(np.int64, m, elements=st.integers(0, 5))),
        holder=holder,
        price_s=draw(hnp.arrays(np.float64, m, elements=st.integers(0, 60).map(float))),
    )


def every_choice(problem: AssignmentProblem) -> list[tuple[int, ...]]:
    """All assignments there are, as a responder or NOBODY for each incident."""
    n, m = problem.shape
    return [
        choice
        for choice in product(range(-1, m), repeat=n)
        if len([r for r in choice if r >= 0]) == len({r for r in choice if r >= 0})
        and all(r < 0 or np.isfinite(problem.eta_s[i, r]) for i, r in enumerate(choice))
    ]


def judged(problem: AssignmentProblem, choice: tuple[int, ...]) -> tuple[int, float]:
    """Misses and seconds by the rule's own words, pair by pair."""
    misses, seconds = 0, 0.0
    for i, r in enumerate(choice):
        weight = int(problem.weight[i])
        if r < 0:
            overdue = int(problem.waited_s[i] // RULES.patience_s)
            misses += weight * (1 + overdue)
            seconds += weight * (RULES.nobody_s + 0.001)
            continue
        eta_s = problem.eta_s[i, r] - RULES.reassign_gain_s * (problem.holder[i] == r)
        misses += weight * int(problem.waited_s[i] + eta_s > RULES.hold_s)
        more_s = RULES.load_s * problem.orders_so_far[r] + problem.price_s[r]
        seconds += weight * (eta_s + more_s)
    return misses, round(seconds, 6)


@settings(deadline=None, max_examples=60)
@given(problems())
def test_it_is_the_best_of_all_there_are(problem: AssignmentProblem) -> None:
    best = min(judged(problem, choice) for choice in every_choice(problem))
    found = assign(problem, RULES)
    assert judged(problem, tuple(found.responder.tolist())) == best
    assert (found.misses, pytest.approx(found.weighted_s, abs=1e-6)) == best


@settings(deadline=None, max_examples=60)
@given(problems())
def test_every_price_is_that_of_solving_anew(problem: AssignmentProblem) -> None:
    found = assign(problem, RULES)
    ticks = deviation_ticks(found)
    n, m = problem.shape
    choices = every_choice(problem)
    best = judged(problem, tuple(found.responder.tolist()))
    for i, r in product(range(n), range(-1, m)):
        forced = [judged(problem, choice) for choice in choices if choice[i] == r]
        if not forced:
            assert ticks[i, r] == FORBIDDEN
            continue
        misses, seconds = found.costs.misses_and_seconds(int(ticks[i, r]))
        assert misses == min(forced)[0] - best[0]
        assert seconds == pytest.approx(min(forced)[1] - best[1], abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(problems())
def test_asked_again_it_answers_the_same(problem: AssignmentProblem) -> None:
    found = assign(problem, RULES)
    kept = problem_of(
        problem.eta_s,
        weight=problem.weight,
        waited_s=problem.waited_s,
        orders_so_far=problem.orders_so_far,
        holder=found.responder,
        price_s=problem.price_s,
    )
    again = assign(kept, RULES)
    assert judged(kept, tuple(again.responder.tolist())) == judged(
        kept, tuple(found.responder.tolist())
    )


@pytest.mark.parametrize("seed", range(4))
def test_large_ones_equal_another_solver(seed: int) -> None:
    """The optimum of HiGHS's integer programme over the same costs."""
    chance = np.random.default_rng(seed)
    problem = problem_of(
        chance.uniform(0, 900, (12, 20)).round(3),
        weight=chance.choice([1, 2, 4, 8], 12),
        waited_s=chance.uniform(0, 200, 12).round(3),
        orders_so_far=chance.integers(0, 6, 20),
    )
    found = assign(problem, RULES)
    pairs = costs_of(problem, RULES).pairs
    n, m = pairs.shape
    rows = np.kron(np.eye(n), np.ones(m))
    columns = np.kron(np.ones(n), np.eye(m))
    solved = milp(
        pairs.ravel() / found.costs.miss,
        integrality=np.ones(n * m),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(rows, 1, 1), LinearConstraint(columns, -np.inf, 1)],
        options={"mip_rel_gap": 0},
    )
    chosen = np.rint(solved.x).astype(np.int64)
    total = int(pairs[np.arange(n), found.column].sum())
    assert int(pairs.ravel()[chosen == 1].sum()) >= total
    assert (pairs.ravel()[chosen == 1].sum() - total) / found.costs.miss < 1e-5


def test_a_miss_outweighs_any_time() -> None:
    # the first alone could save the second incident, though it is 170 s farther in sum
    problem = problem_of(np.array([[10.0, 179.0], [170.0, 181.0]]))
    assert assign(problem, RULES).responder.tolist() == [1, 0]


def test_the_more_urgent_is_held_where_only_one_can_be() -> None:
    eta_s = np.array([[100.0], [100.0]])
    found = assign(problem_of(eta_s, weight=np.array([1, 8])), RULES)
    assert found.responder.tolist() == [NOBODY, 0]


@pytest.mark.parametrize(("gain_s", "taken"), [(59.0, 0), (61.0, 1)])
def test_an_order_stays_unless_the_gain_is_worth_it(gain_s: float, taken: int) -> None:
    problem = problem_of(np.array([[100.0, 100.0 - gain_s]]), holder=np.array([0]))
    assert assign(problem, RULES).responder.tolist() == [taken]


def test_of_two_alike_goes_who_has_done_less() -> None:
    problem = problem_of(np.array([[50.0, 52.0]]), orders_so_far=np.array([3, 1]))
    assert assign(problem, RULES).responder.tolist() == [1]


CALL = Call("a", severity=2, skills=frozenset({"first_aid"}), departments=frozenset({"city"}))
ABLE = {"skills": frozenset({"first_aid", "boat"}), "department": "city"}


@pytest.mark.parametrize(
    ("crew", "reason"),
    [
        (Crew("x", **ABLE), None),
        (Crew("x", Duty.ORDERED, call_key="b", **ABLE), None),
        (Crew("x", Duty.UNDER_WAY, call_key="a", **ABLE), None),
        (Crew("x", Duty.UNDER_WAY, call_key="same", **ABLE), "under_way"),
        (Crew("x", Duty.UNDER_WAY, call_key="less", **ABLE), None),
        (Crew("x", Duty.ON_SCENE, **ABLE), "on_scene"),
        (Crew("x", Duty.ON_BREAK, **ABLE), "break"),
        (Crew("x", Duty.OFF, **ABLE), "off_duty"),
        (Crew("x", skills=frozenset({"boat"}), department="city"), "skills"),
        (Crew("x", skills=frozenset({"first_aid"}), department="fire"), "department"),
    ],
)
def test_who_may_be_sent(crew: Crew, reason: str | None) -> None:
    severities = {"a": 2, "b": 2, "same": 3, "less": 4, "more": 1}
    assert refusal(CALL, crew, severities, TakingRules(preempt_levels=2)) == reason


def test_who_goes_to_something_more_urgent_stays_on_the_way() -> None:
    severities = {"a": 2, "same": 2, "more": 1}
    for key, reason in (("same", None), ("more", "under_way")):
        crew = Crew("x", Duty.UNDER_WAY, call_key=key, **ABLE)
        assert refusal(CALL, crew, severities, TakingRules()) == reason


def test_a_break_ends_where_the_rules_say_so() -> None:
    calls, resting = [Call("a", severity=1), Call("b", severity=2)], [Crew("x", Duty.ON_BREAK)]
    for ends in (False, True):
        assert may_go(calls, resting, TakingRules(ends_breaks=ends)).tolist() == [[ends], [ends]]


def test_the_matrix_is_what_the_nearest_are_told(straight_streets) -> None:
    xy = {5 * r + c: (float(c), float(r)) for r in range(5) for c in range(5)}
    streets = [(5 * r + c, 5 * r + c + 1, 15, 15 * (r % 2), 30.0)
               for r in range(5) for c in range(4)]  # fmt: skip
    streets += [(5 * r + c, 5 * r + c + 5, 15, 15, 40.0) for r in range(4) for c in range(5)]
    engine = Engine(graph_from_streets(straight_streets(xy, *streets)))
    chance = np.random.default_rng(0)
    spots = chance.uniform((10, 0), (10.0036, 0.0036), (12, 2))
    modes = [Mode.CAR, Mode.FOOT, Mode.EBIKE]
    origins = [Origin(f"r{n}", *spot, modes[n % 3], 7.0 * n) for n, spot in enumerate(spots)]
    fleet = engine.fleet()
    fleet.join(origins)
    keys = [origin.key for origin in reversed(origins)]
    calls = np.vstack([chance.uniform((10, 0), (10.0036, 0.0036), (6, 2)), [[12.0, 5.0]]])
    found = eta_matrix(engine, fleet, keys, calls, None)
    for i, (lon, lat) in enumerate(calls[:-1]):
        told = {a.origin.key: a.eta_s for a in engine.nearest(lon, lat, origins, 12).arrivals}
        assert found[i] == pytest.approx([told.get(key, np.inf) for key in keys])
    assert np.isinf(found[-1]).all()
