"""Our own HTML pages of the OGC APIs: the same answer, for a person."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.ogc.accepting import preferred_form
from api.ogc.config import TEMPLATES, api_title
from api.ogc.languages import in_language, preferred_language
from api.ogc.links import ogc_url
from api.services import services_of

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=select_autoescape(),
    extensions=["jinja2.ext.i18n"],
)
_ENVIRONMENT.install_null_translations()  # type: ignore[attr-defined]


def wants_html(request: Request) -> bool:
    """`f=html`, or an Accept header that would rather have HTML than JSON."""
    asked = request.query_params.get("f")
    return (asked or preferred_form(request.headers.get("accept", ""))) == "html"


def render(request: Request, template: str, data: dict[str, Any]) -> Response:
    """The page that `template` makes of `data`."""
    language = preferred_language(request)
    title = in_language(api_title(services_of(request).town), language)
    config = {
        "server": {"url": ogc_url(request), "encoding": "utf-8"},
        "metadata": {"identification": {"title": title}},
    }
    page = _ENVIRONMENT.get_template(template).render(config=config, data=data, locale=language)
    return HTMLResponse(page, headers={"Content-Language": language})
