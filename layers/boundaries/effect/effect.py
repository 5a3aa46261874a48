"""An approved draft takes effect, and those that wait behind it are rebased.

All in one transaction of the database's owner, at a moment of its own: no two changes of a town's
coverage share one, so that a moment tells which coverage held.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from functools import partial

import psycopg

from layers.boundaries.arc_store import store_missing_arcs
from layers.boundaries.cache import DraftCache
from layers.boundaries.codes.given import owners_of_codes
from layers.boundaries.codes.naming import TakenCodeError, check_codes
from layers.boundaries.coverage import Connection, began_at, speak_for
from layers.boundaries.disputes import note_dispute
from layers.boundaries.draft_rows import Draft, find_draft
from layers.boundaries.effect.attribution import attribute_incidents_anew
from layers.boundaries.effect.rows import Effect
from layers.boundaries.proceedings import move_to_today
from layers.boundaries.rebase import DisputeError
from layers.boundaries.report import make_report
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
    Effect(connection, town, state, moment).write()
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
