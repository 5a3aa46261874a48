"""Numbers for Prometheus at /metrics: how much is asked, how long it takes, what waits.

Labels hold a route's template and a status, never a path, a name or an address.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ogc_exception
from api.push.feed import ChangeFeed
from api.services import Services, services_of
from layers.jobs.store import count_unfinished

PATH = "/metrics"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
# Whoever comes through a proxy on this machine is not on this machine.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Metrics:
    """What this process has counted; others may register more in `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "gridwhistle_requests", "Requests answered", ("method", "route", "status"),
            registry=self.registry,
        )  # fmt: skip
        self._durations = Histogram(
            "gridwhistle_request_seconds", "Until the answer was sent", ("route",),
            buckets=_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        # To find them by their labels takes longer than to count.
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def note(self, scope: Scope, status: int, duration_s: float) -> None:
        """Count one request."""
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        key = method, route, status
        if key not in self._children:
            self._children[key] = (
                self._requests.labels(method, route, str(status)),
                self._durations.labels(route),
            )
        requests, durations = self._children[key]
        requests.inc()
        durations.observe(duration_s)

    def text(self, *gauges: Collector) -> bytes:
        """Everything, and the gauges that are read only when somebody looks."""
        now = CollectorRegistry()
        for gauge in gauges:
            now.register(gauge)
        return generate_latest(self.registry) + generate_latest(now)


class Measure:
    """Middleware: counts and times every request, and answers /metrics.

    It stands before the entrance, which would take the token of /metrics for a wrong key.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the wrapped application does, looking at the clock."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s, status = time.perf_counter(), 500

        async def look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if scope["path"] == PATH:
                response = await _metrics_response(Request(scope), self._metrics)
                await response(scope, receive, look)
            else:
                await self._app(scope, receive, look)
        finally:
            self._metrics.note(scope, status, time.perf_counter() - started_s)


class _Gauges(Collector):
    """Values by one label, as they are now."""

    def __init__(self, name: str, meaning: str, label: str, values: Mapping[str, float]) -> None:
        self._family = GaugeMetricFamily(name, meaning, labels=[label])
        for key, value in values.items():
            self._family.add_metric([key], value)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield self._family


async def _metrics_response(request: Request, metrics: Metrics) -> Response:
    """For this machine, and for whoever has the token."""
    services = services_of(request)
    if request.method not in {"GET", "HEAD"}:
        return ogc_exception(405, "InvalidRequest", "metrics are only read")
    if not _may_read(request, services.settings.metrics_token):
        refusal = "metrics are for this machine, or with a token / 仅限本机或凭令牌读取"
        return ogc_exception(403, "Forbidden", refusal)
    async with services.pool.connection() as connection:
        jobs = await count_unfinished(connection)
    feed: ChangeFeed = request.app.state.feed
    listening = {"server-sent events": len(feed.audience)}
    text = metrics.text(
        _Gauges("gridwhistle_jobs", "Unfinished jobs", "status", jobs),
        _Gauges("gridwhistle_pool", "Database connections", "pool", _pool_use(services)),
        _Gauges("gridwhistle_subscribers", "Who hears of changes", "way", listening),
        _Gauges("gridwhistle_tile_cache", "Tiles asked for", "found", _tiles_found(services)),
    )
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _pool_use(services: Services) -> dict[str, float]:
    """How many connections each pool has and uses, and how many requests wait for one."""
    found: dict[str, float] = {}
    pools = {
        "async": services.pool,
        "threads": services.threads_pool,
        "orders": services.orders_pool,
    }
    for name, pool in pools.items():
        stats: dict[str, Any] = pool.get_stats()
        size = stats.get("pool_size", 0)
        found[f"{name}_open"] = size
        found[f"{name}_used"] = size - stats.get("pool_available", 0)
        found[f"{name}_waiting"] = stats.get("requests_waiting", 0)
    return found


def _tiles_found(services: Services) -> dict[str, float]:
    return {"in memory": services.tiles.hits, "not yet": services.tiles.misses}


def _may_read(request: Request, token: str | None) -> bool:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if token and scheme.lower() == "bearer" and hmac.compare_digest(sent.encode(), token.encode()):
        return True
    return _is_from_here(request)


def _is_from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
