"""An approved draft takes effect: versions, arcs, incidents, members, lineage and the report.

All in one transaction of the database's owner, at a moment of its own: no two changes of a town's
coverage share one, so that a moment tells which coverage held.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import shapely

from grids.arcs.model import Arc
from grids.arcs.trace import polygon
from grids.storeys import micro_grids_to_json
from layers.boundaries.arc_store import cut_numbers, store_missing_arcs
from layers.boundaries.attribution import attribute_incidents_anew
from layers.boundaries.cache import DraftCache, DraftState
from layers.boundaries.coverage import Connection, began_at, speak_for
from layers.boundaries.disputes import note_dispute
from layers.boundaries.draft_rows import Draft, find_draft
from layers.boundaries.given_codes import owners_of_codes
from layers.boundaries.naming import TakenCodeError, check_codes
from layers.boundaries.proceedings import move_to_today
from layers.boundaries.rebase import DisputeError
from layers.boundaries.redraw import Redraw
from layers.boundaries.report import heirs_of, lineage_of, make_report, redrawn_units
from layers.towns import set_outline
from spatial.errors import GridwhistleError
from spatial.town import Town, find_town, read_town

LOGGER = logging.getLogger(__name__)

_DUE = """
SELECT id FROM grids.draft
WHERE town_id = %s AND state = 'approved' AND effective_from <= %s
ORDER BY effective_from, id LIMIT 1
"""
_CAME = """
SELECT 1 FROM grids.version
WHERE town_id = %s AND batch_id IS NOT NULL AND lower(valid) BETWEEN %s AND %s LIMIT 1
"""
# For so long a worker may sleep; a start of the app settles all.
_LOOKED_BACK = timedelta(days=1)
_WAITING = """
SELECT id FROM grids.draft
WHERE town_id = %s AND state IN ('submitted', 'approved') ORDER BY effective_from, id
"""
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


def catch_up(conninfo: str) -> None:
    """At a start: arcs for an older town, and what became due while nothing ran; as owner.

    What can't be done is said in the log; the rest of the platform runs on.
    """
    with psycopg.connect(conninfo) as connection:
        town = find_town(connection)
        if town is None:
            return
        try:
            with connection.transaction():
                store_missing_arcs(connection, town)
        except GridwhistleError as error:
            LOGGER.warning("boundaries can't be redrawn: %s", error)
        attribute_incidents_anew(connection, town, town.now(), town.now())
        redraw_what_is_due(connection, town)


def redraw_what_is_due(connection: Connection, town: Town) -> int:
    """Make every draft effective whose moment has come, in their order; how many did.

    The caller commits. A draft that can't be is left, and said in the log; one that disputes what
    holds today is open again.
    """
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('gridwhistle boundaries'))")
    speak_for(connection, town)
    done = 0
    while due := connection.execute(_DUE, (town.id, town.now())).fetchone():
        try:
            with connection.transaction():
                done += _make_effective(connection, town, due[0])
        except GridwhistleError as error:
            LOGGER.warning("draft %s can't take effect: %s", due[0], error)
            break
        town = read_town(connection)
    _settle_imports(connection, town)
    return done


def _settle_imports(connection: Connection, town: Town) -> None:
    """An import may have said that its grids hold from a day that has come by now."""
    now = town.now()
    came = connection.execute(_CAME, (town.id, now - _LOOKED_BACK, now)).fetchone()
    if came is not None:
        attribute_incidents_anew(connection, town, now, now)


def _make_effective(connection: Connection, town: Town, draft_id: int) -> bool:
    """Whether it took effect; else it is open again."""
    draft = find_draft(connection, town, draft_id, lock=True)
    if not _up_to_date(connection, town, draft):
        return False
    _take_effect(connection, town, find_draft(connection, town, draft.id))
    _rebase_waiting(connection, read_town(connection))
    return True


def _up_to_date(connection: Connection, town: Town, draft: Draft) -> bool:
    """Bring a draft onto the coverage of today; else open it again, and tell."""
    try:
        with connection.transaction():
            move_to_today(connection, DraftCache(), town, draft, None)
            _refuse_taken_codes(connection, town, draft.id)
    except DisputeError as dispute:
        note_dispute(connection, draft, dispute)
        _open_again(connection, draft, dispute)
        return False
    except TakenCodeError as taken:
        _open_again(connection, draft, taken)
        return False
    return True


def _refuse_taken_codes(connection: Connection, town: Town, draft_id: int) -> None:
    """What an earlier draft has given to other units since this one was checked."""
    state = DraftCache().state(connection, town, find_draft(connection, town, draft_id))
    owners_of = partial(owners_of_codes, connection)
    check_codes(state.base.attributes, state.now.attributes, owners_of)


def _open_again(connection: Connection, draft: Draft, why: GridwhistleError) -> None:
    LOGGER.warning("draft %s is open again: %s", draft.id, why)
    connection.execute(
        "UPDATE grids.draft SET state = 'open', approver = NULL, effective_from = NULL"
        " WHERE id = %s",
        (draft.id,),
    )


def _rebase_waiting(connection: Connection, town: Town) -> None:
    for (draft_id,) in connection.execute(_WAITING, (town.id,)).fetchall():
        _up_to_date(connection, town, find_draft(connection, town, draft_id, lock=True))


def _take_effect(connection: Connection, town: Town, draft: Draft) -> None:
    cache = DraftCache()
    state = cache.state(connection, town, draft)
    moment = _moment(connection, town, draft)
    report = make_report(connection, state, cache.ground(connection, town))
    _Effect(connection, town, state, moment).write()
    connection.execute(
        "UPDATE grids.draft SET state = 'effective', effective_from = %s, report = %s"
        " WHERE id = %s",
        (moment, json.dumps(report), draft.id),
    )


def _moment(connection: Connection, town: Town, draft: Draft) -> datetime:
    """The draft's own moment, or just after the last change of the coverage.

    A synthetic town's clock stands still, so it is moved on by as much.
    """
    began = began_at(connection, town)
    assert draft.effective_from is not None  # it is approved
    moment = draft.effective_from
    if began is not None and moment <= began:
        moment = began + timedelta(microseconds=1)
    if town.as_of is not None and moment > town.as_of:
        connection.execute("UPDATE spatial.town SET as_of = %s WHERE id = %s", (moment, town.id))
    return moment


class _Effect:
    """What a draft writes as it takes effect."""

    def __init__(
        self, connection: Connection, town: Town, state: DraftState, moment: datetime
    ) -> None:
        self._connection = connection
        self._town = town
        self._state = state
        self._whole: Redraw = state.whole
        self._moment = moment

    def write(self) -> None:
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
