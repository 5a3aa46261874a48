"""What the routes of drafts have in common: who asks, which draft, and where the work is done."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.auth.bodies import read_object
from api.auth.refusals import PAGE_CHALLENGE
from api.services import services_of
from layers.boundaries.coverage import Connection
from layers.boundaries.desk import Desk, require_drafter
from layers.boundaries.draft_rows import Draft, find_draft
from layers.boundaries.parameters import Parameters
from layers.roles import Role
from spatial.database import Principal
from spatial.errors import NotFoundError
from spatial.numerals import row_id
from spatial.town import Town

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_BYTES = 2 * 1024 * 1024  # a river's course has many vertices


class Asked:
    """A request of somebody who is signed in, and the desk at which it is answered.

    Raises:
        HTTPException: 401 where nobody is signed in.
    """

    def __init__(self, request: Request) -> None:
        services = services_of(request)
        self.request = request
        self.town: Town = services.town
        self.principal: Principal = services.principal(request)
        self.desk = Desk(services.threads_pool, services.drafts)
        if self.principal.role == Role.ANONYMOUS:
            challenge = {"WWW-Authenticate": PAGE_CHALLENGE}
            detail = "sign in to draw / 请先登录"
            raise HTTPException(HTTPStatus.UNAUTHORIZED, detail, challenge)

    @property
    def draft_id(self) -> int:
        """The draft in the path."""
        return id_in_path(self.request, "draft_id")

    async def on_draft[Result](self, act: Callable[[Connection, Draft], Result]) -> Result:
        """Run `act` in a transaction as the one who asks, on the draft in the path."""
        draft_id = self.draft_id

        def run() -> Result:
            with self.desk.transaction(self.principal) as connection:
                return act(connection, find_draft(connection, self.town, draft_id))

        return await run_in_threadpool(run)

    async def seen(self, body: Parameters) -> tuple[int, int]:
        """The draft, and the revision at which its editor has seen it."""
        return self.draft_id, body.number("revision")


def drafter_of(request: Request) -> Principal:
    """Who asks for something that only those who draft get.

    Raises:
        HTTPException: 401 where nobody is signed in.
        AccessError: the role drafts nothing.
    """
    principal = Asked(request).principal
    require_drafter(principal)
    return principal


def id_in_path(request: Request, name: str) -> int:
    """A number in the path.

    Raises:
        NotFoundError: it is none, so there is nothing of that name.
    """
    text = request.path_params[name]
    number = row_id(text)
    if number is None:
        raise NotFoundError(f"there is no {name.removesuffix('_id')} {text[:50]} / 不存在")
    return number


async def body_of(request: Request) -> Parameters:
    """The JSON object in the body."""
    return Parameters(await read_object(request, most_bytes=_MOST_BYTES))


def answer(document: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """JSON that no cache keeps."""
    return JSONResponse(document, status, headers=_NO_STORE)
