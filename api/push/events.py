"""Changes as server-sent events (HTML Standard, section 9.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC

from layers.changes.log import Box, Change, read_features
from spatial.database import AnyConnection, Principal

HEARTBEAT = b":\n\n"


@dataclass(frozen=True)
class Event:
    """One change, ready to be sent."""

    change: Change
    text: bytes


@dataclass(frozen=True)
class Selection:
    """What a subscriber wants.

    Attributes:
        layers: of these, as far as it may read them.
        bbox: changes that touch it, before or after; None for everywhere.
    """

    layers: frozenset[str]
    bbox: Box | None = None

    def wants(self, change: Change) -> bool:
        """Whether the change is one of these."""
        if change.layer not in self.layers:
            return False
        boxes = (change.box_before, change.box_after)
        return self.bbox is None or any(_meet(self.bbox, box) for box in boxes if box)


def _meet(one: Box, other: Sequence[float]) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


async def make_events(
    connection: AnyConnection, principal: Principal, changes: list[Change]
) -> list[Event]:
    """The events of some changes, each with its feature as it is to the principal now."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        if change.kind != "delete":
            wanted.setdefault(change.layer, set()).add(change.feature_id)
    found = {
        layer: await read_features(connection, principal, layer, ids)
        for layer, ids in wanted.items()
    }
    return [
        Event(change, _event(change, found.get(change.layer, {}).get(change.feature_id)))
        for change in changes
    ]


def _event(change: Change, feature: str | None) -> bytes:
    """An insert or update of what has gone meanwhile is told as a delete already."""
    kind = change.kind if change.kind == "delete" or feature else "delete"
    shown = feature if feature and kind != "delete" else "null"
    head = json.dumps({
        "collection": change.layer,
        "id": change.feature_id,
        "seq": change.seq,
        "type": kind,
        "at": change.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    })  # fmt: skip
    return f'id: {change.seq}\nevent: {kind}\ndata: {head[:-1]}, "feature": {shown}}}\n\n'.encode()


def begin(seq: int) -> bytes:
    """What a stream begins with: whoever is cut off before the first event resumes from here."""
    return f": changes after {seq}\nretry: 1000\nid: {seq}\n\n".encode()


def farewell(reason: str, remedy: str) -> bytes:
    """The last event of a stream that the server ends; without an id, so the last one holds."""
    data = json.dumps({"reason": reason, "remedy": remedy}, ensure_ascii=False)
    return f"event: end\ndata: {data}\n\n".encode()


def joined(events: Iterable[Event], selection: Selection) -> bytes:
    """The events that a subscriber wants, one after the other."""
    return b"".join(event.text for event in events if selection.wants(event.change))
