"""`Suggest`: the least change that brings the grids into their band, as a draft to look at.

The draft is its asker's, like one drawn by hand; nobody but people takes it any further. It comes
into being whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from grids.arcs.rules import Ground
from grids.bands import DEFAULT_BANDS, Band
from grids.rebalance.choice import Limits
from grids.rebalance.outcome import Suggestion
from grids.rebalance.suggest import USUAL_LIMITS, rebalance
from grids.workload import Points
from layers.boundaries.burdens import read_households
from layers.boundaries.cache import DraftCache, DraftState
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.desk import Desk, draw_step
from layers.boundaries.draft_rows import Order, keep_suggestion, open_draft, suggested_by
from layers.boundaries.redraw import Coverage
from layers.boundaries.rules import read_rules
from layers.boundaries.suggestion.steps import Drawing, UndrawableError
from layers.boundaries.suggestion.summary import Redistricted
from layers.boundaries.suggestion.town import GRID, VILLAGE, Inhabited, homes_of
from layers.jobs.context import Context
from layers.roles import Role
from spatial.errors import AccessError, ConflictError, NotFoundError

type Json = dict[str, Any]

_TRIES = 4


@dataclass
class _Lessons:
    """What was learnt from drafts that could not be drawn.

    Attributes:
        uncut: villages whose cuts would break a rule.
        left: villages that are left as they are, and why.
    """

    uncut: set[int] = field(default_factory=set)
    left: dict[int, str] = field(default_factory=dict)

    def learn(self, reasons: Mapping[int, str]) -> None:
        """Without cuts it is tried once more, village by village."""
        for village, reason in reasons.items():
            if village in self.uncut:
                self.left[village] = reason
            self.uncut.add(village)


class _UndrawableError(Exception):
    """Some villages can't be drawn: the draft is thrown away.

    Attributes:
        reasons: by village.
    """

    def __init__(self, reasons: dict[int, str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons


@dataclass(frozen=True)
class _Today:
    """The town as it is.

    Attributes:
        ground: metres and rules.
        homes: as far as whoever asks may see them.
        villages: that are asked for.
    """

    coverage: Coverage
    ground: Ground
    band: Band
    limits: Limits
    homes: Points
    villages: tuple[int, ...]

    def inhabited(self, coverage: Coverage) -> Inhabited:
        """A coverage with the households of today."""
        return Inhabited(coverage.topology, self.ground.plane, self.homes)


def suggest_draft(
    context: Context, villages: Sequence[int], name: str, limits: Limits = USUAL_LIMITS
) -> Json:
    """Rebalance some villages, and make a draft of what comes out.

    Args:
        context: as whom; their job must be wanted still when the draft is finished.
        villages: their ids; none for all.
        name: of the draft.
        limits: of all that is moved together.

    Returns:
        `draft`: its id, or None where nothing can be mended; `summary`: see
        docs/boundaries-api.md.

    Raises:
        AccessError: the role drafts nothing, or the credentials are for reading only.
        NotFoundError: there is no such village.
        ConflictError: there are no micro-grids or no households, or the coverage has changed
            meanwhile.
    """
    if not context.principal.may_write:
        raise AccessError("these credentials are for reading only / 此凭据只能读取")
    desk = Desk(context.pool, DraftCache())
    context.progress(2, "reading / 读取网格与户数")
    with desk.transaction(context.principal) as connection:
        # A job whose worker died is begun anew: it may have come to its end already.
        made = suggested_by(connection, context.town, context.job_id)
        if made is not None:
            return {"draft": made[0], "summary": made[1]}
        today = _read_today(context, desk, connection, villages, limits)
    lessons = _Lessons()
    for _ in range(_TRIES):
        try:
            return _suggest(context, desk, today, name, lessons)
        except _UndrawableError as error:
            lessons.learn(error.reasons)
    raise ConflictError(
        "what was found can't be drawn / 调整方案无法绘制", remedy="ask for single villages"
    )


def _read_today(
    context: Context, desk: Desk, connection: Connection, villages: Sequence[int], limits: Limits
) -> _Today:
    town = context.town
    began = began_at(connection, town)
    if began is None:
        raise ConflictError(
            "there are no grids to redraw / 还没有网格", remedy="./gridwhistle import grids FILE"
        )
    coverage, ground = desk.cache.base(connection, town, began), desk.cache.ground(connection, town)
    households = read_households(connection, Role(context.principal.role))
    if not len(households):
        raise ConflictError(
            "no building says how many households it has / 没有楼栋户数数据",
            remedy="import buildings with households, or ask with credentials that see them",
        )
    homes = homes_of(households, ground.plane)
    band = read_rules(connection, town).bands.get(GRID, DEFAULT_BANDS[GRID])
    return _Today(coverage, ground, band, limits, homes, _chosen(coverage, villages))


def _chosen(coverage: Coverage, villages: Sequence[int]) -> tuple[int, ...]:
    """The villages that are asked for; all where none is.

    Raises:
        NotFoundError: there is no such village.
    """
    there = sorted(i for i, unit in coverage.topology.units.by_id.items() if unit.level == VILLAGE)
    for village in villages:
        if village not in there:
            raise NotFoundError(f"there is no village {village} / 没有这个村社")
    return tuple(sorted(set(villages))) or tuple(there)


def _suggest(context: Context, desk: Desk, today: _Today, name: str, lessons: _Lessons) -> Json:
    """One try, with what was learnt from those before."""
    context.progress(10, "looking for the least change / 计算最小调整")
    before = today.inhabited(today.coverage)
    leaves, buildings = before.plots(frozenset(today.villages) - lessons.left.keys())
    suggestion = rebalance(leaves, buildings, today.band, today.limits, lessons.uncut)
    told = partial(
        Redistricted, before, today.coverage, today.villages, today.band, lessons.left, suggestion
    )
    if not suggestion.moves and not suggestion.cuts:
        return {"draft": None, "summary": told(before, today.coverage, {}).summary()}
    context.progress(50, "drawing / 绘制草案")
    with desk.transaction(context.principal) as connection:
        drawing = _opened(context, desk, connection, today, name)
        _draw(context, drawing, suggestion, leaves.ids.tolist())
        state = drawing.state
        context.progress(95, "counting / 统计")
        summary = told(today.inhabited(state.now), state.now, drawing.cut_off).summary()
        keep_suggestion(connection, state.draft.id, summary, context.job_id)
        context.require_wanted(connection)
    return {"draft": state.draft.id, "summary": summary}


def _opened(
    context: Context, desk: Desk, connection: Connection, today: _Today, name: str
) -> Drawing:
    """A new draft on the coverage that was rebalanced.

    Raises:
        ConflictError: it is no longer that of today.
    """
    draft = open_draft(connection, context.town, name)
    state = desk.cache.state(connection, context.town, draft)
    if state.base.topology.arcs is not today.coverage.topology.arcs:
        raise ConflictError(
            "the town's grids have changed meanwhile / 现行网格刚刚变更", remedy="ask again"
        )
    return Drawing(state, today.ground, _storing(context, desk, connection, state))


def _storing(
    context: Context, desk: Desk, connection: Connection, state: DraftState
) -> Callable[[DraftState, Order], Any]:
    tools = desk.tools(connection, context.principal, context.town, state)
    return lambda state_by_now, order: draw_step(connection, state_by_now, tools, order)


def _draw(
    context: Context, drawing: Drawing, suggestion: Suggestion, leaves: Sequence[int]
) -> None:
    """Draw village by village.

    Raises:
        _UndrawableError: some can't be drawn.
    """
    units = drawing.state.now.topology.units
    changed = {move.leaf for move in suggestion.moves} | {cut.leaf for cut in suggestion.cuts}
    villages = sorted({units.at_level(leaf, VILLAGE) for leaf in changed})
    reasons = {}
    for done, village in enumerate(villages):
        context.progress(50 + 45 * done // len(villages))
        try:
            drawing.village(village, suggestion, leaves)
        except UndrawableError as error:
            reasons[village] = str(error)
    if reasons:
        raise _UndrawableError(reasons)
