"""Who answers for the micro-grids of high-rises."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, body_of, drafter_of
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.highrises.members import may_answer, members_of, set_member
from spatial.errors import AccessError


async def get_members(request: Request) -> Response:
    """GET /api/highrises/members: of each shared polygon, who answers and who could."""
    drafter_of(request)
    asked = Asked(request)

    def read() -> dict[str, Any]:
        with asked.desk.transaction(asked.principal) as connection:
            return {"highrises": _members(connection, asked)}

    return answer(await run_in_threadpool(read))


async def put_member(request: Request) -> Response:
    """PUT /api/highrises/members/{code}: {"account": id or null}."""
    principal, asked = drafter_of(request), Asked(request)
    body = await body_of(request)
    # null names nobody; where it is missing, number() says so.
    is_nobody = body.mentions("account") and not body.has("account")
    account = None if is_nobody else body.number("account")
    body.optional_text("account")
    body.finish()
    if not principal.may_write:
        raise AccessError("these credentials are for reading / 该凭据只读")

    def store() -> dict[str, Any]:
        with asked.desk.transaction(principal) as connection:
            set_member(connection, asked.town, request.path_params["code"], account)
            return {"highrises": _members(connection, asked)}

    return answer(await run_in_threadpool(store))


def _members(connection: Connection, asked: Asked) -> list[dict[str, Any]]:
    began = began_at(connection, asked.town)
    if began is None:
        return []
    today = asked.desk.cache.base(connection, asked.town, began)
    codes = [each.code for own in today.shares.values() for each in own]
    named, able = members_of(connection, codes), may_answer(connection, today)
    return [
        {
            "unit": unit,
            "code": today.attributes[unit].code,
            "shares": [
                {
                    "code": each.code,
                    "name": each.name,
                    "member": named[each.code]._asdict() if each.code in named else None,
                }
                for each in today.shares[unit]
            ],
            "may_answer": [member._asdict() for member in members],
        }
        for unit, members in sorted(able.items())
    ]


ROUTES = [
    Route("/api/highrises/members", get_members, methods=["GET"]),
    Route("/api/highrises/members/{code}", put_member, methods=["PUT"]),
]
