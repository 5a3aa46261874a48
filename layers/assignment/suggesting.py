"""Use case: the best assignment of open incidents to responders, and the price of any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.assignment.calls import OpenCall
from layers.dispatch.asked import Inputs, Known
from layers.dispatch.origins import origin_of
from layers.dispatch.settings import DispatchSettings
from routing.assigning.costs import FORBIDDEN
from routing.assigning.eligibility import (
    WEIGHT_OF_SEVERITY,
    Call,
    Crew,
    Duty,
    TakingRules,
    may_go,
)
from routing.assigning.matrix import eta_matrix
from routing.assigning.problem import NOBODY, AssignmentProblem, AssignmentRules, Floats, Ints
from routing.assigning.solving import Assignment, assign, deviation_ticks
from routing.nearest.engine import Engine

_ACCEPTED = "accepted"
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Price:
    """What the whole loses by a choice.

    Attributes:
        misses: weighted by severity: so many more incidents aren't reached in time.
        weighted_s: and so many more seconds, weighted likewise; with fewer misses, fewer.
    """

    misses: int
    weighted_s: float


@dataclass(frozen=True)
class Option:
    """One who could go.

    Attributes:
        eta_s: until he is there, his turnout among it.
        in_time: whether that keeps the promise.
        price: of sending him and not who is suggested.
    """

    known: Known
    eta_s: float
    in_time: bool
    price: Price


@dataclass(frozen=True)
class Advice:
    """What is suggested for one incident.

    Attributes:
        chosen: who should go; None: nobody is left who can.
        options: all who could go, the cheapest first.
    """

    call: OpenCall
    chosen: Option | None
    options: tuple[Option, ...]

    @property
    def action(self) -> str:
        """order, keep (who is ordered goes on), reassign, or wait."""
        if self.chosen is None:
            return "wait"
        if self.call.responder is None:
            return "order"
        return "keep" if self.chosen.known.key == self.call.responder else "reassign"


@dataclass(frozen=True)
class Suggestion:
    """Who should go where.

    Attributes:
        inputs: what it was made of.
        misses, weighted_s: of the whole.
        free: responders who have no order and may be sent somewhere.
    """

    inputs: Inputs
    advice: tuple[Advice, ...]
    misses: int
    weighted_s: float
    free: int


def suggest(
    engine: Engine, inputs: Inputs, calls: Sequence[OpenCall], orders: Mapping[str, int]
) -> Suggestion:
    """The best assignment; a function of its arguments alone.

    Args:
        engine: the streets, with what is in force.
        inputs: the responders and the town's settings.
        calls: the incidents; who is ordered to any other stays with it.
        orders: by key, how many somebody has had in this shift.
    """
    known = [each for each in inputs.known if _is_seen(each, inputs.settings)]
    etas_s = _etas_s(engine, inputs, known, calls)
    crews = [_crew(each, calls) for each in known]
    had = np.array([orders.get(each.key, 0) for each in known], np.int64)
    rules = _rules(inputs.settings)
    problem, best = _best_with_breaks(
        [_call(each) for each in calls],
        crews,
        lambda allowed: _problem(np.where(allowed, etas_s, np.inf), known, calls, had),
        inputs.settings,
    )
    prices = deviation_ticks(best) if calls else np.zeros((0, 1), np.int64)
    return Suggestion(
        inputs=inputs,
        advice=tuple(
            _advice(call, i, best, prices, known, problem, rules) for i, call in enumerate(calls)
        ),
        misses=best.misses,
        weighted_s=best.weighted_s,
        free=sum(crew.duty is Duty.FREE for crew in crews),
    )


def _best_with_breaks(
    calls: Sequence[Call],
    crews: Sequence[Crew],
    problem_of: Callable[[Flags], AssignmentProblem],
    settings: DispatchSettings,
) -> tuple[AssignmentProblem, Assignment]:
    """The best assignment, and of what: breaks end by the rule that `nearest` keeps.

    By the rule "last" somebody on a break may go only where without them nobody is in time.
    """
    rules = _rules(settings)
    as_others = settings.break_rule == "as_others"
    allowed = may_go(calls, crews, TakingRules(ends_breaks=as_others))
    problem = problem_of(allowed)
    best = assign(problem, rules)
    if settings.break_rule != "last" or not any(crew.duty is Duty.ON_BREAK for crew in crews):
        return problem, best
    too_late = ~_in_time(problem, best, rules)
    woken = may_go(calls, crews, TakingRules(ends_breaks=True)) & too_late[:, None]
    if not (woken & ~allowed).any():
        return problem, best
    problem = problem_of(allowed | woken)
    return problem, assign(problem, rules)


def _in_time(problem: AssignmentProblem, best: Assignment, rules: AssignmentRules) -> Flags:
    """(I,) whether somebody is sent to each who keeps the promise."""
    rows = np.arange(len(best.responder))
    sent = best.responder != NOBODY
    eta_s = np.full(len(rows), np.inf)
    eta_s[sent] = problem.eta_s[rows[sent], best.responder[sent]]
    return np.asarray(problem.waited_s + eta_s <= rules.hold_s)


def _is_seen(known: Known, settings: DispatchSettings) -> bool:
    """On duty, and not last seen too long ago."""
    return known.on_duty and (known.fix_age_s or 0.0) <= settings.max_fix_age_s


def _rules(settings: DispatchSettings) -> AssignmentRules:
    """The promise counts from the report: the time to order, and the time to be there."""
    return AssignmentRules(
        hold_s=float(settings.order_within_s + settings.hold_s),
        reassign_gain_s=float(settings.reassign_gain_s),
    )


def _etas_s(
    engine: Engine, inputs: Inputs, known: Sequence[Known], calls: Sequence[OpenCall]
) -> Floats:
    fleet = engine.fleet()
    fleet.join(origin_of(each, inputs.settings) for each in known)
    lonlat = np.array([(call.lon, call.lat) for call in calls], np.float64).reshape(-1, 2)
    return eta_matrix(engine, fleet, [each.key for each in known], lonlat, inputs.at)


def _call(call: OpenCall) -> Call:
    return Call(call.number, call.severity, frozenset(call.skills), frozenset(call.departments))


def _crew(known: Known, calls: Sequence[OpenCall]) -> Crew:
    """What somebody does; who is ordered to an incident that isn't seen here isn't taken off it."""
    duty = {"free": Duty.FREE, "break": Duty.ON_BREAK, "on_scene": Duty.ON_SCENE}.get(known.state)
    if duty is None:
        leads = next((call for call in calls if call.responder == known.key), None)
        if leads is None:
            duty = Duty.ON_SCENE
        else:
            duty = Duty.UNDER_WAY if leads.order_state == _ACCEPTED else Duty.ORDERED
    return Crew(known.key, duty, frozenset(known.skills), known.department, known.incident)


def _problem(
    etas_s: Floats, known: Sequence[Known], calls: Sequence[OpenCall], orders_so_far: Ints
) -> AssignmentProblem:
    column = {each.key: r for r, each in enumerate(known)}
    holder = [column.get(call.responder or "", NOBODY) for call in calls]
    reachable = [
        r if r != NOBODY and np.isfinite(etas_s[i, r]) else NOBODY for i, r in enumerate(holder)
    ]
    return AssignmentProblem(
        eta_s=etas_s,
        weight=np.array([WEIGHT_OF_SEVERITY[call.severity] for call in calls], np.int64),
        waited_s=np.array([call.waited_s for call in calls], np.float64),
        orders_so_far=orders_so_far,
        holder=np.array(reachable, np.int64),
        price_s=np.zeros(len(known)),
    )


def _advice(  # noqa: PLR0913, PLR0917 - of which incident, in which solution of which problem
    call: OpenCall,
    i: int,
    best: Assignment,
    prices: Ints,
    known: Sequence[Known],
    problem: AssignmentProblem,
    rules: AssignmentRules,
) -> Advice:
    options = {
        r: Option(
            known[r],
            float(problem.eta_s[i, r]),
            bool(problem.waited_s[i] + problem.eta_s[i, r] <= rules.hold_s),
            Price(*best.costs.misses_and_seconds(int(prices[i, r]))),
        )
        for r in np.flatnonzero(prices[i, :-1] < FORBIDDEN).tolist()
    }
    chosen = int(best.responder[i])
    order = sorted(options, key=lambda r: (r != chosen, prices[i, r], known[r].key))
    return Advice(call, options.get(chosen), tuple(options[r] for r in order))
