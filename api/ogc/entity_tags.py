"""Which state of a feature an answer shows, and whether a client knows it (RFC 9110, 8.8 and 13).

A tag is strong: it names the row's version and the bytes of one representation. A write looks at
the version alone, since whoever has read the feature in any CRS has read that state of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request

from layers.writing.versions import Expectation, version_of

_TAG = re.compile(r'(W/)?"([^"]*)"')


def validators_of(body: str) -> dict[str, str]:
    """ETag and Last-Modified of a GeoJSON feature."""
    digest = hashlib.sha256(body.encode()).hexdigest()[:16]
    updated = json.loads(body)["properties"].get("updated")
    if updated is None:  # left out by `properties=`
        return {"ETag": f'"-{digest}"'}
    moment = datetime.fromisoformat(updated).astimezone(UTC)
    return {
        "ETag": f'"{version_of(moment)}-{digest}"',
        "Last-Modified": format_datetime(moment.replace(microsecond=0), usegmt=True),
    }


def is_known(request: Request, validators: Mapping[str, str]) -> bool:
    """Whether `If-None-Match` says that the client has this very representation."""
    header = request.headers.get("if-none-match")
    if header is None:
        return False
    # 13.1.2: compared weakly.
    tags = {tag for _weak, tag in _TAG.findall(header)}
    return header.strip() == "*" or validators["ETag"].strip('"') in tags


def expectation_of(request: Request) -> Expectation:
    """What `If-Match` or, without it, `If-Unmodified-Since` says of the feature to be written."""
    if request.headers.get("if-none-match", "").strip() == "*":
        return Expectation(versions=frozenset())  # 13.1.2: only where there is none
    header = request.headers.get("if-match")
    if header is None:
        return Expectation(unchanged_since=_date(request.headers.get("if-unmodified-since")))
    if header.strip() == "*":
        return Expectation()
    # 13.1.1: compared strongly, so a weak tag never matches.
    strong = (tag for weak, tag in _TAG.findall(header) if not weak)
    return Expectation(versions=frozenset(tag.split("-")[0] for tag in strong if "-" in tag))


def _date(text: str | None) -> datetime | None:
    """A header that is no date is ignored (RFC 9110, 13.1.4)."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
