"""Positions in, over HTTP; and for each responder its own duty and what is kept of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import moment_of, number_of, parse_json, read_object
from api.dispatch.request import account_of, answer, limit_of
from api.services import services_of
from layers.facts import skills
from layers.positions.duty import read_duty, read_own_positions, read_own_track, set_duty
from layers.positions.fixes import WORDS, Outcome
from layers.positions.intake import Intake
from layers.positions.reading import Told, read_fixes
from layers.roles import Role
from spatial.database import Principal, async_transaction
from spatial.errors import AccessError, ConflictError, InputError

_MOST_BYTES = 2 * 1024 * 1024
_MOST_NAMED = 20
_LONGEST_BREAK = timedelta(hours=12)
_RESPONDERS = frozenset({Role.OFFICER, Role.GRID_MEMBER})
_REFUSALS = {Outcome.OFF_DUTY: ConflictError, Outcome.REFUSED: AccessError}


async def post_positions(request: Request) -> Response:
    """POST /api/positions: one, a list, or {"datum", "positions": […]}.

    Another system's key tells of a fleet, by keys of responders; whose account is bound to a
    responder tells of itself. The answer counts what became of them, and names those that were set
    aside by their place in the list; a single one that is refused is an error.
    """
    principal = account_of(request)
    _check_may_tell(principal)
    told = read_fixes(await _document(request), now_s=time.time(), sender=principal.account_id)
    intake: Intake = request.app.state.positions
    outcomes = await intake.take(told.fixes)
    if not told.faults and len(outcomes) == 1 and outcomes[0] in _REFUSALS:
        words = WORDS[outcomes[0]]
        raise _REFUSALS[outcomes[0]](f"{words.zh} / {words.en}")
    return answer(_counted(outcomes) | _set_aside(told, outcomes))


def _check_may_tell(principal: Principal) -> None:
    """Say early what the database would refuse anyway."""
    if principal.role == Role.SYSTEM:
        if "responders" in principal.layers and principal.reaches("responders"):
            return
        raise AccessError("this key is not for responders / 该密钥不含处置力量")
    if principal.role not in _RESPONDERS:
        raise AccessError(
            "positions are told by responders themselves or by a system's key"
            " / 定位由处置力量本人或系统密钥上报"
        )


async def _document(request: Request) -> Any:
    """The JSON in the body."""
    body = await request.body()
    return parse_json(body) if len(body) <= _MOST_BYTES else None


def _counted(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    counts = Counter(outcomes)
    return {
        "taken": counts[Outcome.TAKEN],
        "ignored": {what.value: counts[what] for what in WORDS if counts[what]},
        "words": {
            what.value: {"zh": words.zh, "en": words.en}
            for what, words in WORDS.items()
            if counts[what]
        },
    }


def _set_aside(told: Told, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Which were not taken, the first of them one by one."""
    became = dict(zip(told.places, outcomes, strict=True))
    aside = {where: what.value for where, what in became.items() if what is not Outcome.TAKEN}
    rows: list[dict[str, Any]] = [
        {"position": where, "what": what} for where, what in aside.items()
    ]
    rows += [
        {"position": where, "what": "malformed", "says": str(fault)}
        for where, fault in told.faults.items()
    ]
    rows.sort(key=lambda row: row["position"])
    return {"malformed": len(told.faults), "set_aside": rows[:_MOST_NAMED]}


async def get_own_positions(request: Request) -> Response:
    """GET /api/my/positions?since=&until=&limit=: what is kept of oneself, the newest first."""
    principal, parameters = account_of(request), request.query_params
    until = moment_of(parameters.get("until"), "until") or datetime.now(UTC) + timedelta(days=1)
    since = moment_of(parameters.get("since"), "since") or until - timedelta(days=3660)
    most = limit_of(request, 500)
    async with async_transaction(services_of(request).pool, principal) as connection:
        _refuse_others(principal)
        duty = await read_duty(connection)
        positions = await read_own_positions(connection, since, until, most)
    return answer(
        {
            "responder": {"key": duty.key, "label": duty.label},
            "kept_days": duty.kept_days,
            "positions": [each.as_json() for each in positions],
        }
    )


async def get_own_track(request: Request) -> Response:
    """GET /api/my/track: the own way of the last two hours, a FeatureCollection of one or none."""
    principal = account_of(request)
    _refuse_others(principal)
    async with async_transaction(services_of(request).pool, principal) as connection:
        await read_duty(connection)
        track = await read_own_track(connection)
    return answer({"type": "FeatureCollection", "features": [track] if track else []})


async def get_own_duty(request: Request) -> Response:
    """GET /api/my/duty."""
    principal = account_of(request)
    _refuse_others(principal)
    async with async_transaction(services_of(request).pool, principal) as connection:
        return answer((await read_duty(connection)).as_json())


async def post_own_duty(request: Request) -> Response:
    """POST /api/my/duty {"on": true, "break_minutes": 15}: on duty, off it, or on a break."""
    principal, body = account_of(request), await read_object(request)
    _refuse_others(principal)
    if not isinstance(body.get("on"), bool):
        raise InputError("on is true or false / on 应为 true 或 false")
    pause = timedelta(minutes=number_of(body, "break_minutes", 0))
    if not timedelta() <= pause <= _LONGEST_BREAK or (pause and not body["on"]):
        raise InputError("break_minutes is 0 to 720, on duty / 休息时间应为 0 到 720 分钟且在岗")
    until = datetime.now(UTC) + pause if pause else None
    async with async_transaction(services_of(request).pool, principal) as connection:
        duty = await set_duty(connection, on_duty=body["on"], break_until=until)
    return answer(duty.as_json())


def _refuse_others(principal: Principal) -> None:
    if principal.role not in _RESPONDERS:
        raise AccessError("the account is bound to no responder / 账号未绑定处置力量")


async def get_skills(request: Request) -> Response:
    """GET /api/skills: what responders may be able to do or carry, for those who are signed in."""
    account_of(request)
    return answer({"skills": [vars(each) for each in skills()]})


ROUTES = [
    Route("/api/positions", post_positions, methods=["POST"]),
    Route("/api/my/positions", get_own_positions, methods=["GET"]),
    Route("/api/my/track", get_own_track, methods=["GET"]),
    Route("/api/my/duty", get_own_duty, methods=["GET"]),
    Route("/api/my/duty", post_own_duty, methods=["POST"]),
    Route("/api/skills", get_skills, methods=["GET"]),
]
