"""The pages of signing in, made on the server: they work without scripts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from api.auth.gate import gate_of
from api.auth.texts import TEXTS
from api.ogc.languages import in_language

_FOLDER = Path(__file__).parent / "templates"
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=select_autoescape(), trim_blocks=True
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


def render_page(
    request: Request, template: str, title: str, data: dict[str, Any], *, status: int = 200
) -> Response:
    """The page that `template` makes of `data`.

    Args:
        title: a name in TEXTS.
    """
    language = page_language(request)
    town = gate_of(request).town
    texts = {name: in_language(text, language) for name, text in TEXTS.items()}
    page = _ENVIRONMENT.get_template(template).render(
        t=texts,
        title=texts[title],
        language=language,
        root=request.scope.get("root_path", ""),
        town=town.name if language == "zh" else town.name_en,
        synthetic=town.synthetic,
        **data,
    )
    return HTMLResponse(page, status, _HEADERS | {"Content-Language": language})


def page_language(request: Request) -> str:
    """Chinese first, English at a click."""
    return "en" if request.query_params.get("lang") == "en" else "zh"


login_style = partial(FileResponse, _FOLDER / "login.css", media_type="text/css")
