"""Two drafts that give the same code to different new units."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from grids.town_rules import TownRules
from layers.boundaries import proceedings
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.boundaries.rules import store_rules
from spatial.town import read_town


@pytest.fixture
def drafts(office: Any) -> tuple[Any, Any]:
    """Anna and Bert split a micro-grid of the same grid each."""
    with office.desk.transaction(office.people["chef"]) as connection:
        store_rules(connection, office.town, TownRules(code_scheme="1, 1, 2, 2"))
    first, second = office.open("先"), office.open("后", by="bert")
    for draft, by, unit, y in ((first, "anna", "t10100", 29.01), (second, "bert", "t10101", 29.03)):
        line = [[119.99, y], [120.03, y]]
        edited = office.operate(draft, "split", by=by, unit=office.ids[unit], line=line)
        [new] = [after.code for was, after in edited.redraw.attributes.values() if was is None]
        assert new == "t10106"
    return first, second


def hand_in(office: Any, draft: Any, by: str, since: datetime | None = None) -> None:
    at = (draft.id, office.revision(draft))
    proceedings.submit(office.desk, office.people[by], office.town, at)
    proceedings.approve(office.desk, office.people["chef"], office.town, draft.id, since)


def work(office: Any) -> int:
    with psycopg.connect(office.conninfo) as connection:
        return redraw_what_is_due(connection, read_town(connection))


def codes_of(office: Any, draft: Any, by: str) -> set[str]:
    state = office.desk.read(office.people[by], office.town, draft.id)
    return {each.code for each in state.now.attributes.values()}


def test_a_code_that_was_given_meanwhile_is_given_anew(office: Any, drafts: tuple[Any, Any]):
    first, second = drafts
    hand_in(office, first, "anna")
    assert work(office) == 1
    at = (second.id, office.revision(second))
    proceedings.rebase(office.desk, office.people["bert"], office.town, at, None)
    assert {"t10106", "t10107"} <= codes_of(office, second, "bert")
    hand_in(office, second, "bert")
    assert work(office) == 1


def test_one_that_waits_for_its_day_gets_another_code_too(office: Any, drafts: tuple[Any, Any]):
    first, second = drafts
    hand_in(office, second, "bert", datetime.now(UTC) + timedelta(days=1))
    hand_in(office, first, "anna")
    assert work(office) == 1
    assert office.execute("SELECT state FROM grids.draft ORDER BY id") == [
        ("effective",), ("approved",)
    ]  # fmt: skip
    assert {"t10106", "t10107"} <= codes_of(office, second, "bert")
    office.execute("UPDATE grids.draft SET effective_from = now() WHERE state = 'approved'")
    assert work(office) == 1


def test_a_code_that_somebody_typed_is_theirs_to_change(office: Any):
    first, second = office.open("先"), office.open("后", by="bert")
    line = [[119.99, 29.01], [120.03, 29.01]]
    office.operate(first, "split", unit=office.ids["t10100"], line=line, code="t10177")
    codes = {str(office.ids["t20415"]): "t10177"}
    office.operate(second, "renumber", by="bert", codes=codes)
    hand_in(office, second, "bert", datetime.now(UTC) + timedelta(days=1))
    hand_in(office, first, "anna")
    assert work(office) == 1
    assert office.execute("SELECT state FROM grids.draft ORDER BY id") == [
        ("effective",), ("open",)
    ]  # fmt: skip
    assert "t10177" in codes_of(office, second, "bert")
