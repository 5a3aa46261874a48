"""What a draft changes, unit by unit: codes, premises, households, members and areas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from grids.arcs.trace import polygon
from layers.boundaries.cache import DraftCache, DraftState
from layers.boundaries.draft_rows import find_draft
from layers.boundaries.highrises.loads import read_highrises
from layers.boundaries.highrises.members import described_shares
from layers.boundaries.redraw import Coverage
from layers.boundaries.report import make_report
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from spatial.town import Town

COUNTED_LAYERS = ("premises", "buildings")
_TOWN_LEVEL, _LOWEST_LEVEL = 1, 4
# Each thing is counted where its place lies.
_COUNTS = sql.SQL("""
SELECT given.number,
       (SELECT count(*) FROM {premises} AS premises
        WHERE ST_Intersects(shape.geom, premises.geom)),
       (SELECT coalesce(sum(building.households), 0) FROM {buildings} AS building
        WHERE building.geom && shape.geom
          AND ST_Intersects(shape.geom, ST_PointOnSurface(building.geom)))
FROM unnest(%s::int[], %s::bytea[]) AS given (number, wkb),
     LATERAL (SELECT ST_GeomFromWKB(given.wkb, 4326) AS geom) AS shape
""")


class UnitFacts(NamedTuple):
    """A unit before or after; of a micro-grid of a high-rise no area."""

    code: str
    name: str
    area_m2: float | None
    premises: int
    households: int
    members: str


class ChangeRow(NamedTuple):
    """A unit that changes.

    Attributes:
        before, after: None where it isn't there.
        related: codes of the units that it came from, or became; of a high-rise's micro-grid that
            of the one whose polygon it shares.
        is_share: whether it is one of a high-rise.
    """

    level: int
    before: UnitFacts | None
    after: UnitFacts | None
    related: str
    is_share: bool = False

    @property
    def kinds(self) -> str:
        """What happens to it, in words."""
        if self.before is None:
            return "新增"
        if self.after is None:
            return "撤销"
        found = []
        if self.before.code != self.after.code:
            found.append("改码")
        if self.before.name != self.after.name:
            found.append("更名")
        if self.before.area_m2 != self.after.area_m2:
            found.append("调界")
        return "、".join(found) or "调整"


class Changes(NamedTuple):
    """All of a draft.

    Attributes:
        draft_name: what its author calls it.
        premises: those that go to another unit: name, code before, code after.
    """

    draft_name: str
    rows: list[ChangeRow]
    premises: list[tuple[str, str, str]]


def changes_of_draft(
    connection: psycopg.Connection[Any], town: Town, draft_id: int, role: Role
) -> Changes:
    """What a draft changes.

    Args:
        connection: in a transaction that asks for the town, as somebody who drafts or the owner.
        role: whose layers are counted.

    Raises:
        NotFoundError: there is no such draft.
    """
    cache = DraftCache()
    state = cache.state(connection, town, find_draft(connection, town, draft_id))
    report = make_report(connection, state, cache.ground(connection, town))
    members = {side: _members(report["members"], side) for side in ("grid", "after")}
    related = _related(report["lineage"])
    counts = _counts(connection, role, state, report["units"])
    rows = []
    for unit in report["units"]:
        if unit["level"] == _TOWN_LEVEL:
            continue
        before = _facts(unit, "before", counts, members["grid"])
        after = _facts(unit, "after", counts, members["after"])
        codes = {each.code for each in (before, after) if each}
        others = {code for own in codes for code in related[own]} - codes
        rows.append(ChangeRow(unit["level"], before, after, "、".join(sorted(others))))
    rows += _share_rows(connection, town, state, members)
    premises = [
        (each["label"] or "", _code(each["from"]), _code(each["to"])) for each in report["premises"]
    ]
    return Changes(state.draft.name, rows, premises)


def _share_rows(
    connection: psycopg.Connection[Any],
    town: Town,
    state: DraftState,
    members: Mapping[str, Mapping[str, list[str]]],
) -> list[ChangeRow]:
    """The micro-grids of high-rises that come, go, or have other floors."""
    before, after = described_shares(state.base), described_shares(state.now)
    codes = [code for code in before.keys() | after.keys() if before.get(code) != after.get(code)]
    if not codes:
        return []
    was = _share_facts(connection, town, state.base, members["grid"])
    now = _share_facts(connection, town, state.now, members["after"])
    return [
        ChangeRow(_LOWEST_LEVEL, was.get(code), now.get(code), polygon, is_share=True)
        for code in sorted(codes)
        for polygon in [(after.get(code) or before[code]).document["polygon"]]
    ]


def _share_facts(
    connection: psycopg.Connection[Any],
    town: Town,
    coverage: Coverage,
    members: Mapping[str, list[str]],
) -> dict[str, UnitFacts]:
    return {
        share["code"]: UnitFacts(
            share["code"],
            share["name"],
            None,
            share["load"]["premises"],
            round(share["load"]["households"]),
            "、".join(members.get(share["code"], [])),
        )
        for highrise in read_highrises(connection, town, coverage)
        for share in highrise["shares"]
    }


def _facts(
    unit: Mapping[str, Any],
    side: str,
    counts: Mapping[tuple[int, str], tuple[int, int]],
    members: Mapping[str, list[str]],
) -> UnitFacts | None:
    said = unit[side]
    if said is None:
        return None
    premises, households = counts[unit["id"], side]
    names = "、".join(members.get(said["code"], []))
    area_m2 = unit[f"area_{side}_m2"]
    return UnitFacts(said["code"], said["name"], area_m2, premises, households, names)


def _counts(
    connection: psycopg.Connection[Any],
    role: Role,
    state: DraftState,
    units: list[Mapping[str, Any]],
) -> dict[tuple[int, str], tuple[int, int]]:
    """Premises and households of each unit, before and after."""
    sides: dict[str, Coverage] = {"before": state.base, "after": state.now}
    keys = [(unit["id"], side) for unit in units for side in sides if unit[side] is not None]
    shapes = [polygon(sides[side].topology, unit).wkb for unit, side in keys]
    views = {layer: view_of(CATALOGUE.entry(layer), role) for layer in COUNTED_LAYERS}
    asked = (list(range(len(keys))), shapes)
    found = connection.execute(_COUNTS.format(**views), asked).fetchall()
    return {keys[number]: (premises, int(households)) for number, premises, households in found}


def _members(members: list[Mapping[str, Any]], side: str) -> dict[str, list[str]]:
    """Names by the code of their grid."""
    found: dict[str, list[str]] = defaultdict(list)
    for member in members:
        if member.get(side):
            found[member[side]["code"]].append(member["name"])
    return found


def _related(lineage: list[Mapping[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for pair in lineage:
        found[pair["code"]].add(pair["became_code"])
        found[pair["became_code"]].add(pair["code"])
    return found


def _code(place: Mapping[str, Any] | None) -> str:
    return str(place["micro_grid"] or place["grid"] or "") if place else ""
