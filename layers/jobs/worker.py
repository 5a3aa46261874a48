"""The worker: takes jobs off the queue, does what is due, and picks up what a dead worker left."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import override

import procrastinate
import psycopg
from procrastinate.exceptions import JobAborted
from procrastinate.job_context import AbortReason
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status as QueueStatus

from layers.jobs.periodic import Periodic
from layers.jobs.queue import SEARCH_PATH
from layers.jobs.run import Runner
from spatial.errors import GridwhistleError
from spatial.town import find_town

LOGGER = logging.getLogger(__name__)

RUN_JOB = "run_job"
# A notification that was missed costs this much, no more.
_POLLING_S = 1.0
_TRIES = 3
DEAD_AFTER_S = 10.0
_BEGUN_ANEW = "the worker stopped; begun anew / 工作进程中断,重新执行"


class _AfterShutdown(procrastinate.BaseRetryStrategy):
    """A job that the worker's own end interrupted goes back on the queue; nothing else does."""

    @override
    def get_retry_decision(
        self, *, exception: BaseException, job: QueuedJob
    ) -> procrastinate.RetryDecision | None:
        interrupted = isinstance(exception, asyncio.CancelledError)
        return procrastinate.RetryDecision(retry_in={"seconds": 0}) if interrupted else None


def _open_queue(conninfo: str) -> procrastinate.App:
    """The queue of the database that its owner reaches by `conninfo`; not connected yet."""
    connector = procrastinate.PsycopgConnector(
        conninfo=conninfo,
        kwargs={"options": f"-c search_path={SEARCH_PATH}"},
        min_size=1,
        max_size=4,
    )
    return procrastinate.App(connector=connector)


def count_living_workers(connection: psycopg.Connection) -> int:
    """How many workers over this database have said of late that they live."""
    row = connection.execute(
        "SELECT count(*) FROM procrastinate.procrastinate_workers"
        " WHERE last_heartbeat > now() - make_interval(secs => %s)",
        (DEAD_AFTER_S,),
    ).fetchone()
    return row[0] if row else 0


@dataclass(frozen=True)
class Worker:
    """A worker over one database.

    Attributes:
        conninfo: as the database's owner.
        concurrency: how many jobs run at a time.
        heartbeat_s: so often it says that it lives, and looks after those who don't.
        dead_after_s: without a heartbeat for so long a worker is dead.
        grace_s: so long the worker waits for its jobs when it is asked to end, and then gives them
            back; its heart has stopped already, so that this has to be well below `dead_after_s`.
    """

    conninfo: str
    runner: Runner
    periodic: Iterable[Periodic]
    concurrency: int = 2
    heartbeat_s: float = 2.0
    dead_after_s: float = DEAD_AFTER_S
    grace_s: float = 5.0

    async def work(self) -> None:
        """Work until this is cancelled, once; then end in good order: short jobs are finished."""
        queue = _open_queue(self.conninfo)
        self._register_jobs(queue)
        for task in self.periodic:
            self._register_periodic(queue, task)
        async with queue.open_async():
            recovering = asyncio.create_task(self._recover(queue))
            try:
                await queue.run_worker_async(
                    concurrency=self.concurrency,
                    fetch_job_polling_interval=_POLLING_S,
                    abort_job_polling_interval=_POLLING_S,
                    shutdown_graceful_timeout=self.grace_s,
                    update_heartbeat_interval=self.heartbeat_s,
                    stalled_worker_timeout=self.dead_after_s,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            finally:
                recovering.cancel()

    def _register_jobs(self, queue: procrastinate.App) -> None:
        @queue.task(name=RUN_JOB, queue="jobs", pass_context=True, retry=_AfterShutdown())
        async def run_job(context: procrastinate.JobContext, *, job_id: str) -> None:
            try:
                await self.runner.run(uuid.UUID(job_id))
            except asyncio.CancelledError:
                if context.abort_reason() is not AbortReason.SHUTDOWN:
                    raise JobAborted from None
                await asyncio.to_thread(self.runner.give_back, uuid.UUID(job_id), _BEGUN_ANEW)
                raise

    def _register_periodic(self, queue: procrastinate.App, task: Periodic) -> None:
        @queue.periodic(cron=task.cron)
        @queue.task(name=task.name, queue="periodic", lock=task.name, queueing_lock=task.name)
        def run(timestamp: int) -> None:  # noqa: ARG001  # procrastinate says when it was due
            with self.runner.owner.connection() as connection:
                town = find_town(connection)
                if town is not None:
                    task.run(connection, town)

    async def _recover(self, queue: procrastinate.App) -> None:
        """Look after the jobs of workers whose heart has stopped, without end."""
        while True:
            with suppress(procrastinate.exceptions.ConnectorException):
                stalled = await queue.job_manager.get_stalled_jobs(
                    seconds_since_heartbeat=self.dead_after_s
                )
                for job in stalled:
                    await self._pick_up(queue, job)
            await asyncio.sleep(self.heartbeat_s)

    async def _pick_up(self, queue: procrastinate.App, job: QueuedJob) -> None:
        """Begin anew what a dead worker had begun, unless that has killed several already."""
        if job.task_name != RUN_JOB:
            # A periodic task comes again by itself.
            await queue.job_manager.finish_job(job, QueueStatus.FAILED, delete_job=True)
            return
        job_id = uuid.UUID(str(job.task_kwargs["job_id"]))
        LOGGER.warning("a worker died while it ran job %s", job_id)
        if job.attempts + 1 < _TRIES:
            await asyncio.to_thread(self.runner.give_back, job_id, _BEGUN_ANEW)
            await queue.job_manager.retry_job(job)
            return
        error = GridwhistleError(
            f"the worker died {_TRIES} times while it ran this job / 执行多次中断"
        )
        await asyncio.to_thread(self.runner.give_up, job_id, error)
        await queue.job_manager.finish_job(job, QueueStatus.FAILED, delete_job=True)
