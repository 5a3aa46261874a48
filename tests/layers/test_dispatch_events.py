"""Events: chained, never changed; and only they, by the steps that there are, move an incident."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ordertown
from layers.dispatch.refusals import refusals_told
from layers.health import check_events
from spatial.checks import State
from spatial.errors import ConflictError

ACTIONS = ["deliver", "seen", "accept", "decline", "lapse", "arrive", "report", "done", "withdraw"]
BY = {"deliver": "system", "lapse": "system", "withdraw": "dispatcher"}


@pytest.fixture(scope="module")
def make_town(empty_database: str) -> Callable[[], AbstractContextManager[psycopg.Connection]]:
    """Three responders, an incident, and an order for the first of them; rolled back."""

    @contextmanager
    def make() -> Iterator[psycopg.Connection]:
        with psycopg.connect(empty_database) as connection:
            connection.execute("ALTER SEQUENCE spatial.town_id_seq RESTART")
            ordertown.make(connection, responders=3)
            ordertown.report(connection, 1, ["r1", "r2", "r3"])
            yield connection
            connection.rollback()

    return make


@pytest.fixture
def town(make_town: Callable[..., AbstractContextManager[psycopg.Connection]]):
    with make_town() as connection:
        yield connection


def one(connection: psycopg.Connection, query: str, *values: object) -> object:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def broken(connection: psycopg.Connection) -> list[tuple[int, int]]:
    return connection.execute("SELECT * FROM layers.broken_chains(1::smallint)").fetchall()


def state(connection: psycopg.Connection) -> object:
    return one(connection, "SELECT state FROM layers.incident")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE layers.incident_event SET data = '{}'",
        "DELETE FROM layers.incident_event",
        "TRUNCATE layers.incident_event",
        "UPDATE layers.decision SET k = 1",
        "DELETE FROM layers.decision",
    ],
)
def test_nobody_changes_what_was_noted_the_owner_included(town, change):
    with pytest.raises(
        psycopg.errors.InsufficientPrivilege, match=r"only ever added to|stays as it was"
    ):
        town.execute(change)


TAMPERING = {
    "a word": "UPDATE layers.incident_event SET data = '{\"order\": 7}' WHERE seq = 2",
    "a moment": "UPDATE layers.incident_event SET at = at - interval '1 s' WHERE seq = 1",
    "who": "UPDATE layers.incident_event SET actor = 7 WHERE seq = 1",
    "one gone": "DELETE FROM layers.incident_event WHERE seq = 1",
    "the last gone": "DELETE FROM layers.incident_event WHERE seq = 2",
    "all gone": "DELETE FROM layers.incident_event",
    "a hash made anew": "UPDATE layers.incident_event AS e SET actor = 7, hash ="
    " layers.hash_of_event(jsonb_populate_record(e, '{\"actor\": 7}')) WHERE seq = 1",
}


@pytest.mark.parametrize("tampering", TAMPERING.values(), ids=TAMPERING)
def test_who_gets_past_that_is_found_out(town, tampering):
    assert broken(town) == []
    assert check_events(town).state is State.OK
    town.execute("ALTER TABLE layers.incident_event DISABLE TRIGGER refuse_change")
    town.execute(tampering)
    assert len(broken(town)) == 1
    assert check_events(town).state is State.FAILED


def test_an_illegal_step_is_refused_by_a_foreign_key(town):
    values = "(0, (SELECT id FROM layers.incident), 0, now(), 'confirm', '', 'closed', '')"
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="incident_event_step"):
        town.execute(
            "INSERT INTO layers.incident_event"
            f" (town_id, incident_id, seq, at, action, from_state, to_state, hash) VALUES {values}"
        )


def test_an_illegal_step_of_an_order_is_refused_by_a_foreign_key(town):
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="response_order_step"):
        town.execute("UPDATE layers.response_order SET state = 'reported', by_action = 'report'")


def test_only_events_move_an_incident(town):
    town.execute("UPDATE layers.incident SET state = 'closed', severity = 1")
    assert state(town) == "dispatched"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no event says"):
        town.execute("UPDATE layers.incident SET state = 'closed', revision = revision + 1")


def test_a_clock_that_is_put_back_turns_nothing_round(town):
    town.execute("ALTER TABLE layers.incident_event DISABLE TRIGGER ALL")
    town.execute("UPDATE layers.incident_event SET at = at + interval '1 h'")
    town.execute("ALTER TABLE layers.incident_event ENABLE TRIGGER ALL")
    town.execute("SELECT layers.move_order(id, 'accept', 'responder') FROM layers.response_order")
    assert one(town, "SELECT bool_and(at >= before) FROM (SELECT at, lag(at) OVER (ORDER BY seq)"
               " AS before FROM layers.incident_event) AS e") is True  # fmt: skip


def test_a_responder_has_one_order_at_a_time(town):
    with pytest.raises(psycopg.errors.UniqueViolation, match="response_order_one_active"):
        town.execute(
            "INSERT INTO layers.response_order (town_id, incident_id, responder_id, is_lead)"
            " SELECT town_id, incident_id, responder_id, false FROM layers.response_order"
        )


def test_the_next_takes_over_from_who_never_answered(town):
    old = one(town, "SELECT id FROM layers.response_order")
    incident = one(town, "SELECT id FROM layers.incident")
    ranked = '[{"key": "r1"}, {"key": "r2", "eta_s": 90}]'
    new = one(town, "SELECT layers.order_first_of(%s, %s, NULL, %s)", incident, ranked, old)
    orders = town.execute(
        "SELECT id, state, is_lead, eta_s, replaces FROM layers.response_order ORDER BY id"
    ).fetchall()
    assert orders[0][:2] == (old, "lapsed")
    assert orders[1] == (new, "sent", True, 90.0, old)
    assert state(town) == "dispatched"


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(walk=st.lists(st.sampled_from(ACTIONS), max_size=8))
def test_whatever_is_tried_the_order_and_its_incident_agree(town, walk):
    with town.transaction(force_rollback=True):
        order = one(town, "SELECT id FROM layers.response_order")
        for action in walk:
            try:
                with town.transaction(), refusals_told():
                    town.execute(
                        "SELECT layers.move_order(%s, %s, %s)",
                        (order, action, BY.get(action, "responder")),
                    )
            except ConflictError:
                pass
        found = town.execute(
            "SELECT sent.state, sent.ended_at IS NULL, incident.state FROM layers.response_order"
            " AS sent JOIN layers.incident ON incident.id = incident_id"
        ).fetchone()
        assert found is not None
        expected = {
            "done": {"handled"},
            "arrived": {"handling"},
            "reported": {"handling"},
            "declined": {"triage"},
            "lapsed": {"triage"},
            "withdrawn": {"triage"},
        }.get(found[0], {"dispatched"})
        assert found[2] in expected, found
        assert broken(town) == []
        times = town.execute(
            "SELECT ordered_at, delivered_at, seen_at, accepted_at, arrived_at, reported_at,"
            " ended_at FROM layers.response_order"
        ).fetchone()
        assert times is not None
        passed = [each for each in times if each is not None]
        assert passed == sorted(passed)


def test_what_was_rejected_is_not_counted_as_something_that_happened(town):
    counted = "SELECT count(*) FROM layers.incident WHERE layers.has_happened(state)"
    assert one(town, counted) == 1
    town.execute("SELECT layers.move_order(id, 'withdraw', 'system') FROM layers.response_order")
    assert (state(town), one(town, counted)) == ("triage", 1)
    incident = one(town, "SELECT id FROM layers.incident")
    town.execute("SELECT layers.add_event(%s, 'reject', '{}')", (incident,))
    assert (state(town), one(town, counted)) == ("rejected", 0)
    assert one(town, "SELECT closed_at >= occurred_at FROM layers.incident") is True


def test_a_file_that_is_imported_again_changes_no_state_that_was_reached_here(town):
    town.execute("UPDATE layers.incident SET state = 'open', closed_at = now(), title = '新'")
    found = town.execute("SELECT state, closed_at, title FROM layers.incident").fetchone()
    assert found == ("dispatched", None, "新")
