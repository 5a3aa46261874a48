"""A demo's clock stands still; it goes on to where an approved draft waits, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from layers.boundaries import proceedings
from layers.boundaries.effect.demo_clock import let_time_pass
from layers.boundaries.effect.effect import redraw_what_is_due
from spatial.errors import AccessError, ConflictError, NotFoundError
from spatial.town import read_town

TODAY = "2026-06-01T08:00+08:00"
NEXT_WEEK = datetime.fromisoformat(TODAY) + timedelta(days=7)


def work(office: Any) -> int:
    with psycopg.connect(office.conninfo) as connection:
        return redraw_what_is_due(connection, read_town(connection))


def approved(office: Any, name: str, since: datetime, code: str) -> Any:
    draft = office.open(name)
    office.operate(draft, "rename", unit=office.ids[code], name=name)
    at = (draft.id, office.revision(draft))
    proceedings.submit(office.desk, office.people["anna"], office.town, at)
    proceedings.approve(office.desk, office.people["chef"], office.town, draft.id, since)
    return draft


def as_of(office: Any) -> datetime:
    found: datetime = office.execute("SELECT as_of FROM spatial.town")[0][0]
    return found


def test_time_passes_to_the_moment_of_a_draft_and_of_those_before(open_office: Any):
    with open_office(as_of=TODAY) as office:
        later = approved(office, "后", NEXT_WEEK, "t1")
        approved(office, "先", NEXT_WEEK - timedelta(days=2), "t2")
        assert work(office) == 0
        jobs = "SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE scheduled_at <= now()"
        waiting = office.execute(jobs)[0][0]
        moment = let_time_pass(office.desk, office.people["anna"], office.town, later.id)
        assert moment == as_of(office) == NEXT_WEEK
        assert office.execute(jobs)[0][0] == waiting + 1  # the worker needn't wait for its minute
        assert work(office) == 2
        began = office.execute("SELECT name, lower(valid) FROM grids.version WHERE draft_id > 0")
        assert sorted(began) == [("先", NEXT_WEEK - timedelta(days=2)), ("后", NEXT_WEEK)]
        with pytest.raises(ConflictError, match="effective"):
            let_time_pass(office.desk, office.people["anna"], office.town, later.id)


def test_the_clock_is_nobody_elses_to_move(open_office: Any):
    with open_office(as_of=TODAY) as office:
        waiting = approved(office, "后", NEXT_WEEK, "t1")
        opened = office.open()
        anna = office.people["anna"]
        for who, draft, error in (
            (office.people["planner"], waiting.id, AccessError),
            (replace(anna, may_write=False), waiting.id, AccessError),
            (replace(anna, only_layers=("premises",)), waiting.id, AccessError),
            (anna, opened.id, ConflictError),
            (anna, 999, NotFoundError),
        ):
            with pytest.raises(error):
                let_time_pass(office.desk, who, office.town, draft)
        assert as_of(office) == datetime.fromisoformat(TODAY)


def test_in_a_real_town_time_passes_by_itself(office: Any):
    moment = datetime.now().astimezone() + timedelta(days=7)
    waiting = approved(office, "后", moment, "t1")
    with pytest.raises(ConflictError, match="real town"):
        let_time_pass(office.desk, office.people["chef"], office.town, waiting.id)
    with office.desk.transaction(office.people["chef"]) as connection:
        row = connection.execute("SELECT grids.pass_time_to_draft(%s)", (waiting.id,)).fetchone()
    assert row == (None,)
    assert as_of(office) is None
