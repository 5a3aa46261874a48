"""Links written for the address by which the client came."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request


def ogc_url(request: Request) -> str:
    """Where the OGC APIs start, as the client sees it."""
    return f"{str(request.base_url).rstrip('/')}/ogc"


def link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    """A link object."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def page_links(request: Request, media_type: str, page: Mapping[str, int]) -> list[dict[str, str]]:
    """The links of a page: itself, HTML, and the next and previous ones where there are some.

    Args:
        page: `offset`, `limit`, `returned` and `matched`.
    """
    address = f"{ogc_url(request)}{request.url.path.removeprefix('/ogc')}"
    parameters = dict(request.query_params)

    def to(rel: str, media_type: str, title: str, **changes: object) -> dict[str, str]:
        return link(f"{address}?{urlencode(parameters | changes)}", rel, media_type, title)

    links = [
        to("self", media_type, "this page / 本页"),
        to("alternate", "text/html", "as HTML", f="html"),
    ]
    following = page["offset"] + page["returned"]
    if page["returned"] and following < page["matched"]:
        links.append(to("next", media_type, "next page / 下一页", offset=following))
    if page["offset"]:
        before = max(0, page["offset"] - page["limit"])
        links.append(to("prev", media_type, "previous page / 上一页", offset=before))
    return links
