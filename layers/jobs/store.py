"""Jobs as their submitters see them. Every statement runs in a transaction of its principal, and
the table's row policy decides what is there."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Json

from layers.jobs.errors import NoSuchJobError
from spatial.database import AnyConnection, Principal
from spatial.errors import LimitError


class Status(StrEnum):
    """Where a job is in its life, in the words of OGC API Processes."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    DISMISSED = "dismissed"

    @property
    def is_final(self) -> bool:
        """Whether it will change no more."""
        return self not in {Status.ACCEPTED, Status.RUNNING}


@dataclass(frozen=True)
class Request:
    """What is asked of a process.

    Attributes:
        outputs: the names of those that are wanted; None for all.
        response: "raw" or "document".
    """

    process_id: str
    inputs: Mapping[str, Any]
    outputs: tuple[str, ...] | None = None
    response: str = "raw"


@dataclass(frozen=True)
class Job:
    """A job without its results.

    Attributes:
        progress: percent.
        outputs: the names of those that are wanted; None for all.
        keep_until: after this moment it is forgotten; None while it is unfinished.
        exception: why it failed: the name of the `error` and its `detail`.
    """

    id: uuid.UUID
    process_id: str
    status: str
    progress: int
    message: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    updated: datetime
    keep_until: datetime | None
    outputs: list[str] | None
    response: str
    exception: dict[str, Any] | None

    @property
    def is_final(self) -> bool:
        """Whether it will change no more."""
        return Status(self.status).is_final


@dataclass(frozen=True)
class JobFilter:
    """Which jobs a list shows; an empty attribute excludes none.

    Attributes:
        created: from and to, both included.
        shortest: of its duration so far.
        after: the moment and id of the last job of the page before.
    """

    statuses: Sequence[str] = ()
    process_ids: Sequence[str] = ()
    created: tuple[datetime | None, datetime | None] = (None, None)
    shortest: timedelta | None = None
    longest: timedelta | None = None
    after: tuple[datetime, uuid.UUID] | None = None


_SELECT = """
SELECT id, process_id, status, progress, message, created, started, finished, updated, keep_until,
       outputs, response, exception
FROM layers.job
"""
_NAME = "SELECT set_config('gridwhistle.job_id', %s, true)"
_INSERT = """
INSERT INTO layers.job (id, process_id, inputs, outputs, response, may_write)
VALUES (%s, %s, %s, %s, %s, %s)
"""
# A duration is that of the work: from its start to its end, or to now.
_LIST = f"""
{_SELECT}
WHERE account_id = layers.my_account()
    AND (%(statuses)s::text[] = '{{}}' OR status = ANY (%(statuses)s))
    AND (%(process_ids)s::text[] = '{{}}' OR process_id = ANY (%(process_ids)s))
    AND created >= coalesce(%(start)s::timestamptz, '-infinity')
    AND created <= coalesce(%(end)s::timestamptz, 'infinity')
    AND (%(shortest)s::interval IS NULL OR coalesce(finished, now()) - started >= %(shortest)s)
    AND (%(longest)s::interval IS NULL OR coalesce(finished, now()) - started <= %(longest)s)
    AND (%(moment)s::timestamptz IS NULL
         OR created < %(moment)s OR (created = %(moment)s AND id > %(id)s::uuid))
ORDER BY created DESC, id
LIMIT %(limit)s
"""


def keeping_jobs(principal: Principal) -> Principal:
    """For a transaction on the principal's own jobs, which a key for reading has too.

    The job itself may change no more than its submitter: that is stored with it.
    """
    return replace(principal, may_write=True)


async def submit_job(
    connection: AnyConnection, request: Request, *, may_write: bool = False
) -> Job:
    """Store the job and put it on the queue, in the caller's transaction.

    Args:
        may_write: whether the job may change anything.

    Raises:
        LimitError: too many jobs of this account, or of nobody's, are unfinished.
    """
    job_id = uuid.uuid4()
    await connection.execute(_NAME, (str(job_id),))
    wanted = None if request.outputs is None else list(request.outputs)
    values = (
        job_id,
        request.process_id,
        Json(dict(request.inputs)),
        wanted,
        request.response,
        may_write,
    )
    try:
        await connection.execute(_INSERT, values)
        return await read_job(connection, job_id)
    except psycopg.errors.ConfigurationLimitExceeded as error:
        raise LimitError(
            f"too many jobs: {error.diag.message_primary} / 未完成的任务过多",
            remedy="wait for them, or dismiss some",
        ) from error


async def read_job(connection: AnyConnection, job_id: uuid.UUID) -> Job:
    """The job.

    Raises:
        NoSuchJobError: there is none, or it is somebody else's.
    """
    await connection.execute(_NAME, (str(job_id),))
    async with connection.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(f"{_SELECT} WHERE id = %s", (job_id,))
        job = await cursor.fetchone()
    if job is None:
        raise NoSuchJobError(f"there is no job {job_id} / 没有这个任务")
    return job


async def read_results(connection: AnyConnection, job_id: uuid.UUID) -> dict[str, str]:
    """Output name → value as JSON text, of a job that was successful."""
    await connection.execute(_NAME, (str(job_id),))
    cursor = await connection.execute(
        "SELECT key, value::text FROM layers.job, json_each(results) WHERE job.id = %s", (job_id,)
    )
    return dict(await cursor.fetchall())


async def list_jobs(connection: AnyConnection, wanted: JobFilter, limit: int) -> list[Job]:
    """The principal's own jobs, newest first; without an account there are none."""
    moment, job_id = wanted.after or (None, None)
    values = {
        "statuses": list(wanted.statuses),
        "process_ids": list(wanted.process_ids),
        "start": wanted.created[0],
        "end": wanted.created[1],
        "shortest": wanted.shortest,
        "longest": wanted.longest,
        "moment": moment,
        "id": job_id,
        "limit": limit,
    }
    async with connection.cursor(row_factory=class_row(Job)) as cursor:
        await cursor.execute(_LIST.encode(), values)
        return await cursor.fetchall()


async def count_unfinished(connection: AnyConnection) -> dict[str, float]:
    """How many jobs wait and run, whosever they are; for the web's own login."""
    cursor = await connection.execute("SELECT * FROM layers.count_unfinished_jobs()")
    return dict(await cursor.fetchall())


async def dismiss_job(connection: AnyConnection, job_id: uuid.UUID) -> Job:
    """Stop the job's work, or forget its results; a dismissed one stays as it is.

    Raises:
        NoSuchJobError: there is none, or it is somebody else's.
    """
    await connection.execute(_NAME, (str(job_id),))
    await connection.execute(
        "UPDATE layers.job SET status = 'dismissed' WHERE id = %s AND status <> 'dismissed'",
        (job_id,),
    )
    return await read_job(connection, job_id)
