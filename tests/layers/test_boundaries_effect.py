"""A draft takes effect: history, incidents, members, codes, lineage; later drafts; lost time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from shapely import from_wkb, normalize

from grids.arcs.trace import polygon
from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries import proceedings
from layers.boundaries.coverage import read_coverage, speak_for
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.boundaries.rebase import Choice, DisputeError
from layers.coverage_check import check_coverage
from layers.facts.store import save_facts
from layers.roles import Role
from spatial.checks import State
from spatial.errors import AccessError, ConflictError, InputError
from spatial.town import read_town

STEP = 0.025
MIDDLE = [120.05, 29.05]
INCIDENT = """
INSERT INTO layers.incident
    (town_id, key, category, state, occurred_at, cell, geom, inside, batch_id, grid_version_id)
SELECT 1, %s, 'noise', %s, %s, 1, ST_SetSRID(ST_MakePoint(%s, %s), 4326), true, 1, version.id
FROM grids.version WHERE unit_id = %s
"""


def now() -> datetime:
    return datetime.now(UTC)


def hand_in(office: Any, draft: Any, by: str = "anna") -> None:
    at = (draft.id, office.revision(draft))
    proceedings.submit(office.desk, office.people[by], office.town, at)


def approve(office: Any, draft: Any, since: datetime | None = None, by: str = "chef") -> datetime:
    approved = proceedings.approve(office.desk, office.people[by], office.town, draft.id, since)
    assert approved.effective_from is not None
    return approved.effective_from


def work(office: Any, at: datetime | None = None) -> int:
    """What the worker does; the clock may be put forward by moving what is due back."""
    if at is not None:
        late = at - now()
        office.execute(
            "UPDATE grids.draft SET effective_from = effective_from - %s WHERE state = 'approved'",
            late,
        )
    with psycopg.connect(office.conninfo) as connection:
        return redraw_what_is_due(connection, read_town(connection))


def state_of(office: Any, draft: Any) -> str:
    return str(office.execute("SELECT state FROM grids.draft WHERE id = %s", draft.id)[0][0])


def versions(office: Any, unit: int) -> list[tuple[Any, ...]]:
    return office.execute(
        "SELECT code, name, lower(valid), upper(valid) FROM grids.version WHERE unit_id = %s"
        " ORDER BY lower(valid)", unit,
    )  # fmt: skip


def assert_tiled(office: Any) -> None:
    """Versions and arcs of now are the same coverage, and it is a sound one."""
    with psycopg.connect(office.conninfo) as connection:
        town = read_town(connection)
        assert check_coverage(connection, town).state is State.OK
        speak_for(connection, town)
        coverage = read_coverage(connection, town, town.now())
        shapes = connection.execute(
            "SELECT unit_id, ST_AsBinary(geom) FROM grids.version WHERE valid @> %s::timestamptz",
            (town.now(),),
        ).fetchall()
    assert {unit for unit, _ in shapes} == coverage.topology.units.by_id.keys()
    for unit, wkb in shapes:
        traced, stored = polygon(coverage.topology, unit), from_wkb(wkb)
        assert normalize(traced).symmetric_difference(normalize(stored)).area == 0


def test_only_what_changes_gets_a_new_version(office: Any):
    draft = office.open()
    office.operate(draft, "move_node", node=MIDDLE, to=[120.052, 29.052])
    hand_in(office, draft)
    since = approve(office, draft)
    before = office.execute("SELECT count(*) FROM grids.version")[0][0]
    assert work(office) == 1
    # Four micro-grids, four grids, two villages; the town and the other twelve stay.
    assert office.execute("SELECT count(*) FROM grids.version")[0][0] == before + 10
    assert [row[2:] for row in versions(office, office.ids["t10105"])] == [
        (datetime(2020, 1, 1, tzinfo=UTC), since), (since, None)
    ]  # fmt: skip
    assert len(versions(office, office.ids["t"])) == 1
    assert state_of(office, draft) == "effective"
    assert work(office) == 0
    assert_tiled(office)


def test_incidents_keep_or_change_their_grid(office: Any):
    ids = office.ids
    with psycopg.connect(office.conninfo) as connection:
        save_facts(connection)
        add_account(connection, 1, AccountPlan("wang", Role.GRID_MEMBER, grid="t102"))
        place = (120.051, 29.049)  # of t20310 before, of t10105 after
        unit = ids["t20309"]
        for key, state in (("old", "closed"), ("open", "open")):
            connection.execute(INCIDENT, (key, state, now() - timedelta(1), *place, unit))
        connection.execute(INCIDENT, ("since", "closed", now() + timedelta(hours=1), *place, unit))
        connection.execute(
            "INSERT INTO layers.premises (town_id, key, kind, name, geom, inside) VALUES"
            " (1, 'p', 'shop', '小店', ST_SetSRID(ST_MakePoint(%s, %s), 4326), true)", place,
        )  # fmt: skip
    draft = office.open()
    office.operate(draft, "move_node", node=MIDDLE, to=[120.053, 29.051])
    office.operate(draft, "merge", survivor=ids["t101"], absorbed=ids["t102"])
    hand_in(office, draft)
    report = proceedings.read_report(office.desk, office.people["chef"], office.town, draft.id)
    assert report["counts"] == {"premises": 1, "incidents": 1, "members": 1}
    assert report["premises"][0]["from"] == {"micro_grid": "t20309", "grid": "t203"}
    assert report["premises"][0]["to"] == {"micro_grid": "t10105", "grid": "t101"}
    assert report["members"][0]["grid"]["code"] == "t102"
    assert report["members"][0]["after"]["code"] == "t101"
    assert report["lineage"] == [
        {"unit": ids["t102"], "became": ids["t101"], "code": "t102", "became_code": "t101"}
    ]
    approve(office, draft)
    assert work(office) == 1
    held = dict(office.execute(
        "SELECT key, version.code FROM layers.incident"
        " JOIN grids.version ON version.id = grid_version_id"
    ))  # fmt: skip
    assert held == {"old": "t20309", "open": "t10105", "since": "t10105"}
    assert office.execute("SELECT grid_id FROM layers.account WHERE name = 'wang'") == [
        (ids["t101"],)
    ]
    assert office.execute("SELECT unit_id, became_id FROM grids.lineage") == [
        (ids["t102"], ids["t101"])
    ]
    kept = proceedings.read_report(office.desk, office.people["chef"], office.town, draft.id)
    assert kept == report
    assert_tiled(office)


def test_codes_pass_on_and_units_come_and_go(office: Any):
    ids, draft = office.ids, office.open()
    office.operate(draft, "renumber", codes={str(ids["t203"]): "t204", str(ids["t204"]): "t203"})
    split = office.operate(
        draft, "split", unit=ids["t10100"], line=[[120.01, 28.99], [120.01, 29.03]]
    )
    [new] = [unit for unit, (before, _) in split.redraw.attributes.items() if before is None]
    office.operate(draft, "group", units=[ids["t10100"], new], code="t1-9", name="新网格")
    hand_in(office, draft)
    approve(office, draft)
    assert work(office) == 1
    assert [row[0] for row in versions(office, ids["t203"])] == ["t203", "t204"]
    codes = dict(office.execute("SELECT code, id FROM grids.unit"))
    assert (codes["t204"], codes["t203"]) == (ids["t203"], ids["t204"])
    assert office.execute("SELECT parent_id FROM grids.unit WHERE id = %s", new) == [
        (codes["t1-9"],)
    ]
    assert_tiled(office)
    again = office.open()
    with pytest.raises(ConflictError, match="two units"):
        office.operate(again, "renumber", codes={str(new): "t10100"})
    office.operate(again, "merge", survivor=ids["t10100"], absorbed=new)
    hand_in(office, again)
    approve(office, again)
    assert work(office) == 1
    assert_tiled(office)
    with pytest.raises(ConflictError, match="retired"):
        office.operate(office.open(), "renumber", codes={str(ids["t10101"]): "t10102"})


def test_a_moment_that_passed_while_nothing_ran_is_caught_up_in_order(office: Any):
    drafts = [office.open("一"), office.open("二", by="bert")]
    office.operate(drafts[0], "move_node", node=[120.025, 29.025], to=[120.026, 29.026])
    office.operate(drafts[1], "move_node", by="bert", node=[120.075, 29.075], to=[120.076, 29.075])
    later = now() + timedelta(days=1)
    for draft, by, hours in ((drafts[0], "anna", 2), (drafts[1], "bert", 1)):
        hand_in(office, draft, by)
        approve(office, draft, later + timedelta(hours=hours))
    assert work(office) == 0
    assert work(office, later + timedelta(hours=3)) == 2
    moments = [m for (m,) in office.execute("SELECT effective_from FROM grids.draft ORDER BY id")]
    assert moments[1] < moments[0] < now()
    assert {state_of(office, draft) for draft in drafts} == {"effective"}
    [(_, _, _, ended), (_, _, began, _)] = versions(office, office.ids["t10100"])
    assert ended == began == moments[0]
    assert_tiled(office)


def test_a_later_draft_is_rebased_and_still_undone_step_by_step(office: Any):
    first, second = office.open("先"), office.open("后", by="bert")
    village = office.ids["t1"]
    office.operate(first, "move_node", node=[120.025, 29.025], to=[120.026, 29.026])
    office.operate(first, "rename", unit=village, name="东村")
    # One micro-grid has both nodes; no arc has.
    office.operate(second, "move_node", by="bert", node=MIDDLE, to=[120.051, 29.051])
    office.operate(second, "rename", by="bert", unit=village, name_en="East")
    for draft, by in ((first, "anna"), (second, "bert")):
        hand_in(office, draft, by)
    approve(office, first)
    approve(office, second, now() + timedelta(days=1))
    assert work(office) == 1
    assert state_of(office, second) == "approved"
    bert = office.people["bert"]
    state = office.desk.read(bert, office.town, second.id)
    assert [step.kind for step in state.done] == ["move_node", "rename"]
    assert state.now.attributes[village][1:3] == ("东村", "East")
    proceedings.amend(office.desk, bert, office.town, second.id)
    for _ in state.done:
        undone = office.desk.undo(bert, office.town, (second.id, office.revision(second)))
    assert undone.state.now.topology.is_same(undone.state.base.topology)
    for _ in state.done:
        office.desk.redo(bert, office.town, (second.id, office.revision(second)))
    hand_in(office, second, "bert")
    approve(office, second)
    assert work(office) == 1
    assert [row[1] for row in versions(office, village)][-2:] == ["东村", "东村"]
    assert_tiled(office)


def test_what_both_changed_opens_the_later_draft_again(office: Any):
    first, second = office.open("先"), office.open("后", by="bert")
    office.operate(first, "move_node", node=MIDDLE, to=[120.052, 29.05])
    office.operate(second, "move_node", by="bert", node=MIDDLE, to=[120.048, 29.05])
    for draft, by in ((first, "anna"), (second, "bert")):
        hand_in(office, draft, by)
    approve(office, first)
    approve(office, second, now() + timedelta(days=1))
    assert work(office) == 1
    assert state_of(office, second) == "open"
    [(conflict,)] = office.execute("SELECT conflict FROM grids.draft WHERE id = %s", second.id)
    assert len(conflict["arcs"]) == 4
    assert conflict["arcs"][0]["theirs"] != conflict["arcs"][0]["mine"]
    at = (second.id, office.revision(second))
    with pytest.raises(DisputeError):
        proceedings.rebase(office.desk, office.people["bert"], office.town, at, None)
    choice = Choice({}, {}, "theirs")
    rebased = proceedings.rebase(office.desk, office.people["bert"], office.town, at, choice)
    state = office.desk.read(office.people["bert"], office.town, second.id)
    assert rebased.conflict is None
    assert state.now.topology.arcs == state.base.topology.arcs


def test_an_approved_draft_can_be_amended_and_withdrawn(office: Any):
    draft = office.open()
    office.operate(draft, "rename", unit=office.ids["t1"], name="甲")
    hand_in(office, draft)
    approve(office, draft, now() + timedelta(days=1))
    chef, anna = office.people["chef"], office.people["anna"]
    with pytest.raises(ConflictError, match="not submitted"):
        proceedings.approve(office.desk, chef, office.town, draft.id, None)
    proceedings.amend(office.desk, anna, office.town, draft.id)
    office.operate(draft, "rename", unit=office.ids["t1"], name="乙")
    hand_in(office, draft)
    with pytest.raises(InputError, match="passed"):
        approve(office, draft, now() - timedelta(days=1))
    approve(office, draft, now() + timedelta(days=1))
    proceedings.withdraw(office.desk, anna, office.town, draft.id)
    assert work(office, now() + timedelta(days=3)) == 0
    with pytest.raises(ConflictError, match="withdrawn"):
        proceedings.amend(office.desk, anna, office.town, draft.id)


def test_whoever_drew_does_not_approve(office: Any):
    draft = office.open()
    office.operate(draft, "rename", unit=office.ids["t1"], name="甲")
    office.operate(draft, "rename", by="bert", unit=office.ids["t2"], name="乙")
    office.desk.undo(office.people["bert"], office.town, (draft.id, office.revision(draft)))
    hand_in(office, draft)
    for by in ("anna", "bert"):
        with pytest.raises(AccessError, match="somebody else"):
            approve(office, draft, by=by)
    approve(office, draft)


def test_the_outline_takes_the_town_s_with_it(office: Any):
    draft = office.open()
    office.operate(
        draft, "move_outline_node", by="chef", node=[120.025, 29.0], to=[120.025, 28.999],
        neighbour="赤岸镇",
    )  # fmt: skip
    hand_in(office, draft)
    approve(office, draft, by="bert")
    assert work(office) == 1
    [(low,)] = office.execute("SELECT ST_YMin(outline) FROM spatial.town")
    assert low == 28.999
    assert_tiled(office)


def test_no_premises_is_left_without_a_grid(office: Any):
    office.execute(
        "INSERT INTO layers.premises (town_id, key, kind, name, geom, inside) VALUES"
        " (1, 'p', 'shop', '边店', 'SRID=4326;POINT(120.025 29.0005)', true)"
    )
    draft = office.open()
    office.operate(
        draft, "move_outline_node", by="chef", node=[120.025, 29.0], to=[120.025, 29.001],
        neighbour="赤岸镇",
    )  # fmt: skip
    with pytest.raises(proceedings.FaultyDraftError, match="边店") as raised:
        hand_in(office, draft)
    assert [fault["properties"]["rule"] for fault in raised.value.faults] == ["no_grid"]
    assert state_of(office, draft) == "open"


def test_a_demo_town_whose_clock_stands_still_has_its_days_too(open_office: Any):
    with open_office(as_of="2026-06-01T08:00+08:00") as office:
        moments = []
        for to in ([120.052, 29.05], [120.054, 29.05]):
            office.town = read(office)
            draft = office.open()
            node = MIDDLE if to[0] == 120.052 else [120.052, 29.05]
            office.operate(draft, "move_node", node=node, to=to)
            hand_in(office, draft)
            moments.append(approve(office, draft))
            assert work(office) == 1
        held = versions(office, office.ids["t10105"])
        assert [row[3] for row in held] == [row[2] for row in held[1:]] + [None]
        assert held[1][2] == moments[0]
        assert timedelta(0) < read(office).now() - moments[0] < timedelta(seconds=1)
        assert_tiled(office)


def read(office: Any) -> Any:
    with psycopg.connect(office.conninfo) as connection:
        return read_town(connection)
