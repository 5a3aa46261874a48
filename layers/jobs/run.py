"""Running one job: as its submitter, in a thread, stoppable at any time."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from psycopg_pool import ConnectionPool

from layers.dispatch.current_engine import CurrentEngine
from layers.jobs import lifecycle
from layers.jobs.context import Context, Dismissed, Report
from layers.reach.ground import Grounds
from spatial.errors import GridwhistleError
from spatial.town import Town, read_town

LOGGER = logging.getLogger(__name__)

# Process id, context and inputs → output name → value as JSON text.
Perform = Callable[[str, Context, Mapping[str, Any]], Mapping[str, str]]
LONGEST_STATEMENT = timedelta(minutes=10)
_REPORTS_APART_S = 0.25
_STOP_AGAIN_S = 0.3


@dataclass
class Runner:
    """Runs jobs for a worker.

    Attributes:
        owner: connections of the database's owner, who writes what becomes of a job.
        web: connections of the web's login, with which a process reads: in the worker it may do no
            more than in the web app.
        perform: does the work of a process.
        keep: how long results are kept.
    """

    owner: ConnectionPool[Any]
    web: ConnectionPool[Any]
    perform: Perform
    keep: timedelta
    _streets: tuple[Town, CurrentEngine] | None = None
    _grounds: Grounds = field(default_factory=Grounds)

    async def run(self, job_id: uuid.UUID) -> None:
        """Run the job to its end; when this is cancelled the work is stopped first."""
        prepared = await asyncio.to_thread(self._prepare, job_id)
        if prepared is None:
            return
        job, context = prepared
        work = asyncio.create_task(asyncio.to_thread(self._work, job, context))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await stop(context, work)
            raise

    def give_back(self, job_id: uuid.UUID, reason: str) -> None:
        """Let a worker begin the job anew."""
        with self.owner.connection() as connection:
            lifecycle.give_back(connection, job_id, reason)

    def give_up(self, job_id: uuid.UUID, error: GridwhistleError) -> None:
        """The job has failed."""
        with self.owner.connection() as connection:
            lifecycle.fail(connection, job_id, error, self.keep)

    def _prepare(self, job_id: uuid.UUID) -> tuple[lifecycle.Claimed, Context] | None:
        """The job, now running, and what its process works with; None where there is none to run.

        Rights are looked up now: they may be others than when the job was submitted.
        """
        with self.owner.connection() as connection:
            job = lifecycle.claim(connection, job_id)
            if job is None:
                return None
            town = read_town(connection)
            try:
                principal = lifecycle.principal_of(connection, job, town, LONGEST_STATEMENT)
            except GridwhistleError as error:
                lifecycle.fail(connection, job_id, error, self.keep)
                return None
        report = self._reporter(job_id)
        context = Context(self.web, principal, town, self._streets_of(town), report)
        context.job_id, context.grounds = job_id, self._grounds
        return job, context

    def _work(self, job: lifecycle.Claimed, context: Context) -> None:
        try:
            results = self.perform(job.process_id, context, job.inputs)
            context.check()
            with self.owner.connection() as connection:
                lifecycle.succeed(connection, job.id, results, self.keep)
        except Dismissed:
            LOGGER.info("job %s was stopped", job.id)
        except GridwhistleError as error:
            self.give_up(job.id, error)
        except Exception:
            number = uuid.uuid4().hex[:12]
            LOGGER.exception("defect %s in job %s (%s)", number, job.id, job.process_id)
            self.give_up(job.id, GridwhistleError(f"an internal error; its number is {number}"))

    def _reporter(self, job_id: uuid.UUID) -> Report:
        """Writes progress, not more often than anybody looks; raises where the job is dismissed."""
        last = 0.0

        def report(percent: int, message: str | None) -> None:
            nonlocal last
            if time.monotonic() - last < _REPORTS_APART_S:
                return
            last = time.monotonic()
            with self.owner.connection() as connection:
                if not lifecycle.report_progress(connection, job_id, percent, message):
                    raise Dismissed

        return report

    def _streets_of(self, town: Town) -> CurrentEngine:
        """The engine that stays warm from job to job."""
        if self._streets is None or self._streets[0] != town:
            self._streets = (town, CurrentEngine(town))
        return self._streets[1]


async def stop(context: Context, work: asyncio.Future[Any]) -> None:
    """Stop a thread's work and wait for its end.

    Again and again: a cancellation that came between two statements would reach neither.
    """
    while not work.done():
        await asyncio.to_thread(context.stop)
        await asyncio.wait([work], timeout=_STOP_AGAIN_S)
