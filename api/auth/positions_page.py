"""`/account/positions`: what is kept of where one was, for whoever's account is a responder's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.gate import gate_of, identity_of
from api.auth.login_page import go_to_login
from api.auth.rendering import render_page
from api.services import services_of
from layers.accounts.identity import Way
from layers.positions.duty import read_duty, read_own_positions
from layers.roles import Role
from spatial.database import async_transaction
from spatial.errors import AccessError

_MOST = 200
_RESPONDERS = frozenset({Role.OFFICER, Role.GRID_MEMBER})


async def get_positions(request: Request) -> Response:
    """GET /account/positions."""
    identity = identity_of(request)
    if identity is None or identity.way is not Way.SESSION or identity.pending is not None:
        return go_to_login(request)
    if identity.account.role not in _RESPONDERS:
        raise AccessError("the account is bound to no responder / 账号未绑定处置力量")
    services, now = services_of(request), datetime.now(UTC)
    async with async_transaction(services.pool, services.principal(request)) as connection:
        duty = await read_duty(connection)
        since = now - timedelta(days=duty.kept_days + 1)
        kept = await read_own_positions(connection, since, now + timedelta(days=1), _MOST)
    zone = ZoneInfo(gate_of(request).town.time_zone)
    positions = [
        {**vars(each), "seen": each.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")}
        for each in kept
    ]
    shown = {"duty": duty, "positions": positions, "most": _MOST}
    return render_page(request, "positions.html", "own_positions", shown)


ROUTES = [Route("/account/positions", get_positions, methods=["GET"])]
