"""Approved drafts ahead of their moments: the same coverages as when these come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from layers.boundaries import proceedings
from layers.boundaries.cache import DraftCache
from layers.boundaries.coverage import read_coverage, speak_for
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.boundaries.planned import Foresight, Planned
from layers.boundaries.rebase import DisputeError
from spatial.errors import NotFoundError
from spatial.town import read_town

MIDDLE = [120.05, 29.05]
CUT = [[120.0375, 29], [120.0375, 29.06]]


def approve(office: Any, draft: Any, days: float) -> None:
    at = (draft.id, office.revision(draft))
    proceedings.submit(office.desk, office.people["anna"], office.town, at)
    since = datetime.now(UTC) + timedelta(days)
    proceedings.approve(office.desk, office.people["chef"], office.town, draft.id, since)


def foresee(office: Any) -> list[Planned]:
    with office.desk.transaction(office.people["bert"]) as connection:
        return Foresight(connection, DraftCache(), office.town).all()


def let_pass(office: Any, days: float) -> Any:
    """The worker at a later moment: what is due by then is moved back."""
    office.execute(
        "UPDATE grids.draft SET effective_from = effective_from - %s WHERE state = 'approved'",
        timedelta(days),
    )
    with psycopg.connect(office.conninfo) as connection:
        redraw_what_is_due(connection, read_town(connection))
        speak_for(connection, office.town)
        return read_coverage(connection, office.town, datetime.now(UTC))


def test_each_stands_on_those_before_it_and_comes_true(office: Any) -> None:
    later = office.open("后")
    office.operate(later, "merge", survivor=office.ids["t20308"], absorbed=office.ids["t20309"])
    office.operate(later, "rename", unit=office.ids["t2"], name="西村")
    sooner = office.open("先")
    office.operate(sooner, "rename", unit=office.ids["t1"], name="东村")
    office.operate(sooner, "split", unit=office.ids["t10105"], line=CUT)
    approve(office, later, 20)
    approve(office, sooner, 10)
    first, second = foresee(office)
    assert [first.draft.name, second.draft.name] == ["先", "后"]
    assert first.hindrance is None
    assert second.hindrance is None
    names = [each.coverage.attributes[office.ids["t1"]].name for each in (first, second)]
    assert names == ["东村", "东村"]
    assert second.coverage.attributes[office.ids["t2"]].name == "西村"
    assert first.coverage.attributes[office.ids["t2"]].name != "西村"
    names = {each.code for each in second.before.attributes.values()}
    changed = {second.before.attributes[unit].code for unit in second.changed}
    assert changed == {"t20308", "t20309", "t2"}
    assert names - {each.code for each in second.coverage.attributes.values()} == {"t20309"}
    for planned, days in ((first, 11), (second, 10)):
        assert let_pass(office, days).is_same(planned.coverage)


def test_two_that_give_the_same_code_are_foreseen_with_two(office: Any) -> None:
    for name, unit, x, days in (("先", "t10105", 120.0375, 10), ("后", "t10100", 120.0125, 20)):
        draft = office.open(name)
        office.operate(draft, "split", unit=office.ids[unit], line=[[x, 28.9], [x, 29.2]])
        approve(office, draft, days)
    coverage = foresee(office)[-1].coverage
    codes = [each.code for each in coverage.attributes.values()]
    assert len(codes) == len(set(codes)) == 16 + 2 + 4 + 2 + 1
    let_pass(office, 11)
    assert let_pass(office, 10).is_same(coverage)


def test_what_an_earlier_draft_will_dispute_is_told_and_left_out(office: Any) -> None:
    for name, to, days in (("先", [120.052, 29.052], 10), ("后", [120.048, 29.048], 20)):
        draft = office.open(name)
        office.operate(draft, "move_node", node=MIDDLE, to=to)
        approve(office, draft, days)
    last = office.open("末")
    office.operate(last, "rename", unit=office.ids["t1"], name="东村")
    approve(office, last, 30)
    first, second, third = foresee(office)
    assert isinstance(second.hindrance, DisputeError)
    assert second.coverage.is_same(first.coverage)
    assert third.hindrance is None
    let_pass(office, 11)
    assert [each.draft.name for each in foresee(office)] == ["末"]
    assert let_pass(office, 20).is_same(third.coverage)


def test_only_what_waits_is_foreseen(office: Any) -> None:
    assert foresee(office) == []
    draft = office.open()
    with (
        office.desk.transaction(office.people["anna"]) as connection,
        pytest.raises(NotFoundError, match="waits"),
    ):
        Foresight(connection, DraftCache(), office.town).up_to(draft.id)
