"""`/account`: one's own password, second factor, keys and sessions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import read_form, text_of
from api.auth.cookies import set_session_cookie
from api.auth.gate import Gate, gate_of, identity_of
from api.auth.login_page import go, go_to_login
from api.auth.rendering import page_language, render_page
from api.auth.signing_in import (
    as_owner,
    begin_session,
    may_manage,
    session_of,
)
from layers.accounts import keys, second_factor, sessions, totp
from layers.accounts.administration import is_bound, set_password
from layers.accounts.identity import Identity, Way
from layers.accounts.keys import KeyPlan
from layers.roles import ROLE_NAMES
from spatial.errors import AccessError, GridwhistleError, InputError
from spatial.numerals import whole_number

_MOST_DAYS = 9_999


async def get_account(request: Request) -> Response:
    """GET /account."""
    identity = identity_of(request)
    if identity is None or identity.way is not Way.SESSION:
        return go_to_login(request)
    if not may_manage(identity):
        return go(request, "/login/code")
    return await _page(request, identity)


async def post_password(request: Request) -> Response:
    """POST /account/password: every session ends, and a new one begins here."""
    identity, form = _manager(request), await read_form(request)
    try:
        await _prove(request, identity, text_of(form, "old"))
        new = text_of(form, "new")
        await as_owner(
            request,
            lambda connection: set_password(connection, identity.account, new, by_owner=True),
        )
    except GridwhistleError as error:
        return await _page(request, identity, fault=str(error))
    # The session that ends here had its code, where one is asked for.
    enrolled = await as_owner(
        request, lambda connection: second_factor.is_enrolled(connection, identity.account.id)
    )
    token = await begin_session(request, identity.account, second_factor=enrolled)
    response = go(request, "/login/next" if identity.pending else "/account")
    set_session_cookie(request, response, token)
    return response


async def post_totp(request: Request) -> Response:
    """POST /account/totp: a secret to scan."""
    identity, gate = _manager(request), gate_of(request)
    secret = await as_owner(
        request,
        lambda connection: second_factor.begin_enrolment(connection, identity.account, gate.box),
    )
    return await _page(request, identity, **_to_scan(gate, identity, secret))


async def post_totp_confirm(request: Request) -> Response:
    """POST /account/totp/confirm: the first code; the recovery codes are shown."""
    identity, gate = _manager(request), gate_of(request)
    code = text_of(await read_form(request), "code")

    def finish(connection: psycopg.Connection[Any]) -> list[str]:
        codes = second_factor.finish_enrolment(connection, identity.account, gate.box, code)
        sessions.pass_second_factor(connection, identity.credential_id)
        return codes

    try:
        codes = await as_owner(request, finish)
    except InputError as error:
        secret = await as_owner(
            request,
            lambda connection: second_factor.pending_secret(connection, identity.account, gate.box),
        )
        return await _page(request, identity, fault=str(error), **_to_scan(gate, identity, secret))
    return await _page(request, identity, recovery_codes=codes)


async def post_totp_remove(request: Request) -> Response:
    """POST /account/totp/remove, with the password."""
    identity, form = _manager(request), await read_form(request)
    try:
        await _prove(request, identity, text_of(form, "password"))
    except GridwhistleError as error:
        return await _page(request, identity, fault=str(error))
    await as_owner(
        request,
        lambda connection: second_factor.remove_second_factor(connection, identity.account.id),
    )
    return go(request, "/account")


async def post_key(request: Request) -> Response:
    """POST /account/keys: a new key, shown once."""
    identity, form = _finished(request), await read_form(request)
    days = text_of(form, "days", "90")
    try:
        number = whole_number(days)
        if number is None or number > _MOST_DAYS:
            raise InputError("days is a number / 天数应为数字")
        plan = KeyPlan(text_of(form, "label"), "may_write" in form, lasts=timedelta(days=number))
        key = await as_owner(
            request, lambda connection: keys.add_key(connection, identity.account, plan)
        )
    except GridwhistleError as error:
        return await _page(request, identity, fault=str(error))
    return await _page(request, identity, new_key=str(key))


async def post_key_rotate(request: Request) -> Response:
    """POST /account/keys/rotate: a new key, shown once; the old one lives on for a week."""
    identity = _finished(request)
    key_id = text_of(await read_form(request), "id")
    key = await as_owner(
        request,
        lambda connection: keys.rotate_key(connection, key_id, account_id=identity.account.id),
    )
    return await _page(request, identity, new_key=str(key))


async def post_key_revoke(request: Request) -> Response:
    """POST /account/keys/revoke."""
    identity = _finished(request)
    key_id = text_of(await read_form(request), "id")
    await as_owner(
        request,
        lambda connection: keys.revoke_key(connection, key_id, account_id=identity.account.id),
    )
    return go(request, "/account")


async def post_session_end(request: Request) -> Response:
    """POST /account/sessions/end: one, or all others."""
    identity = _manager(request)
    session_id = (await read_form(request)).get("id")

    def end(connection: psycopg.Connection[Any]) -> None:
        if session_id is None:
            sessions.end_sessions(connection, identity.account.id, but=identity.credential_id)
        else:
            sessions.end_session(connection, identity.account.id, session_id)

    await as_owner(request, end)
    return go(request, "/account")


def _manager(request: Request) -> Identity:
    """Whose session asks; a first password or a missing authenticator is what it is to mend.

    Raises:
        AccessError: nobody's, or the code is still to come.
    """
    identity = session_of(request)
    if not may_manage(identity):
        raise AccessError("请先输入验证码 / the code comes first")
    return identity


def _finished(request: Request) -> Identity:
    return session_of(request, finished=True)


async def _prove(request: Request, identity: Identity, password: str) -> None:
    """A session that was left open is not enough for what would shut its owner out.

    Raises:
        AccessError: the password is wrong.
    """
    gate = gate_of(request)
    gate.rates.count_attempt(request.client.host if request.client else "")
    await gate.authenticator.sign_in(identity.account.name, password)


async def _page(request: Request, identity: Identity, **data: Any) -> Response:
    gate, account = gate_of(request), identity.account
    language = page_language(request)

    def read(connection: psycopg.Connection[Any]) -> dict[str, Any]:
        return {
            "is_responder": is_bound(connection, account),
            "has_totp": second_factor.is_enrolled(connection, account.id),
            "keys": keys.list_keys(connection, account.town_id, account.id),
            "sessions": sessions.list_sessions(connection, account.id, gate.settings.sessions),
        }

    found = await as_owner(request, read)
    zone = ZoneInfo(gate.town.time_zone)
    now = datetime.now(UTC)
    for key in found["keys"]:
        key["alive"] = key["revoked_at"] is None and key["expires_at"] > now
    for session in found["sessions"]:
        session["is_this"] = str(session["id"]) == identity.credential_id
        session["seen"] = session["last_seen_at"].astimezone(zone).strftime("%Y-%m-%d %H:%M")
    shown = {
        "account": account,
        "role": ROLE_NAMES[account.role][0 if language == "zh" else 1],
        "department": account.department,
        "pending": identity.pending.value if identity.pending else None,
        "news": None,
    }
    status = 400 if data.get("fault") else 200
    return render_page(request, "account.html", "account", shown | found | data, status=status)


def _to_scan(gate: Gate, identity: Identity, secret: str) -> dict[str, Any]:
    uri = totp.provisioning_uri(secret, identity.account.name, gate.town.name)
    drawing = segno.make(uri, error="m").svg_inline(scale=4, border=2)
    return {"qr": Markup(drawing), "secret": secret}  # noqa: S704 - segno draws only squares


ROUTES = [
    Route("/account", get_account, methods=["GET"]),
    Route("/account/password", post_password, methods=["POST"]),
    Route("/account/totp", post_totp, methods=["POST"]),
    Route("/account/totp/confirm", post_totp_confirm, methods=["POST"]),
    Route("/account/totp/remove", post_totp_remove, methods=["POST"]),
    Route("/account/keys", post_key, methods=["POST"]),
    Route("/account/keys/rotate", post_key_rotate, methods=["POST"]),
    Route("/account/keys/revoke", post_key_revoke, methods=["POST"]),
    Route("/account/sessions/end", post_session_end, methods=["POST"]),
]
