"""The rules of the town: settled, asked, noted; codes by the scheme."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from grids.arcs.rules import BrokenRuleError, Rule
from grids.bands import DEFAULT_BANDS, Band
from grids.town_rules import TownRules
from layers.boundaries import proceedings
from layers.boundaries.codes.renumbering import renumber_as_draft
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.boundaries.rules import read_events, read_rules, store_rules
from spatial.errors import AccessError, ConflictError, InputError, NotFoundError
from spatial.town import read_town

STEP = 0.025
# Two villages, whose codes are the town's and two digits, then two more for each level.
SQUARES = TownRules(code_scheme="1, 1, 2, 2")


def settle(office: Any, rules: TownRules, by: str = "chef") -> None:
    with office.desk.transaction(office.people[by]) as connection:
        store_rules(connection, office.town, rules)


def rules_of(office: Any) -> TownRules:
    with office.desk.transaction(office.people["anna"]) as connection:
        return read_rules(connection, office.town)


def codes(edited: Any) -> dict[str, str]:
    """Of the units whose code the edit changed: before → after."""
    return {
        before.code: after.code for before, after in edited.redraw.attributes.values() if before
    }


def new_code(edited: Any) -> str:
    [code] = [after.code for before, after in edited.redraw.attributes.values() if before is None]
    return str(code)


def faults(office: Any, draft: Any) -> list[dict[str, Any]]:
    _, found = office.desk.check(office.people["anna"], office.town, draft.id)
    return [fault["properties"] for fault in found]


def make_effective(office: Any, draft: Any, by: str = "anna") -> None:
    at = (draft.id, office.revision(draft))
    proceedings.submit(office.desk, office.people[by], office.town, at)
    proceedings.approve(office.desk, office.people["chef"], office.town, draft.id, None)
    with psycopg.connect(office.conninfo) as connection:
        assert redraw_what_is_due(connection, read_town(connection)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"bands": {1: Band(1, 2)}},
        {"min_area_m2": 0.5},
        {"min_area_m2": float("nan")},
        {"min_width_m": 1000.0},
        {"code_scheme": "6+3, 3"},
        {"code_scheme": "9, 3, 3, 2\n"},
        {"code_scheme": "9-1, 3, 3, 2"},
    ],
)
def test_rules_out_of_reason_are_refused(wrong: dict[str, Any]):
    with pytest.raises(InputError):
        TownRules(**wrong)


def test_a_town_has_the_defaults_until_somebody_settles_others(office: Any):
    assert rules_of(office) == TownRules()
    settled = TownRules({3: Band(200, 400), 4: DEFAULT_BANDS[4]}, 50.0, 3.0, "1, 1, 2, 2")
    settle(office, settled)
    assert rules_of(office) == settled
    settle(office, settled)
    settle(office, replace(settled, bands=DEFAULT_BANDS))
    assert rules_of(office).bands == DEFAULT_BANDS
    with psycopg.connect(office.conninfo) as connection:
        store_rules(connection, office.town, TownRules())
        events = read_events(connection, office.town)
    chef = office.people["chef"].account_id
    assert [event.by_account for event in events] == [None, chef, chef, chef]
    assert events[0].after["code_scheme"] == "6+3, 3, 3, 2"
    assert events[1].before == {"level": 3, "least": 200, "most": 400}
    assert events[3].after == {"level": 3, "least": 200, "most": 400}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        office.execute("DELETE FROM grids.rule_event")


def test_the_rules_are_the_administrators_to_settle(office: Any):
    for by in ("anna", "planner"):
        with pytest.raises(AccessError):
            settle(office, SQUARES, by=by)
    assert rules_of(office) == TownRules()


def test_operations_and_checks_go_by_the_towns_measures(office: Any):
    line = [[120.00005, 28.99], [120.00005, 29.03]]
    sliver = {"unit": office.ids["t10100"], "line": line}
    office.operate(office.open(), "split", **sliver)
    settle(office, TownRules(min_width_m=8.0))
    with pytest.raises(BrokenRuleError) as raised:
        office.operate(office.open(), "split", **sliver)
    assert raised.value.rule is Rule.WIDTH
    settle(office, TownRules(min_area_m2=50_000))
    with pytest.raises(BrokenRuleError) as raised:
        office.operate(office.open(), "split", **sliver)
    assert raised.value.rule is Rule.AREA


def test_new_units_get_the_code_after_the_highest_and_never_a_retired_one(office: Any):
    settle(office, SQUARES)
    ids, draft = office.ids, office.open()
    split = office.operate(
        draft, "split", unit=ids["t10100"], line=[[120.01, 28.99], [120.01, 29.03]]
    )
    assert new_code(split) == "t10106"
    group = office.operate(draft, "group", units=[ids["t10104"], ids["t10105"]])
    assert new_code(group) == "t103"
    assert faults(office, draft) == []
    office.operate(draft, "merge", survivor=ids["t101"], absorbed=_unit(group))
    office.operate(draft, "merge", survivor=ids["t10104"], absorbed=ids["t10105"])
    make_effective(office, draft)
    again = office.open()
    office.operate(again, "merge", survivor=ids["t10100"], absorbed=_unit(split))
    split = office.operate(
        again, "split", unit=ids["t10104"], line=[[120.04, 28.99], [120.04, 29.06]]
    )
    assert new_code(split) == "t10107"


def _unit(edited: Any) -> int:
    [unit] = [unit for unit, (was, _) in edited.redraw.attributes.items() if was is None]
    return int(unit)


def test_when_no_code_is_left_it_is_said(office: Any):
    settle(office, TownRules(code_scheme="1, 1, 1+1, 1+1"))
    ids = office.ids
    office.execute("UPDATE grids.version SET code = 't10199' WHERE unit_id = %s", ids["t10105"])
    office.execute("UPDATE grids.unit SET code = 't10199' WHERE id = %s", ids["t10105"])
    line = [[120.01, 28.99], [120.01, 29.03]]
    edited = office.operate(office.open(), "split", unit=ids["t10100"], line=line)
    assert new_code(edited) == "t10102"  # the lowest that is left
    settle(office, TownRules(code_scheme="1, 1, 2, 3"))
    kept = office.operate(office.open(), "split", unit=ids["t10100"], line=line)
    assert new_code(kept) == "t10102"  # codes of their own: the last number counts up


def test_a_town_of_its_own_codes_is_not_blocked(office: Any):
    ids = office.ids
    for code, unit in ids.items():
        office.execute("UPDATE grids.version SET code = %s WHERE unit_id = %s", f"A-{unit}", unit)
        office.execute("UPDATE grids.unit SET code = %s WHERE id = %s", f"A-{unit}", unit)
        assert code
    draft = office.open()
    line = [[120.01, 28.99], [120.01, 29.03]]
    office.operate(draft, "split", unit=ids["t10100"], line=line)
    office.operate(draft, "renumber", codes={str(ids["t10101"]): "自-7"})
    assert faults(office, draft) == []


def test_codes_that_are_not_well_formed_are_told_where_the_town_follows_the_scheme(office: Any):
    settle(office, SQUARES)
    ids, draft = office.ids, office.open()
    office.operate(draft, "set_parent", unit=ids["t10104"], parent=ids["t203"])
    assert faults(office, draft) == []  # who only moves may keep the code
    office.operate(draft, "renumber", codes={str(ids["t10100"]): "t1-7", str(ids["t2"]): "t9"})
    told = {fault["code"]: fault["rule"] for fault in faults(office, draft)}
    assert told == {"t1-7": "code_form"}
    with pytest.raises(proceedings.FaultyDraftError, match="t1-7"):
        make_effective(office, draft)


def test_a_village_is_numbered_from_north_to_south_and_west_to_east(office: Any):
    settle(office, SQUARES)
    ids, draft = office.ids, office.open()
    edited = office.operate(draft, "renumber_by_scheme", unit=ids["t1"])
    # The northern grid comes first, and in each the micro-grids of the northern row.
    assert codes(edited)["t102"] == "t101"
    assert codes(edited)["t101"] == "t102"
    of_t102 = {code: codes(edited)[code] for code in ("t10203", "t10207", "t10202", "t10206")}
    assert of_t102 == {
        "t10203": "t10101", "t10207": "t10102", "t10202": "t10103", "t10206": "t10104"
    }  # fmt: skip
    assert not any(code.startswith("t2") for code in codes(edited))
    again = office.operate(draft, "renumber_by_scheme", unit=ids["t1"])
    assert again.redraw.attributes == {}
    assert faults(office, draft) == []
    make_effective(office, draft)
    stored = dict(office.execute("SELECT id, code FROM grids.unit"))
    assert stored[ids["t10203"]] == "t10101"


def test_numbering_anew_leaves_retired_codes_out(office: Any):
    settle(office, SQUARES)
    ids, draft = office.ids, office.open()
    office.operate(draft, "merge", survivor=ids["t10100"], absorbed=ids["t10101"])
    make_effective(office, draft)
    draft = office.open()
    office.operate(draft, "split", unit=ids["t10100"], line=[[119.9, 29.03], [120.1, 29.03]])
    office.operate(draft, "renumber_by_scheme", unit=ids["t101"])
    now = office.desk.read(office.people["anna"], office.town, draft.id).now
    below = [unit for unit, each in now.topology.units.by_id.items() if each.parent == ids["t101"]]
    # t10101 is retired for ever, t10100 was never one of the scheme's.
    assert sorted(now.attributes[unit].code for unit in below) == [
        "t10102", "t10103", "t10104", "t10105"
    ]  # fmt: skip
    assert faults(office, draft) == []


def test_a_whole_town_keeps_its_villages_unless_they_are_named(office: Any):
    settle(office, SQUARES)
    ids, draft = office.ids, office.open()
    edited = office.operate(draft, "renumber_by_scheme", unit=ids["t"])
    assert "t1" not in codes(edited)
    assert codes(edited)["t203"] == "t202"
    edited = office.operate(draft, "renumber_by_scheme", unit=ids["t"], level=2)
    assert edited.redraw.attributes == {}
    micro = office.operate(draft, "renumber_by_scheme", unit=ids["t2"], level=4)
    assert micro.redraw.attributes == {}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"unit": 999}, NotFoundError),
        ({"unit": "t101", "level": 3}, InputError),
        ({"unit": "t101", "level": 5}, InputError),
        ({"unit": "t10100"}, InputError),
        ({"unit": "t101", "colour": 1}, InputError),
    ],
)
def test_numbering_of_nothing_is_refused(office: Any, given: dict[str, Any], error: Any):
    unit = given.pop("unit")
    with pytest.raises(error):
        office.operate(
            office.open(), "renumber_by_scheme", unit=office.ids.get(unit, unit), **given
        )


def test_more_units_than_codes_change_nothing(office: Any):
    settle(office, TownRules(code_scheme="1, 1, 2, 1"))
    draft = office.open()
    for n in range(1, 7):  # from the east, so that what is left keeps its id
        x = 120.025 - n * 0.0015
        line = [[x, 28.9], [x, 29.026]]
        office.operate(draft, "split", unit=office.ids["t10100"], line=line, code=f"x{n}")
    revision = office.revision(draft)
    with pytest.raises(ConflictError, match="no code left"):
        office.operate(draft, "renumber_by_scheme", unit=office.ids["t1"])
    assert office.revision(draft) == revision


def test_a_draft_that_renumbers_is_opened_only_where_something_changes(office: Any):
    settle(office, SQUARES)
    made = renumber_as_draft(office.desk, office.town, "anna", "t1", None)
    assert made.draft_id is not None
    assert made.codes == 10
    draft = replace(office.open(), id=made.draft_id)
    assert faults(office, draft) == []
    make_effective(office, draft)
    assert renumber_as_draft(office.desk, office.town, "anna", "t1", None) == (None, 0)
    assert renumber_as_draft(office.desk, office.town, "anna", "t1", 4) == (None, 0)
    assert office.execute("SELECT count(*) FROM grids.draft") == [(2,)]
    for by, code, error in (
        ("planner", "t1", AccessError),
        ("anna", "t9", NotFoundError),
        ("anna", "t10101", InputError),
    ):
        with pytest.raises(error):
            renumber_as_draft(office.desk, office.town, by, code, None)
    assert office.execute("SELECT count(*) FROM grids.draft") == [(2,)]
