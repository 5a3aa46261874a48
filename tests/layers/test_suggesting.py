"""`Suggest` on a town of squares: what the draft does, what it says, and when there is none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import psycopg
import pytest

from grids.rebalance.outcome import Suggestion
from layers.boundaries.desk import draw_step
from layers.boundaries.draft_rows import keep_suggestion, open_draft, read_suggestion
from layers.boundaries.suggestion.steps import Drawing, UndrawableError
from layers.boundaries.suggestion.suggesting import suggest_draft
from layers.dispatch.current_engine import CurrentEngine
from layers.jobs.context import Context, Dismissed
from spatial.database import transaction
from spatial.errors import AccessError, ConflictError, NotFoundError

STEP = 0.025
ROW = 0.002  # between two houses of a square
HOUSE = """
INSERT INTO layers.building (town_id, key, use, households, geom, inside, batch_id)
SELECT 1, gen_random_uuid()::text, 'residential', %s,
       ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(%s, %s), 4326), 0.0001)), true, min(id)
FROM spatial.batch
"""
SETTLED = {"t101": [90] * 4, "t102": [90] * 4, "t203": [90] * 4, "t204": [90] * 4}


def squares(office: Any, grid: str) -> list[str]:
    return sorted(code for code in office.ids if code.startswith(grid) and len(code) == 6)


def settle(
    office: Any,
    households: dict[str, Sequence[int]],
    houses: int = 1,
    *,
    row: float = ROW,
    spread: float = 0.0,
) -> None:
    """Of each grid the households of its four squares, in a row of houses across each.

    The row's middle lies `spread` degrees east of the square's.
    """
    for grid, of_squares in households.items():
        for code, held in zip(squares(office, grid), of_squares, strict=False):
            number = int(code[4:])
            west, south = 120 + number // 4 * STEP, 29 + number % 4 * STEP
            for house in range(houses):
                lon = west + STEP / 2 + spread + (house - houses / 2) * row
                office.execute(HOUSE, held // houses, lon, south + STEP / 2)


@pytest.fixture
def suggest(office: Any) -> Callable[..., dict[str, Any]]:
    def run(by: str = "anna", villages: Sequence[str] = (), **changed: Any) -> dict[str, Any]:
        principal = replace(office.people[by], **changed)
        context = Context(office.pool, principal, office.town, CurrentEngine(office.town))
        return suggest_draft(context, [office.ids[code] for code in villages], "均衡建议")

    return run


def steps_of(office: Any, result: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    query = "SELECT kind, parameters FROM grids.draft_step WHERE draft_id = %s ORDER BY number"
    return office.execute(query, result["draft"])


def require_sound(office: Any, result: dict[str, Any]) -> Any:
    state, faults = office.desk.check(office.people["anna"], office.town, result["draft"])
    assert faults == []
    return state


def after(result: dict[str, Any]) -> dict[str, int | None]:
    return {each["code"]: each["after"] for each in result["summary"]["grids"]}


def test_a_town_in_its_band_gets_no_draft(office: Any, suggest: Any) -> None:
    settle(office, SETTLED)
    result = suggest()
    assert result["draft"] is None
    assert office.execute("SELECT count(*) FROM grids.draft") == [(0,)]
    summary = result["summary"]
    assert (summary["moved"], summary["households"]) == (0, 1440)
    assert summary["outside"] == {"before": 0, "after": 0}
    assert summary["villages"] == summary["moves"] == []


def test_a_whole_micro_grid_moves_where_one_fits(office: Any, suggest: Any) -> None:
    settle(office, SETTLED | {"t101": [150, 150, 120, 120]})
    result = suggest()
    [(kind, parameters)] = steps_of(office, result)
    [move] = result["summary"]["moves"]
    assert (kind, parameters) == (
        "set_parent", {"unit": move["id"], "parent": office.ids["t102"]}
    )  # fmt: skip
    assert (move["from"]["code"], move["to"]["code"], move["households"]) == ("t101", "t102", 120)
    assert move["village"]["name"] == "单元t1"
    summary = result["summary"]
    assert (summary["moved"], summary["at_least"]) == (120, 40)
    assert summary["outside"] == {"before": 1, "after": 0}
    assert after(result) == {"t101": 420, "t102": 480}
    state = require_sound(office, result)
    assert state.draft.author == office.people["anna"].account_id
    assert (state.draft.state, state.draft.name) == ("open", "均衡建议")
    with transaction(office.pool, office.people["bert"]) as connection:
        assert read_suggestion(connection, state.draft) == summary
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="as it was said"):
            keep_suggestion(connection, state.draft.id, {}, None)


def test_where_none_fits_a_line_divides_the_houses(office: Any, suggest: Any) -> None:
    settle(office, SETTLED | {"t101": [], "t102": [312, 0, 0, 0]})
    settle(office, {"t101": [290, 290, 0, 0]}, houses=10)
    result = suggest()
    kinds = [kind for kind, _ in steps_of(office, result)]
    assert kinds == ["split", "set_parent"]
    [move] = result["summary"]["moves"]
    assert move["cut_from"]["code"] in squares(office, "t101")
    assert move["households"] == result["summary"]["moved"] == 87
    assert after(result) == {"t101": 493, "t102": 399}
    require_sound(office, result)


def test_a_grid_too_many_is_merged_and_a_grid_too_few_is_opened(office: Any, suggest: Any) -> None:
    settle(office, {"t101": [40] * 4, "t102": [50] * 4, "t203": [180] * 4, "t204": [120] * 4})
    result = suggest()
    by_kind = dict(steps_of(office, result))
    assert by_kind["merge"] == {"survivor": office.ids["t102"], "absorbed": office.ids["t101"]}
    assert "group" in by_kind
    counts = after(result)
    assert (counts["t101"], counts["t102"]) == (None, 360)
    assert (counts["t203"], counts["t205"]) == (360, 360)
    assert result["summary"]["outside"] == {"before": 3, "after": 0}
    require_sound(office, result)


def test_a_village_whose_cut_would_break_a_rule_stays_uncut_and_is_named(
    office: Any, suggest: Any
) -> None:
    settle(office, {"t102": [312, 0, 0, 0], "t203": [150, 150, 120, 120], "t204": [90] * 4})
    # So near the edge that less than the least area lies beyond a line between them.
    settle(office, {"t101": [290, 290, 0, 0]}, houses=10, spread=STEP / 2 - ROW / 2, row=ROW / 10)
    office.execute("INSERT INTO grids.town_rules VALUES (1, 1000000, 2, '6+3, 3, 3, 2')")
    result = suggest()
    [village] = result["summary"]["villages"]
    assert (village["code"], village["reason"]) == ("t1", "nothing_fits")
    assert all(kind != "split" for kind, _ in steps_of(office, result))
    assert after(result).items() >= {"t203": 420, "t204": 480}.items()
    assert len(office.execute("SELECT id FROM grids.draft")) == 1
    require_sound(office, result)


def test_what_can_t_be_drawn_says_which_rule_is_in_the_way(office: Any) -> None:
    """Of a suggestion that no rebalance would make: two squares that meet in a corner only."""
    leaves = [office.ids[code] for code in squares(office, "t101")]
    grids = np.array([office.ids[f"t10{1 if n in (0, 3) else 2}"] for n in range(4)])
    torn = Suggestion(grids, (), (), {}, {}, (), (), 0, 0, 0, 0.0, 0.0)
    with office.desk.transaction(office.people["anna"]) as connection:
        draft = open_draft(connection, office.town, "角对角")
        state = office.desk.cache.state(connection, office.town, draft)
        tools = office.desk.tools(connection, office.people["anna"], office.town, state)
        drawing = Drawing(state, tools.ground, lambda now, o: draw_step(connection, now, tools, o))
        with pytest.raises(UndrawableError, match="several pieces") as caught:
            drawing.village(office.ids["t1"], torn, leaves)
    assert caught.value.village == office.ids["t1"]


def test_only_the_villages_asked_for_change(office: Any, suggest: Any) -> None:
    settle(office, {"t101": [180] * 4, "t102": [90] * 4, "t203": [180] * 4, "t204": [90] * 4})
    result = suggest(villages=["t2"])
    assert {move["village"]["code"] for move in result["summary"]["moves"]} == {"t2"}
    assert result["summary"]["households"] == 1080
    with pytest.raises(NotFoundError, match="no village"):
        suggest(villages=["t101"])


def test_a_village_that_can_t_be_divided_is_named(office: Any, suggest: Any) -> None:
    settle(office, {"t101": [30] * 4, "t102": [30] * 4, "t203": [90] * 4, "t204": [90] * 4})
    [village] = suggest()["summary"]["villages"]
    assert (village["code"], village["reason"], village["households"]) == ("t1", "indivisible", 240)


def test_only_who_drafts_may_ask_and_counts_what_they_may_see(office: Any, suggest: Any) -> None:
    with pytest.raises(ConflictError, match="households"):
        suggest()
    settle(office, SETTLED | {"t101": [150, 150, 120, 120]})
    with pytest.raises(AccessError, match="GIS editors"):
        suggest(by="planner")
    with pytest.raises(AccessError, match="reading only"):
        suggest(may_write=False)
    with pytest.raises((ConflictError, AccessError)):
        suggest(only_layers=("micro-grids", "grids", "villages"))
    assert office.execute("SELECT count(*) FROM grids.draft") == [(0,)]


@pytest.mark.parametrize("status", ["running", "dismissed"])
def test_a_job_that_is_no_longer_wanted_leaves_no_draft(office: Any, status: str) -> None:
    settle(office, SETTLED | {"t101": [150, 150, 120, 120]})
    job, anna = uuid.uuid4(), office.people["anna"]
    with transaction(office.pool, anna) as connection:
        connection.execute(
            "INSERT INTO layers.job (id, process_id, inputs) VALUES (%s, 'suggest-draft', '{}')",
            (job,),
        )
    office.execute("UPDATE layers.job SET status = %s WHERE id = %s", status, job)
    engine = CurrentEngine(office.town)
    context = Context(office.pool, anna, office.town, engine)
    context.job_id = job
    if status == "running":
        made = suggest_draft(context, [], "建议")
        assert made["draft"]
        # A worker that died after it had made the draft: the job is begun anew.
        assert suggest_draft(context, [], "建议") == made
        return
    with pytest.raises(Dismissed):
        suggest_draft(context, [], "建议")
    assert office.execute("SELECT count(*) FROM grids.draft") == [(0,)]
