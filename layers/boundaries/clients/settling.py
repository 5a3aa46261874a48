"""From units that a client sent to a step of its draft, and on: submitted, or taken to today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from layers.boundaries.cache import DraftState
from layers.boundaries.checking import Feature
from layers.boundaries.clients.faces import put_face, remove_faces
from layers.boundaries.clients.judging import Judgement, judge
from layers.boundaries.clients.own import view_of
from layers.boundaries.clients.repair import WIDEST_M, offer_json, offer_repair
from layers.boundaries.clients.view import ClientView
from layers.boundaries.coverage import Connection
from layers.boundaries.desk import Desk
from layers.boundaries.draft_rows import (
    Draft,
    Order,
    Step,
    add_step,
    count_edit,
    find_draft,
    lock_open_draft,
)
from layers.boundaries.proceedings import FaultyDraftError, hand_in, take_over_today
from layers.boundaries.rebase import Choice
from layers.boundaries.redraw import Redraw
from layers.roles import Role
from spatial.database import Principal
from spatial.errors import ConflictError, InputError
from spatial.town import Town

CLIENT_KIND = "client"
# Its beginning tells the database that the outline is concerned.
OUTLINE_CLIENT_KIND = "move_outline_client"


class UncleanDraftError(FaultyDraftError):
    """What a client drew is no coverage yet, or breaks a rule.

    Attributes:
        repair_width_m: a repair of that width may be enough; None where it isn't.
    """

    def __init__(self, faults: list[Feature], repair_width_m: float | None = None) -> None:
        super().__init__(faults)
        is_narrow = repair_width_m is not None and repair_width_m <= WIDEST_M
        self.repair_width_m = repair_width_m if is_narrow else None


@dataclass(frozen=True)
class Table:
    """A client's drafts on a desk, for one person.

    Attributes:
        neighbour: the town beyond, where the outline moves.
    """

    desk: Desk
    principal: Principal
    town: Town
    neighbour: str | None = None

    def submit(self, at: tuple[int, int]) -> Draft:
        """Judge what the client drew, make it a step, and hand the draft in; all or nothing.

        Raises:
            UncleanDraftError: it is no coverage, or breaks a rule; tells every fault.
            ConflictError, StaleError: see `proceedings.submit`.
        """
        with self.desk.transaction(self.principal) as connection:
            draft = lock_open_draft(connection, self.town, *at, with_faces=True)
            settled = self._settle(connection, draft)
            try:
                return hand_in(self.desk, connection, self.town, settled)
            except FaultyDraftError as error:
                if draft.client is None:
                    raise
                raise UncleanDraftError(error.faults) from error

    def settle(self, at: tuple[int, int]) -> Draft:
        """Make what the client drew a step, which can be undone.

        Raises:
            UncleanDraftError: it is no coverage.
            ConflictError, StaleError: the draft isn't open, or has been edited since.
        """
        with self.desk.transaction(self.principal) as connection:
            draft = lock_open_draft(connection, self.town, *at, with_faces=True)
            return self._settle(connection, draft)

    def rebase(self, at: tuple[int, int], choice: Choice | None) -> Draft:
        """Make what the client drew a step, and take over what has changed of the town's grids.

        Raises:
            UncleanDraftError: what was drawn is no coverage.
            DisputeError, BrokenRuleError: see `proceedings.rebase`.
        """
        with self.desk.transaction(self.principal) as connection:
            draft = lock_open_draft(connection, self.town, *at, with_faces=True)
            settled = self._settle(connection, draft)
            dispute = take_over_today(self.desk, connection, self.town, settled, choice)
            moved = find_draft(connection, self.town, draft.id)
        if dispute is not None:
            raise dispute
        return moved

    def repair(self, at: tuple[int, int], width_m: float, *, apply: bool) -> dict[str, Any]:
        """What it takes to be rid of slivers up to a width; done where that is asked for.

        Raises:
            InputError: the width is too large.
            ConflictError: there is nothing to repair, the slivers are wider, or the draft isn't
                open.
        """
        if not 0 < width_m <= WIDEST_M:
            raise InputError(f"width_m is more than 0 and at most {WIDEST_M:g} / 宽度不对")
        with self.desk.transaction(self.principal) as connection:
            draft = lock_open_draft(connection, self.town, *at, with_faces=True)
            view = view_of(connection, self.desk.cache, self.town, draft)
            offer = offer_repair(view, self.desk.cache.ground(connection, self.town), width_m)
            told = offer_json(view, offer, width_m)
            if apply and not offer.shapes:
                raise ConflictError(
                    "nothing can be repaired by that width / 该宽度内无可修复之处",
                    remedy="state a larger one, or mend it in the client",
                )
            if apply:
                for unit, shape in offer.shapes.items():
                    put_face(connection, draft.id, replace(view.face(unit), shape=shape))
                told["revision"] = count_edit(connection, draft.id)
        return told | {"applied": apply}

    def discard(self, at: tuple[int, int], unit: int | None) -> Draft:
        """Forget what the client drew of a unit, or all of it, since the last step."""
        with self.desk.transaction(self.principal) as connection:
            draft = lock_open_draft(connection, self.town, *at, with_faces=True)
            view = view_of(connection, self.desk.cache, self.town, draft)
            remove_faces(connection, draft.id, view.faces if unit is None else [unit])
            count_edit(connection, draft.id)
            return find_draft(connection, self.town, draft.id)

    def look(self, draft_id: int) -> tuple[ClientView, Judgement | None]:
        """A draft as its client sees it, and what it is together; None without anything drawn."""
        with self.desk.transaction(self.principal) as connection:
            draft = find_draft(connection, self.town, draft_id)
            view = view_of(connection, self.desk.cache, self.town, draft)
            if not view.faces:
                return view, None
            return view, judge(view, self.desk.cache.ground(connection, self.town))

    def check(self, draft_id: int) -> tuple[DraftState, list[Feature]]:
        """The whole draft, with what its client drew, and its faults; none for a sound one."""
        with self.desk.transaction(self.principal) as connection:
            draft = find_draft(connection, self.town, draft_id)
            view = view_of(connection, self.desk.cache, self.town, draft)
            if not view.faces:
                return view.state, self.desk.faults(connection, self.town, view.state)
            judgement = judge(view, self.desk.cache.ground(connection, self.town))
            if judgement.redraw is None:
                return view.state, judgement.faults
            after = _as_if_settled(view.state, judgement.redraw)
            return view.state, self.desk.faults(connection, self.town, after)

    def _settle(self, connection: Connection, draft: Draft) -> Draft:
        view = view_of(connection, self.desk.cache, self.town, draft)
        if not view.faces:
            return draft
        judgement = judge(view, self.desk.cache.ground(connection, self.town))
        kind = self._kind(judgement)
        assert judgement.redraw is not None  # there are no faults
        remove_faces(connection, draft.id, view.faces)
        redraw = judgement.redraw
        if redraw.shape.arcs or redraw.units:
            parameters: dict[str, Any] = {"client": draft.client, "units": len(view.faces)}
            if kind == OUTLINE_CLIENT_KIND:
                parameters["neighbour"] = self.neighbour
            add_step(
                connection, draft.id, len(view.state.done) + 1, Order(kind, parameters), redraw
            )
        count_edit(connection, draft.id)
        return find_draft(connection, self.town, draft.id)

    def _kind(self, judgement: Judgement) -> str:
        """Which right the step needs.

        Raises:
            UncleanDraftError: there are faults; the outline moves, and whoever asks may not, or
                hasn't named the neighbour.
        """
        if judgement.faults:
            raise UncleanDraftError(judgement.faults, judgement.repair_width_m)
        if not judgement.outline:
            return CLIENT_KIND
        if self.principal.role != Role.ADMINISTRATOR or self.neighbour is None:
            raise UncleanDraftError(judgement.outline)
        return OUTLINE_CLIENT_KIND


def _as_if_settled(state: DraftState, redraw: Redraw) -> DraftState:
    """The draft with one more step, which nobody stores."""
    draft, number = state.draft, len(state.done) + 1
    step = Step(number, CLIENT_KIND, {}, draft.author, draft.updated, undone=False, redraw=redraw)
    return state.with_step(step, state.now.after(redraw), draft.revision)
