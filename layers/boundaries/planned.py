"""What the coverage will be: approved drafts in their order, each on top of those before it.

As the worker will do it when their moments come (`effect`), but nothing is stored: who looks ahead
learns early which draft an earlier one will dispute, and so open again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from layers.boundaries.cache import DraftCache, DraftState
from layers.boundaries.codes.given import numbering_of, owners_of_codes
from layers.boundaries.codes.naming import TakenCodeError, check_codes
from layers.boundaries.codes.recoding import recoded
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.draft_rows import Draft, list_drafts
from layers.boundaries.proceedings import changed_since
from layers.boundaries.rebase import DisputeError, rebased_steps
from layers.boundaries.redraw import Coverage, Redraw, together
from layers.boundaries.report import redrawn_units
from layers.boundaries.rules import read_rules
from spatial.errors import ConflictError, NotFoundError
from spatial.town import Town


@dataclass(frozen=True)
class Planned:
    """An approved draft whose moment is to come.

    Attributes:
        before: the coverage right before it.
        coverage: as it will hold from then on; where the draft doesn't come about, as before.
        redraw: what leads from one to the other.
        hindrance: why it won't come about, but be open again; None where nothing stands against it.
    """

    draft: Draft
    before: Coverage
    coverage: Coverage
    redraw: Redraw
    hindrance: ConflictError | None = None

    @property
    def changed(self) -> set[int]:
        """The units of all levels whose shape, place or name will be another; gone ones too."""
        state = DraftState(self.draft, self.before, self.coverage, ())
        return redrawn_units(state, self.redraw) | self.redraw.units


@dataclass(frozen=True)
class Foresight:
    """Looks ahead in one transaction of somebody who drafts."""

    connection: Connection
    cache: DraftCache
    town: Town

    def all(self) -> list[Planned]:
        """The approved drafts in the order of their moments.

        Raises:
            ConflictError: the town doesn't know where it is.
        """
        return list(self._foreseen())

    def up_to(self, draft_id: int) -> list[Planned]:
        """A draft, the last, and those before it; raises as `all` does.

        Raises:
            NotFoundError: no such draft waits for its moment.
        """
        found = []
        for planned in self._foreseen():
            found.append(planned)
            if planned.draft.id == draft_id:
                return found
        raise NotFoundError(f"draft {draft_id} waits for no moment / 该草案不在待生效之列")

    def _foreseen(self) -> Iterator[Planned]:
        began = began_at(self.connection, self.town)
        if began is None:
            return
        coverage = today = self.cache.base(self.connection, self.town, began)
        done = Redraw()
        for draft in sorted(list_drafts(self.connection, self.town, ["approved"]), key=_moment):
            state = self.cache.state(self.connection, self.town, draft)
            since = changed_since(self.connection, self.town, state, began, today).then(done)
            try:
                redraw = self._on_top(state, since, coverage)
            except (DisputeError, TakenCodeError) as hindrance:
                yield Planned(draft, coverage, coverage, Redraw(), hindrance)
            else:
                before, coverage, done = coverage, coverage.after(redraw), done.then(redraw)
                yield Planned(draft, before, coverage, redraw)

    def _on_top(self, state: DraftState, since: Redraw, coverage: Coverage) -> Redraw:
        """A draft made of the coverage that its base has become by `since`.

        Raises:
            DisputeError: both changed the same.
            TakenCodeError: a code of its is another unit's by then.
        """
        owners_of = partial(owners_of_codes, self.connection)
        rules = read_rules(self.connection, self.town)
        numbering = numbering_of(self.connection, rules, coverage.attributes)
        steps = rebased_steps(state, since, self.cache.ground(self.connection, self.town))
        redraw = together(step for _, step in recoded(steps, coverage, owners_of, numbering))
        check_codes(coverage.attributes, coverage.after(redraw).attributes, owners_of)
        return redraw


def _moment(draft: Draft) -> tuple[float, int]:
    assert draft.effective_from is not None  # it is approved
    return draft.effective_from.timestamp(), draft.id
