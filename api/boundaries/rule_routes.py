"""The rules of the town: shown to those who draft, settled by the administrator; their log."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, body_of
from grids.town_rules import TownRules
from layers.boundaries.coverage import Connection
from layers.boundaries.desk import DRAFTERS
from layers.boundaries.draft_rows import names_of
from layers.boundaries.rule_documents import LIMITS, Json, event_json, rules_from, rules_json
from layers.boundaries.rules import RuleEvent, read_events, read_rules, store_rules
from layers.boundaries.shown import reading
from layers.roles import Role
from spatial.errors import AccessError, InputError
from spatial.numerals import row_id

_LOG_READERS = DRAFTERS | {Role.AUDITOR}
_MOST_CHANGES = 500
_CHANGES_A_PAGE = 50


async def get_rules(request: Request) -> Response:
    """GET /api/boundary-rules: {"rules", "defaults", "limits", "may_set", "changes"}."""
    asked = Asked(request)

    def read() -> Json:
        with asked.desk.transaction(asked.principal) as connection:
            return _described(connection, asked)

    return answer(await run_in_threadpool(read))


async def put_rules(request: Request) -> Response:
    """PUT /api/boundary-rules: all of them at once."""
    asked, body = Asked(request), await body_of(request)
    if asked.principal.role != Role.ADMINISTRATOR:
        raise AccessError("the rules are the administrator's to settle / 规则由管理员设定")
    rules = rules_from(body)

    def store() -> Json:
        with asked.desk.transaction(asked.principal) as connection:
            store_rules(connection, asked.town, rules)
            return _described(connection, asked)

    return answer(await run_in_threadpool(store))


async def get_changes(request: Request) -> Response:
    """GET /api/boundary-rules/changes?limit=&before=: the log, the latest first."""
    asked = Asked(request)
    if asked.principal.role not in _LOG_READERS:
        raise AccessError("the log of rules is not yours to read / 无权查看规则变更记录")
    limit = _number(request, "limit") or _CHANGES_A_PAGE
    if limit > _MOST_CHANGES:
        raise InputError(f"limit is at most {_MOST_CHANGES} / 每次至多 {_MOST_CHANGES} 条")
    before = _number(request, "before")

    def read() -> Json:
        with reading(asked.desk.pool, asked.principal) as connection:
            events = read_events(connection, asked.town, limit + 1, before)
            page = _changes(connection, events[:limit])
        more = len(events) > limit
        return {"changes": page, "next": page[-1]["id"] if more else None}

    return answer(await run_in_threadpool(read))


def _number(request: Request, name: str) -> int | None:
    """A whole number from 1 on, or None where nothing is said."""
    text = request.query_params.get(name)
    number = None if text is None else row_id(text)
    if text is not None and not number:
        raise InputError(f"{name} is a whole number from 1 on / 参数 {name} 不对")
    return number


def _changes(connection: Connection, events: list[RuleEvent]) -> list[Json]:
    names = names_of(connection, [event.by_account for event in events if event.by_account])
    return [event_json(event, names) for event in events]


def _described(connection: Connection, asked: Asked) -> Json:
    return {
        "rules": rules_json(read_rules(connection, asked.town)),
        "defaults": rules_json(TownRules()),
        "limits": LIMITS,
        "may_set": asked.principal.role == Role.ADMINISTRATOR,
        "changes": _changes(connection, read_events(connection, asked.town)),
    }


ROUTES = [
    Route("/api/boundary-rules", get_rules, methods=["GET"]),
    Route("/api/boundary-rules", put_rules, methods=["PUT"]),
    Route("/api/boundary-rules/changes", get_changes, methods=["GET"]),
]
