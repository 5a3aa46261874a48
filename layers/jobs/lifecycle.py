"""What the worker, as the database's owner, writes of a job; a dismissed one it leaves alone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Json

from layers.jobs.outputs import as_json_object
from spatial.database import Principal
from spatial.errors import AccessError, GridwhistleError
from spatial.town import Town

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Claimed:
    """A job that is to be run now, and as whom it was submitted."""

    id: uuid.UUID
    process_id: str
    inputs: dict[str, Any]
    role: str
    account_id: int | None
    department: str | None
    grid_id: int | None
    layers: list[str]
    only_layers: list[str] | None
    may_write: bool


_CLAIM = """
UPDATE layers.job SET status = 'running', started = coalesce(started, now())
WHERE id = %s AND status IN ('accepted', 'running')
RETURNING id, process_id, inputs, role, account_id, department, grid_id, layers, only_layers,
          may_write
"""
_PROGRESS = """
UPDATE layers.job SET progress = %s, message = coalesce(%s, message)
WHERE id = %s AND status = 'running'
"""
_SUCCEED = """
UPDATE layers.job
SET status = 'successful', progress = 100, message = NULL, results = %s, finished = now(),
    keep_until = now() + %s
WHERE id = %s AND status = 'running'
"""
_FAIL = """
UPDATE layers.job
SET status = 'failed', message = %s, exception = %s, finished = now(), keep_until = now() + %s
WHERE id = %s AND status IN ('accepted', 'running')
"""
_GIVE_BACK = """
UPDATE layers.job SET status = 'accepted', progress = 0, message = %s
WHERE id = %s AND status = 'running'
"""
# The worker deletes what it has run; those that were dismissed before stay on the queue.
_FORGET_QUEUED = """
DELETE FROM procrastinate.procrastinate_jobs USING layers.job
WHERE job.queue_id = procrastinate_jobs.id AND job.keep_until < now()
    AND procrastinate_jobs.status <> 'doing'
"""
_ACCOUNT = """
SELECT role, department, grid_id, layers FROM layers.account
WHERE id = %s AND disabled_at IS NULL
"""


def claim(connection: Connection, job_id: uuid.UUID) -> Claimed | None:
    """Begin the job, or begin it again; None where it was dismissed or is over."""
    with connection.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_CLAIM, (job_id,)).fetchone()


def principal_of(connection: Connection, job: Claimed, town: Town, timeout: timedelta) -> Principal:
    """As whom the job runs: its account with the rights that it has now, or nobody's.

    The limits of the API key by which it was submitted are those of the job.

    Raises:
        AccessError: the account is disabled, gone, or has another role now.
    """
    department, grid_id, layers = job.department, job.grid_id, tuple(job.layers)
    if job.account_id is not None:
        department, grid_id, layers = _present_rights(connection, job)
    return Principal(
        role=job.role,
        town_id=town.id,
        account_id=job.account_id,
        department=department,
        grid_id=grid_id,
        layers=layers,
        only_layers=None if job.only_layers is None else tuple(job.only_layers),
        may_write=job.may_write,
        time_zone=town.time_zone,
        timeout_ms=int(timeout.total_seconds() * 1000),
    )


def _present_rights(
    connection: Connection, job: Claimed
) -> tuple[str | None, int | None, tuple[str, ...]]:
    """Department, grid and granted layers of the job's account."""
    row = connection.execute(_ACCOUNT, (job.account_id,)).fetchone()
    if row is None or row[0] != job.role:
        raise AccessError("the job's account has lost its rights / 提交任务的账号已停用或变更")
    _role, department, grid_id, layers = row
    return department, grid_id, tuple(layer for layer in job.layers if layer in layers)


def report_progress(
    connection: Connection, job_id: uuid.UUID, percent: int, message: str | None
) -> bool:
    """Say how far the job is; False where it runs no more, since it was dismissed."""
    return connection.execute(_PROGRESS, (percent, message, job_id)).rowcount == 1


def succeed(
    connection: Connection, job_id: uuid.UUID, results: Mapping[str, str], keep: timedelta
) -> None:
    """Keep the results, each a JSON text."""
    connection.execute(_SUCCEED, (as_json_object(results), keep, job_id))


def fail(
    connection: Connection, job_id: uuid.UUID, error: GridwhistleError, keep: timedelta
) -> None:
    """Keep the reason."""
    reason = {"error": type(error).__name__, "detail": str(error)}
    connection.execute(_FAIL, (str(error), Json(reason), keep, job_id))


def give_back(connection: Connection, job_id: uuid.UUID, reason: str) -> None:
    """Let another worker begin it anew."""
    connection.execute(_GIVE_BACK, (reason, job_id))


def sweep_expired(connection: Connection) -> int:
    """Forget the jobs whose time is over; how many there were."""
    connection.execute(_FORGET_QUEUED)
    return connection.execute("DELETE FROM layers.job WHERE keep_until < now()").rowcount
