"""Reports in: each is an incident at once, with who can be there first."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from psycopg_pool import ConnectionPool
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import moment_of, optional_text, read_object, text_of
from api.dispatch.request import account_of, answer, engine_if_any, sees_responders
from api.services import Services, services_of
from layers.dispatch.command import Desk, Taken, take_report
from layers.dispatch.reading import sources_for
from layers.dispatch.reports import LONGEST_TEXT, Report
from layers.roles import Role
from spatial.database import Principal, become
from spatial.errors import AccessError, InputError

_MEMBERS = {
    "source", "source_id", "lon", "lat", "datum", "accuracy_m", "category", "title", "text",
    "contact", "occurred_at", "dispatch",
}  # fmt: skip
_WISHES = ("suggest", "order")
# Who may report; of systems those that are granted the incidents, which the database asks, and of
# grid members only what lies in their grid, likewise.
_REPORTERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR, Role.GRID_MEMBER, Role.SYSTEM})


async def post_report(request: Request) -> Response:
    """POST /api/reports: 201 with incident, answer and order; 200 where the report was known."""
    principal = account_of(request)
    if principal.role not in _REPORTERS:
        raise AccessError("your account may not report here / 您的账户无权上报")
    body = await read_object(request)
    report, send = _report(body), _wish(body)
    if send and principal.role == Role.GRID_MEMBER:
        raise AccessError("dispatchers decide who is sent / 由调度员派单")
    arguments = (services_of(request), principal, report)
    taken = await run_in_threadpool(_take, *arguments, send=send)
    return answer(taken.as_json(), HTTPStatus.CREATED if taken.is_new else HTTPStatus.OK)


def _take(services: Services, principal: Principal, report: Report, *, send: bool) -> Taken:
    """One transaction: the streets are the web's own to read, all else is the principal's."""
    pool: ConnectionPool[Any] = services.orders_pool
    with pool.connection() as connection, connection.transaction():
        engine = engine_if_any(services.engine, connection)
        become(connection, principal)
        sources = sources_for(Role(principal.role)) if sees_responders(principal) else None
        desk = Desk(connection, services.town, engine, sources, _unanswered(principal))
        return take_report(desk, report, send=send)


def _unanswered(principal: Principal) -> str:
    """What is said to whom it isn't told who can be there first."""
    return "for_dispatchers" if principal.role == Role.GRID_MEMBER else "other_department"


def _report(body: dict[str, Any]) -> Report:
    unknown = ", ".join(sorted(body.keys() - _MEMBERS))
    if unknown:
        raise InputError(f"unknown parameters: {unknown[:100]} / 未知参数")
    return Report(
        source=text_of(body, "source"),
        source_id=text_of(body, "source_id"),
        lon=_degrees(body, "lon"),
        lat=_degrees(body, "lat"),
        datum=text_of(body, "datum", ""),
        category=text_of(body, "category"),
        accuracy_m=_number(body, "accuracy_m") if body.get("accuracy_m") is not None else None,
        title=optional_text(body, "title", longest=LONGEST_TEXT),
        text=optional_text(body, "text", longest=LONGEST_TEXT),
        contact=optional_text(body, "contact", longest=LONGEST_TEXT),
        occurred_at=moment_of(optional_text(body, "occurred_at"), "occurred_at"),
    )


def _wish(body: dict[str, Any]) -> bool:
    """Whether somebody is to be sent."""
    wish = text_of(body, "dispatch", "suggest")
    if wish not in _WISHES:
        raise InputError(f"dispatch has to be one of {', '.join(_WISHES)} / dispatch 不对")
    return wish == "order"


def _degrees(body: dict[str, Any], name: str) -> float:
    if name not in body:
        raise InputError(f"{name} is missing / 缺少 {name}")
    return _number(body, name)


def _number(body: dict[str, Any], name: str) -> float:
    value = body[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name} has to be a number / {name} 应为数字")
    return float(value) if abs(value) < 1e9 else float("inf")


ROUTES = [Route("/api/reports", post_report, methods=["POST"])]
