"""The one command: a report comes in; it is placed, classified, ranked, and an order leaves.

All in the caller's one transaction: what is answered is durable with its commit, and the responder
is told by the NOTIFY that goes with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import psycopg

from layers.dispatch.answer import Answer, Candidate
from layers.dispatch.asked import RankRequest
from layers.dispatch.decisions import keep_decision
from layers.dispatch.doubts import DOUBTS, PROBLEMS, told
from layers.dispatch.nearest import rank
from layers.dispatch.orders import Json, order_first
from layers.dispatch.reading import Sources
from layers.dispatch.refusals import refusals_told
from layers.dispatch.reports import Report, TakenDown, take_down
from routing.nearest.engine import Engine
from spatial.town import Town

_CANDIDATES = 5
# So often others may take all of them meanwhile.
_TRIES = 3
# What keeps the platform from sending anybody by itself.
_VAGUE = ("outside_town", "vague_place")


@dataclass(frozen=True)
class Desk:
    """With what reports are answered.

    Attributes:
        engine: of the town's streets; None while it has none.
        sources: where whoever reports finds responders; None: they are none of theirs.
        unanswered: what is said then.
    """

    connection: psycopg.Connection[Any]
    town: Town
    engine: Engine | None
    sources: Sources | None
    unanswered: str = "other_department"


@dataclass(frozen=True)
class Taken:
    """What became of a report.

    Attributes:
        incident: with its orders.
        answer: who can be there first; None where that can't be said.
        order: the order that was sent for it now.
        decision: in which it is kept what the answer was made of.
        notes: what is odd about the report.
        problem: why nobody was sent, or could be named.
    """

    is_new: bool
    incident: Json
    answer: Json | None
    order: Json | None
    decision: int | None
    notes: list[dict[str, str]]
    problem: dict[str, str] | None

    def as_json(self) -> Json:
        """As it is answered."""
        return {
            "incident": self.incident,
            "answer": self.answer,
            "order": self.order,
            "decision": self.decision,
            "notes": self.notes,
            "problem": self.problem,
        }


def take_report(desk: Desk, report: Report, *, send: bool) -> Taken:
    """Take a report down, say who can be there first, and send the first if that is wanted.

    A report that came before is answered anew, and nobody is sent for it again.

    Args:
        desk: its connection in a transaction of whoever reports.
        send: send somebody; else only say who could go.

    Raises:
        InputError: the report can't be understood.
        AccessError: whoever asks may not report.
    """
    with refusals_told():
        taken = take_down(desk.connection, report)
    found = _send_first(desk, taken) if send and taken.is_new else _suggest(desk, taken)
    return Taken(
        is_new=taken.is_new,
        incident=_incident(desk.connection, report),
        answer=found.answered,
        order=found.order,
        decision=found.decision,
        notes=[told(code, DOUBTS) for code in taken.doubts],
        problem=told(found.problem, PROBLEMS) if found.problem else None,
    )


@dataclass(frozen=True)
class _Found:
    """Who can be there first and was sent, or why not."""

    answer: Answer | None = None
    answered: Json | None = None
    decision: int | None = None
    order: Json | None = None
    problem: str | None = None


def _suggest(desk: Desk, taken: TakenDown) -> _Found:
    """Who can be there first, of the departments whose it is; or why that can't be said."""
    if desk.engine is None:
        return _Found(problem="no_streets")
    if desk.sources is None:
        return _Found(problem=desk.unanswered)
    request = RankRequest(
        taken.lon, taken.lat, k=_CANDIDATES, skills=taken.skills, departments=taken.departments
    )
    sources = desk.sources.of_departments(taken.departments) if taken.departments else desk.sources
    answer = rank(desk.connection, desk.town, desk.engine, request, sources)
    answered = answer.as_json()
    decision = None
    if taken.is_mine:
        with refusals_told():
            decision = keep_decision(desk.connection, answer, taken.incident_id, told=answered)
    return _Found(answer, answered, decision, problem=None if answer.ranking else "off_streets")


def _send_first(desk: Desk, taken: TakenDown) -> _Found:
    """The first who is free is sent; whom others took meanwhile isn't asked again."""
    for _ in range(_TRIES):
        found = _suggest(desk, taken)
        problem = found.problem or _doubt_of_sending(taken, found.answer)
        if found.answer is None or problem is not None:
            return replace(found, problem=problem)
        candidates = [_expected(each) for each in found.answer.sendable]
        order = order_first(desk.connection, taken.incident_id, candidates, found.decision)
        if order is not None:
            return replace(found, order=order)
    return replace(found, problem="all_taken")


def _doubt_of_sending(taken: TakenDown, answer: Answer | None) -> str | None:
    """Why a dispatcher should decide; None where the platform may send the first by itself."""
    if not taken.is_mine:
        return "other_department"
    vague = next((doubt for doubt in _VAGUE if doubt in taken.doubts), None)
    if vague is not None:
        return vague
    if answer is None or not answer.candidates:
        return "nobody_reachable"
    if not answer.sendable:
        return "on_break"
    first = answer.sendable[0].arrival
    return "too_far" if first.eta_s > answer.inputs.settings.order_reach_s else None


def _expected(candidate: Candidate) -> Json:
    return {
        "key": candidate.known.key,
        "eta_s": candidate.arrival.eta_s,
        "distance_m": candidate.arrival.distance_m,
        "hold_probability": candidate.hold_probability,
    }


def _incident(connection: psycopg.Connection[Any], report: Report) -> Json:
    row = connection.execute(
        "SELECT layers.reported_incident(%s, %s)", (report.source, report.source_id)
    ).fetchone()
    assert row is not None  # it was taken down in this transaction
    found: Json = row[0]
    return found
