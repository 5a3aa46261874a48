"""The office's own login: OpenID Connect, authorization code with PKCE.

It says who somebody is; what they may do stays ours: only an account that is here may enter.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth.cookies import set_session_cookie
from api.auth.gate import address_in, gate_of
from api.auth.login_page import go, login_form
from api.auth.settings import OidcSettings
from api.auth.signing_in import begin_session
from layers.accounts.administration import list_accounts
from layers.accounts.identity import Account
from spatial.errors import AccessError, NotFoundError, SetupError

_TIMEOUT_S = 10
_MINUTES_TO_SIGN_IN = 10
_CLOCKS_DIFFER_S = 60
_SIGNED_BY = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]


async def get_oidc(request: Request) -> Response:
    """GET /login/oidc: send the browser to the office's login."""
    oidc = _settings(request)
    state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    verifier = secrets.token_urlsafe(48)
    async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
        provider = await _provider(client, oidc)
    question = {
        "response_type": "code",
        "client_id": oidc.client_id,
        "redirect_uri": _way_back(request),
        "scope": "openid profile email",
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    address = httpx.URL(provider["authorization_endpoint"]).copy_merge_params(question)
    response = RedirectResponse(str(address), 303)
    kept = _seal(request, {"state": state, "nonce": nonce, "verifier": verifier})
    response.set_cookie(
        _cookie_name(request), kept, max_age=60 * _MINUTES_TO_SIGN_IN, httponly=True,
        secure=request.url.scheme == "https", samesite="lax",
    )  # fmt: skip
    return response


async def get_callback(request: Request) -> Response:
    """GET /login/oidc/callback: the office says who it is; the account enters, if there is one."""
    gate = gate_of(request)
    gate.rates.count_attempt(address_in(request.scope))
    try:
        account = await _account(request)
    except AccessError as error:
        return login_form(request, fault=str(error), status=401)
    token = await begin_session(request, account)
    response = go(request, "/login/next")
    set_session_cookie(request, response, token)
    response.delete_cookie(_cookie_name(request))
    return response


async def _account(request: Request) -> Account:
    oidc, gate = _settings(request), gate_of(request)
    kept = _unseal(request)
    given = request.query_params
    state = given.get("state", "").encode()
    if not kept or not secrets.compare_digest(state, kept["state"].encode()):
        raise AccessError("登录已过期,请重试 / this sign-in is not yours or too old: try again")
    if "code" not in given:
        raise AccessError("单位登录未完成 / the office's login was not finished")
    claims = await _claims(request, oidc, given["code"], kept)
    name = str(claims.get(oidc.claim, "")).strip().lower()
    found = await run_in_threadpool(_accounts, request)
    for account in found:
        if name and account.name == name and account.disabled_at is None:
            return account
    raise AccessError(f"{gate.town.name}没有这个账户 / there is no account of yours here")


def _accounts(request: Request) -> list[Account]:
    gate = gate_of(request)
    with gate.threads_pool.connection() as connection:
        return list_accounts(connection, gate.town.id)


async def _claims(
    request: Request, oidc: OidcSettings, code: str, kept: dict[str, Any]
) -> dict[str, Any]:
    """What the ID token says, once its signature, issuer, audience, nonce and age are right.

    OpenID Connect Core 1.0, section 3.1.3.7.
    """
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
            provider = await _provider(client, oidc)
            token = await _token(client, request, provider, code, kept["verifier"])
            keys = (await client.get(provider["jwks_uri"])).raise_for_status().json()
        parsed = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=_SIGNED_BY)
        _rules(oidc, kept["nonce"]).validate(parsed.claims)
    except (JoseError, httpx.HTTPError, KeyError, ValueError, OSError) as error:
        raise AccessError("单位登录的答复无效 / the office's login gave no valid answer") from error
    return parsed.claims


async def _token(
    client: httpx.AsyncClient, request: Request, provider: dict[str, Any], code: str, verifier: str
) -> dict[str, Any]:
    """The tokens for a code (RFC 6749, section 4.1.3, with RFC 7636's verifier)."""
    oidc = _settings(request)
    answer = await client.post(
        provider["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": _way_back(request),
            "code_verifier": verifier,
        },
        # Section 2.3.1: both are form-encoded before they become a name and a password.
        auth=(quote_plus(oidc.client_id), quote_plus(oidc.client_secret)),
    )
    token: dict[str, Any] = answer.raise_for_status().json()
    return token


def _challenge(verifier: str) -> str:
    """RFC 7636, section 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _way_back(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/login/oidc/callback"


def _rules(oidc: OidcSettings, nonce: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=_CLOCKS_DIFFER_S,
        iss={"essential": True, "value": oidc.issuer},
        aud={"essential": True, "value": oidc.client_id},
        exp={"essential": True},
        nonce={"essential": True, "value": nonce},
    )


async def _provider(client: httpx.AsyncClient, oidc: OidcSettings) -> dict[str, Any]:
    """The addresses of the office's login, as it describes itself.

    Raises:
        SetupError: it can't be reached, or it is another.
    """
    address = f"{oidc.issuer}/.well-known/openid-configuration"
    try:
        described: dict[str, Any] = (await client.get(address)).raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise SetupError(
            f"the office's login at {urlsplit(oidc.issuer).netloc} does not answer",
            remedy="GRIDWHISTLE_OIDC_ISSUER",
        ) from error
    # Discovery 1.0, section 4.3: a description that names another issuer is another's.
    if str(described.get("issuer", "")).rstrip("/") != oidc.issuer:
        raise SetupError(
            "the office's login names another issuer", remedy="GRIDWHISTLE_OIDC_ISSUER"
        )
    return described


def _settings(request: Request) -> OidcSettings:
    oidc = gate_of(request).settings.oidc
    if oidc is None:
        raise NotFoundError("there is no office's login here / 未配置单位登录")
    return oidc


def _cookie_name(request: Request) -> str:
    return f"{gate_of(request).cookie_name}_oidc"


def _seal(request: Request, kept: dict[str, Any]) -> str:
    """Signed, so that it comes back as it was given."""
    key = OctKey.import_key(gate_of(request).signing_key)
    return jwt.encode({"alg": "HS256"}, kept | {"exp": _deadline()}, key)


def _deadline() -> int:
    return int(time.time()) + 60 * _MINUTES_TO_SIGN_IN


def _unseal(request: Request) -> dict[str, Any] | None:
    key = OctKey.import_key(gate_of(request).signing_key)
    try:
        token = jwt.decode(request.cookies.get(_cookie_name(request), ""), key, ["HS256"])
        jwt.JWTClaimsRegistry(exp={"essential": True}).validate(token.claims)
    except (JoseError, ValueError):
        return None
    return token.claims


ROUTES = [
    Route("/login/oidc", get_oidc, methods=["GET"]),
    Route("/login/oidc/callback", get_callback, methods=["GET"]),
]
