"""Jobs in the database: whose they are, how they are found, and what nobody may do to them."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from layers.jobs import lifecycle, store
from layers.jobs.errors import NoSuchJobError
from layers.jobs.store import JobFilter, Request
from layers.roles import Role
from spatial.database import Principal, async_transaction, become
from spatial.errors import AccessError, LimitError
from spatial.town import read_town
from spatial.web_login import web_conninfo

ECHO = Request("echo", {"message": "网格"})
WEEK = timedelta(days=7)
ANYBODY = Principal(Role.ANONYMOUS, 1)
OFFICER = Principal(Role.OFFICER, 1, account_id=1, department="fire")
PLANNER = Principal(Role.PLANNER, 1, account_id=2)


@pytest.fixture
def town(database: str) -> str:
    """Conninfo of a town with two accounts."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO spatial.town (code, name, name_en, time_zone, synthetic)"
            " VALUES ('t', '小镇', 'Small', 'Asia/Shanghai', false)"
        )
        connection.execute(
            "INSERT INTO layers.account (town_id, name, display_name, role, department, layers)"
            " VALUES (1, 'wu', '吴', %s, 'fire', '{}'), (1, 'li', '李', %s, NULL, '{}')",
            (Role.OFFICER, Role.PLANNER),
        )
    return database


def ask(conninfo: str, principal: Principal, *steps):
    """Await each step with a connection as `principal`; the last one's answer."""

    async def run():
        async with (
            AsyncConnectionPool(web_conninfo(conninfo), min_size=1, open=False) as pool,
            async_transaction(pool, principal) as connection,
        ):
            for step in steps:
                answer = await step(connection)
            return answer

    return asyncio.run(run())


def submit(conninfo: str, principal: Principal, request: Request = ECHO) -> store.Job:
    return ask(conninfo, principal, lambda connection: store.submit_job(connection, request))


def read(conninfo: str, principal: Principal, job_id: uuid.UUID) -> store.Job:
    return ask(conninfo, principal, lambda connection: store.read_job(connection, job_id))


def listed(conninfo: str, principal: Principal, wanted=JobFilter(), limit: int = 100):  # noqa: B008
    return ask(conninfo, principal, lambda connection: store.list_jobs(connection, wanted, limit))


def queued(conninfo: str) -> list[tuple[str, str]]:
    with psycopg.connect(conninfo) as connection:
        return connection.execute(
            "SELECT args ->> 'job_id', status::text FROM procrastinate.procrastinate_jobs"
        ).fetchall()


def test_a_job_is_stored_and_queued_or_neither(town):
    job = submit(town, OFFICER)
    assert (job.status, job.progress, job.keep_until) == ("accepted", 0, None)
    assert queued(town) == [(str(job.id), "todo")]

    async def fail(_connection):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        ask(town, OFFICER, lambda connection: store.submit_job(connection, ECHO), fail)
    assert queued(town) == [(str(job.id), "todo")]
    assert len(listed(town, OFFICER)) == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ANONYMOUS])
def test_nobody_sees_the_job_of_another_account(town, role):
    job = submit(town, OFFICER)
    assert read(town, OFFICER, job.id).id == job.id
    other = Principal(role, 1, account_id=2, department="*")
    for stranger in (other, ANYBODY):
        assert listed(town, stranger) == []
        with pytest.raises(NoSuchJobError):
            read(town, stranger, job.id)
        with pytest.raises(NoSuchJobError):
            ask(town, stranger, lambda connection: store.dismiss_job(connection, job.id))
    assert read(town, OFFICER, job.id).status == "accepted"


def test_a_job_of_nobody_is_found_by_its_id_and_listed_nowhere(town):
    job = submit(town, ANYBODY)
    assert read(town, ANYBODY, job.id).id == job.id
    assert listed(town, ANYBODY) == []
    assert listed(town, OFFICER) == []


def test_pages_hold_every_job_once_while_others_come(town):
    mine = [submit(town, OFFICER).id for _ in range(7)]
    seen, after = [], None
    while page := listed(town, OFFICER, JobFilter(after=after), limit=3):
        seen += [job.id for job in page]
        after = (page[-1].created, page[-1].id)
        submit(town, OFFICER)
    assert seen == mine[::-1]


def test_filters(town):
    first = submit(town, OFFICER, Request("hotspots", {}))
    second = submit(town, OFFICER)
    with psycopg.connect(town) as connection:
        connection.execute(
            "UPDATE layers.job SET created = '2020-01-01Z', started = now() - interval '5 min',"
            " status = 'running' WHERE id = %s",
            (first.id,),
        )
    now = datetime.now(UTC)
    minutes = timedelta(minutes=1)
    table = [
        (JobFilter(), {first.id, second.id}),
        (JobFilter(statuses=["running"]), {first.id}),
        (JobFilter(statuses=["running", "accepted"]), {first.id, second.id}),
        (JobFilter(process_ids=["echo"]), {second.id}),
        (JobFilter(created=(None, now - minutes)), {first.id}),
        (JobFilter(created=(now - minutes, None)), {second.id}),
        (JobFilter(shortest=4 * minutes), {first.id}),
        (JobFilter(longest=4 * minutes), set()),
    ]
    for wanted, expected in table:
        assert {job.id for job in listed(town, OFFICER, wanted)} == expected, wanted


def test_dismissed_before_it_began_it_leaves_the_queue(town):
    job = submit(town, OFFICER)
    for _ in range(2):
        dismissed = ask(town, OFFICER, lambda connection: store.dismiss_job(connection, job.id))
        assert dismissed.status == "dismissed"
        assert dismissed.keep_until is not None
    assert queued(town) == [(str(job.id), "cancelled")]
    with psycopg.connect(town) as connection:
        assert lifecycle.claim(connection, job.id) is None


def test_an_account_has_so_many_unfinished_jobs_and_no_more(town):
    for _ in range(20):
        submit(town, OFFICER)
    with pytest.raises(LimitError):
        submit(town, OFFICER)
    submit(town, PLANNER)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE layers.job SET status = 'successful'",
        "UPDATE layers.job SET results = '{}'",
        "UPDATE layers.job SET role = 'gridwhistle_administrator'",
        "DELETE FROM layers.job",
        "INSERT INTO layers.job (process_id, inputs, role) VALUES ('echo', '{}', 'x')",
        "INSERT INTO layers.job (process_id, inputs, account_id) VALUES ('echo', '{}', 2)",
        "SELECT * FROM procrastinate.procrastinate_jobs",
    ],
)
def test_the_database_refuses_a_submitter(town, statement):
    submit(town, OFFICER)
    with psycopg.connect(web_conninfo(town)) as connection:
        become(connection, OFFICER)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_without_a_role_the_webs_login_sees_no_job(town):
    submit(town, OFFICER)
    with (
        psycopg.connect(web_conninfo(town)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM layers.job")


def claimed_principal(conninfo: str, job: store.Job) -> Principal:
    with psycopg.connect(conninfo) as connection:
        found = lifecycle.claim(connection, job.id)
        assert found is not None
        return lifecycle.principal_of(connection, found, read_town(connection), WEEK)


def change_account(conninfo: str, assignment: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(f"UPDATE layers.account SET {assignment} WHERE id = 1".encode())


def test_a_job_runs_with_the_rights_that_its_account_has_now(town):
    job = submit(town, OFFICER)
    change_account(town, "department = 'water'")
    principal = claimed_principal(town, job)
    assert (principal.role, principal.account_id) == (Role.OFFICER, 1)
    assert principal.department == "water"


@pytest.mark.parametrize("change", ["disabled_at = now()", f"role = '{Role.DISPATCHER.value}'"])
def test_an_account_that_lost_its_rights_runs_nothing(town, change):
    job = submit(town, OFFICER)
    change_account(town, change)
    with pytest.raises(AccessError):
        claimed_principal(town, job)


def test_a_keys_grants_stay_as_narrow_as_they_were(town):
    other_system = f"role = '{Role.SYSTEM.value}', department = NULL"
    change_account(town, f"{other_system}, layers = '{{sensors,incidents}}'")
    key = Principal(Role.SYSTEM, 1, account_id=1, layers=("sensors", "gone"))
    assert claimed_principal(town, submit(town, key)).layers == ("sensors",)


def test_a_job_keeps_the_limits_of_its_key(town):
    key = replace(OFFICER, only_layers=("premises",))
    principal = claimed_principal(town, submit(town, key))
    assert (principal.only_layers, principal.may_write) == (("premises",), False)
    unlimited = claimed_principal(town, submit(town, OFFICER))
    assert (unlimited.only_layers, unlimited.may_write) == (None, False)


def test_a_key_for_some_layers_sees_no_job_that_read_others(town):
    wide, narrow = (
        replace(OFFICER, only_layers=names) for names in (("premises", "incidents"), ("premises",))
    )
    jobs = {name: submit(town, each) for name, each in (("all", OFFICER), ("wide", wide))}
    jobs["narrow"] = submit(town, narrow)
    for principal, seen in ((OFFICER, {"all", "wide", "narrow"}), (wide, {"wide", "narrow"}),
                            (narrow, {"narrow"})):  # fmt: skip
        assert {job.id for job in listed(town, principal)} == {jobs[name].id for name in seen}
    for hidden in (jobs["all"].id, jobs["wide"].id):
        for step in (store.read_job, store.dismiss_job):
            with pytest.raises(NoSuchJobError):
                ask(town, narrow, lambda connection, do=step, job=hidden: do(connection, job))
        results = ask(
            town, narrow, lambda connection, job=hidden: store.read_results(connection, job)
        )
        assert results == {}


def test_what_is_kept_no_longer_is_swept(town):
    old, young = submit(town, OFFICER), submit(town, OFFICER)
    with psycopg.connect(town) as connection:
        for job, keep in ((old, timedelta(seconds=-1)), (young, WEEK)):
            lifecycle.claim(connection, job.id)
            lifecycle.succeed(connection, job.id, {"message": '"x"'}, keep)
        assert lifecycle.sweep_expired(connection) == 1
    assert [job.id for job in listed(town, OFFICER)] == [young.id]
    assert [args for args, _status in queued(town)] == [str(young.id)]


def test_results_are_the_text_that_was_written(town):
    text = '{"1.0":1.0,"佛":[1e3]}'
    job = submit(town, OFFICER)
    with psycopg.connect(town) as connection:
        lifecycle.claim(connection, job.id)
        lifecycle.succeed(connection, job.id, {"a": text, "b": "null"}, WEEK)
    results = ask(town, OFFICER, lambda connection: store.read_results(connection, job.id))
    assert results == {"a": text, "b": "null"}
