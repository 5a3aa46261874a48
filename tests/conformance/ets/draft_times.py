"""The Features suite's requests for times, which it words as a draft of the standard had them.

Its release 1.9 takes `extent.temporal` for a list of two moments (in the standard: an object with
`interval`), so that none of its tests of `datetime` ever begins; and it asks for an interval as a
date and a duration, which the standard's grammar doesn't have (OGC 17-069r4, 7.15.4). With both
translated, its tests run against the real thing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, override
from urllib.parse import quote

from ets.door import Translation
from ets.reading import get_json

_DURATION = re.compile(r"(?<=[?&]datetime=)(\d{4}-\d\d-\d\d)(?:/|%2F)P(\d+)D(?=&|$)", re.IGNORECASE)
_COLLECTIONS = re.compile(r"/collections(/[^/?]+)?/?(\?|$)")
_LOOKED_AT = 1000  # features of a layer, for a span of time in which it has some


@dataclass(frozen=True)
class DraftTimes(Translation):
    """The draft's wording to and fro.

    Attributes:
        spans: collection id → two moments between which it has features.
    """

    spans: Mapping[str, list[str]]

    @override
    def target(self, target: str) -> str:
        return _DURATION.sub(_closed_interval, target)

    @override
    def content(self, target: str, content: bytes) -> bytes:
        if not _COLLECTIONS.search(target):
            return content
        try:
            document = json.loads(content)
        except ValueError:
            return content  # a page for people
        for collection in document.get("collections", [document]):
            if collection.get("id") in self.spans:
                collection["extent"]["temporal"] = self.spans[collection["id"]]
        return json.dumps(document).encode()


def _closed_interval(found: re.Match[str]) -> str:
    begin, days = date.fromisoformat(found[1]), int(found[2])
    return quote(f"{begin}/{begin + timedelta(days=days)}", safe="")


def draft_times(url: str, headers: Mapping[str, str]) -> DraftTimes:
    """The translation for a server as those `headers` see it."""
    spans = {}
    for collection in get_json(f"{url}/collections", headers)["collections"]:
        moments = _moments(f"{url}/collections/{collection['id']}", headers)
        if moments:
            spans[collection["id"]] = [_instant(min(moments)), _instant(max(moments))]
    return DraftTimes(spans)


def _moments(collection_url: str, headers: Mapping[str, str]) -> list[datetime]:
    """When the first features of a layer were; none where it has no time."""
    properties = get_json(f"{collection_url}/schema", headers)["properties"]
    name = next((name for name, each in properties.items() if _is_time(each)), None)
    if name is None:
        return []
    features = get_json(f"{collection_url}/items?limit={_LOOKED_AT}", headers)["features"]
    texts = (each["properties"][name] for each in features)
    return [datetime.fromisoformat(text) for text in texts if text]


def _is_time(schema: Mapping[str, Any]) -> bool:
    """Whether `datetime` filters by this property, in the words of Part 5."""
    return schema.get("x-ogc-role") == "primary-instant"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
