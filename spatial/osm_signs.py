"""What raw OpenStreetMap files say beside ways: signals, crossings, barriers, turn restrictions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
from osmium.filter import EntityFilter, KeyFilter
from osmium.osm import NODE, RELATION

from spatial.osmfile import reading_osm

_CONTROLS = {"traffic_signals", "crossing"}


@dataclass(frozen=True)
class Restriction:
    """A relation of type restriction.

    Attributes:
        id: OSM relation id.
        tags: of the relation.
        from_ways, via_ways, to_ways: ids of ways, in the relation's order.
        via_nodes: ids of nodes.
    """

    id: int
    tags: dict[str, str]
    from_ways: tuple[int, ...] = ()
    via_ways: tuple[int, ...] = ()
    to_ways: tuple[int, ...] = ()
    via_nodes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Signs:
    """Signals and crossings, and barriers, by node id, with their tags; and restrictions."""

    controls: dict[int, dict[str, str]] = field(default_factory=dict)
    barriers: dict[int, dict[str, str]] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)


def read_signs(path: Path) -> Signs:
    """Signals, crossings, barriers and turn restrictions.

    Raises:
        InputError: the file can't be read as OSM.
    """
    signs = Signs()
    with reading_osm(path):
        processor = osmium.FileProcessor(str(path), NODE | RELATION)
        processor.with_filter(EntityFilter(NODE | RELATION))
        things: Iterable[Any] = processor.with_filter(KeyFilter("highway", "barrier", "type"))
        for thing in things:
            if thing.is_node():
                if thing.tags.get("highway") in _CONTROLS:
                    signs.controls[thing.id] = dict(thing.tags)
                if "barrier" in thing.tags:
                    signs.barriers[thing.id] = dict(thing.tags)
            elif thing.tags.get("type", "").partition(":")[0] == "restriction":
                signs.restrictions.append(_restriction(thing))
    return signs


def _restriction(relation: Any) -> Restriction:
    def members(role: str, kind: str) -> tuple[int, ...]:
        return tuple(m.ref for m in relation.members if (m.role, m.type) == (role, kind))

    return Restriction(
        relation.id,
        dict(relation.tags),
        members("from", "w"),
        members("via", "w"),
        members("to", "w"),
        members("via", "n"),
    )
