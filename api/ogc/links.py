"""Links written for the address by which the client came."""

from __future__ import annotations

from collections.abc import Mapping, Set
from urllib.parse import unquote_plus

from starlette.requests import Request

from api.proxy import path_below_root
from layers.reading.crs import OutputCrs

_THIS = "this page / 本页"
_BESIDE = {"next": "next page / 下一页", "prev": "previous page / 上一页"}


def ogc_url(request: Request) -> str:
    """Where the OGC APIs start, as the client sees it."""
    return f"{str(request.base_url).rstrip('/')}/ogc"


def link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    """A link object."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def crs_uri(ogc_base: str, crs: OutputCrs) -> str:
    """The URI of a CRS; one of our own is below the place where the OGC APIs start."""
    return f"{ogc_base}/{crs.uri}" if crs.is_shifted else crs.uri


def page_links(
    request: Request, media_type: str, others: Mapping[str, str], cursors: Mapping[str, str]
) -> list[dict[str, str]]:
    """The links of a page: itself, in other formats, and the pages beside it.

    Args:
        others: format → media type of the same items.
        cursors: `next` and `prev` → where that page stands; without those that there aren't.
    """
    address = f"{ogc_url(request)}{path_below_root(request.scope).removeprefix('/ogc')}"
    query = request.scope["query_string"].decode("latin-1")
    in_any_format = f"{address}?{_without(query, {'f'})}"
    at_any_place = f"{address}?{_without(query, {'cursor', 'offset'})}"
    links = [link(f"{address}?{query}" if query else address, "self", media_type, _THIS)]
    links += [
        link(f"{in_any_format}f={name}", "alternate", other, f"as {name.upper()}")
        for name, other in others.items()
    ]
    links += [
        link(f"{at_any_place}cursor={cursor}", rel, media_type, _BESIDE[rel])
        for rel, cursor in cursors.items()
    ]
    return links


def whole_layer_link(request: Request, form: str) -> str:
    """The address of all items that a page is of, in a format that has no pages."""
    address = f"{ogc_url(request)}{path_below_root(request.scope).removeprefix('/ogc')}"
    query = request.scope["query_string"].decode("latin-1")
    return f"{address}?{_without(query, {'f', 'limit', 'cursor', 'offset'})}f={form}"


def _without(query: str, names: Set[str]) -> str:
    """The other parameters as the client wrote them; something is added behind."""
    parts = query.split("&")
    kept = [each for each in parts if unquote_plus(each.partition("=")[0]) not in {"", *names}]
    return "&".join([*kept, ""])
