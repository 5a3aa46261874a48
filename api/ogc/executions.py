"""Executing a process: waiting for its results, or taking a job."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.cancelling import unless_gone
from api.ogc.execution_request import (
    Preference,
    parse_execution,
    parse_preference,
    select,
)
from api.ogc.jobs import job_url, status_info
from api.ogc.processes.definition import Process
from api.ogc.processes.registry import find_process
from api.ogc.results import results_response
from api.services import services_of
from layers.jobs import store
from layers.jobs.context import Context
from layers.jobs.run import stop
from spatial.database import Principal, async_transaction
from spatial.errors import AccessError

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 0.5


async def execute(request: Request) -> Response:
    """POST /processes/{process_id}/execution.

    `Prefer: respond-async` makes a job of it; without, the client waits for the results.
    """
    process = find_process(request.path_params["process_id"])
    if not process.may_be_run_by(services_of(request).principal(request)):
        raise AccessError(f"{process.id} is not public / 此处理不对外公开")
    asked = parse_execution(process, await request.body())
    preference = parse_preference(request.headers.getlist("prefer"))
    if preference.is_async:
        return await _start_job(request, asked, preference)
    results = await _run_here(request, process, asked)
    return results_response(process, select(results, asked.outputs), asked.response, {})


async def _run_here(request: Request, process: Process, asked: store.Request) -> Mapping[str, str]:
    """Run the process in a thread; when the client goes away the work is stopped."""
    services = services_of(request)
    principal = services.principal(request)
    slots = services.visitor_slots if principal.account_id is None else services.account_slots
    context = Context(services.threads_pool, principal, services.town, services.engine)
    context.grounds = services.coverage_live.grounds
    run = partial(process.execute, context, asked.inputs)

    async def work() -> dict[str, str]:
        running = asyncio.ensure_future(run_sync(run, limiter=slots))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await stop(context, running)
            raise

    return await unless_gone(request, work())


async def _start_job(request: Request, asked: store.Request, preference: Preference) -> Response:
    """201 with the job, at once or after the wait that the client prefers."""
    services = services_of(request)
    principal = services.principal(request)
    async with async_transaction(services.pool, store.keeping_jobs(principal)) as connection:
        job = await store.submit_job(connection, asked, may_write=principal.may_write)
    if preference.wait_s:
        job = await _wait(request, principal, job.id, preference.wait_s)
    headers = {
        "Location": job_url(request, job.id),
        "Preference-Applied": preference.applied,
    }
    return JSONResponse(status_info(request, job), 201, headers)


async def _wait(
    request: Request, principal: Principal, job_id: uuid.UUID, seconds: float
) -> store.Job:
    """The job when it is finished, or after so many seconds."""
    pool = services_of(request).pool
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    pause = _FIRST_PAUSE_S
    while True:
        async with async_transaction(pool, principal) as connection:
            job = await store.read_job(connection, job_id)
        if job.is_final or clock() >= until or await request.is_disconnected():
            return job
        await asyncio.sleep(min(pause, until - clock()))
        pause = min(2 * pause, _LONGEST_PAUSE_S)
