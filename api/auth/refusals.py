"""How refusals of this room look to a client."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.auth.credentials import CredentialsError
from api.auth.rates import TooManyError
from api.errors import ogc_exception
from layers.accounts.sign_in import LockedError, WrongCredentialsError

# Two challenges (RFC 9110, section 11.6.1): Basic for map clients, Bearer for programs.
CHALLENGE = 'Basic realm="gridwhistle", charset="UTF-8", Bearer realm="gridwhistle"'
# For answers to the page: at Basic a browser would ask for a password of its own accord.
PAGE_CHALLENGE = 'Bearer realm="gridwhistle"'


def unauthorized(message: str, challenge: str = CHALLENGE) -> Response:
    """401, never a redirect: programs would take the login page for data."""
    response = ogc_exception(401, "Unauthorized", message)
    response.headers["WWW-Authenticate"] = challenge
    return response


def too_many(error: TooManyError | LockedError) -> Response:
    """429 that says when to come back."""
    response = ogc_exception(429, "TooManyRequests", str(error))
    response.headers["Retry-After"] = str(error.wait_s)
    return response


async def _handle_unauthorized(_request: Request, error: Exception) -> Response:
    return unauthorized(str(error), PAGE_CHALLENGE)


async def _handle_too_many(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TooManyError | LockedError)
    return too_many(error)


HANDLERS = {
    CredentialsError: _handle_unauthorized,
    WrongCredentialsError: _handle_unauthorized,
    TooManyError: _handle_too_many,
    LockedError: _handle_too_many,
}
