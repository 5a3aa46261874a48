"""The one place where an error becomes an HTTP status. The errors themselves know no HTTP."""

from __future__ import annotations

import logging
import uuid

import psycopg
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spatial.errors import (
    AccessError,
    ConflictError,
    GridwhistleError,
    InputError,
    LimitError,
    NotFoundError,
    SetupError,
)

LOGGER = logging.getLogger(__name__)

_STATUSES: tuple[tuple[type[GridwhistleError], int, str], ...] = (
    (InputError, 400, "InvalidParameterValue"),
    (NotFoundError, 404, "NotFound"),
    (ConflictError, 409, "Conflict"),
    (AccessError, 403, "Forbidden"),
    (LimitError, 429, "TooManyRequests"),
    (SetupError, 503, "ServiceUnavailable"),
)


def ogc_exception(status: int, code: str, description: str) -> Response:
    """The exception document of the OGC APIs (Common, section 7.3; RFC 7807 member names too)."""
    body = {
        "type": f"http://www.opengis.net/def/exceptions/{code}",
        "code": code,
        "title": code,
        "status": status,
        "description": description,
        "detail": description,
    }
    return JSONResponse(body, status)


async def handle_ours(_request: Request, error: Exception) -> Response:
    """An error meant for the client."""
    assert isinstance(error, GridwhistleError)
    for kind, status, code in _STATUSES:
        if isinstance(error, kind):
            return ogc_exception(status, code, str(error))
    return ogc_exception(500, "NoApplicableCode", str(error))


async def handle_rights(_request: Request, _error: Exception) -> Response:
    """The database refused: the layer is not for this principal."""
    return ogc_exception(403, "Forbidden", "this layer is not public / 此图层不对外公开")


async def handle_timeout(_request: Request, _error: Exception) -> Response:
    """The statement ran into its timeout."""
    return ogc_exception(503, "ServiceUnavailable", "the query took too long; ask for less")


async def handle_defect(request: Request, error: Exception) -> Response:
    """A defect: the log gets the traceback, the client a number by which to find it."""
    number = uuid.uuid4().hex[:12]
    LOGGER.error("defect %s at %s", number, request.url.path, exc_info=error)
    return ogc_exception(500, "NoApplicableCode", f"an internal error; its number is {number}")


HANDLERS = {
    GridwhistleError: handle_ours,
    psycopg.errors.InsufficientPrivilege: handle_rights,
    psycopg.errors.QueryCanceled: handle_timeout,
    Exception: handle_defect,
}
