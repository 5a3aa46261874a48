"""The address by which the client came, where a trusted proxy stands in between.

`Forwarded` (RFC 7239) or the X-Forwarded-* headers are believed from proxies named by the setting
GRIDWHISTLE_TRUSTED_PROXY and from nobody else: whoever could write them could put other hosts into
links and other people's addresses into the limits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from spatial.settings import Network

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")
# name=value or name="value"; RFC 7239, section 4
_PAIR = re.compile(r'\s*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*')
_DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True)
class Origin:
    """What a proxy says of the request that it passed on; None where it says nothing."""

    client: str | None = None
    scheme: str | None = None
    host: str | None = None
    prefix: str | None = None


class ProxyHeaders:
    """ASGI middleware that takes over what a trusted proxy says; the outermost of all."""

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, as the client sent it to the outermost trusted proxy."""
        if scope["type"] == "http" and self._trusted and self._trusts(_peer(scope)):
            scope = _seen_from(origin_of(Headers(scope=scope), self._trusted), scope)
        await self._app(scope, receive, send)

    def _trusts(self, address: str) -> bool:
        return is_trusted(address, self._trusted)


def path_below_root(scope: Scope) -> str:
    """The path without the prefix under which a proxy shows us; ASGI's `path` holds both."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Whether an address (without port) is one of the proxies'."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)


def origin_of(headers: Headers, trusted: Sequence[Network]) -> Origin:
    """Read the headers of a request that came from a trusted proxy.

    Every proxy adds itself on the right. Going left, values count as long as trusted proxies wrote
    them; what stands further left may be the client's invention. `Forwarded` wins.
    """
    forwarded = headers.getlist("forwarded")
    if forwarded:
        return _from_forwarded(",".join(forwarded), trusted)
    clients = _listed(headers, "x-forwarded-for")
    hops = _trusted_hops([_without_port(each) for each in clients], trusted)
    scheme = _said(_listed(headers, "x-forwarded-proto"), hops)
    return Origin(
        client=_address(_said(clients, hops)),
        scheme=_scheme(scheme),
        host=_with_port(
            _host(_said(_listed(headers, "x-forwarded-host"), hops)),
            _said(_listed(headers, "x-forwarded-port"), hops),
            scheme,
        ),
        prefix=_prefix(_said(_listed(headers, "x-forwarded-prefix"), hops)),
    )


def _from_forwarded(value: str, trusted: Sequence[Network]) -> Origin:
    elements = [_pairs(element) for element in _split(value, ",")]
    hops = _trusted_hops([_without_port(each.get("for", "")) for each in elements], trusted)
    said: Mapping[str, str] = elements[-min(hops, len(elements))]
    return Origin(_address(said.get("for")), _scheme(said.get("proto")), _host(said.get("host")))


def _split(value: str, separator: str) -> list[str]:
    """Split where the separator stands outside quotes."""
    return re.split(rf'{separator}(?=(?:[^"]*"[^"]*")*[^"]*$)', value)


def _pairs(element: str) -> dict[str, str]:
    found = (_PAIR.fullmatch(part) for part in _split(element, ";"))
    return {each[1].lower(): each[2] if each[2] is not None else each[3] for each in found if each}


def _trusted_hops(addresses: Sequence[str], trusted: Sequence[Network]) -> int:
    """How many proxies in a row, from the nearest one on, are trusted; 1 for the nearest alone."""
    hops = 1
    for address in reversed(addresses):
        if not is_trusted(address, trusted):
            break
        hops += 1
    return hops


def _listed(headers: Headers, name: str) -> list[str]:
    joined = ",".join(headers.getlist(name))
    return [each.strip() for each in joined.split(",")] if joined else []


def _said(values: Sequence[str], hops: int) -> str | None:
    """What the outermost trusted proxy said; some pass on one value instead of adding theirs."""
    return values[-min(hops, len(values))] if values else None


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].split("]", maxsplit=1)[0]
    return address.split(":", maxsplit=1)[0] if address.count(":") == 1 else address


def _address(value: str | None) -> str | None:
    """An address; None for a name that hides it (RFC 7239, section 6.3)."""
    try:
        return str(ip_address(_without_port(value or "")))
    except ValueError:
        return None


def _scheme(value: str | None) -> str | None:
    return value if value in _DEFAULT_PORTS else None


def _host(value: str | None) -> str | None:
    return value if value and _HOST.fullmatch(value) else None


def _prefix(value: str | None) -> str | None:
    stripped = (value or "").rstrip("/")
    return stripped if _PREFIX.fullmatch(stripped) and "/.." not in stripped else None


def _with_port(host: str | None, port: str | None, scheme: str | None) -> str | None:
    has_port = host is not None and host.rpartition("]")[2].count(":") == 1
    if host is None or has_port or not port or not port.isascii() or not port.isdigit():
        return host
    return host if port == _DEFAULT_PORTS.get(scheme or "http") else f"{host}:{port}"


def _peer(scope: Scope) -> str:
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else ""


def _seen_from(origin: Origin, scope: Scope) -> Scope:
    """The scope as if the client had come without a proxy."""
    seen = dict(scope)
    if origin.client:
        seen["client"] = (origin.client, 0)
    if origin.scheme:
        seen["scheme"] = origin.scheme
    if origin.host:
        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["host"] = origin.host
        seen["headers"] = headers.raw
    if origin.prefix:
        # The proxy cut the prefix off; ASGI's `path` holds the root path.
        seen["root_path"] = origin.prefix
        seen["path"] = origin.prefix + scope["path"]
        seen["raw_path"] = origin.prefix.encode() + scope.get("raw_path", b"")
    return seen
