"""Drafts: listed, opened, read; and their way to approval."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import moment_of
from api.boundaries.client_routes import client_state, table_of
from api.boundaries.request import Asked, answer, body_of
from layers.boundaries import proceedings
from layers.boundaries.answers import (
    CoverageAnswer,
    changes_json,
    draft_json,
    step_json,
)
from layers.boundaries.cache import DraftState
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.desk import DRAFTERS
from layers.boundaries.draft_rows import (
    STATES,
    Draft,
    count_steps,
    list_drafts,
    names_of,
    open_draft,
    read_lineage,
)
from layers.boundaries.proceedings import is_stale
from layers.boundaries.rebase import Choice
from layers.roles import Role
from spatial.errors import InputError
from spatial.numerals import row_id

type Json = dict[str, Any]

_LEVELS = {"1", "2", "3", "4"}


async def get_drafts(request: Request) -> Response:
    """GET /api/drafts?state="""
    asked = Asked(request)
    states = request.query_params.get("state")

    def read() -> list[Json]:
        with asked.desk.transaction(asked.principal) as connection:
            wanted = states.split(",") if states else STATES
            found = list_drafts(connection, asked.town, wanted)
            return _described(connection, asked, found)

    drafts = await run_in_threadpool(read)
    return answer(
        {
            "drafts": drafts,
            "may_edit": asked.principal.role in DRAFTERS,
            "may_move_outline": asked.principal.role == Role.ADMINISTRATOR,
            "account": asked.principal.account_id,
        }
    )


async def post_draft(request: Request) -> Response:
    """POST /api/drafts: a new one on the coverage of today."""
    asked, body = Asked(request), await body_of(request)
    name = body.text("name")
    body.finish()

    def make() -> Json:
        with asked.desk.transaction(asked.principal) as connection:
            draft = open_draft(connection, asked.town, name)
            return _described(connection, asked, [draft])[0]

    return answer(await run_in_threadpool(make), HTTPStatus.CREATED)


async def get_draft(request: Request) -> Response:
    """GET /api/drafts/{draft_id}: with all arcs and units."""
    asked = Asked(request)

    def read(connection: Connection, draft: Draft) -> Json:
        state = asked.desk.cache.state(connection, asked.town, draft)
        names = names_of(connection, [draft.author, *(step.author for step in state.steps)])
        coverage = CoverageAnswer(state.now)
        return {
            "draft": _described(connection, asked, [draft])[0],
            "steps": [step_json(step, names) for step in state.steps],
            "arcs": coverage.arcs(),
            "units": coverage.units(),
        }

    return answer(await asked.on_draft(read) | {"drawn": await client_state(asked)})


async def get_changes(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/changes: what differs from the base."""
    asked = Asked(request)
    return answer(await asked.on_draft(_on_state(asked, changes_json)))


async def get_units(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/units?level=&base=: a level's polygons."""
    asked, parameters = Asked(request), request.query_params
    level, of_base = parameters.get("level", "4"), parameters.get("base", "false")
    if level not in _LEVELS or of_base not in ("true", "false"):
        raise InputError("level is 1 to 4, base true or false / 参数不对")

    def draw(state: DraftState) -> Json:
        coverage = state.base if of_base == "true" else state.now
        return CoverageAnswer(coverage).level(int(level))

    return answer(await asked.on_draft(_on_state(asked, draw)))


async def get_report(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/report: who and what goes where."""
    asked = Asked(request)
    arguments = (asked.desk, asked.principal, asked.town, asked.draft_id)
    return answer(await run_in_threadpool(proceedings.read_report, *arguments))


async def post_submit(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/submit: after the whole check."""
    asked, body = Asked(request), await body_of(request)
    seen, neighbour = await asked.seen(body), body.optional_text("neighbour")
    body.finish()
    await run_in_threadpool(table_of(asked, neighbour).submit, seen)
    return await _answer_draft(asked)


async def post_approve(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/approve: from a moment on, or from now."""
    asked, body = Asked(request), await body_of(request)
    moment: datetime | None = moment_of(body.optional_text("effective_from"), "effective_from")
    body.finish()
    arguments = (asked.desk, asked.principal, asked.town, asked.draft_id, moment)
    await run_in_threadpool(proceedings.approve, *arguments)
    return await _answer_draft(asked)


async def post_amend(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/amend: open again."""
    asked = Asked(request)
    arguments = (asked.desk, asked.principal, asked.town, asked.draft_id)
    await run_in_threadpool(proceedings.amend, *arguments)
    return await _answer_draft(asked)


async def post_withdraw(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/withdraw: let go of."""
    asked = Asked(request)
    arguments = (asked.desk, asked.principal, asked.town, asked.draft_id)
    await run_in_threadpool(proceedings.withdraw, *arguments)
    return await _answer_draft(asked)


async def post_rebase(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/rebase: onto the coverage of today."""
    asked, body = Asked(request), await body_of(request)
    seen = await asked.seen(body)
    choice = Choice.from_json(body.any("choice")) if body.has("choice") else None
    body.finish()
    await run_in_threadpool(table_of(asked).rebase, seen, choice)
    return answer({"draft": await _draft_now(asked)})


async def get_lineage(request: Request) -> Response:
    """GET /api/lineage?unit=: which unit became which."""
    asked = Asked(request)
    text = request.query_params.get("unit")
    unit = None if text is None else row_id(text)
    if text is not None and unit is None:
        raise InputError("unit is a unit's id / 单元编号不对")

    def read() -> list[Json]:
        with asked.desk.transaction(asked.principal) as connection:
            return read_lineage(connection, asked.town, unit)

    return answer({"became": await run_in_threadpool(read)})


def _on_state(asked: Asked, tell: Any) -> Any:
    def read(connection: Connection, draft: Draft) -> Json:
        found: Json = tell(asked.desk.cache.state(connection, asked.town, draft))
        return found

    return read


def _described(connection: Connection, asked: Asked, drafts: list[Draft]) -> list[Json]:
    began = began_at(connection, asked.town)
    people = [each for draft in drafts for each in (draft.author, draft.approver) if each]
    names = names_of(connection, people)
    steps = count_steps(connection, (draft.id for draft in drafts))
    return [
        draft_json(draft, names, steps[draft.id], is_stale=is_stale(draft, began))
        for draft in drafts
    ]


async def _draft_now(asked: Asked) -> Json:
    def read(connection: Connection, draft: Draft) -> Json:
        return _described(connection, asked, [draft])[0]

    return await asked.on_draft(read)


async def _answer_draft(asked: Asked) -> Response:
    return answer(await _draft_now(asked))


ROUTES = [
    Route("/api/drafts", get_drafts, methods=["GET"]),
    Route("/api/drafts", post_draft, methods=["POST"]),
    Route("/api/drafts/{draft_id}", get_draft, methods=["GET"]),
    Route("/api/drafts/{draft_id}/changes", get_changes, methods=["GET"]),
    Route("/api/drafts/{draft_id}/units", get_units, methods=["GET"]),
    Route("/api/drafts/{draft_id}/report", get_report, methods=["GET"]),
    Route("/api/drafts/{draft_id}/submit", post_submit, methods=["POST"]),
    Route("/api/drafts/{draft_id}/approve", post_approve, methods=["POST"]),
    Route("/api/drafts/{draft_id}/amend", post_amend, methods=["POST"]),
    Route("/api/drafts/{draft_id}/withdraw", post_withdraw, methods=["POST"]),
    Route("/api/drafts/{draft_id}/rebase", post_rebase, methods=["POST"]),
    Route("/api/lineage", get_lineage, methods=["GET"]),
]
