"""Links written for the address by which the client came."""

from __future__ import annotations

from collections.abc import Mapping, Set
from urllib.parse import unquote_plus

from starlette.requests import Request

from layers.reading.crs import OutputCrs


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
    address = f"{ogc_url(request)}{request.scope['path'].removeprefix('/ogc')}"
    parameters = [each for each in request.url.query.split("&") if each]
    in_any_format = _without(parameters, {"f"})
    at_any_place = _without(parameters, {"cursor", "offset"})

    def to(parameters: list[str], rel: str, media_type: str, title: str) -> dict[str, str]:
        query = "&".join(parameters)
        return link(f"{address}?{query}" if query else address, rel, media_type, title)

    links = [to(parameters, "self", media_type, "this page / 本页")]
    links += [
        to([*in_any_format, f"f={name}"], "alternate", other, f"as {name.upper()}")
        for name, other in others.items()
    ]
    titles = {"next": "next page / 下一页", "prev": "previous page / 上一页"}
    links += [
        to([*at_any_place, f"cursor={cursor}"], rel, media_type, titles[rel])
        for rel, cursor in cursors.items()
    ]
    return links


def _without(parameters: list[str], names: Set[str]) -> list[str]:
    """The others, as the client wrote them."""
    return [each for each in parameters if unquote_plus(each.partition("=")[0]) not in names]
