"""Speeds that tracks have taught: shown to the staff with the evidence, switched on and off."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.auth.bodies import read_object
from api.services import services_of
from layers.roles import Role
from layers.speeds.shown import MOST_STREETS, learned_speeds, switch_learned_speeds
from spatial.database import transaction
from spatial.errors import AccessError, InputError
from spatial.numerals import row_id

_READERS = frozenset({
    Role.OFFICER, Role.DISPATCHER, Role.PLANNER, Role.GIS_EDITOR, Role.ADMINISTRATOR,
})  # fmt: skip
_USUAL = 200
_NO_STORE = {"Cache-Control": "no-store"}


async def get_learned_speeds(request: Request) -> Response:
    """GET /api/learned-speeds?limit=: {"uses_learned", "samples", "hours", "streets"}.

    Streets that differ most from what is stated come first, each direction by itself: before_kph,
    measured_kph (median), spread (standard deviation of the logarithms), samples, after_kph.
    """
    principal = services_of(request).principal(request)
    if Role(principal.role) not in _READERS or not principal.reaches("streets"):
        raise AccessError("learned speeds are for the staff / 学习车速仅限工作人员查看")
    limit = _limit(request)

    def read() -> dict[str, object]:
        with transaction(services_of(request).threads_pool, principal) as connection:
            return learned_speeds(connection, limit)

    return JSONResponse(await run_in_threadpool(read), headers=_NO_STORE)


async def put_learned_speeds(request: Request) -> Response:
    """PUT /api/learned-speeds {"uses_learned": bool}: whether they count; kept and shown anyway."""
    principal = services_of(request).principal(request)
    if principal.role != Role.ADMINISTRATOR:
        raise AccessError("learned speeds are the administrator's to switch / 由管理员设定")
    use = (await read_object(request)).get("uses_learned")
    if not isinstance(use, bool):
        raise InputError("uses_learned is true or false / uses_learned 应为 true 或 false")

    def switch() -> None:
        with transaction(services_of(request).threads_pool, principal) as connection:
            switch_learned_speeds(connection, on=use)

    await run_in_threadpool(switch)
    return JSONResponse({"uses_learned": use}, headers=_NO_STORE)


def _limit(request: Request) -> int:
    text = request.query_params.get("limit")
    number = _USUAL if text is None else row_id(text)
    if number is None or not 0 < number <= MOST_STREETS:
        raise InputError(f"limit is 1 to {MOST_STREETS} / 数量超出范围")
    return number


SPEED_ROUTES = [
    Route("/api/learned-speeds", get_learned_speeds, methods=["GET"]),
    Route("/api/learned-speeds", put_learned_speeds, methods=["PUT"]),
]
