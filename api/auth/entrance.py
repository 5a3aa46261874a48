"""Middleware: who asks, may they ask so much, and is it they who ask."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth.credentials import (
    Credential,
    CredentialsError,
    SessionToken,
    read_credential,
)
from api.auth.gate import Gate, address_in, gate_in
from api.auth.rates import TooManyError
from api.auth.refusals import too_many, unauthorized
from api.errors import ogc_exception
from api.proxy import path_below_root
from layers.accounts.identity import Identity
from layers.accounts.sign_in import LockedError, WrongCredentialsError
from layers.accounts.tokens import csrf_token
from spatial.database import Principal
from spatial.errors import AccessError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What a key changes: features, accounts. Executing a process changes nothing of the town.
_CHANGED_UNDER = ("/ogc/collections/", "/api/")


class Entrance:
    """Puts identity and principal into the scope's state, or refuses.

    The state then holds `identity` (None without credentials) and `principal`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as somebody's."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            await _enter(scope, gate_in(scope))
        except (CredentialsError, WrongCredentialsError) as error:
            await unauthorized(str(error))(scope, receive, send)
        except (TooManyError, LockedError) as error:
            await too_many(error)(scope, receive, send)
        except AccessError as error:
            await ogc_exception(403, "Forbidden", str(error))(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _enter(scope: Scope, gate: Gate) -> None:
    state = scope.setdefault("state", {})
    state["identity"] = None
    writes = scope["method"] not in SAFE_METHODS
    headers, address = Headers(scope=scope), address_in(scope)
    credential = read_credential(headers, gate.cookie_name)
    identity = await _identify(gate, credential, address) if credential else None
    state["principal"] = principal = gate.principal(identity, writes=writes)
    if identity is None:
        gate.rates.count_visitor(address)
        return
    state["identity"] = identity
    gate.rates.count_account(identity.account.id, address)
    if writes:
        if isinstance(credential, SessionToken):
            refuse_other_sites(headers, credential.token)
        elif headers.get("origin") not in gate.settings.cors_origins:
            _refuse_remembered_password(headers)
        _refuse_reading_key(identity, path_below_root(scope))
    _refuse_other_layers(principal, path_below_root(scope))


async def _identify(gate: Gate, credential: Credential, address: str) -> Identity | None:
    known = gate.authenticator.remembered(credential)
    if known is not None:
        return known
    if not isinstance(credential, SessionToken):
        gate.rates.refuse_if_tried_too_often(address)
    try:
        return await gate.authenticator.identify(credential)
    except AccessError:
        gate.rates.count_attempt(address)
        raise


def refuse_other_sites(headers: Headers, session_token: str | None) -> None:
    """A browser sends the cookie for whoever asks it to; only our own pages may change anything.

    Raises:
        AccessError: another site's page asks, or nobody can say which.
    """
    given = headers.get("x-csrf-token")
    if given and session_token and given == csrf_token(session_token):
        return
    site = headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    origin = headers.get("origin")
    if site is None and origin and urlsplit(origin).netloc == headers.get("host"):
        return
    raise AccessError(
        "this request does not come from a page of ours / 请求不是由本站页面发出",
        remedy="send X-CSRF-Token, from GET /api/session",
    )


def _refuse_remembered_password(headers: Headers) -> None:
    """A browser that was told a name and a password adds them by itself, as it does the cookie.

    Raises:
        AccessError: another site's page asks.
    """
    is_basic = headers.get("authorization", "").lower().startswith("basic ")
    is_browser = "origin" in headers or "sec-fetch-site" in headers
    if is_basic and is_browser:
        refuse_other_sites(headers, None)


def _refuse_reading_key(identity: Identity, path: str) -> None:
    if not identity.may_write and path.startswith(_CHANGED_UNDER):
        raise AccessError("this API key is for reading / 该密钥只读")


def _refuse_other_layers(principal: Principal, path: str) -> None:
    """A key for some layers opens these, and what names no layer."""
    _, found, rest = path.partition("/ogc/collections/")
    layer = rest.partition("/")[0]
    if found and layer and not principal.reaches(layer):
        raise AccessError(f"this API key is not for {layer[:100]} / 该密钥不含此图层")
