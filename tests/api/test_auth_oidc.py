"""The office's own login: a small OpenID Connect provider that signs real tokens."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import psycopg
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from api.auth.settings import OidcSettings

BIND_OFFICER = """
UPDATE layers.account SET responder_id = (SELECT min(id) FROM layers.responder)
WHERE name = 'officer'
"""
CLIENT, SECRET = "gridwhistle", "a secret: with signs %&"


@dataclass
class Provider:
    """Signs everybody in as `claims` say, as long as they are asked by the rules.

    Attributes:
        claims: what is different in the next ID token.
        key: signs it; another key is published than an impostor's.
    """

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    signing_key: RSAKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.describe),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def describe(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT)
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = hashlib.sha256(query["state"].encode()).hexdigest()
        self.asked[code] = query
        return RedirectResponse(f"{query['redirect_uri']}?code={code}&state={query['state']}")

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        query = self.asked.pop(form["code"], None)
        given = base64.b64decode(request.headers["authorization"].split()[1]).decode()
        verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        right = (
            query is not None
            and given == "gridwhistle:a+secret%3A+with+signs+%25%26"
            and challenge == query["code_challenge"]
            and form["redirect_uri"] == query["redirect_uri"]
        )
        if query is None or not right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 60,
            "nonce": query["nonce"], "preferred_username": "planner",
        }  # fmt: skip
        header = {"alg": "RS256", "kid": "1"}
        token = jwt.encode(header, claims | self.claims, self.signing_key or self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


@contextmanager
def running(provider: Provider, listener: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(provider.app(), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with running(provider, listener):
            yield provider


@pytest.fixture(scope="module")
def office_town(
    provider: Provider,
    new_database: Callable[[], AbstractContextManager[str]],
    serve_app: Callable[..., AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    auth_settings: Any,
) -> Iterator[str]:
    oidc = OidcSettings(provider.issuer, CLIENT, SECRET, title="政务服务")
    with new_database() as conninfo:
        fill_town(conninfo, synthetic=False)
        with psycopg.connect(conninfo) as connection:
            connection.execute(BIND_OFFICER)
        with serve_app(conninfo, auth=replace(auth_settings, oidc=oidc)) as url:
            yield url


@pytest.fixture
def browser(office_town: str, provider: Provider) -> Iterator[httpx.Client]:
    provider.claims, provider.signing_key = {}, None
    with httpx.Client(base_url=office_town, timeout=30, follow_redirects=True) as client:
        yield client


def test_whoever_the_office_knows_and_we_know_enters(browser: httpx.Client) -> None:
    assert "政务服务" in browser.get("/login").text
    browser.get("/login/oidc")
    said = browser.get("/api/session").json()
    assert (said["name"], said["role"], said["signed_in"]) == ("planner", "planner", True)


def test_a_responder_begins_on_their_own_page(browser: httpx.Client, provider: Provider) -> None:
    assert browser.get("/login/oidc").url.path == "/"
    browser.cookies.clear()
    provider.claims = {"preferred_username": "officer"}
    assert browser.get("/login/oidc").url.path == "/duty"


def test_who_asked_for_a_page_comes_back_to_it(browser: httpx.Client, provider: Provider) -> None:
    provider.claims = {"preferred_username": "officer"}
    assert browser.get("/account/positions?lang=en").url.path == "/login"
    back = browser.get("/login/oidc").url
    assert (back.path, back.query) == ("/account/positions", b"lang=en")
    # Once.
    assert browser.get("/login/next").url.path == "/duty"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("/grids", "/grids"),
        ("/ogc?f=json", "/ogc"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("\\/evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/login", "/"),
        ("/logout", "/"),
        ("/" + 600 * "x", "/"),
    ],
)
def test_only_pages_of_this_site_are_come_back_to(
    browser: httpx.Client, asked: str, shown: str
) -> None:
    browser.get("/login", params={"next": asked})
    last = browser.get("/login/oidc").url
    assert (last.host, last.path) == (browser.base_url.host, shown)


@pytest.mark.parametrize(
    "claims",
    [
        {"preferred_username": "stranger"},
        {"preferred_username": ""},
        {"preferred_username": None},
        {"nonce": "another"},
        {"aud": "another-client"},
        {"iss": "https://another.example"},
        {"exp": 1_000_000_000},
    ],
)
def test_an_answer_that_is_not_for_us_opens_nothing(
    browser: httpx.Client, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    answer = browser.get("/login/oidc")
    assert answer.status_code == 401
    assert browser.get("/api/session").json()["signed_in"] is False


def test_an_impostors_signature_opens_nothing(browser: httpx.Client, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "1"})
    assert browser.get("/login/oidc").status_code == 401
    assert browser.get("/api/session").json()["signed_in"] is False


def test_a_code_is_good_in_the_browser_that_asked_only(
    browser: httpx.Client, office_town: str
) -> None:
    to_office = browser.get("/login/oidc", follow_redirects=False).headers["location"]
    back = httpx.get(to_office, follow_redirects=False).headers["location"]
    query = urlsplit(back).query
    with httpx.Client(base_url=office_town) as victim:
        assert victim.get(f"/login/oidc/callback?{query}").status_code == 401
        assert victim.get("/login/oidc/callback?state=%E7%BD%91&code=x").status_code == 401
    entered = browser.get(f"/login/oidc/callback?{query}", follow_redirects=False)
    assert entered.status_code == 303
    again = browser.get(f"/login/oidc/callback?{query}", follow_redirects=False)
    assert again.status_code == 401


def test_an_office_holder_still_needs_the_second_factor(
    browser: httpx.Client, provider: Provider
) -> None:
    provider.claims = {"preferred_username": "Auditor"}
    browser.get("/login/oidc")
    said = browser.get("/api/session").json()
    assert (said["name"], said["pending"], said["signed_in"]) == ("auditor", "enrolment", False)


def test_without_an_office_there_is_no_such_door(guarded: Any) -> None:
    assert httpx.get(f"{guarded.url}/login/oidc").status_code == 404
