"""Signing in and what it takes, for pages and programs alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.auth.credentials import CredentialsError, cookie
from api.auth.devices import device_of
from api.auth.entrance import refuse_other_sites
from api.auth.gate import address_in, gate_of, identity_of
from layers.accounts.acting import own_transaction
from layers.accounts.identity import Account, Identity, Step, Way
from layers.accounts.second_factor import check_code
from layers.accounts.sessions import end_session, open_session, pass_second_factor


class NotSignedInError(CredentialsError):
    """Only the owner of an account may, in a session of the page."""

    def __init__(self) -> None:
        super().__init__("请先登录 / sign in first", remedy="/login, or POST /api/session")


async def sign_in(request: Request, name: str, password: str) -> str:
    """Check name and password; the token of a new session, which may still lack a step.

    Raises:
        AccessError: name or password is wrong, or another site's page asks.
        LimitError: too many attempts.
    """
    gate = gate_of(request)
    if _is_browser(request):
        refuse_other_sites(request.headers, None)
    gate.rates.count_attempt(address_in(request.scope))
    known = await gate.authenticator.sign_in(name, password)
    return await begin_session(request, known.account)


async def begin_session(request: Request, account: Account, *, second_factor: bool = False) -> str:
    """The token of a new session of `account`; the one that was, ends.

    Args:
        second_factor: whether a code was given, in the session that was.
    """
    gate, old = gate_of(request), identity_of(request)

    def begin() -> str:
        with own_transaction(gate.threads_pool, account) as connection:
            if old is not None and old.way is Way.SESSION:
                end_session(connection, old.account.id, old.credential_id)
            return open_session(
                connection,
                account.id,
                gate.settings.sessions,
                device=device_of(request),
                second_factor=second_factor,
            )

    token = await run_in_threadpool(begin)
    gate.authenticator.forget()
    return token


async def give_code(request: Request, code: str) -> None:
    """The second step of signing in: a code of the app, or a recovery code.

    Raises:
        InputError: it is wrong or was used before.
        LimitError: too many attempts.
    """
    gate, identity = gate_of(request), session_of(request)
    gate.rates.count_attempt(address_in(request.scope))

    def give(connection: psycopg.Connection[Any]) -> None:
        check_code(connection, identity.account, gate.box, code)
        pass_second_factor(connection, identity.credential_id)

    await as_owner(request, give)


async def sign_out(request: Request) -> None:
    """End the session that asks."""
    identity = identity_of(request)
    if identity is not None and identity.way is Way.SESSION:
        await as_owner(
            request,
            lambda connection: end_session(connection, identity.account.id, identity.credential_id),
        )


def session_of(request: Request, *, finished: bool = False) -> Identity:
    """Whose session asks.

    Args:
        finished: refuse a session that still lacks a step.

    Raises:
        NotSignedInError: nobody's.
    """
    identity = identity_of(request)
    if identity is None or identity.way is not Way.SESSION or (finished and identity.pending):
        raise NotSignedInError
    return identity


def may_manage(identity: Identity) -> bool:
    """Whether the session may change password, second factor, keys: no code is asked for still."""
    return identity.pending is not Step.CODE


async def as_owner[Result](
    request: Request, act: Callable[[psycopg.Connection[Any]], Result]
) -> Result:
    """Run `act` in a thread, in a transaction of the session's owner on the owner's own things."""
    gate, identity = gate_of(request), session_of(request)

    def run() -> Result:
        with own_transaction(gate.threads_pool, identity.account) as connection:
            return act(connection)

    try:
        return await run_in_threadpool(run)
    finally:
        gate.authenticator.forget()


def session_token(request: Request) -> str:
    """The value of the session's cookie; empty without one."""
    return cookie(request.headers, gate_of(request).cookie_name) or ""


def _is_browser(request: Request) -> bool:
    """A browser says where a form comes from; a program says nothing of the kind."""
    return "origin" in request.headers or "sec-fetch-site" in request.headers
