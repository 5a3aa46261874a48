"""pygeoapi inside Starlette: landing, collections, tilesets and process descriptions.

One `API` object for each role, so that what a principal may not see is not even named. What it
says is the same until the town, the catalogue or the makers of the data change; so it is made once,
off the event loop, and then answered from memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from http import HTTPStatus
from typing import Any, override

from pygeoapi.api import API, APIRequest, describe_collections, landing_page
from pygeoapi.api.processes import describe_processes
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

from api.ogc.accepting import preferred_form
from api.ogc.answers import Answer, Answers
from api.ogc.config import PLACEHOLDER_URL, process_config, pygeoapi_config
from api.ogc.languages import preferred_language
from api.ogc.links import ogc_url
from api.ogc.parameters import PAGE_FORMATS, check_parameters
from api.ogc.processes.registry import find_process
from api.services import readable_entry, role_of, services_of
from layers.catalogue import Catalogue
from layers.legend import read_attributions
from layers.reading.values import parse_natural
from layers.roles import Role
from spatial.town import Town

FORMATS = (*PAGE_FORMATS, "jsonld")
# Attributions come from the imports' batches.
SOURCES = frozenset({"spatial.town", "spatial.batch"})
_MEDIA_TYPES = {
    "html": "text/html", "json": "application/json", "jsonld": "application/ld+json",
}  # fmt: skip
_Page = Callable[..., tuple[Any, int, Any]]


class _Api(API):  # type: ignore[misc]
    """pygeoapi's core; a process has no templates of its own, whatever it is called."""

    @override
    def get_dataset_templates(self, dataset: str) -> Mapping[str, Any]:
        templates: Mapping[str, Any] = self.config["server"]["templates"]
        return templates


class Frame:
    """An `API` object for each role, and the answers they gave.

    Attributes:
        answers: replaced as a whole by `forget`: an answer that was begun before can't come in.
    """

    def __init__(self, town: Town, catalogue: Catalogue, *, gcj02: bool) -> None:
        self._apis = {
            role: _make_api(pygeoapi_config(town, catalogue, role, gcj02=gcj02)) for role in Role
        }
        self.answers = Answers()

    def api(self, role: Role) -> API:
        """What describes the layers of a role."""
        return self._apis[role]

    def forget(self) -> None:
        """Make every answer anew: something that it was made of has changed."""
        self.answers = Answers()


def _make_api(config: dict[str, Any]) -> API:
    api = _Api(config, {})
    api.manager.processes = process_config()
    return api


async def get_landing_page(request: Request) -> Response:
    """GET /."""
    return await _answer(request, landing_page)


async def get_collections(request: Request) -> Response:
    """GET /collections and /collections/{layer_id}; in JSON each names its data's makers."""
    layer_id = request.path_params.get("layer_id")
    if layer_id is not None:
        readable_entry(request)  # refused in the same words as everywhere
    return await _answer(request, describe_collections, layer_id)


async def get_processes(request: Request) -> Response:
    """GET /processes and /processes/{process_id}."""
    process_id = request.path_params.get("process_id")
    if process_id is None:
        # pygeoapi takes `true` for a number.
        parse_natural("limit", request.query_params.get("limit", "1"), least=1)
        return await _answer(request, describe_processes, may_have=frozenset({"limit"}))
    find_process(process_id)  # pygeoapi's answer lacks the standard's type of exception
    return await _answer(request, describe_processes, process_id)


async def _answer(
    request: Request, page: _Page, *arguments: Any, may_have: frozenset[str] = frozenset()
) -> Response:
    """The page from memory or from pygeoapi, its links written for the client's address."""
    check_parameters(request, formats=FORMATS, may_have=may_have)
    frame: Frame = request.app.state.frame
    answers, key = frame.answers, _key(request)
    answer = answers.get(key)
    if answer is None:
        answer = await _make(request, frame.api(role_of(request)), page, *arguments)
        if page is describe_collections and _is_plain_json(answer):
            answer = await _attributed(request, answer)
        if answer.status == HTTPStatus.OK:
            answers.keep(key, answer)
    content = answer.content.replace(PLACEHOLDER_URL.encode(), ogc_url(request).encode())
    return Response(content, answer.status, answer.headers)


def _key(request: Request) -> Hashable:
    """Everything that pygeoapi looks at."""
    return role_of(request), request.url.path, request.url.query, *_wishes(request).values()


def _wishes(request: Request) -> dict[str, str]:
    """The headers by which pygeoapi chooses form and language, so that it has nothing to weigh.

    Of a weight of 0 it makes a division by it, and it calls its JSON an image for who wants one.
    """
    form = preferred_form(request.headers.get("accept", ""))
    return {"accept": _MEDIA_TYPES[form], "accept-language": preferred_language(request)}


async def _make(request: Request, api: API, page: _Page, *arguments: Any) -> Answer:
    headers = MutableHeaders(raw=list(request.scope["headers"]))
    headers.update(_wishes(request))
    wished = Request({**request.scope, "headers": headers.raw}, request.receive)
    asked = await APIRequest.from_starlette(wished, api.locales)
    headers, status, content = await run_in_threadpool(page, api, asked, *arguments)
    if isinstance(content, str):
        content = content.encode()
    kept = {name: value for name, value in headers.items() if name != "Content-Length"}
    return Answer(status, kept, content)


def _is_plain_json(answer: Answer) -> bool:
    media_type = answer.headers["Content-Type"].split(";")[0]
    return answer.status == HTTPStatus.OK and media_type == "application/json"


async def _attributed(request: Request, answer: Answer) -> Answer:
    services = services_of(request)
    document = json.loads(answer.content)
    collections = document.get("collections", [document])
    entries = [services.catalogue.entry(each["id"]) for each in collections]
    async with services.pool.connection() as connection:
        attributions = await read_attributions(connection, entries, services.town.id)
    for each in collections:
        each["attribution"] = attributions[each["id"]]
        each["links"] = [link for link in each["links"] if not _is_of_others(link)]
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(answer.status, answer.headers, content)


def _is_of_others(link: Mapping[str, Any]) -> bool:
    """pygeoapi's own items come as JSON-LD too; ours don't."""
    return (link["rel"], link["type"]) == ("items", "application/ld+json")
