"""`/health`: what `check` says to a person, said to a machine."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.services import Services, services_of
from layers.health import health_report


async def get_health(request: Request) -> Response:
    """GET /health: 200 while the town can be served, else 503."""
    report = await run_in_threadpool(_report, services_of(request))
    return JSONResponse(report, 200 if report["status"] == "ok" else 503)


def _report(services: Services) -> dict[str, Any]:
    with services.threads_pool.connection() as connection:
        return health_report(connection, services.settings.data_folder)
