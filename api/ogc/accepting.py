"""What a client would rather have: Accept, Accept-Language (RFC 9110, section 12.4.2)."""

from __future__ import annotations

import re
from functools import lru_cache

_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.IGNORECASE)


@lru_cache(maxsize=256)  # every request asks, and most ask alike
def by_preference(header: str) -> tuple[str, ...]:
    """The values that a header lists, the best first, without what the client can't take.

    A weight that can't be read is passed over.
    """
    weighted = [_weighted(each) for each in header.split(",")]
    wanted = [(weight, value) for weight, value in weighted if value and weight > 0]
    return tuple(value for _, value in sorted(wanted, key=lambda each: -each[0]))


def _weighted(element: str) -> tuple[float, str]:
    value, *parameters = element.split(";")
    weights = [float(found[1]) for found in map(_WEIGHT.fullmatch, parameters) if found]
    return (weights[0] if weights else 1.0), value.strip().lower()


def preferred_form(accept: str) -> str:
    """`html`, `jsonld` or `json`, whichever an Accept header would rather have; else `json`."""
    for media_type in by_preference(accept):
        if media_type == "text/html":
            return "html"
        if media_type == "application/ld+json":
            return "jsonld"
        if media_type.endswith("json") or media_type in ("*/*", "application/*"):
            return "json"
    return "json"
