"""A draft's way from its author to its approver, and onto a coverage that has changed meanwhile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import psycopg

from layers.boundaries.arc_store import new_arc_block
from layers.boundaries.cache import DraftCache, DraftState
from layers.boundaries.checking import Feature
from layers.boundaries.codes.given import numbering_of, owners_of_codes
from layers.boundaries.codes.recoding import recoded
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.desk import Desk
from layers.boundaries.disputes import note_dispute
from layers.boundaries.draft_rows import (
    Draft,
    add_step,
    find_draft,
    lock_open_draft,
    read_steps,
)
from layers.boundaries.rebase import (
    Choice,
    DisputeError,
    Rebased,
    chosen_step,
    difference,
    rebased_steps,
)
from layers.boundaries.redraw import Coverage, Redraw, redraw_to_json, together
from layers.boundaries.report import Json, make_report
from layers.boundaries.rules import read_rules
from spatial.database import Principal
from spatial.errors import ConflictError, InputError
from spatial.town import Town

_REOPENED = ("open", ("submitted", "approved"))
_WITHDRAWN = ("withdrawn", ("open", "submitted", "approved"))
_TAKEN_EFFECT = """
SELECT id FROM grids.draft
WHERE town_id = %s AND state = 'effective' AND effective_from > %s AND effective_from <= %s
ORDER BY effective_from
"""
_MOVE_BASE = """
UPDATE grids.draft SET base_at = %s, first_arc = %s, conflict = NULL, revision = revision + 1
WHERE id = %s
"""


class FaultyDraftError(ConflictError):
    """The whole check found faults; `faults` are GeoJSON features."""

    def __init__(self, faults: Sequence[Feature]) -> None:
        self.faults = list(faults)
        first = self.faults[0]["properties"]["text"]
        super().__init__(
            f"the draft has {len(self.faults)} faults, the first: {first} / 草案检查未通过",
            remedy="mend them, then submit again",
        )


def is_stale(draft: Draft, began: datetime | None) -> bool:
    """Whether the town's coverage has changed since the draft's base began to hold."""
    return draft.state in ("open", "submitted", "approved") and began != draft.base_at


def submit(desk: Desk, principal: Principal, town: Town, at: tuple[int, int]) -> Draft:
    """Hand a draft in, after the whole check.

    Raises:
        FaultyDraftError: it found faults.
        ConflictError: the draft isn't open, changes nothing, or its base is no longer today's.
        StaleError: it has been edited since.
    """
    with desk.transaction(principal) as connection:
        return hand_in(desk, connection, town, lock_open_draft(connection, town, *at))


def hand_in(desk: Desk, connection: Connection, town: Town, draft: Draft) -> Draft:
    """Submit a draft that the transaction has locked; raises as `submit` does."""
    state = desk.cache.state(connection, town, draft)
    _refuse_stale(draft, began_at(connection, town))
    if not state.done:
        raise ConflictError("the draft changes nothing / 草案没有改动")
    faults = desk.faults(connection, town, state)
    if faults:
        raise FaultyDraftError(faults)
    return _set_state(connection, town, draft.id, "submitted")


def approve(
    desk: Desk, principal: Principal, town: Town, draft_id: int, effective_from: datetime | None
) -> Draft:
    """Approve a draft that was handed in; by somebody who has drawn nothing of it.

    Args:
        effective_from: the moment from which it holds; None for now.

    Raises:
        AccessError: it is the approver's own.
        ConflictError: it wasn't handed in, or its base is no longer today's.
        InputError: the moment has passed.
    """
    now = town.now()
    if effective_from is not None and effective_from < now:
        raise InputError(
            f"effective_from has passed; it is {now.isoformat(timespec='seconds')} / 生效时间已过"
        )
    with desk.transaction(principal) as connection:
        draft = find_draft(connection, town, draft_id, lock=True)
        if draft.state != "submitted":
            raise ConflictError(f"draft {draft.id} is {draft.state}, not submitted / 草案未提交")
        _refuse_stale(draft, began_at(connection, town))
        connection.execute(
            "UPDATE grids.draft SET state = 'approved', effective_from = %s WHERE id = %s",
            (effective_from or now, draft.id),
        )
        return find_draft(connection, town, draft.id)


def amend(desk: Desk, principal: Principal, town: Town, draft_id: int) -> Draft:
    """Open a draft again that was handed in or approved.

    Raises:
        ConflictError: it is open, in effect or withdrawn.
    """
    return _leave(desk, principal, town, draft_id, _REOPENED)


def withdraw(desk: Desk, principal: Principal, town: Town, draft_id: int) -> Draft:
    """Let go of a draft that isn't in effect; it can still be read.

    Raises:
        ConflictError: it is in effect or withdrawn.
    """
    return _leave(desk, principal, town, draft_id, _WITHDRAWN)


def read_report(desk: Desk, principal: Principal, town: Town, draft_id: int) -> Json:
    """Whom and what a draft concerns: as it is now, or, in effect, as it was kept."""
    with desk.transaction(principal) as connection:
        draft = find_draft(connection, town, draft_id)
        row = connection.execute(
            "SELECT report FROM grids.draft WHERE id = %s", (draft.id,)
        ).fetchone()
        if row and row[0] is not None:
            kept: Json = row[0]
            return kept
        state = desk.cache.state(connection, town, draft)
        return make_report(connection, state, desk.cache.ground(connection, town))


def rebase(
    desk: Desk, principal: Principal, town: Town, at: tuple[int, int], choice: Choice | None
) -> Draft:
    """Take over what has changed of the town's coverage since the draft began.

    Args:
        choice: whose version holds where both changed the same; None as long as nobody knows.

    Raises:
        DisputeError: both changed the same; the draft keeps what is disputed, and nothing is lost.
        ConflictError, StaleError: the draft isn't open, or has been edited since.
        BrokenRuleError: the versions chosen don't fit together.
    """
    with desk.transaction(principal) as connection:
        draft = lock_open_draft(connection, town, *at)
        dispute = take_over_today(desk, connection, town, draft, choice)
        moved = find_draft(connection, town, draft.id)
    if dispute is not None:
        raise dispute
    return moved


def take_over_today(
    desk: Desk, connection: Connection, town: Town, draft: Draft, choice: Choice | None
) -> DisputeError | None:
    """Rebase a draft that the transaction has locked.

    Returns:
        What is disputed, to be raised once the transaction, in which it is noted, has ended.
    """
    try:
        move_to_today(connection, desk.cache, town, draft, choice)
    except DisputeError as error:
        note_dispute(connection, draft, error)
        return error
    return None


def move_to_today(
    connection: Connection, cache: DraftCache, town: Town, draft: Draft, choice: Choice | None
) -> None:
    """Make a draft stand on the coverage of today; nothing to do where it does.

    Raises:
        DisputeError: both changed the same.
    """
    began = began_at(connection, town)
    if began is None or began == draft.base_at:
        return
    state, ground = cache.state(connection, town, draft), cache.ground(connection, town)
    today = cache.base(connection, town, began)
    theirs = changed_since(connection, town, state, began, today)
    steps: Rebased
    if choice is None:
        steps = rebased_steps(state, theirs, ground)
    else:
        steps = [chosen_step(state, theirs, today, ground, choice)]
    numbering = numbering_of(connection, read_rules(connection, town), today.attributes)
    steps = recoded(steps, today, partial(owners_of_codes, connection), numbering)
    _replace_steps(connection, state, steps)
    connection.execute(_MOVE_BASE, (began, new_arc_block(connection), draft.id))


def changed_since(
    connection: Connection, town: Town, state: DraftState, began: datetime, today: Coverage
) -> Redraw:
    """What the coverage has become since the draft's base.

    The drafts that took effect say it most finely: which arc was cut, which piece came from which.
    """
    rows = connection.execute(_TAKEN_EFFECT, (town.id, state.draft.base_at, began)).fetchall()
    steps = [step for (draft_id,) in rows for step in read_steps(connection, draft_id)]
    theirs = together(step.redraw for step in steps if not step.undone)
    try:
        told = state.base.after(theirs)
    except ConflictError:
        return difference(state.base, today)  # an import came between
    return theirs if told.is_same(today) else difference(state.base, today)


def _replace_steps(connection: Connection, state: DraftState, steps: Rebased) -> None:
    """Put rebased steps in the place of those that hold; what was undone is dropped.

    A step for a step leaves each its author.
    """
    draft_id = state.draft.id
    if len(steps) != len(state.done):
        connection.execute("DELETE FROM grids.draft_step WHERE draft_id = %s", (draft_id,))
        for number, (order, redraw) in enumerate(steps, start=1):
            add_step(connection, draft_id, number, order, redraw)
        return
    connection.execute(
        "DELETE FROM grids.draft_step WHERE draft_id = %s AND undone_at IS NOT NULL", (draft_id,)
    )
    for step, (_, redraw) in zip(state.done, steps, strict=True):
        connection.execute(
            "UPDATE grids.draft_step SET change = %s WHERE draft_id = %s AND number = %s",
            (json.dumps(redraw_to_json(redraw)), draft_id, step.number),
        )


def _refuse_stale(draft: Draft, began: datetime | None) -> None:
    if is_stale(draft, began):
        raise ConflictError(
            "the town's grids have changed since the draft began / 现行网格已变更",
            remedy="take the changes over first: rebase",
        )


def _leave(
    desk: Desk, principal: Principal, town: Town, draft_id: int, way: tuple[str, tuple[str, ...]]
) -> Draft:
    """Into another state, from some."""
    state, allowed = way
    with desk.transaction(principal) as connection:
        draft = find_draft(connection, town, draft_id, lock=True)
        if draft.state not in allowed:
            raise ConflictError(f"draft {draft.id} is {draft.state} / 草案状态不允许此操作")
        return _set_state(connection, town, draft.id, state)


def _set_state(connection: Connection, town: Town, draft_id: int, state: str) -> Draft:
    try:
        connection.execute("UPDATE grids.draft SET state = %s WHERE id = %s", (state, draft_id))
    except psycopg.errors.UniqueViolation as error:
        raise ConflictError(
            "its client has another draft open / 该客户端另有未提交的草案",
            remedy="submit or withdraw that one first",
        ) from error
    return find_draft(connection, town, draft_id)
