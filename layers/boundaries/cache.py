"""Drafts as they stand, kept in memory between requests.

Other processes may write: whoever asks tells which revision the database has, and what is of
another one is read anew. Everything kept is immutable, so that threads may share it.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from threading import Lock

from grids.arcs.plane import Plane
from grids.arcs.rules import Ground
from layers.boundaries.coverage import Connection, read_coverage
from layers.boundaries.draft_rows import Draft, Step, read_steps
from layers.boundaries.redraw import Coverage, Redraw, together
from layers.boundaries.rules import read_rules
from spatial.errors import ConflictError
from spatial.town import Town

type _BaseKey = tuple[int, datetime, int | None]

# An import may write the arcs of a moment anew, as long as no draft stands on them.
_NEWEST_ARC = "SELECT grids.newest_arc(%s::smallint, %s)"
_DRAFTS_KEPT = 16
_BASES_KEPT = 4


@dataclass(frozen=True)
class DraftState:
    """A draft at one revision.

    Attributes:
        base: the coverage that it stands on.
        now: the coverage after the steps that hold.
        steps: in their order; the undone ones last.
    """

    draft: Draft
    base: Coverage
    now: Coverage
    steps: tuple[Step, ...]

    @cached_property
    def done(self) -> tuple[Step, ...]:
        """The steps that hold."""
        return tuple(step for step in self.steps if not step.undone)

    @cached_property
    def undone(self) -> tuple[Step, ...]:
        """The steps that can be redone, the next one first."""
        return tuple(step for step in self.steps if step.undone)

    @property
    def whole(self) -> Redraw:
        """All that the draft changes of its base."""
        return together(step.redraw for step in self.done)

    def with_step(self, step: Step, now: Coverage, revision: int) -> DraftState:
        """After one more edit."""
        draft = replace(self.draft, revision=revision)
        return DraftState(draft, self.base, now, (*self.done, step))

    def marked(self, number: int, *, undone: bool, now: Coverage, revision: int) -> DraftState:
        """After a step was undone or done again."""
        steps = tuple(
            replace(step, undone=undone) if step.number == number else step for step in self.steps
        )
        return DraftState(replace(self.draft, revision=revision), self.base, now, steps)


class DraftCache:
    """The drafts asked for last, and the coverages that drafts stand on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._drafts: OrderedDict[int, DraftState] = OrderedDict()
        self._bases: OrderedDict[_BaseKey, Coverage] = OrderedDict()
        self._planes: dict[int, Plane] = {}

    def state(self, connection: Connection, town: Town, draft: Draft) -> DraftState:
        """The draft as it stands at the revision that the database has.

        Args:
            connection: in the transaction that has read `draft`.

        Raises:
            ConflictError: the town has no arcs.
        """
        kept = self._drafts.get(draft.id)
        if kept is not None and _is_same_edit(kept.draft, draft):
            return replace(kept, draft=draft)
        base = self.base(connection, town, draft.base_at)
        own_base = Coverage(
            replace(base.topology, next_arc=max(base.topology.next_arc, draft.first_arc)),
            base.attributes,
            base.shares,
        )
        steps = tuple(read_steps(connection, draft.id))
        now = own_base
        for step in steps:
            if not step.undone:
                now = now.after(step.redraw)
        state = DraftState(draft, own_base, now, steps)
        if draft.state in ("open", "submitted", "approved"):
            self.keep(state)
        return state

    def keep(self, state: DraftState) -> None:
        """Remember a draft as it has been committed, or read."""
        with self._lock:
            _remember(self._drafts, state.draft.id, state, _DRAFTS_KEPT)

    def base(self, connection: Connection, town: Town, at: datetime) -> Coverage:
        """The coverage of a moment at which one began to hold."""
        newest = connection.execute(_NEWEST_ARC, (town.id, at)).fetchone()
        key = (town.id, at, newest[0] if newest else None)
        kept = self._bases.get(key)
        if kept is None:
            kept = read_coverage(connection, town, at)
            with self._lock:
                _remember(self._bases, key, kept, _BASES_KEPT)
        return kept

    def ground(self, connection: Connection, town: Town) -> Ground:
        """Metres and rules of the town; raises as `plane` does."""
        return Ground(self.plane(town), read_rules(connection, town).measures)

    def plane(self, town: Town) -> Plane:
        """The town's metres; making its transformation takes a while.

        Raises:
            ConflictError: the town doesn't know where it is.
        """
        if town.metric_srid is None:
            raise ConflictError("the town has no outline yet / 镇域轮廓未定")
        if town.metric_srid not in self._planes:
            self._planes[town.metric_srid] = Plane(town.metric_srid)
        return self._planes[town.metric_srid]


def _is_same_edit(kept: Draft, draft: Draft) -> bool:
    return (kept.revision, kept.base_at, kept.first_arc) == (
        draft.revision, draft.base_at, draft.first_arc
    )  # fmt: skip


def _remember[K, V](kept: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
