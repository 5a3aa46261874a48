"""A MapLibre style for each layer, found where OGC API Styles has them."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.languages import in_language, preferred_language
from api.ogc.links import link, ogc_url
from api.ogc.parameters import check_parameters
from api.ogc.style_layers import draw
from api.ogc.tilesets import describe
from api.services import readable_entry
from layers.catalogue import Text
from spatial.errors import NotFoundError

STYLE_JSON = "application/vnd.mapbox.style+json"
DEFAULT = "default"
_TITLE = Text("默认样式", "the default style")
_FORMATS = ("mapbox", "json")


async def get_styles(request: Request) -> Response:
    """GET /collections/{layer_id}/styles."""
    check_parameters(request, formats=("json",))
    entry = readable_entry(request)
    language = preferred_language(request)
    address = f"{ogc_url(request)}/collections/{entry.id}/styles"
    title = in_language(_TITLE, language)
    stylesheet = link(f"{address}/{DEFAULT}?f=mapbox", "stylesheet", STYLE_JSON, title)
    document = {
        "default": DEFAULT,
        "styles": [{"id": DEFAULT, "title": title, "links": [stylesheet]}],
        "links": [link(address, "self", "application/json", in_language(entry.title, language))],
    }
    return JSONResponse(document, headers={"Content-Language": language})


async def get_style(request: Request) -> Response:
    """GET /collections/{layer_id}/styles/{style_id}."""
    entry = readable_entry(request)
    if request.path_params["style_id"] != DEFAULT:
        raise NotFoundError(f"{entry.id} has the style {DEFAULT} only / 没有这个样式")
    check_parameters(request, formats=_FORMATS)
    described = await describe(request)
    west, south, east, north = described.extent
    source: dict[str, Any] = {
        "type": "vector",
        "tiles": [f"{described.address}/WebMercatorQuad/{{z}}/{{y}}/{{x}}?f=mvt"],
        "minzoom": 0,
        "maxzoom": entry.max_zoom,
        "bounds": [west, south, east, north],
    }
    if described.attribution:
        source["attribution"] = described.attribution
    document = {
        "version": 8,
        "name": described.title,
        "center": [(west + east) / 2, (south + north) / 2],
        "zoom": entry.min_zoom,
        "sources": {entry.id: source},
        "layers": draw(entry, entry.fields_for(described.role), described.language),
    }
    return JSONResponse(
        document, media_type=STYLE_JSON, headers={"Content-Language": described.language}
    )
