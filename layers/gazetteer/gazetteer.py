"""The gazetteer of a town in one process: built once, kept current, asked on behalf of somebody.

The index proposes; whether somebody may know of a place, and where it is, the database says: every
answer is read once more through the views of who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool

from layers.entries import CATALOGUE
from layers.gazetteer.features import count_features
from layers.gazetteer.names import UnitTable, joined
from layers.gazetteer.search import Found, Index, Place, search
from layers.gazetteer.sources import Source, sources
from layers.gazetteer.store import SourceNames
from layers.gazetteer.wording import understand
from layers.published import view_of
from layers.roles import Role
from spatial.database import Principal, transaction
from spatial.town import Town

# More than are asked for, since some may turn out to be gone, or not to be for who asks.
_SPARE = 8
_SITES = sql.SQL(
    "SELECT {layer} AS layer, id, ST_X(spot) AS lon, ST_Y(spot) AS lat"
    " FROM {view}, ST_PointOnSurface(geom) AS spot WHERE id = ANY ({ids})"
)


@dataclass(frozen=True)
class Query:
    """What is looked for.

    Attributes:
        near: lon, lat of the middle of the map.
    """

    text: str
    limit: int = 8
    near: tuple[float, float] | None = None


class Gazetteer:
    """All names of one town's places."""

    def __init__(self, town_id: int) -> None:
        self._town_id = town_id
        self._turn = Lock()
        self._table = UnitTable()
        self._stores = {each.id: SourceNames(each, self._table) for each in sources()}
        self._index: Index | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it has been read."""
        return self._index is not None

    @property
    def places(self) -> list[Place]:
        """All places, as they were read last."""
        return self._index.places if self._index else []

    def refresh(self, pool: ConnectionPool[Any], touched: Iterable[str] | None = None) -> None:
        """Read what changed in the layers `touched`; in any for None.

        Raises:
            psycopg.Error: the database doesn't answer; what was read before stands.
        """
        self._take(pool, touched, SourceNames.refresh)

    def read(self, pool: ConnectionPool[Any], touched: Iterable[str]) -> None:
        """Read everything of the layers `touched`: what is gone, and what came late, too.

        Raises:
            psycopg.Error: likewise.
        """
        self._take(pool, touched, SourceNames.read)

    def propose(self, town: Town, principal: Principal, query: Query) -> list[Found]:
        """What fits best among the layers that `principal` may read, before it is confirmed."""
        if self._index is None:
            return []
        return search(
            self._index,
            understand(query.text, names_of(town)),
            layers=readable_layers(principal),
            limit=query.limit + _SPARE,
            near=query.near,
        )

    def _take(
        self,
        pool: ConnectionPool[Any],
        touched: Iterable[str] | None,
        read: Callable[[SourceNames, psycopg.Connection[Any]], bool],
    ) -> None:
        layers = None if touched is None else frozenset(touched)
        changed = False
        with self._turn:
            for store in self._stores.values():
                if layers is None or not layers.isdisjoint(store.source.touched_by):
                    reader = _reader(store.source, self._town_id)
                    with transaction(pool, reader) as connection:
                        changed |= read(store, connection)
            if changed or self._index is None:
                self._index = self._join()

    def _join(self) -> Index:
        parts = [part for store in self._stores.values() for part in store.parts]
        before, places = [], list[Place]()
        for _, own in parts:
            before.append(len(places))
            places += own
        names = joined([names for names, _ in parts], before)
        common = count_features(names)
        return Index(names, places, self._table, self._table.arrays(), common)


def _reader(source: Source, town_id: int) -> Principal:
    return Principal(source.reader, town_id, department="*", may_write=False, timeout_ms=60_000)


def names_of(town: Town) -> tuple[str, ...]:
    """How callers name the town before its places: 佛堂镇 and 佛堂, the longest first."""
    stem = town.name.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    return tuple(dict.fromkeys(name for name in (town.name, stem) if len(name) > 1))


def readable_layers(principal: Principal) -> frozenset[str]:
    """The layers whose places `principal` may find."""
    readable = CATALOGUE.readable_by(Role(principal.role))
    return frozenset(entry.id for entry in readable if principal.reaches(entry.id))


def confirming(principal: Principal, found: list[Found]) -> sql.Composed | None:
    """The statement that reads again, as `principal`, the features that were found."""
    ids: dict[str, list[int]] = {}
    for each in found:
        if each.place.row is not None:
            ids.setdefault(each.place.layer, []).append(each.place.row)
    selects = [
        _SITES.format(
            layer=sql.Literal(layer),
            view=view_of(CATALOGUE.entry(layer), Role(principal.role)),
            ids=sql.Literal(rows),
        )
        for layer, rows in ids.items()
    ]
    return sql.SQL(" UNION ALL ").join(selects) if selects else None


def confirmed(
    found: list[Found], rows: Iterable[tuple[str, int, float, float]], limit: int
) -> list[Found]:
    """Of what was found, what is there, where it is now."""
    sites = {(layer, row): (lon, lat) for layer, row, lon, lat in rows}
    there = []
    for each in found:
        place = each.place
        if place.row is None:
            there.append(each)
        elif (place.layer, place.row) in sites:
            lon, lat = sites[place.layer, place.row]
            there.append(replace(each, place=replace(place, lon=lon, lat=lat)))
    return there[:limit]
