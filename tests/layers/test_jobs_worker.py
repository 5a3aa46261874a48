"""The worker: it runs jobs as their submitters, stops when it is told, and leaves nothing lying."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from psycopg.types.json import Json

from api.ogc.processes import hotspots
from api.ogc.processes.echo import ECHO
from api.ogc.processes.registry import HEAVY_MODULES
from layers.dispatch.current_engine import CurrentEngine
from layers.hotspots import move_published_hotspots_on
from layers.jobs.apart import run_apart, warm_up
from layers.jobs.context import Context, Dismissed
from layers.jobs.outputs import as_json_texts
from layers.jobs.periodic import Periodic
from layers.jobs.run import Runner
from layers.jobs.worker import Worker
from layers.roles import Role
from spatial.database import Principal, become, open_pool
from spatial.errors import GridwhistleError, InputError
from spatial.town import read_town
from spatial.web_login import web_conninfo

SOON_S = 60  # whatever is waited for has long happened by then
ANYBODY = Principal(Role.ANONYMOUS, 1)
OFFICER = Principal(Role.OFFICER, 1, account_id=1, department="fire")
SQUARE = "SRID=4326;MULTIPOLYGON(((120 29,120.1 29,120.1 29.1,120 29.1,120 29)))"


@pytest.fixture
def town(database: str) -> str:
    """Conninfo of a town with an account."""
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid,"
            " synthetic) VALUES ('t', '小镇', 'Small', %s, 'Asia/Shanghai', 4549, false)",
            (SQUARE,),
        )
        connection.execute(
            "INSERT INTO layers.account (town_id, name, display_name, role, department)"
            " VALUES (1, 'wu', '吴', %s, 'fire')",
            (Role.OFFICER,),
        )
    return database


def _who(context, _inputs):
    with context.transaction() as connection:
        row = connection.execute(
            "SELECT current_user, layers.my_account(), layers.my_department()"
        ).fetchone()
    return {"who": list(row)}


def _query(context, _inputs):
    with context.transaction() as connection:
        connection.execute("SELECT pg_sleep(600), 'a long query'")


def _spin(context, inputs):
    for percent in range(100):
        context.progress(percent, "spinning")
        context.wait(inputs["step_s"])
    return {"done": True}


def _refuse(_context, _inputs):
    raise InputError("not like this")


def _break(_context, _inputs):
    raise ZeroDivisionError("a secret")


WORKS = {"who": _who, "query": _query, "spin": _spin, "refuse": _refuse, "break": _break}


def perform(process_id: str, context: Context, inputs):
    return as_json_texts(WORKS[process_id](context, inputs))


@contextmanager
def working(conninfo: str, periodic: tuple[Periodic, ...] = ()) -> Iterator[Callable[[], None]]:
    """A worker in a thread; what is yielded ends it in good order, as leaving does."""
    with open_pool(conninfo) as owner, open_pool(web_conninfo(conninfo)) as web:
        runner = Runner(owner, web, perform, timedelta(days=7))
        worker = Worker(conninfo, runner, periodic, heartbeat_s=0.2, dead_after_s=4.0, grace_s=2.0)
        loop = asyncio.new_event_loop()
        task = loop.create_task(worker.work())
        thread = threading.Thread(target=_run_until_cancelled, args=(loop, task))
        thread.start()

        def end() -> None:
            if thread.is_alive():
                loop.call_soon_threadsafe(task.cancel)
                thread.join()

        try:
            yield end
        finally:
            end()
            loop.close()


def _run_until_cancelled(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
    try:
        loop.run_until_complete(task)
    except asyncio.CancelledError:
        loop.run_until_complete(loop.shutdown_default_executor())


def submit(conninfo: str, process_id: str, principal: Principal = ANYBODY, **inputs) -> uuid.UUID:
    job_id = uuid.uuid4()
    with psycopg.connect(web_conninfo(conninfo)) as connection:
        become(connection, principal)
        connection.execute("SELECT set_config('gridwhistle.job_id', %s, true)", (str(job_id),))
        connection.execute(
            "INSERT INTO layers.job (id, process_id, inputs) VALUES (%s, %s, %s)",
            (job_id, process_id, Json(inputs)),
        )
    return job_id


def dismiss(conninfo: str, job_id: uuid.UUID) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE layers.job SET status = 'dismissed' WHERE id = %s", (job_id,))


def look(conninfo: str, query: str, *values):
    with psycopg.connect(conninfo) as connection:
        return connection.execute(query.encode(), values).fetchone()


def job_is(conninfo: str, job_id: uuid.UUID, *wanted: str):
    """Wait until the job has one of the states; its row."""
    return until(
        lambda: look(
            conninfo,
            "SELECT status, progress, message, results, exception FROM layers.job"
            " WHERE id = %s AND status = ANY (%s)",
            job_id,
            list(wanted),
        )
    )


def until[Answer](ask: Callable[[], Answer]) -> Answer:
    """Ask until the answer is yes."""
    end = time.monotonic() + SOON_S
    while not (answer := ask()):
        assert time.monotonic() < end, "it has not happened"
        time.sleep(0.02)
    return answer


def queue_is_empty(conninfo: str) -> bool:
    return look(conninfo, "SELECT count(*) = 0 FROM procrastinate.procrastinate_jobs")[0]


def long_queries(conninfo: str) -> int:
    return look(
        conninfo,
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%a long query%%'"
        " AND state = 'active' AND pid <> pg_backend_pid()",
    )[0]


def test_it_runs_jobs_as_their_submitters(town):
    with working(town):
        anonymous, officer = submit(town, "who"), submit(town, "who", OFFICER)
        who = job_is(town, anonymous, "successful")[3]["who"]
        assert who == [Role.ANONYMOUS, None, None]
        assert job_is(town, officer, "successful")[3]["who"] == [Role.OFFICER, 1, "fire"]
        until(lambda: queue_is_empty(town))


def test_a_failed_job_says_why_and_a_defect_tells_no_secret(town):
    with working(town):
        refused, broken = submit(town, "refuse"), submit(town, "break")
        exception = job_is(town, refused, "failed")[4]
        assert exception == {"error": "InputError", "detail": "not like this"}
        _status, _progress, message, _results, exception = job_is(town, broken, "failed")
        assert "secret" not in f"{message} {exception}"
        assert "its number is" in message


def test_an_account_that_is_disabled_meanwhile_runs_nothing(town):
    job = submit(town, "who", OFFICER)
    with psycopg.connect(town) as connection:
        connection.execute("UPDATE layers.account SET disabled_at = now()")
    with working(town):
        assert job_is(town, job, "failed", "successful")[4]["error"] == "AccessError"


def test_it_shows_how_far_a_job_is(town):
    with working(town):
        job = submit(town, "spin", step_s=0.1)
        until(lambda: look(town, "SELECT progress > 3 FROM layers.job WHERE id = %s", job)[0])
        assert job_is(town, job, "running")[2] == "spinning"
        dismiss(town, job)


@pytest.mark.parametrize("process_id", ["query", "spin"])
def test_dismissing_a_job_stops_its_work(town, process_id):
    with working(town):
        job = submit(town, process_id, step_s=0.1)
        job_is(town, job, "running")
        if process_id == "query":
            until(lambda: long_queries(town))
        dismiss(town, job)
        until(lambda: not long_queries(town) and queue_is_empty(town))
        assert job_is(town, job, "dismissed")[3] is None
        next_one = submit(town, "who")
        job_is(town, next_one, "successful")


def test_a_job_that_was_dismissed_before_never_runs(town):
    job = submit(town, "spin", step_s=0.01)
    dismiss(town, job)
    with working(town):
        job_is(town, submit(town, "who"), "successful")
    assert look(town, "SELECT started FROM layers.job WHERE id = %s", job) == (None,)


def test_an_orderly_stop_finishes_short_jobs_and_gives_long_ones_back(town):
    short, long = submit(town, "spin", step_s=0.01), submit(town, "spin", step_s=0.5)
    with working(town) as end:
        job_is(town, short, "running")
        job_is(town, long, "running")
        end()
        assert job_is(town, short, "successful", "accepted")[0] == "successful"
        assert job_is(town, long, "accepted")[1] == 0
    with working(town):
        job_is(town, long, "running")
        dismiss(town, long)


CHILD = """
import asyncio, sys
from datetime import timedelta
from layers.jobs.run import Runner
from layers.jobs.worker import Worker
from spatial.database import open_pool
from spatial.web_login import web_conninfo

def perform(process_id, context, inputs):
    context.wait(600)

with open_pool(sys.argv[1]) as owner, open_pool(web_conninfo(sys.argv[1])) as web:
    runner = Runner(owner, web, perform, timedelta(days=7))
    asyncio.run(Worker(sys.argv[1], runner, (), heartbeat_s=0.2, dead_after_s=1.0).work())
"""


def test_what_a_killed_worker_was_at_is_begun_anew(town):
    job = submit(town, "who")
    with subprocess.Popen([sys.executable, "-c", CHILD, town]) as process:
        job_is(town, job, "running")
        process.send_signal(signal.SIGKILL)
    assert job_is(town, job, "running")
    with working(town):
        job_is(town, job, "successful")


def test_a_job_that_kills_every_worker_fails(town):
    job = submit(town, "who")
    with psycopg.connect(town) as connection:
        connection.execute("UPDATE layers.job SET status = 'running' WHERE id = %s", (job,))
        connection.execute(
            "UPDATE procrastinate.procrastinate_jobs SET status = 'doing', attempts = 2"
        )
    with working(town):
        assert "died 3 times" in job_is(town, job, "failed", "successful")[2]
        until(lambda: queue_is_empty(town))


def test_periodic_tasks_run_and_are_committed(town):
    def leave_a_mark(connection, found):
        connection.execute("UPDATE spatial.town SET name_en = 'Marked' WHERE id = %s", (found.id,))

    with working(town, (Periodic("mark", "* * * * * */1", leave_a_mark),)):
        until(lambda: look(town, "SELECT name_en = 'Marked' FROM spatial.town")[0])


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    warm_up(HEAVY_MODULES)


@pytest.fixture
def context(town: str) -> Iterator[Context]:
    with psycopg.connect(town) as connection:
        found = read_town(connection)
    with open_pool(web_conninfo(town)) as pool:
        yield Context(pool, ANYBODY, found, CurrentEngine(found))


def test_work_apart_gives_its_results(context):
    assert run_apart(ECHO.run, context, {"message": "佛", "pause": 0}) == {"message": '"佛"'}


def stopped_when(context: Context, work, inputs, ready: Callable[[], object]) -> None:
    """Work apart is dismissed when `ready`, and no process is left."""
    stopper = threading.Thread(target=lambda: (until(ready), context.stop()))
    stopper.start()
    with pytest.raises(Dismissed):
        run_apart(work, context, inputs)
    stopper.join()
    assert multiprocessing.active_children() == []


def test_work_apart_ends_when_it_is_dismissed(context):
    children = multiprocessing.active_children
    stopped_when(context, ECHO.run, {"message": "x", "pause": 60}, children)


def test_the_statement_of_killed_work_ends_too(context, town):
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()
    """
    with psycopg.connect(town) as blocker:
        blocker.execute("LOCK TABLE layers.incident")
        inputs = {"resolution": 9, "categories": []}
        stopped_when(context, hotspots._compute, inputs, lambda: look(town, waiting)[0])
        until(lambda: not look(town, waiting)[0])


def test_work_apart_that_is_killed_says_so(context):
    def kill_it() -> None:
        until(multiprocessing.active_children)[0].kill()

    killer = threading.Thread(target=kill_it)
    killer.start()
    with pytest.raises(GridwhistleError, match="killed"):
        run_apart(ECHO.run, context, {"message": "x", "pause": 60})
    killer.join()


def test_errors_of_work_apart_are_those_of_the_work(context):
    with pytest.raises(InputError, match="date"):
        run_apart(hotspots._compute, context, {"from": "2026-02-30", "categories": []})


def test_published_hotspots_move_on_with_the_calendar(town):
    with psycopg.connect(town) as connection:
        found = read_town(connection)
        assert not move_published_hotspots_on(connection, found)
        connection.execute("INSERT INTO layers.category (code, name, name_en) VALUES ('a', '', '')")
        connection.execute(
            "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)"
            " VALUES (1, false, 'incidents', 'x')"
        )
        for days, expected in ((3, True), (5, False), (2, True)):
            connection.execute(
                "INSERT INTO layers.incident (town_id, key, category, occurred_at, cell, geom,"
                " inside, batch_id) VALUES (1, %s, 'a', now() - make_interval(days => %s), 0,"
                " 'SRID=4326;POINT(120.05 29.05)', true, 1)",
                (str(days), days),
            )
            assert move_published_hotspots_on(connection, found) is expected
            assert not move_published_hotspots_on(connection, found)
