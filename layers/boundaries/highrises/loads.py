"""What micro-grids that share a polygon look after: work divided by building, entrance and floor.

Households are known of a building, so each floor of each entrance counts the same; rooms, premises
and incidents of premises are known by floor. What nobody can place is the polygon's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from grids.storeys import MicroGrids, buildings_of, micro_grids_to_json, owner_of, portions
from layers.boundaries.burdens import INCIDENT_DAYS
from layers.boundaries.coverage import Connection
from layers.boundaries.highrises.shares import Buildings, read_buildings
from layers.boundaries.redraw import Coverage
from spatial.town import Town

type Json = dict[str, Any]

_CONTENTS = """
SELECT building_id, entrance, floor, rooms, premises, incidents, open_incidents
FROM layers.contents_of_floors(%s, %s) ORDER BY building_id, entrance, floor
"""
_COUNTED = ("premises", "incidents", "open_incidents")


class Contents(NamedTuple):
    """What a floor of an entrance holds; either is None where it isn't known."""

    building: int
    entrance: str | None
    floor: int | None
    rooms: int
    premises: int
    incidents: int
    open_incidents: int


@dataclass
class Load:
    """What one looks after; parts of households and rooms where nobody knows better."""

    households: float = 0.0
    rooms: float = 0.0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))

    def as_json(self) -> Json:
        """With one decimal, which says that it is shared out."""
        return {
            "households": round(self.households, 1),
            "rooms": round(self.rooms, 1),
            **self.counts,
        }


def read_highrises(connection: Connection, town: Town, coverage: Coverage) -> list[Json]:
    """The shared units of a coverage, with the load of each micro-grid on them.

    Args:
        connection: in a transaction as somebody who drafts.
        coverage: of today, or of a draft.
    """
    shared = {unit: each for unit, each in coverage.shares.items() if unit in coverage.attributes}
    ids = sorted({number for each in shared.values() for number in buildings_of(each)})
    if not ids:
        return []
    buildings = read_buildings(connection, ids)
    since = town.now() - timedelta(days=INCIDENT_DAYS)
    contents = [Contents(*row) for row in connection.execute(_CONTENTS, (ids, since)).fetchall()]
    return [_highrise(coverage, unit, buildings, contents) for unit in sorted(shared)]


def _highrise(
    coverage: Coverage, unit: int, buildings: Buildings, contents: list[Contents]
) -> Json:
    micro_grids, names = coverage.shares[unit], coverage.attributes[unit]
    loads, rest = loads_of(micro_grids, buildings, contents)
    documents = micro_grids_to_json(micro_grids)
    return {
        "unit": unit,
        "code": names.code,
        "name": names.name,
        "shares": [
            {**document, "load": load.as_json()}
            for document, load in zip(documents, loads, strict=True)
        ],
        "rest": rest.as_json(),
        "buildings": [
            {"id": number, **buildings[number]._asdict()}
            for number in buildings_of(micro_grids)
            if number in buildings
        ],
    }


def loads_of(
    micro_grids: MicroGrids, buildings: Buildings, contents: list[Contents]
) -> tuple[list[Load], Load]:
    """What each micro-grid looks after, and what of their buildings none of them has. Pure."""
    loads = [Load() for _ in micro_grids]
    rest = Load()
    for number in buildings_of(micro_grids):
        building = buildings.get(number)
        households = (building.households if building else None) or 0
        floors = building.floors if building else None
        for load, portion in _divided(loads, rest, portions(micro_grids, number, floors)):
            load.households += households * portion
        for floor in (each for each in contents if each.building == number):
            _add_floor(micro_grids, floor, loads, rest)
    return loads, rest


def _add_floor(micro_grids: MicroGrids, floor: Contents, loads: list[Load], rest: Load) -> None:
    owner = owner_of(micro_grids, floor.building, floor.floor, floor.entrance)
    parts = {} if owner is None else {owner: 1.0}
    if owner is None and floor.floor is not None:
        parts = portions(
            micro_grids, floor.building, None, floor=floor.floor, entrance=floor.entrance
        )
    for load, portion in _divided(loads, rest, parts):
        load.rooms += floor.rooms * portion
    counts = (rest if owner is None else loads[owner]).counts
    for name in _COUNTED:
        counts[name] += getattr(floor, name)


def _divided(
    loads: list[Load], rest: Load, parts: Mapping[int, float]
) -> Iterator[tuple[Load, float]]:
    for number, portion in parts.items():
        yield loads[number], portion
    yield rest, max(0.0, 1.0 - sum(parts.values()))
