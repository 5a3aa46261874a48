"""Who and what goes where by a redraw: shown before it is approved, kept afterwards."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely

from grids.arcs.model import Topology
from grids.arcs.rules import Ground
from grids.arcs.trace import polygon, unit_steps
from grids.coverage import ring_edges
from grids.storeys import micro_grids_to_json, owner_of
from layers.boundaries.cache import DraftState
from layers.boundaries.coverage import Connection
from layers.boundaries.highrises.members import changed_members
from layers.boundaries.redraw import Coverage, Redraw

type Json = dict[str, Any]

GRID_LEVEL = 3
_CONCERNED = """
SELECT layer, id, label, before_unit, after_unit, building, entrance, floor
FROM grids.concerned_by_redraw(%s, %s, %s) ORDER BY layer, id
"""
_MEMBERS = """
SELECT account_id, display_name, grid_id FROM grids.members_of_grids(%s)
ORDER BY display_name, account_id
"""


def make_report(connection: Connection, state: DraftState, ground: Ground) -> Json:
    """What the draft changes, for whom.

    Args:
        connection: in a transaction that asks for the town, as somebody who drafts or the owner.

    Returns:
        units, lineage, premises, incidents (the open ones), members and counts; as documented
        in docs/boundaries-api.md.
    """
    whole = state.whole
    moved = _moved_things(connection, state, whole)
    members = _members(connection, state, whole)
    members += changed_members(connection, state.base, state.now, heirs_of(state, whole))
    return {
        "units": _units(state, whole, ground),
        "lineage": [
            {
                "unit": unit,
                "became": became,
                "code": state.base.attributes[unit].code,
                "became_code": state.now.attributes[became].code,
            }
            for unit, became in lineage_of(state, whole)
        ],
        **moved,
        "members": members,
        "counts": {name: len(rows) for name, rows in (*moved.items(), ("members", members))},
    }


def left_out(connection: Connection, state: DraftState) -> list[Json]:
    """Premises that have a grid and would have none: only a moved outline can do that."""
    whole = state.whole
    arcs = [arc for pair in whole.shape.arcs.values() for arc in pair if arc is not None]
    if not any(arc.is_outline for arc in arcs):
        return []
    premises = _moved_things(connection, state, whole)["premises"]
    return [each for each in premises if each["to"] is None]


def lineage_of(state: DraftState, whole: Redraw) -> list[tuple[int, int]]:
    """Units of the base and those units of the draft that they, or parts of them, became."""
    return sorted(
        (unit, became)
        for unit, became in whole.lineage
        if unit != became and unit in state.base.attributes and became in state.now.attributes
    )


def redrawn_units(state: DraftState, whole: Redraw) -> set[int]:
    """The units of all levels whose shape changes, by a vertex at least; gone ones too."""
    before, after = state.base.topology, state.now.topology
    faces = whole.shape.faces | {
        face
        for unit in whole.shape.units
        for topology in (before, after)
        if unit in topology.units.by_id
        for face in topology.units.leaves(unit)
    }
    above = {
        up for topology in (before, after) for face in faces for up in topology.units.above(face)
    }
    return {unit for unit in above if not _is_same_ground(before, after, unit)}


def _is_same_ground(before: Topology, after: Topology, unit: int) -> bool:
    if _edges(before, unit) == _edges(after, unit):
        return True
    if unit not in before.units.by_id or unit not in after.units.by_id:
        return False
    # An arc may have been cut at one of its vertices, which leaves the line as it was.
    one, other = (ring_edges(polygon(topology, unit)) for topology in (before, after))
    return np.array_equal(one, other)


def _edges(topology: Topology, unit: int) -> set[tuple[int, bool, bytes]]:
    """The lines around a unit, each with the side on which it lies."""
    if unit not in topology.units.by_id:
        return set()
    found = set()
    for arc_id, along in unit_steps(topology, unit):
        coords = topology.arcs[arc_id].coords
        found.add((arc_id, along, coords.tobytes()))
    return found


def _units(state: DraftState, whole: Redraw, ground: Ground) -> list[Json]:
    changed = redrawn_units(state, whole) | whole.units
    by_id = {**state.base.topology.units.by_id, **state.now.topology.units.by_id}
    return [
        {
            "id": unit,
            "level": by_id[unit].level,
            "before": _described(state.base, unit),
            "after": _described(state.now, unit),
            "area_before_m2": _area_m2(state.base, unit, ground),
            "area_after_m2": _area_m2(state.now, unit, ground),
        }
        for unit in sorted(changed, key=lambda each: (by_id[each].level, each))
    ]


def _described(coverage: Coverage, unit: int) -> Json | None:
    if unit not in coverage.attributes:
        return None
    parent = coverage.attributes.get(coverage.topology.units.by_id[unit].parent)
    named = coverage.attributes[unit]._asdict() | {"parent": parent.code if parent else None}
    shares = micro_grids_to_json(coverage.shares.get(unit, ()))
    return named | ({"shares": shares} if shares else {})


def _area_m2(coverage: Coverage, unit: int, ground: Ground) -> float | None:
    if unit not in coverage.attributes:
        return None
    shape = polygon(coverage.topology, unit)
    return round(float(shapely.area(ground.plane.projected([shape])[0])), 1)


def _moved_things(
    connection: Connection, state: DraftState, whole: Redraw
) -> dict[str, list[Json]]:
    """Premises and open incidents whose micro-grid or grid is another one, by layer."""
    found: dict[str, list[Json]] = {"premises": [], "incidents": []}
    faces = sorted(_concerned_faces(state, whole))
    if not faces:
        return found
    after = state.now.topology
    shapes = [polygon(after, face).wkb if face in after.arcs_of else None for face in faces]
    rows = connection.execute(_CONCERNED, (state.draft.base_at, faces, shapes)).fetchall()
    for layer, number, label, was, now, *home in rows:
        left, reached = Spot.of(state.base, was, *home), Spot.of(state.now, now, *home)
        if left != reached:
            places = {"from": left.place(state.base), "to": reached.place(state.now)}
            found[layer].append({"id": number, "label": label, **places})
    return found


class Spot(NamedTuple):
    """Where a thing is: face and grid by id, None outside; in a high-rise its micro-grid's code."""

    face: int | None
    grid: int | None
    share: str | None

    @classmethod
    def of(
        cls,
        coverage: Coverage,
        face: int | None,
        building: int | None,
        entrance: str | None,
        floor: int | None,
    ) -> Spot:
        """Where a thing is that lies in a face, and in this home as far as that is known."""
        if face is None:
            return cls(None, None, None)
        own, share = coverage.shares.get(face, ()), None
        if own and building is not None:
            share = owner_of(own, building, floor, entrance)
        grid = coverage.topology.units.at_level(face, GRID_LEVEL)
        return cls(face, grid, None if share is None else own[share].code)

    def place(self, coverage: Coverage) -> Json | None:
        """The same by codes; None outside."""
        if self.face is None:
            return None
        polygon = coverage.attributes[self.face].code
        grid = coverage.attributes.get(self.grid or 0)
        place = {"micro_grid": self.share or polygon, "grid": grid.code if grid else None}
        return place | ({"polygon": polygon} if self.share else {})


def _concerned_faces(state: DraftState, whole: Redraw) -> set[int]:
    """The faces whose ground, whose grid, or whose high-rises are divided another way."""
    faces = set(whole.shape.faces) & (
        state.base.topology.arcs_of.keys() | state.now.topology.arcs_of.keys()
    )
    for coverage in (state.base, state.now):
        for unit in whole.shape.units:
            if unit in coverage.topology.units.by_id:
                faces.update(coverage.topology.units.leaves(unit))
    return faces | whole.shares.keys()


def _members(connection: Connection, state: DraftState, whole: Redraw) -> list[Json]:
    """Those who answer for a grid that is redrawn, renamed or gone."""
    changed = redrawn_units(state, whole) | whole.units
    before = state.base.topology.units.by_id
    grids = [unit for unit in changed if unit in before and before[unit].level == GRID_LEVEL]
    if not grids:
        return []
    rows = connection.execute(_MEMBERS, (grids,)).fetchall()
    heirs = heirs_of(state, whole)
    return [
        {
            "account": account,
            "name": name,
            "grid": _described(state.base, grid),
            "after": _described(state.now, heirs.get(grid, grid)),
        }
        for account, name, grid in rows
    ]


def heirs_of(state: DraftState, whole: Redraw) -> dict[int, int]:
    """Of each grid that is gone the one that took its place."""
    units = state.now.topology.units.by_id
    return {
        unit: became
        for unit, became in lineage_of(state, whole)
        if unit not in units and units[became].level == GRID_LEVEL
    }
