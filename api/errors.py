"""The one place where an error becomes an HTTP status. The errors themselves know no HTTP."""

from __future__ import annotations

import logging
import uuid
from http import HTTPStatus

import psycopg
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from api.cancelling import ClientGoneError
from layers.jobs.errors import (
    NoSuchJobError,
    NoSuchProcessError,
    ResultGoneError,
    ResultNotReadyError,
)
from spatial.errors import (
    AccessError,
    ConflictError,
    GoneError,
    GridwhistleError,
    InputError,
    LimitError,
    NotFoundError,
    SetupError,
    StaleError,
    UpstreamError,
    UpstreamSilentError,
)
from spatial.logs import kind_of

LOGGER = logging.getLogger(__name__)

_PROCESSES = "ogcapi-processes-1/1.0"
_STARLETTES = HTTPStatus.NOT_FOUND.phrase
_NO_SUCH_ADDRESS = "there is no such address / 没有这个地址 (the OGC APIs begin at /ogc)"
_STATUSES: tuple[tuple[type[GridwhistleError], int, str], ...] = (
    (InputError, 400, "InvalidParameterValue"),
    # OGC API Processes, Part 1, requirements no-such-process, no-such-job, results-not-ready
    (NoSuchProcessError, 404, f"{_PROCESSES}/no-such-process"),
    (NoSuchJobError, 404, f"{_PROCESSES}/no-such-job"),
    (ResultNotReadyError, 404, f"{_PROCESSES}/result-not-ready"),
    (ResultGoneError, 410, "Gone"),
    (NotFoundError, 404, "NotFound"),
    (GoneError, 410, "Gone"),
    (StaleError, 412, "PreconditionFailed"),
    (ConflictError, 409, "Conflict"),
    (AccessError, 403, "Forbidden"),
    (LimitError, 429, "TooManyRequests"),
    (SetupError, 503, "ServiceUnavailable"),
    (UpstreamSilentError, 504, "GatewayTimeout"),
    (UpstreamError, 502, "BadGateway"),
)


def ogc_exception(status: int, code: str, description: str) -> Response:
    """The exception document of the OGC APIs (Common, section 7.3; RFC 7807 member names too)."""
    name = code.rpartition("/")[2]
    body = {
        "type": f"http://www.opengis.net/def/exceptions/{code}",
        "code": name,
        "title": name,
        "status": status,
        "description": description,
        "detail": description,
    }
    return JSONResponse(body, status)


async def handle_ours(_request: Request, error: Exception) -> Response:
    """An error meant for the client."""
    assert isinstance(error, GridwhistleError)
    return _exception(type(error), str(error))


def exception_of(error_name: str, description: str) -> Response:
    """The exception document of an error of which only the class's name was kept."""
    kinds = (kind for kind, _status, _code in _STATUSES if kind.__name__ == error_name)
    return _exception(next(kinds, GridwhistleError), description)


def _exception(wanted: type[GridwhistleError], description: str) -> Response:
    for kind, status, code in _STATUSES:
        if issubclass(wanted, kind):
            return ogc_exception(status, code, description)
    return ogc_exception(500, "NoApplicableCode", description)


async def handle_rights(_request: Request, _error: Exception) -> Response:
    """The database refused: the layer is not for this principal."""
    return ogc_exception(403, "Forbidden", "this layer is not public / 此图层不对外公开")


async def handle_reading(_request: Request, _error: Exception) -> Response:
    """The database refused to write on behalf of somebody who came for reading."""
    return ogc_exception(403, "Forbidden", "these credentials are for reading / 该凭据只读")


async def handle_gone(_request: Request, _error: Exception) -> Response:
    """The client hung up: nobody reads this."""
    return Response(status_code=499)


async def handle_timeout(_request: Request, _error: Exception) -> Response:
    """The statement ran into its timeout."""
    return ogc_exception(503, "ServiceUnavailable", "the query took too long; ask for less")


async def handle_away(_request: Request, error: Exception) -> Response:
    """The database starts, stops, or has more to do than it can; or two waited crosswise."""
    LOGGER.warning("the database is away: %s", kind_of(error))
    away = "the database is away for a moment; try again / 数据库暂不可用,请重试"
    response = ogc_exception(503, "ServiceUnavailable", away)
    response.headers["Retry-After"] = "1"
    return response


async def handle_http(_request: Request, error: Exception) -> Response:
    """The router's own: no such address, or not with this method."""
    assert isinstance(error, HTTPException)
    code, detail = "InvalidRequest", error.detail
    if error.status_code == HTTPStatus.NOT_FOUND:
        code, detail = "NotFound", _NO_SUCH_ADDRESS if detail == _STARLETTES else detail
    response = ogc_exception(error.status_code, code, detail)
    response.headers.update(error.headers or {})
    return response


async def handle_defect(request: Request, error: Exception) -> Response:
    """A defect: the log gets the place in the program, the client a number by which to find it."""
    number = uuid.uuid4().hex[:12]
    # What stands in a path may be anything.
    route = getattr(request.scope.get("route"), "path", "an unknown address")
    LOGGER.error("defect %s at %s %s", number, request.method, route, exc_info=error)
    return ogc_exception(500, "NoApplicableCode", f"an internal error; its number is {number}")


HANDLERS = {
    ClientGoneError: handle_gone,
    ClientDisconnect: handle_gone,  # before its body was whole
    GridwhistleError: handle_ours,
    HTTPException: handle_http,
    psycopg.errors.InsufficientPrivilege: handle_rights,
    psycopg.errors.ReadOnlySqlTransaction: handle_reading,
    psycopg.errors.QueryCanceled: handle_timeout,
    psycopg.OperationalError: handle_away,
    Exception: handle_defect,
}
