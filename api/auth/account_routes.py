"""`/api/accounts` and `/api/keys`: for the security officer; one's own keys for everybody.

What may be done is the database's to say: each request runs in the role of whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.auth.bodies import moment_of, number_of, optional_text, read_object, text_of, texts_of
from api.auth.gate import gate_of
from api.auth.signing_in import as_owner, session_of
from layers.accounts import access_log, administration, keys, second_factor
from layers.accounts.administration import AccountPlan
from layers.accounts.identity import Account
from layers.accounts.keys import GRACE, KeyPlan
from layers.accounts.passwords import new_password
from layers.roles import Role
from spatial.database import transaction
from spatial.errors import AccessError, InputError, NotFoundError
from spatial.numerals import row_id, whole_number

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_LINES = 10_000


async def _as_office[Result](
    request: Request, office: Role, act: Callable[[psycopg.Connection[Any]], Result]
) -> Result:
    """Run `act` as whoever asks, who holds `office` and has signed in on the page."""
    gate, identity = gate_of(request), session_of(request, finished=True)
    if identity.account.role is not office:
        raise AccessError(f"this is for the {office.short_name} / 无此权限")

    def run() -> Result:
        with transaction(gate.threads_pool, gate.principal(identity, writes=True)) as connection:
            return act(connection)

    try:
        return await run_in_threadpool(run)
    except psycopg.errors.InsufficientPrivilege as error:
        raise AccessError(error.diag.message_primary or "refused") from error
    finally:
        gate.authenticator.forget()


async def _as_security_officer[Result](
    request: Request, act: Callable[[psycopg.Connection[Any]], Result]
) -> Result:
    return await _as_office(request, Role.SECURITY_OFFICER, act)


async def get_accounts(request: Request) -> Response:
    """GET /api/accounts."""
    town_id = gate_of(request).town.id
    found = await _as_security_officer(
        request, lambda connection: administration.list_accounts(connection, town_id)
    )
    return JSONResponse({"accounts": [_described(each) for each in found]}, headers=_NO_STORE)


async def post_account(request: Request) -> Response:
    """POST /api/accounts: a new account; the answer holds its first password, once."""
    plan = _plan(await read_object(request), password=new_password())
    town_id = gate_of(request).town.id
    number = await _as_security_officer(
        request, lambda connection: administration.add_account(connection, town_id, plan)
    )
    body = {"id": number, "name": plan.name, "password": plan.password}
    return JSONResponse(body, 201, headers=_NO_STORE)


async def patch_account(request: Request) -> Response:
    """PATCH /api/accounts/{account_id}: role, department, grid and layers, `disabled`, `responder`.

    The last is the key of the responder that an officer or a grid member is; null: of none.
    """
    body = await read_object(request)
    account_id, town_id = _account_id(request), gate_of(request).town.id

    def change(connection: psycopg.Connection[Any]) -> Account:
        account = administration.account_by_id(connection, town_id, account_id)
        if "role" in body:
            administration.set_role(connection, account, _plan(body | {"name": account.name}))
        if body.get("disabled") is True:
            administration.disable_account(connection, account)
        elif body.get("disabled") is False:
            administration.enable_account(connection, account)
        if "responder" in body:
            key = optional_text(body, "responder")
            account = administration.account_by_id(connection, town_id, account_id)
            administration.bind_responder(connection, account, key)
        return administration.account_by_id(connection, town_id, account_id)

    return JSONResponse(_described(await _as_security_officer(request, change)), headers=_NO_STORE)


async def post_password(request: Request) -> Response:
    """POST /api/accounts/{account_id}/password: a new first password; no second factor any more."""
    account_id, town_id = _account_id(request), gate_of(request).town.id
    password = new_password()

    def change(connection: psycopg.Connection[Any]) -> None:
        account = administration.account_by_id(connection, town_id, account_id)
        administration.set_password(connection, account, password, by_owner=False)
        second_factor.remove_second_factor(connection, account.id)

    await _as_security_officer(request, change)
    return JSONResponse({"password": password}, headers=_NO_STORE)


async def get_keys(request: Request) -> Response:
    """GET /api/keys: every key for the security officer, one's own for others."""
    identity = session_of(request, finished=True)
    town_id = gate_of(request).town.id
    if identity.account.role is Role.SECURITY_OFFICER:
        found = await _as_security_officer(
            request, lambda connection: keys.list_keys(connection, town_id)
        )
    else:
        found = await as_owner(
            request, lambda connection: keys.list_keys(connection, town_id, identity.account.id)
        )
    return JSONResponse({"keys": [_key_described(each) for each in found]}, headers=_NO_STORE)


async def post_key(request: Request) -> Response:
    """POST /api/keys: a new key; of `account` for the security officer. Its secret comes once."""
    body = await read_object(request)
    identity, town_id = session_of(request, finished=True), gate_of(request).town.id
    plan = KeyPlan(
        label=text_of(body, "label"),
        may_write=body.get("may_write") is True,
        layers=texts_of(body, "layers") or None,
        lasts=timedelta(days=number_of(body, "days", 90)),
    )
    name = optional_text(body, "account")
    if name is None:
        key = await as_owner(
            request, lambda connection: keys.add_key(connection, identity.account, plan)
        )
    else:
        key = await _as_security_officer(
            request,
            lambda connection: keys.add_key(
                connection, administration.find_account(connection, town_id, name), plan
            ),
        )
    return JSONResponse({"id": key.id, "key": str(key)}, 201, headers=_NO_STORE)


async def rotate_key(request: Request) -> Response:
    """POST /api/keys/{key_id}/rotate: a new key; the old one lives on for `grace_hours`."""
    body = await read_object(request)
    hours = number_of(body, "grace_hours", GRACE.total_seconds() / 3600)
    if not 0 <= hours <= 24 * 31:
        raise InputError("grace_hours is 0 to 744 / 宽限期过长")
    key_id = request.path_params["key_id"]
    key = await _on_key(
        request,
        lambda connection, account_id: keys.rotate_key(
            connection, key_id, timedelta(hours=hours), account_id=account_id
        ),
    )
    return JSONResponse({"id": key.id, "key": str(key)}, 201, headers=_NO_STORE)


async def delete_key(request: Request) -> Response:
    """DELETE /api/keys/{key_id}: refused from now on."""
    key_id = request.path_params["key_id"]
    await _on_key(
        request,
        lambda connection, account_id: keys.revoke_key(connection, key_id, account_id=account_id),
    )
    return Response(status_code=204)


async def _on_key[Result](
    request: Request, act: Callable[[psycopg.Connection[Any], int | None], Result]
) -> Result:
    """As the security officer on any key, as another on one's own."""
    account = session_of(request, finished=True).account
    if account.role is Role.SECURITY_OFFICER:
        return await _as_security_officer(request, lambda connection: act(connection, None))
    return await as_owner(request, lambda connection: act(connection, account.id))


async def get_access_log(request: Request) -> Response:
    """GET /api/access-log?since=&until=&account=&limit=: for the auditor, the newest first."""
    parameters = dict(request.query_params)
    since = moment_of(parameters.pop("since", None), "since")
    until = moment_of(parameters.pop("until", None), "until")
    account, limit = parameters.pop("account", None), parameters.pop("limit", "100")
    most = whole_number(limit)
    if parameters or most is None or not 1 <= most <= _MOST_LINES:
        raise InputError(f"since, until, account, and limit (1 to {_MOST_LINES})")
    lines = await _as_office(
        request,
        Role.AUDITOR,
        lambda connection: access_log.read_log(
            connection, since=since, until=until, account=account, limit=most
        ),
    )
    found = [line | {"at": line["at"].isoformat()} for line in lines]
    return JSONResponse({"accesses": found}, headers=_NO_STORE)


async def delete_access_log(request: Request) -> Response:
    """DELETE /api/access-log?before=: what is older than six months; for the auditor."""
    before = moment_of(request.query_params.get("before"), "before")
    if before is None:
        raise InputError("before= which moment?")
    cleared = await _as_office(
        request, Role.AUDITOR, lambda connection: access_log.clear_log(connection, before)
    )
    return JSONResponse({"cleared": cleared}, headers=_NO_STORE)


def _plan(body: dict[str, Any], *, password: str | None = None) -> AccountPlan:
    return AccountPlan(
        name=text_of(body, "name"),
        role=role_named(text_of(body, "role")),
        display_name=text_of(body, "display_name", ""),
        department=optional_text(body, "department"),
        grid=optional_text(body, "grid"),
        layers=texts_of(body, "layers"),
        password=password,
    )


def role_named(name: str) -> Role:
    """The role of a short name.

    Raises:
        InputError: there is none.
    """
    for role in Role:
        if name == role.short_name and role is not Role.ANONYMOUS:
            return role
    names = ", ".join(role.short_name for role in Role if role is not Role.ANONYMOUS)
    raise InputError(f"there is no role {name[:50]} / 没有这个角色", remedy=names)


def _account_id(request: Request) -> int:
    text = request.path_params["account_id"]
    account_id = row_id(text)
    if account_id is None:
        raise NotFoundError(f"there is no account {text[:50]} / 没有这个账户")
    return account_id


def _described(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "display_name": account.display_name,
        "role": account.role.short_name,
        "department": account.department,
        "grid_id": account.grid_id,
        "layers": list(account.layers),
        "database_login": account.database_login,
        "disabled": account.disabled_at is not None,
    }


def _key_described(key: dict[str, Any]) -> dict[str, Any]:
    moments = ("created_at", "expires_at", "last_used_at", "revoked_at")
    return key | {name: key[name].isoformat() if key[name] else None for name in moments}


ROUTES = [
    Route("/api/accounts", get_accounts, methods=["GET"]),
    Route("/api/accounts", post_account, methods=["POST"]),
    Route("/api/accounts/{account_id}", patch_account, methods=["PATCH"]),
    Route("/api/accounts/{account_id}/password", post_password, methods=["POST"]),
    Route("/api/keys", get_keys, methods=["GET"]),
    Route("/api/keys", post_key, methods=["POST"]),
    Route("/api/keys/{key_id}", delete_key, methods=["DELETE"]),
    Route("/api/keys/{key_id}/rotate", rotate_key, methods=["POST"]),
    Route("/api/access-log", get_access_log, methods=["GET"]),
    Route("/api/access-log", delete_access_log, methods=["DELETE"]),
]
