"""Micro-grids that share one polygon: a step of drafts, and what the whole check asks of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import shapely
from psycopg import sql

from grids.arcs.change import Before
from grids.arcs.model import Node
from grids.arcs.rules import BrokenRuleError, Rule
from grids.arcs.trace import polygon
from grids.highrise import Floors
from grids.storeys import MicroGrid, MicroGrids, Part, buildings_of, check_micro_grids
from layers.boundaries.codes.naming import OwnersOf, attributes_of
from layers.boundaries.coverage import Connection
from layers.boundaries.parameters import Parameters, check_code
from layers.boundaries.redraw import Coverage, Redraw
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from spatial.errors import ConflictError, InputError, NotFoundError

_MOST_MICRO_GRIDS = 200
_MOST_PARTS = 500
_MOST_ENTRANCES = 100
_HIGHEST = 300
_BUILDINGS = sql.SQL("""
SELECT id, coalesce(name, address), floors, households, ST_X(place), ST_Y(place)
FROM (SELECT *, ST_PointOnSurface(geom) AS place FROM {view} WHERE id = ANY (%s)) AS building
""")


class Building(NamedTuple):
    """A building whose floors are shared out; None for what nobody knows of it."""

    label: str | None
    floors: int | None
    households: int | None
    place: Node


type Buildings = Mapping[int, Building]
type BuildingsOf = Callable[[Sequence[int]], Buildings]


def read_buildings(connection: Connection, ids: Sequence[int]) -> Buildings:
    """Some buildings by id, as the role of the transaction sees them, if it does."""
    if not ids:
        return {}
    row = connection.execute("SELECT current_user").fetchone()
    assert row is not None  # a SELECT of an expression gives one row
    # The owner, who types commands at the machine, sees what the administrator does.
    role = Role(row[0]) if row[0] in Role else Role.ADMINISTRATOR
    query = _BUILDINGS.format(view=view_of(CATALOGUE.entry("buildings"), role))
    rows = connection.execute(query, (list(ids),)).fetchall()
    return {row[0]: Building(row[1], row[2], row[3], (row[4], row[5])) for row in rows}


def share_unit(
    coverage: Coverage, given: Parameters, buildings_of_ids: BuildingsOf, owners_of: OwnersOf
) -> Redraw:
    """State which micro-grids share the polygon of a unit; none: it is one micro-grid again.

    Raises:
        InputError: a floor is nobody's or two have it, or a building isn't on the polygon.
        NotFoundError, ConflictError: what is named isn't there, or a code is taken.
    """
    unit, micro_grids = given.number("unit"), _micro_grids(given.any("shares"))
    attributes_of(coverage, unit)
    if unit not in coverage.topology.arcs_of:
        raise BrokenRuleError(Rule.LEVEL, None, [unit])
    buildings = buildings_of_ids(buildings_of(micro_grids))
    for fault in _faults(coverage, unit, micro_grids, buildings):
        raise fault
    refuse_taken_codes(coverage, unit, micro_grids, owners_of)
    old, new = coverage.shares.get(unit), micro_grids or None
    return Redraw(shares={unit: (old, new)} if old != new else {})


def shares_after_merge(
    coverage: Coverage, survivor: int, absorbed: int
) -> dict[int, Before[MicroGrids]]:
    """The micro-grids of a unit that is merged share the polygon that it becomes part of."""
    moved = coverage.shares.get(absorbed)
    if moved is None:
        return {}
    there = coverage.shares.get(survivor)
    return {absorbed: (moved, None), survivor: (there, (*(there or ()), *moved))}


def _units_to_check(base: Coverage, now: Coverage) -> list[int]:
    """The shared units of which a draft changes anything."""
    before, after = base.topology, now.topology
    return sorted(
        unit
        for unit, micro_grids in now.shares.items()
        if base.shares.get(unit) != micro_grids
        or before.arcs_of.get(unit) != after.arcs_of.get(unit)
        or any(before.arcs[i] != after.arcs[i] for i in after.arcs_of.get(unit, ()))
    )


def share_problems(
    base: Coverage, now: Coverage, buildings_of_ids: BuildingsOf
) -> Iterator[tuple[str, int]]:
    """What is wrong with the micro-grids that share units which a draft changes; and the unit."""
    names = Counter(each.code for each in now.attributes.values())
    names.update(each.code for own in now.shares.values() for each in own)
    units = _units_to_check(base, now)
    ids = {number for unit in units for number in buildings_of(now.shares[unit])}
    buildings = buildings_of_ids(sorted(ids))
    for unit, micro_grids in sorted(now.shares.items()):
        for each in micro_grids:
            if names[each.code] > 1:
                yield f"code {each.code} would be that of two units / 编码重复", unit
    for unit in units:
        if unit not in now.topology.arcs_of:
            yield f"unit {unit} is gone, and micro-grids shared it / 共用的单元已不存在", unit
            continue
        for fault in _faults(now, unit, now.shares[unit], buildings):
            yield fault.message, unit


def _faults(
    coverage: Coverage, unit: int, micro_grids: MicroGrids, buildings: Buildings
) -> Iterator[InputError | NotFoundError]:
    ids = buildings_of(micro_grids)
    for number in ids:
        if number not in buildings:
            yield NotFoundError(f"there is no building {number} / 没有这个建筑")
    there = [number for number in ids if number in buildings]
    ground = polygon(coverage.topology, unit)
    for number in there:
        if not shapely.intersects_xy(ground, *buildings[number].place):
            yield InputError(
                f"building {number} isn't on this polygon / 建筑不在该网格内",
                remedy="share out the unit in which it stands",
            )
    try:
        check_micro_grids(micro_grids, {number: buildings[number].floors for number in there})
    except InputError as error:
        yield error


def refuse_taken_codes(
    coverage: Coverage, unit: int, micro_grids: MicroGrids, owners_of: OwnersOf
) -> None:
    """Refuse codes of micro-grids on a unit's polygon that are or were another unit's.

    Raises:
        ConflictError: names the first one.
    """
    codes = [each.code for each in micro_grids]
    taken = {each.code for each in coverage.attributes.values()} | {
        each.code for other, own in coverage.shares.items() if other != unit for each in own
    }
    given = owners_of(codes) if codes else {}
    for code in codes:
        if code in taken or given.get(code, frozenset()) - {unit}:
            raise ConflictError(
                f"code {code} is or was another unit's / 编码已被占用或停用",
                remedy="take one that was never given",
            )


def _micro_grids(value: Any) -> MicroGrids:
    if not isinstance(value, list) or len(value) > _MOST_MICRO_GRIDS:
        raise InputError(f"shares has to be a list, at most {_MOST_MICRO_GRIDS} / 参数 shares 不对")
    found = []
    for each in value:
        given = Parameters(_an_object(each, "a share"))
        code, name, parts = check_code(given.text("code")), given.text("name"), given.any("parts")
        given.finish()
        if not isinstance(parts, list) or not 0 < len(parts) <= _MOST_PARTS:
            raise InputError(f"{code}: parts has to be a list / 参数 parts 不对")
        found.append(MicroGrid(code, name, tuple(map(_part, parts))))
    return tuple(found)


def _part(value: Any) -> Part:
    given = Parameters(_an_object(value, "a part"))
    building, entrances, floors = given.number("building"), None, None
    if given.has("entrances"):
        entrances = _entrances(given.any("entrances"))
    if given.has("floors"):
        floors = _floors(given.any("floors"))
    for name in ("entrances", "floors"):
        given.optional_text(name)  # null is as good as missing
    given.finish()
    return Part(building, entrances, floors)


def _an_object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{what} has to be an object / 参数 shares 不对")
    return value


def _entrances(value: Any) -> tuple[str, ...]:
    is_list = isinstance(value, list) and 0 < len(value) <= _MOST_ENTRANCES
    if not is_list or not all(_is_name(each) for each in value):
        raise InputError("entrances has to be a list of names / 参数 entrances 不对")
    return tuple(sorted({each.strip() for each in value}))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= 40 and value.isprintable()


def _floors(value: Any) -> Floors:
    is_pair = isinstance(value, list) and len(value) == 2 and all(type(n) is int for n in value)
    if not is_pair or not -_HIGHEST <= value[0] <= value[1] <= _HIGHEST:
        raise InputError("floors has to be [lowest, highest] / 参数 floors 不对")
    return Floors(*value)
