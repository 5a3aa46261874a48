"""Drafts at the database: editing, undo, two tabs, rights, and what another process wrote."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from grids.arcs.rules import BrokenRuleError, Rule
from layers.boundaries.arc_store import store_missing_arcs
from layers.boundaries.cache import DraftCache
from layers.boundaries.desk import Desk
from spatial.database import transaction
from spatial.errors import AccessError, ConflictError, InputError, NotFoundError, StaleError

STEP = 0.025


def corner(x: int, y: int) -> list[float]:
    return [120 + x * STEP, 29 + y * STEP]


def test_arcs_are_made_once_of_all_levels(office: Any):
    [(arcs, outside)] = office.execute(
        "SELECT count(*), count(*) FILTER (WHERE right_unit_id IS NULL OR left_unit_id IS NULL)"
        " FROM grids.arc_version"
    )
    # 24 inner edges; of the 16 outer ones the two at each corner are one arc.
    assert (arcs, outside) == (24 + 12, 12)
    with psycopg.connect(office.conninfo) as connection:
        assert not store_missing_arcs(connection, office.town)


def test_a_moved_node_moves_four_units_and_undo_gives_back_the_bytes(office: Any):
    draft = office.open()
    before = office.desk.read(office.people["anna"], office.town, draft.id)
    to = [120 + 1.1 * STEP, 29 + 1.1 * STEP]
    edited = office.operate(draft, "move_node", node=corner(1, 1), to=to)
    assert len(edited.redraw.shape.arcs) == 4
    assert len(edited.redraw.shape.faces) == 4
    anna = office.people["anna"]
    undone = office.desk.undo(anna, office.town, (draft.id, 1))
    assert undone.state.now.topology.is_same(before.now.topology)
    redone = office.desk.redo(anna, office.town, (draft.id, 2))
    assert redone.state.now.topology.is_same(edited.state.now.topology)
    # Another process reads the same, bit for bit.
    elsewhere = Desk(office.pool, DraftCache()).read(anna, office.town, draft.id)
    assert elsewhere.now.topology.is_same(edited.state.now.topology)
    assert [step.undone for step in elsewhere.steps] == [False]


def test_what_was_undone_is_gone_after_another_step(office: Any):
    draft, anna = office.open(), office.people["anna"]
    office.operate(draft, "rename", unit=office.ids["t1"], name="东村")
    office.desk.undo(anna, office.town, (draft.id, 1))
    office.operate(draft, "rename", unit=office.ids["t1"], name="西村")
    with pytest.raises(ConflictError, match="nothing to redo"):
        office.desk.redo(anna, office.town, (draft.id, 3))
    state = office.desk.read(anna, office.town, draft.id)
    assert state.now.attributes[office.ids["t1"]].name == "西村"


def test_a_second_tab_is_told(office: Any):
    draft = office.open()
    office.operate(draft, "rename", unit=office.ids["t1"], name="一", revision=0)
    with pytest.raises(StaleError, match="has been edited"):
        office.operate(draft, "rename", unit=office.ids["t2"], name="二", revision=0)
    assert office.revision(draft) == 1


def test_another_process_s_step_is_seen(office: Any):
    draft = office.open()
    office.operate(draft, "rename", unit=office.ids["t1"], name="一")
    other = replace(office, desk=Desk(office.pool, DraftCache()))
    other.operate(draft, "move_node", by="bert", node=corner(1, 1), to=[120.025, 29.026])
    third = office.operate(draft, "rename", unit=office.ids["t2"], name="二")
    assert len(third.state.done) == 3
    assert third.state.now.attributes[office.ids["t1"]].name == "一"


def test_a_broken_rule_leaves_nothing_behind(office: Any):
    draft = office.open()
    with pytest.raises(BrokenRuleError) as raised:
        office.operate(draft, "move_node", node=corner(1, 1), to=[120.075, 29.06])
    assert raised.value.rule is Rule.CROSSING
    assert office.revision(draft) == 0
    assert office.execute("SELECT count(*) FROM grids.draft_step") == [(0,)]


def test_splitting_gives_a_code_that_nobody_had(office: Any):
    draft, ids = office.open(), office.ids
    line = [[120.01, 28.99], [120.01, 29.03]]
    edited = office.operate(draft, "split", unit=ids["t10100"], line=line)
    [new] = [unit for unit, (before, _) in edited.redraw.attributes.items() if before is None]
    attributes = edited.state.now.attributes
    assert attributes[new].code == "t10106"  # after the highest
    assert edited.redraw.lineage == {(ids["t10100"], new)}
    merged = office.operate(draft, "merge", survivor=ids["t10100"], absorbed=new)
    assert merged.state.now.topology.arcs == merged.state.base.topology.arcs


@pytest.mark.parametrize(
    ("kind", "parameters", "error", "says"),
    [
        ("dance", {}, InputError, "no step"),
        ("rename", {"unit": 999, "name": "x"}, NotFoundError, "no unit"),
        ("rename", {"unit": "t1", "name": "x", "colour": "red"}, InputError, "colour"),
        ("rename", {"unit": "t1", "kind": "castle"}, InputError, "kind"),
        ("renumber", {"codes": {"t1": "t2"}}, ConflictError, "two units"),
        ("renumber", {"codes": {"t1": "a b"}}, InputError, "no code"),
        ("move_vertex", {"arc": 1, "vertex": -1, "to": [1, 2]}, InputError, "vertex"),
        ("move_vertex", {"arc": 1, "vertex": 0, "to": [1, float("nan")]}, InputError, "to has"),
        ("move_outline", {"arc": 1, "first": 0, "last": 1, "line": []}, AccessError, "outline"),
        ("redraw_outline", {"line": [], "neighbour": "x"}, AccessError, "outline"),
        ("merge", {"survivor": "t1", "absorbed": "t101"}, BrokenRuleError, "level"),
        ("merge", {"survivor": "t10100", "absorbed": "t20415"}, BrokenRuleError, "share no edge"),
        ("set_parent", {"unit": "t10100", "parent": "t204"}, BrokenRuleError, "pieces"),
        ("follow", {"arc": 1, "first": 0, "last": 1, "layer": "incidents", "feature": 1},
         InputError, "layer"),
        ("follow", {"arc": 1, "first": 0, "last": 1, "layer": "streets", "feature": 1},
         NotFoundError, "no feature"),
    ],
)  # fmt: skip
def test_what_is_refused(
    office: Any, kind: str, parameters: dict[str, Any], error: type[Exception], says: str
):
    ids = office.ids
    named = {key: ids.get(value, value) if isinstance(value, str) and key in
             ("unit", "parent", "survivor", "absorbed") else value
             for key, value in parameters.items()}  # fmt: skip
    if "codes" in named:
        named["codes"] = {str(ids[unit]): code for unit, code in parameters["codes"].items()}
    draft = office.open()
    with pytest.raises(error, match=says):
        office.operate(draft, kind, **named)
    assert office.revision(draft) == 0


def test_grids_are_merged_grouped_and_pass_their_codes_on(office: Any):
    draft, ids = office.open(), office.ids
    edited = office.operate(draft, "merge", survivor=ids["t101"], absorbed=ids["t102"])
    assert set(edited.state.now.topology.units.children[ids["t101"]]) == {
        ids[code] for code in ("t10100", "t10101", "t10104", "t10105",
                               "t10202", "t10203", "t10206", "t10207")
    }  # fmt: skip
    grouped = office.operate(
        draft, "group", units=[ids["t10203"], ids["t10207"]], code="t1-neu", name="新网格"
    )
    [new] = [unit for unit, (before, _) in grouped.redraw.attributes.items() if before is None]
    assert grouped.state.now.topology.units.by_id[new].level == 3
    # A living unit's code may pass on; that of a unit that is gone may not.
    passed = {str(ids["t203"]): "t204", str(ids["t204"]): "t203"}
    office.operate(draft, "renumber", codes=passed)
    with pytest.raises(ConflictError, match="retired"):
        office.operate(draft, "renumber", codes={str(new): "t102"})


def test_only_those_who_draft_may(office: Any):
    draft = office.open()
    with pytest.raises(AccessError, match="drafts are for"):
        office.operate(draft, "rename", by="planner", unit=office.ids["t1"], name="x")
    for name in ("planner", "anna"):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            transaction(office.pool, office.people[name]) as connection,
        ):
            connection.execute("UPDATE grids.draft SET author = 1, report = '{}'")
    with transaction(office.pool, office.people["anna"]) as connection:
        connection.execute("UPDATE grids.draft SET state = 'submitted'")
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="approved by somebody else"),
        transaction(office.pool, office.people["anna"]) as connection,
    ):
        connection.execute("UPDATE grids.draft SET state = 'approved', effective_from = now()")


def test_the_outline_is_the_administrator_s(office: Any):
    draft = office.open()
    edited = office.operate(
        draft, "move_outline_node", by="chef", node=corner(1, 0),
        to=[corner(1, 0)[0], 28.999], neighbour="赤岸镇",
    )  # fmt: skip
    assert len(edited.redraw.shape.arcs) == 3
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="outline"), \
            transaction(office.pool, office.people["anna"]) as connection:  # fmt: skip
        connection.execute(
            "INSERT INTO grids.draft_step (draft_id, number, kind, parameters, change)"
            " VALUES (%s, 2, 'move_outline', '{}', '{}')", (draft.id,)
        )  # fmt: skip


def test_the_whole_check_names_what_is_wrong(office: Any):
    draft = office.open()
    _, faults = office.desk.check(office.people["anna"], office.town, draft.id)
    assert faults == []


def test_of_eight_at_once_one_lands(office: Any):
    draft = office.open()

    def rename(number: int) -> bool:
        try:
            office.operate(draft, "rename", unit=office.ids["t1"], name=f"第{number}", revision=0)
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        landed = list(threads.map(rename, range(8)))
    assert sum(landed) == 1
    state = office.desk.read(office.people["anna"], office.town, draft.id)
    assert state.now.attributes[office.ids["t1"]].name == f"第{landed.index(True)}"


def test_neighbours_are_edited_at_once_in_two_drafts(office: Any):
    drafts = {"anna": office.open("一"), "bert": office.open("二", by="bert")}
    # Both nodes are corners of one micro-grid; each editor goes on for ten steps.
    nodes = {"anna": [120.025, 29.025], "bert": [120.05, 29.05]}

    def draw(name: str) -> int:
        node = nodes[name]
        for number in range(1, 11):
            to = [nodes[name][0] + number * 1e-4, nodes[name][1]]
            office.operate(drafts[name], "move_node", by=name, node=node, to=to)
            node = to
        return office.revision(drafts[name])

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(draw, drafts)) == [10, 10]
