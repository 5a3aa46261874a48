"""The gazetteer of a town in one process: mapped, current at each query, asked for somebody.

The arrays are made elsewhere (`building`); what changed since lies over them (`overlay`). They
propose; whether somebody may know of a place, and where it is, the database says: every
answer is read once more through the views of who asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import numpy as np
from psycopg import sql
from psycopg_pool import ConnectionPool

from layers.entries import CATALOGUE
from layers.gazetteer.overlay import Overlay
from layers.gazetteer.places import Place
from layers.gazetteer.search import Found, search
from layers.gazetteer.stored import load_newer
from layers.gazetteer.wording import understand
from layers.published import view_of
from layers.roles import Role
from spatial.database import Principal
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
    """All names of one town's places, for several threads."""

    def __init__(self, town_id: int) -> None:
        self._town_id = town_id
        self._turn = Lock()
        self._version = 0
        self._overlay: Overlay | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there are arrays."""
        return self._overlay is not None

    @property
    def places(self) -> list[Place]:
        """All places, as they were read last."""
        indexes = self._overlay.indexes if self._overlay else ()
        return [
            place
            for index in indexes
            for number in np.unique(index.names.place[index.names.alive]).tolist()
            for place in [index.places[number]]
        ]

    def load(self, pool: ConnectionPool[Any]) -> None:
        """Take over the newest arrays that are stored, if they are newer than these.

        Raises:
            psycopg.Error: the database doesn't answer; what was read before stands.
        """
        with self._turn, pool.connection() as connection:
            stored = load_newer(connection, self._town_id, self._version)
            if stored is not None:
                self._version, self._overlay = stored.version, Overlay(stored, self._town_id)

    def propose(
        self, pool: ConnectionPool[Any], town: Town, principal: Principal, query: Query
    ) -> list[Found]:
        """What fits best among the layers that `principal` may read, before it is confirmed.

        Whatever was committed before is searched, too.

        Raises:
            psycopg.Error: the database doesn't answer.
        """
        if self._overlay is None:
            return []
        with self._turn, pool.connection() as connection:
            self._overlay.catch_up(connection)
            indexes = self._overlay.indexes
        return search(
            indexes,
            understand(query.text, names_of(town)),
            layers=readable_layers(principal),
            limit=query.limit + _SPARE,
            near=query.near,
        )


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
