"""Micro-grids of high-rises as rows of a file: one for each building that one has something of.

Each stands on the polygon that it shares. What a row states is who has which floors of which
entrances of a building; rows with the same code are one micro-grid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import psycopg

from grids.highrise import Floors
from grids.storeys import MicroGrid, MicroGrids, Part, buildings_of
from layers.boundaries.highrises.shares import read_buildings
from layers.catalogue import Text

SHARES_LAYER = "micro-grid-shares"
SHARES_TITLE = Text("高层微网格", "micro-grids of high-rises")
# Short enough for the ten characters of a .dbf, as those of units.
SHARE_FIELDS = {
    "code": Text("编码", "code"),
    "name": Text("名称", "name"),
    "level": Text(f"固定为 {SHARES_LAYER}", f"always {SHARES_LAYER}"),
    "parent": Text("共用其多边形的微网格编码", "code of the micro-grid whose polygon it shares"),
    "building": Text("建筑标识（buildings 图层的 id）", "id of the building in layer buildings"),
    "bld_name": Text("建筑名称或地址，导入时不读", "name or address of it, not read back"),
    "entrances": Text("单元，逗号分隔；空为全部", "entrances, by commas; empty: all"),
    "floors": Text("楼层，如 1-9；空为全部", "floors, e.g. 1-9; empty: all"),
}
_LONGEST_TEXT_BYTES = 120  # of entrances: a .dbf has 254, a string in a drawing 255


class ShareRow(NamedTuple):
    """What a micro-grid of a high-rise has of one building; None for all."""

    code: str
    name: str
    parent: str
    building: int
    building_name: str | None
    entrances: tuple[str, ...] | None
    floors: Floors | None

    @property
    def values(self) -> dict[str, str | int | None]:
        """The values of `SHARE_FIELDS`."""
        return {
            "code": self.code,
            "name": self.name,
            "level": SHARES_LAYER,
            "parent": self.parent,
            "building": self.building,
            "bld_name": self.building_name,
            "entrances": None if self.entrances is None else ",".join(self.entrances),
            "floors": None if self.floors is None else f"{self.floors[0]}-{self.floors[1]}",
        }


def share_rows(
    polygon: str, micro_grids: MicroGrids, labels: Mapping[int, str | None]
) -> tuple[ShareRow, ...]:
    """The rows of one polygon's micro-grids, in their order.

    Args:
        polygon: code of the micro-grid whose polygon it is.
        labels: what buildings are called.
    """
    return tuple(
        ShareRow(each.code, each.name, polygon, part.building, labels.get(part.building),
                 entrances, part.floors)
        for each in micro_grids
        for part in each.parts
        for entrances in _chunks(part.entrances)
    )  # fmt: skip


def _chunks(entrances: tuple[str, ...] | None) -> Iterator[tuple[str, ...] | None]:
    """Entrances so many at a time as a text of a table holds."""
    if entrances is None:
        yield None
        return
    chunk: tuple[str, ...] = ()
    for name in entrances:
        if chunk and len(",".join((*chunk, name)).encode()) > _LONGEST_TEXT_BYTES:
            yield chunk
            chunk = ()
        chunk = (*chunk, name)
    yield chunk


def micro_grids_of(rows: Sequence[ShareRow]) -> MicroGrids:
    """What rows of one polygon say: the inverse of `share_rows`, rows that belong together joined.

    Entrances of one building that have the same floors become one part.
    """
    parts: dict[str, dict[tuple[int, Floors | None], set[str] | None]] = {}
    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(row.code, row.name)
        own = parts.setdefault(row.code, {})
        key = (row.building, row.floors)
        there = own.get(key, set())
        own[key] = None if row.entrances is None or there is None else there | {*row.entrances}
    return tuple(
        MicroGrid(
            code,
            names[code],
            tuple(
                Part(building, None if entrances is None else tuple(sorted(entrances)), floors)
                for (building, floors), entrances in own.items()
            ),
        )
        for code, own in parts.items()
    )


def is_same_division(one: MicroGrids, other: MicroGrids) -> bool:
    """Whether both say the same, in whatever order."""
    return _plain(one) == _plain(other)


def _plain(micro_grids: MicroGrids) -> dict[str, tuple[str, frozenset[Part]]]:
    joined = micro_grids_of(share_rows("", micro_grids, {}))
    return {each.code: (each.name, frozenset(each.parts)) for each in joined}


def read_labels(
    connection: psycopg.Connection[Any], shares: Mapping[int, MicroGrids]
) -> dict[int, str | None]:
    """What the buildings of shared polygons are called, as far as the asker may know."""
    ids = sorted({number for each in shares.values() for number in buildings_of(each)})
    return {number: each.label for number, each in read_buildings(connection, ids).items()}
