"""What editors do with a draft: edit, undo, do again, check. One short transaction each.

A draft is locked while one step is computed, some milliseconds; between steps nothing is, so that
nobody waits while somebody drinks tea. Whoever comes second with an old revision is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from grids.arcs.rules import Ground
from layers.boundaries.cache import DraftCache, DraftState
from layers.boundaries.checking import (
    Feature,
    faults_of,
    faults_of_codes,
    faults_of_shares,
    faults_outside,
)
from layers.boundaries.codes.given import numbering_of, owners_of_codes
from layers.boundaries.coverage import Connection
from layers.boundaries.draft_rows import (
    Order,
    Step,
    add_step,
    count_edit,
    find_draft,
    lock_open_draft,
    mark_step,
)
from layers.boundaries.highrises.shares import read_buildings, share_problems
from layers.boundaries.lines import line_of_feature
from layers.boundaries.operations import OUTLINE_KINDS, Tools, perform
from layers.boundaries.redraw import Redraw
from layers.boundaries.report import left_out
from layers.boundaries.rules import read_rules
from layers.roles import Role
from spatial.database import Principal, transaction
from spatial.errors import AccessError, ConflictError
from spatial.town import Town

DRAFTERS = frozenset({Role.GIS_EDITOR, Role.ADMINISTRATOR})
DRAFTED_LAYER = "micro-grids"  # the policies of drafts ask for it too


@dataclass(frozen=True)
class Edited:
    """A draft after an edit, and what the edit changed."""

    state: DraftState
    redraw: Redraw


@dataclass(frozen=True)
class Desk:
    """Where drafts lie; one for a running app.

    Attributes:
        pool: connections of the web's own login, or of the owner.
        cache: the drafts kept in memory.
    """

    pool: ConnectionPool[Any]
    cache: DraftCache

    @contextmanager
    def transaction(self, principal: Principal) -> Iterator[Connection]:
        """A transaction as somebody who drafts; what the database refuses is said in its words.

        Raises:
            AccessError: the role drafts nothing, or the database refuses.
        """
        require_drafter(principal)
        try:
            with transaction(self.pool, principal) as connection:
                yield connection
        except psycopg.errors.InsufficientPrivilege as error:
            raise AccessError(error.diag.message_primary or "refused") from error

    def read(self, principal: Principal, town: Town, draft_id: int) -> DraftState:
        """A draft as it stands.

        Raises:
            NotFoundError: there is none.
        """
        with self.transaction(principal) as connection:
            return self.cache.state(connection, town, find_draft(connection, town, draft_id))

    def operate(
        self,
        principal: Principal,
        town: Town,
        at: tuple[int, int],
        order: Order,
    ) -> Edited:
        """Carry out one step and store it.

        Args:
            at: the draft, and the revision at which its editor has seen it.

        Raises:
            StaleError: the draft has another revision by now.
            ConflictError: it isn't open, or a code is taken.
            InputError, BrokenRuleError, NotFoundError: see `perform`.
        """
        if order.kind in OUTLINE_KINDS and principal.role != Role.ADMINISTRATOR:
            raise AccessError("the outline is the administrator's to change / 外边界由管理员调整")
        with self.transaction(principal) as connection:
            draft = lock_open_draft(connection, town, *at)
            state = self.cache.state(connection, town, draft)
            tools = self.tools(connection, principal, town, state)
            edited = draw_step(connection, state, tools, order)
        self.cache.keep(edited.state)
        return edited

    def undo(self, principal: Principal, town: Town, at: tuple[int, int]) -> Edited:
        """Take back the last step that holds.

        Raises:
            ConflictError: there is none, or the draft isn't open.
            StaleError: the draft has another revision by now.
        """
        return self._mark(principal, town, at, undone=True)

    def redo(self, principal: Principal, town: Town, at: tuple[int, int]) -> Edited:
        """Do the step again that was undone last; raises as `undo` does."""
        return self._mark(principal, town, at, undone=False)

    def _mark(
        self, principal: Principal, town: Town, at: tuple[int, int], *, undone: bool
    ) -> Edited:
        with self.transaction(principal) as connection:
            draft = lock_open_draft(connection, town, *at)
            state = self.cache.state(connection, town, draft)
            step = _step_to_mark(state, undone=undone)
            redraw = step.redraw.inverse if undone else step.redraw
            now = state.now.after(redraw)
            mark_step(connection, draft.id, step.number, undone=undone)
            revision = count_edit(connection, draft.id)
        edited = state.marked(step.number, undone=undone, now=now, revision=revision)
        self.cache.keep(edited)
        return Edited(edited, redraw)

    def check(
        self, principal: Principal, town: Town, draft_id: int
    ) -> tuple[DraftState, list[Feature]]:
        """The whole draft and its faults; none for a sound one."""
        with self.transaction(principal) as connection:
            state = self.cache.state(connection, town, find_draft(connection, town, draft_id))
            return state, self.faults(connection, town, state)

    def faults(self, connection: Connection, town: Town, state: DraftState) -> list[Feature]:
        """What is wrong with a draft as it stands."""
        outside = faults_outside(left_out(connection, state))
        owners_of = partial(owners_of_codes, connection)
        rules = read_rules(connection, town)
        ground = Ground(self.cache.plane(town), rules.measures)
        found = [
            *outside,
            *faults_of_codes(state.base, state.now, rules.scheme),
            *faults_of(state.base, state.now, ground, owners_of),
        ]
        if found:
            return found
        # Who shares a polygon is asked of sound ones.
        buildings_of = partial(read_buildings, connection)
        return faults_of_shares(state.now, share_problems(state.base, state.now, buildings_of))

    def tools(
        self, connection: Connection, principal: Principal, town: Town, state: DraftState
    ) -> Tools:
        """What the steps of a draft may ask for, in this transaction."""
        base, rules = state.base.attributes, read_rules(connection, town)
        return Tools(
            ground=Ground(self.cache.plane(town), rules.measures),
            base=base,
            new_unit=partial(new_unit_id, connection),
            owners_of=partial(owners_of_codes, connection),
            numbering=numbering_of(connection, rules, base),
            line_of=partial(line_of_feature, connection, Role(principal.role)),
            buildings_of=partial(read_buildings, connection),
        )


def require_drafter(principal: Principal) -> None:
    """Refuse who drafts nothing.

    Raises:
        AccessError: the role is neither GIS editor nor administrator, or the key is for other
            layers.
    """
    if principal.role not in DRAFTERS:
        raise AccessError(
            "drafts are for GIS editors and administrators / 草案仅限地理信息编辑和管理员"
        )
    if not principal.reaches(DRAFTED_LAYER):
        raise AccessError(f"this key is not for {DRAFTED_LAYER} / 此密钥不含微网格图层")


def draw_step(connection: Connection, state: DraftState, tools: Tools, order: Order) -> Edited:
    """Carry out one step and store it; the draft is the transaction's own, or locked by it.

    Raises:
        InputError, BrokenRuleError, NotFoundError, ConflictError: see `perform`; nothing is stored.
    """
    redraw = perform(state.now, tools, order.kind, order.parameters)
    now = state.now.after(redraw)
    step = add_step(connection, state.draft.id, len(state.done) + 1, order, redraw)
    return Edited(state.with_step(step, now, count_edit(connection, state.draft.id)), redraw)


def _step_to_mark(state: DraftState, *, undone: bool) -> Step:
    if undone:
        if not state.done:
            raise ConflictError("there is nothing to undo / 没有可撤销的操作")
        return state.done[-1]
    if not state.undone:
        raise ConflictError("there is nothing to redo / 没有可重做的操作")
    return state.undone[0]


def new_unit_id(connection: Connection) -> int:
    """An id that no unit has or gets."""
    row = connection.execute("SELECT nextval('grids.unit_id_seq')").fetchone()
    assert row is not None  # a function gives one row
    return int(row[0])
