"""What a draft writes as it takes effect: units, versions, arcs, incidents, members, lineage."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import shapely

from grids.arcs.model import Arc
from grids.arcs.trace import polygon
from grids.storeys import micro_grids_to_json
from layers.boundaries.arc_store import cut_numbers
from layers.boundaries.cache import DraftState
from layers.boundaries.coverage import Connection
from layers.boundaries.effect.attribution import attribute_incidents_anew
from layers.boundaries.highrises.members import pass_members_on, renumbered_shares
from layers.boundaries.redraw import Redraw
from layers.boundaries.report import heirs_of, lineage_of, redrawn_units
from layers.towns import set_outline
from spatial.town import Town

_NEW_UNIT = """
INSERT INTO grids.unit (id, town_id, code, level, parent_id) VALUES (%s, %s, %s, %s, %s)
"""
_END_VERSIONS = """
UPDATE grids.version SET valid = tstzrange(lower(valid), %(moment)s)
WHERE town_id = %(town_id)s AND unit_id = ANY (%(units)s) AND valid @> %(moment)s::timestamptz
"""
# A unit that keeps its shape gets the one that it had, which ended at this moment.
_NEW_VERSION = """
INSERT INTO grids.version
    (town_id, unit_id, code, parent_id, name, name_en, kind, shares, geom, valid, draft_id)
SELECT %(town_id)s, %(unit)s, %(code)s, %(parent)s, %(name)s, %(name_en)s, %(kind)s,
       %(shares)s, coalesce(ST_Multi(ST_GeomFromWKB(%(wkb)s, 4326)), (
           SELECT geom FROM grids.version
           WHERE unit_id = %(unit)s AND upper(valid) = %(moment)s
       )),
       tstzrange(%(moment)s, NULL), %(draft)s
"""
_END_ARCS = """
UPDATE grids.arc_version SET valid = tstzrange(lower(valid), %s)
WHERE town_id = %s AND arc_id = ANY (%s) AND valid @> %s::timestamptz
"""
_NEW_ARC = """
INSERT INTO grids.arc_version
    (town_id, arc_id, geom, left_unit_id, right_unit_id, start_cut, end_cut, valid)
VALUES (%s, %s, ST_GeomFromWKB(%s, 4326), %s, %s, %s, %s, tstzrange(%s, NULL))
"""


class Effect:
    """What a draft writes as it takes effect."""

    def __init__(
        self, connection: Connection, town: Town, state: DraftState, moment: datetime
    ) -> None:
        """As the database's owner, from a moment at which no other coverage begins."""
        self._connection = connection
        self._town = town
        self._state = state
        self._whole: Redraw = state.whole
        self._moment = moment

    def write(self) -> None:
        """All of it, in the caller's transaction."""
        redrawn = redrawn_units(self._state, self._whole)
        self._write_units()
        self._write_arcs()
        self._write_versions(redrawn)
        attribute_incidents_anew(self._connection, self._town, self._moment, self._moment)
        self._hand_over_members()
        self._write_lineage()
        self._write_outline(redrawn)

    def _write_units(self) -> None:
        """New units from the top down; codes that pass from one to another meet in between."""
        units, attributes = self._state.now.topology.units.by_id, self._state.now.attributes
        there = [
            unit for unit in self._whole.units & units.keys() if unit in self._state.base.attributes
        ]
        self._many("UPDATE grids.unit SET code = '~' || id WHERE id = %s", [(u,) for u in there])
        new = sorted(
            self._whole.units & units.keys() - self._state.base.attributes.keys(),
            key=lambda unit: units[unit].level,
        )
        self._many(
            _NEW_UNIT,
            [
                (u, self._town.id, attributes[u].code, units[u].level, units[u].parent or None)
                for u in new
            ],
        )
        self._many(
            "UPDATE grids.unit SET code = %s, parent_id = %s WHERE id = %s",
            [(attributes[u].code, units[u].parent or None, u) for u in there],
        )

    def _write_arcs(self) -> None:
        arcs = self._whole.shape.arcs
        self._connection.execute(_END_ARCS, (self._moment, self._town.id, list(arcs), self._moment))
        self._many(_NEW_ARC, [self._arc_row(i, arc) for i, (_, arc) in arcs.items() if arc])

    def _arc_row(self, arc_id: int, arc: Arc) -> tuple[Any, ...]:
        wkb = shapely.LineString(arc.coords).wkb
        cuts = (cut_numbers(arc.start_cut), cut_numbers(arc.end_cut))
        sides = (arc.left or None, arc.right or None)
        return (self._town.id, arc_id, wkb, *sides, *cuts, self._moment)

    def _write_versions(self, redrawn: set[int]) -> None:
        """End the versions of units that change or go, and begin those of units that are there."""
        changed = sorted(redrawn | self._whole.units)
        self._connection.execute(
            _END_VERSIONS, {"moment": self._moment, "town_id": self._town.id, "units": changed}
        )
        for unit in changed:
            if unit in self._state.now.attributes:
                self._new_version(unit, has_moved=unit in redrawn)

    def _new_version(self, unit: int, *, has_moved: bool) -> None:
        topology = self._state.now.topology
        self._connection.execute(
            _NEW_VERSION,
            {
                "town_id": self._town.id,
                "unit": unit,
                "parent": topology.units.by_id[unit].parent or None,
                "wkb": polygon(topology, unit).wkb if has_moved else None,
                "moment": self._moment,
                "draft": self._state.draft.id,
                "shares": json.dumps(micro_grids_to_json(self._state.now.shares.get(unit, ()))),
                **self._state.now.attributes[unit]._asdict(),
            },
        )

    def _hand_over_members(self) -> None:
        """Whoever answered for a grid that is gone answers for the one that took its place."""
        self._many(
            "UPDATE layers.account SET grid_id = %s WHERE grid_id = %s",
            [(heir, grid) for grid, heir in heirs_of(self._state, self._whole).items()],
        )
        new_codes = renumbered_shares(self._state.base, self._state.now)
        pass_members_on(self._connection, self._town, new_codes)
        self._connection.execute(
            "SELECT grids.release_share_members(%s, %s)", (self._town.id, self._moment)
        )

    def _write_lineage(self) -> None:
        draft_id = self._state.draft.id
        self._many(
            "INSERT INTO grids.lineage (town_id, unit_id, became_id, draft_id, at)"
            " VALUES (%s, %s, %s, %s, %s)",
            [
                (self._town.id, unit, became, draft_id, self._moment)
                for unit, became in lineage_of(self._state, self._whole)
            ],
        )

    def _write_outline(self, redrawn: set[int]) -> None:
        topology = self._state.now.topology
        for unit in redrawn:
            if unit in topology.units.by_id and topology.units.by_id[unit].level == 1:
                set_outline(self._connection, self._town, polygon(topology, unit))

    def _many(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.encode(), list(rows))
