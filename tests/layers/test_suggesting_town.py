"""`Suggest` on the demo town after a tenth of its grids have outgrown the band: the whole way."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely
from numpy.random import default_rng
from psycopg_pool import ConnectionPool

from grids.arcs.trace import polygons
from grids.bands import DEFAULT_BANDS
from grids.rebalance.choice import Limits
from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries import proceedings
from layers.boundaries.cache import DraftCache, DraftState
from layers.boundaries.desk import Desk
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.boundaries.suggestion.suggesting import suggest_draft
from layers.demo.load import load_town
from layers.demo.town import DemoTown
from layers.dispatch.current_engine import CurrentEngine
from layers.jobs.context import Context
from layers.roles import Role
from spatial.database import Principal
from spatial.town import Town, read_town

BAND = DEFAULT_BANDS[3]
HELD_BY_GRIDS = """
SELECT version.unit_id, coalesce(sum(building.households), 0)
FROM grids.version JOIN grids.unit ON unit.id = version.unit_id AND unit.level = 3
LEFT JOIN layers.building ON building.inside AND building.households > 0
    AND ST_Covers(version.geom, ST_PointOnSurface(building.geom))
WHERE version.valid @> %s GROUP BY version.unit_id
"""


@dataclass
class Outgrown:
    """The demo town with 22 grids that have outgrown the band, and two editors."""

    conninfo: str
    pool: ConnectionPool[Any]
    town: Town
    anna: Principal
    bert: Principal

    @property
    def desk(self) -> Desk:
        """As another process has it."""
        return Desk(self.pool, DraftCache())

    def suggest(self, **how: Any) -> dict[str, Any]:
        context = Context(self.pool, self.anna, self.town, CurrentEngine(self.town))
        return suggest_draft(context, [], f"均衡建议 {uuid.uuid4().hex[:4]}", **how)

    def checked(self, result: dict[str, Any]) -> DraftState:
        state, faults = self.desk.check(self.anna, self.town, result["draft"])
        assert faults == []
        return state


def outgrow(town: DemoTown) -> DemoTown:
    """A tenth of the grids with 515 to 610 households."""
    random, buildings = default_rng(1), town.buildings
    grid = town.units.table["parent"].to_numpy()[buildings["unit"].to_numpy()]
    households = buildings["households"].to_numpy().copy()
    grids, held = np.unique(grid), np.bincount(grid, households)
    for each in random.choice(grids, len(grids) // 10, replace=False).tolist():
        factor = random.uniform(515, 610) / held[each]
        households[grid == each] = np.round(households[grid == each] * factor)
    return replace(town, buildings=buildings.assign(households=households))


@pytest.fixture(scope="module")
def outgrown(
    new_database: Callable[[], AbstractContextManager[str]], generated_town: tuple[DemoTown, str]
) -> Iterator[Outgrown]:
    town, digest = generated_town
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            load_town(connection, outgrow(town), digest)
            stored = read_town(connection)
            anna, bert = (
                Principal(
                    Role.GIS_EDITOR,
                    stored.id,
                    account_id=add_account(
                        connection, stored.id, AccountPlan(name, Role.GIS_EDITOR)
                    ),
                )
                for name in ("anna", "bert")
            )
        with ConnectionPool(conninfo, min_size=1, max_size=2) as pool:
            yield Outgrown(conninfo, pool, stored, anna, bert)


def require_promises(summary: dict[str, Any], state: DraftState) -> None:
    """Row 4 of what is shown, read off the draft."""
    named = {each["id"] for each in summary["villages"]}
    for each in summary["villages"]:
        assert each["reason"] == "indivisible"
        assert each["households"] < 300 or 501 <= each["households"] <= 599
    assert summary["moved_share"] < 0.05
    assert summary["at_least"] <= summary["moved"]
    assert summary["compactness"]["after"] > summary["compactness"]["before"] - 0.05
    by_id = state.now.topology.units.by_id
    for grid, shape in polygons(state.now.topology, 3).items():
        assert shapely.get_num_geometries(shape) == 1
        assert by_id[by_id[grid].parent].level == 2
    for grid in summary["grids"]:
        is_in = grid["after"] is None or not BAND.distance(grid["after"])
        assert is_in or grid["village"]["id"] in named


@pytest.mark.long
def test_cuts_are_drawn_where_whole_micro_grids_would_move_too_many(outgrown: Outgrown) -> None:
    result = outgrown.suggest(limits=Limits(moved_share=0.0))
    summary, state = result["summary"], outgrown.checked(result)
    require_promises(summary, state)
    cut = [move for move in summary["moves"] if move["cut_from"]]
    assert len(cut) >= 5
    assert {step.kind for step in state.done} >= {"split", "set_parent"}
    # What was cut is as the town was but for its new lines.
    assert state.now.attributes.keys() - state.base.attributes.keys() >= {u["id"] for u in cut}


@pytest.mark.long
def test_the_suggestion_takes_effect_like_any_draft(outgrown: Outgrown) -> None:
    result = outgrown.suggest()
    summary, state = result["summary"], outgrown.checked(result)
    assert summary["outside"]["before"] >= 22
    require_promises(summary, state)
    assert all(move["cut_from"] is None for move in summary["moves"])
    changed = {unit for step in state.done for unit in step.redraw.shape.units}
    assert {move["id"] for move in summary["moves"]} <= changed
    assert not any(step.redraw.shape.arcs for step in state.done)  # no line is moved
    at = (state.draft.id, state.draft.revision)
    proceedings.submit(outgrown.desk, outgrown.anna, outgrown.town, at)
    proceedings.approve(outgrown.desk, outgrown.bert, outgrown.town, state.draft.id, None)
    with psycopg.connect(outgrown.conninfo) as connection:
        assert redraw_what_is_due(connection, outgrown.town) == 1
        rows = connection.execute(HELD_BY_GRIDS, (outgrown.town.now(),)).fetchall()
    held = {grid: int(households) for grid, households in rows}
    for grid in summary["grids"]:
        assert held.get(grid["id"]) == grid["after"]
    outside = sum(1 for households in held.values() if BAND.distance(households))
    assert outside == summary["outside"]["after"]
    assert sum(len(each["grids"]) for each in summary["villages"]) == outside
    # Nothing is left to mend.
    assert outgrown.suggest()["draft"] is None
