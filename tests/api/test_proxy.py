"""Forwarded headers: believed from a named proxy, and only as far as trusted proxies wrote them."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network
from pathlib import Path

import httpx
import psycopg
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.proxy import Origin, ProxyHeaders, origin_of
from spatial.errors import SetupError
from spatial.settings import Settings

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({}, Origin()),
        (
            {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https",
             "x-forwarded-host": "map.example"},
            Origin("203.0.113.7", "https", "map.example"),
        ),
        # The client wrote the first two itself.
        (
            {"x-forwarded-for": "1.1.1.1, 203.0.113.7", "x-forwarded-host": "evil, map.example"},
            Origin("203.0.113.7", None, "map.example"),
        ),
        # Two trusted proxies: the outer one saw the client.
        (
            {"x-forwarded-for": "203.0.113.7, 10.0.0.2", "x-forwarded-host": "out.example, in"},
            Origin("203.0.113.7", None, "out.example"),
        ),
        # The outer one's value was passed on as it is.
        (
            {"x-forwarded-for": "203.0.113.7, 10.0.0.2", "x-forwarded-host": "out.example"},
            Origin("203.0.113.7", None, "out.example"),
        ),
        ({"x-forwarded-for": "10.0.0.3"}, Origin("10.0.0.3")),
        ({"x-forwarded-host": "map.example", "x-forwarded-port": "8443"},
         Origin(None, None, "map.example:8443")),
        ({"x-forwarded-host": "map.example", "x-forwarded-port": "443",
          "x-forwarded-proto": "https"}, Origin(None, "https", "map.example")),
        ({"x-forwarded-host": "[fd00::1]", "x-forwarded-port": "81"},
         Origin(None, None, "[fd00::1]:81")),
        ({"x-forwarded-prefix": "/gis/"}, Origin(prefix="/gis")),
        # Nothing that could be anything but a host, a scheme, a path
        ({"x-forwarded-host": "a/b"}, Origin()),
        ({"x-forwarded-host": 'a"><script>'}, Origin()),
        ({"x-forwarded-proto": "javascript"}, Origin()),
        ({"x-forwarded-prefix": "//evil.example"}, Origin()),
        ({"x-forwarded-prefix": "/../.."}, Origin()),
        ({"x-forwarded-for": "unknown"}, Origin()),
        # RFC 7239
        ({"forwarded": "for=203.0.113.7;proto=https;host=map.example"},
         Origin("203.0.113.7", "https", "map.example")),
        ({"forwarded": 'For="[2001:db8::7]:4711";Host="map.example:8443"'},
         Origin("2001:db8::7", None, "map.example:8443")),
        ({"forwarded": "host=evil, for=203.0.113.7;host=out.example, for=10.0.0.2;host=in"},
         Origin("203.0.113.7", None, "out.example")),
        ({"forwarded": 'for="_hidden, evil";host=map.example'}, Origin(None, None, "map.example")),
        ({"forwarded": "nonsense"}, Origin()),
        ({"forwarded": "for=203.0.113.7", "x-forwarded-host": "ignored"}, Origin("203.0.113.7")),
    ],
)  # fmt: skip
def test_what_counts(headers, origin):
    assert origin_of(Headers(headers), TRUSTED) == origin


async def _show(request: Request) -> JSONResponse:
    return JSONResponse({"base": str(request.base_url), "client": request.client.host})


def ask(client: str, path: str = "/here", **headers: str):
    app = Starlette(
        routes=[Route("/here", _show), Route("/gis/here", lambda _: JSONResponse("wrong"))],
        middleware=[Middleware(ProxyHeaders, trusted=TRUSTED)],
    )
    transport = httpx.ASGITransport(app, client=(client, 1))

    async def get():
        async with httpx.AsyncClient(transport=transport, base_url="http://inside") as asker:
            return (await asker.get(path, headers=headers)).json()

    return asyncio.run(get())


def test_a_stranger_is_not_believed():
    headers = {"x-forwarded-for": "1.1.1.1", "x-forwarded-host": "evil", "forwarded": "host=evil"}
    assert ask("203.0.113.9", **headers) == {"base": "http://inside/", "client": "203.0.113.9"}


def test_the_proxy_is_believed():
    headers = {
        "x-forwarded-for": "1.1.1.1", "x-forwarded-host": "map.example",
        "x-forwarded-proto": "https", "x-forwarded-prefix": "/gis",
    }  # fmt: skip
    seen = ask("10.1.2.3", **headers)
    assert seen == {"base": "https://map.example/gis/", "client": "1.1.1.1"}


def test_a_prefix_like_the_path_is_no_trouble():
    seen = ask("10.1.2.3", **{"x-forwarded-prefix": "/here"})
    assert seen["base"] == "http://inside/here/"


def test_every_link_leads_through_the_proxy(small_town, serve_app):
    headers = {"x-forwarded-host": "map.example", "x-forwarded-prefix": "/gis"}
    believed = {"trusted_proxies": (ip_network("127.0.0.1"),)}
    with small_town() as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                "INSERT INTO layers.sensor (town_id, key, kind, name, geom, inside, batch_id)"
                " SELECT 1, n, 'air', 'x', 'SRID=4326;POINT(120 29)', true, 1"
                " FROM generate_series(1, 3) AS n"
            )
        with (
            serve_app(conninfo, installed=believed) as url,
            httpx.Client(headers=headers, timeout=60) as client,
        ):
            for path in ("", "/items?limit=1&offset=1", "/items/1", "/tiles", "/changes"):
                answer = client.get(f"{url}/ogc/collections/sensors{path}").json()
                for each in answer.get("links", ()):
                    outside, prefix, rest = each["href"].partition("http://map.example/gis/")
                    assert (outside, bool(prefix)) == ("", True), each
                    if "{" not in rest and "subscribe" not in rest:
                        assert client.get(f"{url}/{rest}").status_code == 200, each


def test_the_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("GRIDWHISTLE_TRUSTED_PROXY", "10.0.0.1, fd00::/8")
    networks = (ip_network("10.0.0.1"), ip_network("fd00::/8"))
    assert Settings.from_environment(tmp_path).trusted_proxies == networks
    monkeypatch.setenv("GRIDWHISTLE_TRUSTED_PROXY", "proxy.example")
    with pytest.raises(SetupError, match="GRIDWHISTLE_TRUSTED_PROXY"):
        Settings.from_environment(tmp_path)
