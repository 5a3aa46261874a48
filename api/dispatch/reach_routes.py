"""What is reached in some seconds: around a point, of the town; and where to stand by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import read_object
from api.cancelling import unless_gone
from api.ogc.processes.coverage import COVERAGE
from api.ogc.processes.reach import REACH
from api.ogc.processes.standby import STANDBY, suggest
from api.services import services_of
from layers.jobs.context import Context
from layers.jobs.outputs import JsonText, to_json
from layers.reach.coverage import SECONDS
from layers.reach.live import require_responders
from spatial.errors import InputError

_MOST_BYTES = 256 * 1024
_MOST_KEYS = 100
_GEOJSON = "application/geo+json"
_KEEP = "private, max-age=604800, immutable"


async def get_reach(request: Request) -> Response:
    """GET /api/reach?lon=&lat=&mode=&seconds=60,120&direction=from|to: nested areas."""
    query = request.query_params
    asked: dict[str, Any] = {
        name: _number(name, query[name]) for name in ("lon", "lat") if name in query
    }
    asked |= {name: query[name] for name in ("mode", "direction") if name in query}
    inputs = REACH.check(asked | _seconds(request))
    return await _answer(request, lambda context: REACH.run(context, inputs)["result"], _GEOJSON)


async def get_coverage(request: Request) -> Response:
    """GET /api/response-coverage?seconds=60,120,180,300[&areas=true]: what is reached now."""
    seconds = COVERAGE.check(_seconds(request))["seconds"]
    with_areas = request.query_params.get("areas") == "true"
    live = services_of(request).coverage_live

    def read(context: Context) -> dict[str, Any]:
        coverage = live.now(context, seconds)
        return coverage.as_json() | ({"areas": coverage.areas()} if with_areas else {})

    return await _answer(request, read)


async def get_cells(request: Request) -> Response:
    """GET /api/response-coverage/cells?version=: the cells whose digits the coverage gives.

    Their ids are the places of the digits, from 1. They stay the same as long as the streets do.
    """
    live = services_of(request).coverage_live
    found: list[str] = []

    def read(context: Context) -> JsonText:
        require_responders(context.principal)
        cells = live.ground(context).cells
        found.append(cells.version)
        return JsonText(cells.geojson)

    answer = await _answer(request, read, _GEOJSON)
    if found == [request.query_params.get("version")]:
        answer.headers["Cache-Control"] = _KEEP
    return answer


async def get_premises_outside(request: Request) -> Response:
    """GET /api/response-coverage/premises?seconds=180: the premises that nobody reaches in time."""
    asked = _seconds(request) or {"seconds": [180]}
    seconds = max(COVERAGE.check(asked)["seconds"])
    limits = sorted({*SECONDS, seconds})
    live = services_of(request).coverage_live

    def read(context: Context) -> dict[str, Any]:
        return live.now(context, limits).premises_outside(seconds)

    return await _answer(request, read, _GEOJSON)


async def get_price(request: Request) -> Response:
    """GET /api/response-coverage/price?keys=a,b&seconds=180: what sending each of them costs.

    Of the expected incidents, the shares that nobody, and that one alone, would reach in time.
    """
    keys = request.query_params.get("keys", "").split(",")
    if len(keys) > _MOST_KEYS:
        raise InputError(f"keys: at most {_MOST_KEYS} at a time / 一次最多 {_MOST_KEYS} 个")
    seconds = max(COVERAGE.check(_seconds(request) or {"seconds": [180]})["seconds"])
    live = services_of(request).coverage_live

    def read(context: Context) -> dict[str, Any]:
        prices = live.price(context, keys, seconds)
        return {"seconds": seconds, "prices": {key: asdict(each) for key, each in prices.items()}}

    return await _answer(request, read)


async def post_standby(request: Request) -> Response:
    """POST /api/standby {teams, seconds, mode, what_if}: where idle teams would stand best."""
    inputs = STANDBY.check(await read_object(request, most_bytes=_MOST_BYTES))
    live = services_of(request).coverage_live
    return await _answer(request, lambda context: suggest(live, context, inputs))


async def _answer(
    request: Request, read: Callable[[Context], Any], media_type: str = "application/json"
) -> Response:
    """What `read` gives, computed in a thread in turn with others of the same standing."""
    services = services_of(request)
    principal = services.principal(request)
    slots = services.visitor_slots if principal.account_id is None else services.account_slots
    context = Context(services.threads_pool, principal, services.town, services.engine)
    work = run_sync(lambda: to_json(read(context)), limiter=slots)
    text = await unless_gone(request, work)
    return Response(text, media_type=media_type, headers={"Cache-Control": "no-store"})


def _seconds(request: Request) -> dict[str, list[float]]:
    """The parameter `seconds`, where it is given."""
    text = request.query_params.get("seconds")
    if text is None:
        return {}
    return {"seconds": [_number("seconds", part) for part in text.split(",")]}


def _number(name: str, text: str) -> float:
    """A number as JSON knows it: whole ones are integers.

    Raises:
        InputError: it is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e9:
        raise InputError(f"{name}: {text[:50]!r} is no number / 不是数字")
    return int(number) if number.is_integer() else number


ROUTES = [
    Route("/api/reach", get_reach, methods=["GET"]),
    Route("/api/response-coverage", get_coverage, methods=["GET"]),
    Route("/api/response-coverage/cells", get_cells, methods=["GET"]),
    Route("/api/response-coverage/premises", get_premises_outside, methods=["GET"]),
    Route("/api/response-coverage/price", get_price, methods=["GET"]),
    Route("/api/standby", post_standby, methods=["POST"]),
]
