"""The rules of the town: shown to those who draft, settled by the administrator."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, body_of
from grids.town_rules import TownRules
from layers.boundaries.coverage import Connection
from layers.boundaries.draft_rows import names_of
from layers.boundaries.rule_documents import Json, event_json, rules_from, rules_json
from layers.boundaries.rules import read_events, read_rules, store_rules
from layers.roles import Role
from spatial.errors import AccessError


async def get_rules(request: Request) -> Response:
    """GET /api/boundary-rules: {"rules", "defaults", "may_set", "changes"}."""
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


def _described(connection: Connection, asked: Asked) -> Json:
    events = read_events(connection, asked.town)
    names = names_of(connection, [event.by_account for event in events if event.by_account])
    return {
        "rules": rules_json(read_rules(connection, asked.town)),
        "defaults": rules_json(TownRules()),
        "may_set": asked.principal.role == Role.ADMINISTRATOR,
        "changes": [event_json(event, names) for event in events],
    }


ROUTES = [
    Route("/api/boundary-rules", get_rules, methods=["GET"]),
    Route("/api/boundary-rules", put_rules, methods=["PUT"]),
]
