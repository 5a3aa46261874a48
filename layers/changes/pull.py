"""A page of what changed in one layer: with the least data that keeps a copy equal.

A page covers so many changes; each feature stands in it once, as it is now, however often it
changed. That may be newer than the page's last change: then a later page brings it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from layers.changes.log import read_changes, read_features, tagged
from spatial.database import AnyConnection, Principal

MAX_CHANGES = 10_000
DEFAULT_CHANGES = 1_000


@dataclass(frozen=True)
class ChangesPage:
    """One page.

    Attributes:
        features: GeoJSON of what is there, each with `change`: insert where it was not there for
            the reader before the page's first change of it, else update.
        deleted: ids of what is there no more.
        following: the number after which the next page begins.
        is_last: nothing more is known now.
    """

    features: list[str]
    deleted: list[int]
    following: int
    is_last: bool


async def read_changes_page(
    connection: AnyConnection, principal: Principal, layer: str, span: tuple[int, int], limit: int
) -> ChangesPage:
    """The first `limit` changes of `layer` in `span` that the principal may see.

    Args:
        connection: in a transaction as the principal.
        span: after the first number, up to the second, the last one numbered.
    """
    changes = await read_changes(connection, principal, [layer], span, limit)
    first_kinds: dict[int, str] = {}
    for change in changes:
        first_kinds.setdefault(change.feature_id, change.kind)
    # Read after the log: what is older than the log would be overwritten by it for good.
    there = await read_features(connection, principal, layer, first_kinds) if first_kinds else {}
    is_last = len(changes) < limit
    return ChangesPage(
        features=[
            tagged(there[number], change="insert" if kind == "insert" else "update")
            for number, kind in first_kinds.items()
            if number in there
        ],
        deleted=[number for number in first_kinds if number not in there],
        following=span[1] if is_last else changes[-1].seq,
        is_last=is_last,
    )
