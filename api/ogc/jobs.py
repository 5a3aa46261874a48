"""Jobs over HTTP: their list, status, results and dismissal. Each sees their own."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.errors import exception_of
from api.ogc.execution_request import select
from api.ogc.links import link, ogc_url
from api.ogc.parameters import check_parameters
from api.ogc.processes.registry import OUR_OWN, process_of_job
from api.ogc.results import results_response
from api.services import services_of
from layers.jobs import store
from layers.jobs.errors import NoSuchJobError, ResultGoneError, ResultNotReadyError
from layers.jobs.store import Job, JobFilter, Status
from layers.reading.values import parse_interval
from spatial.database import async_transaction
from spatial.errors import InputError
from spatial.numerals import whole_number

_JSON = "application/json"
_RELATIONS = "http://www.opengis.net/def/rel/ogc/1.0"
_DEFAULT_LIMIT = 10
_MAX_LIMIT = 1000
_LONGEST_DURATION_S = 10 * 365 * 86_400
_PARAMETERS = frozenset({
    "limit", "after", "status", "type", "processID", "datetime", "minDuration", "maxDuration",
})  # fmt: skip


async def get_jobs(request: Request) -> Response:
    """GET /jobs: the client's own, newest first; without an account there are none."""
    check_parameters(request, formats=("json",), may_have=_PARAMETERS)
    services = services_of(request)
    limit, wanted = _parse_list(request.query_params, services.town.time_zone)
    if wanted is None:
        return JSONResponse({"jobs": [], "links": [_self_link(request)]})
    async with async_transaction(services.pool, services.principal(request)) as connection:
        jobs = await store.list_jobs(connection, wanted, limit + 1)
    links = [_self_link(request)]
    if len(jobs) > limit:
        links.append(_next_link(request, jobs[limit - 1]))
    body = {"jobs": [status_info(request, job) for job in jobs[:limit]], "links": links}
    return JSONResponse(body)


async def get_or_dismiss_job(request: Request) -> Response:
    """GET and DELETE /jobs/{job_id}: one route, so that a 405 names both methods in Allow."""
    return await (dismiss_job if request.method == "DELETE" else get_job)(request)


async def get_job(request: Request) -> Response:
    """GET /jobs/{job_id}."""
    services = services_of(request)
    async with async_transaction(services.pool, services.principal(request)) as connection:
        job = await store.read_job(connection, _job_id(request))
    return JSONResponse(status_info(request, job))


async def dismiss_job(request: Request) -> Response:
    """DELETE /jobs/{job_id}: its work is stopped, or its results are removed."""
    services = services_of(request)
    principal = store.keeping_jobs(services.principal(request))
    async with async_transaction(services.pool, principal) as connection:
        job = await store.dismiss_job(connection, _job_id(request))
    return JSONResponse(status_info(request, job))


async def get_results(request: Request) -> Response:
    """GET /jobs/{job_id}/results; of a failed job why (requirement job-results-failed)."""
    services = services_of(request)
    async with async_transaction(services.pool, services.principal(request)) as connection:
        job = await store.read_job(connection, _job_id(request))
        if job.status == Status.FAILED:
            reason = job.exception or {}
            return exception_of(reason.get("error", ""), reason.get("detail", ""))
        _refuse_without_results(job)
        results = await store.read_results(connection, job.id)
    process = process_of_job(job.process_id)
    return results_response(process, select(results, job.outputs), job.response, _kept_headers(job))


def _refuse_without_results(job: Job) -> None:
    if job.status == Status.DISMISSED:
        raise ResultGoneError(f"job {job.id} was dismissed / 任务已取消")
    if not job.is_final:
        raise ResultNotReadyError(f"job {job.id} is {job.status} / 任务尚未完成")


def _kept_headers(job: Job) -> dict[str, str]:
    if job.keep_until is None:
        return {}
    until = format_datetime(job.keep_until.astimezone(UTC), usegmt=True)
    return {"Expires": until, "Cache-Control": "private"}


def job_url(request: Request, job_id: uuid.UUID) -> str:
    """Where a job is found."""
    return f"{ogc_url(request)}/jobs/{job_id}"


def status_info(request: Request, job: Job) -> dict[str, Any]:
    """The status document (schema statusInfo.yaml), and until when the job is kept."""
    moments = {
        "created": job.created,
        "started": job.started,
        "finished": job.finished,
        "updated": job.updated,
        "expires": job.keep_until,
    }
    return {
        "jobID": str(job.id),
        "processID": job.process_id,
        "type": "process",
        "status": job.status,
        "progress": job.progress,
        **({"message": job.message} if job.message else {}),
        **{name: _instant(moment) for name, moment in moments.items() if moment},
        "links": _status_links(request, job),
    }


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _status_links(request: Request, job: Job) -> list[dict[str, str]]:
    address = job_url(request, job.id)
    links = [
        link(address, "self", _JSON, "this job / 本任务"),
        link(address, "monitor", _JSON, "how far it is / 进度"),
    ]
    if job.process_id not in {process.id for process in OUR_OWN}:
        process_url = f"{ogc_url(request)}/processes/{job.process_id}"
        links.append(link(process_url, "up", _JSON, "the process / 处理"))
    if job.status == Status.SUCCESSFUL:
        links.append(link(f"{address}/results", f"{_RELATIONS}/results", _JSON, "results / 结果"))
    if job.status == Status.FAILED:
        links.append(
            link(f"{address}/results", f"{_RELATIONS}/exceptions", _JSON, "why it failed / 原因")
        )
    return links


def _job_id(request: Request) -> uuid.UUID:
    text = request.path_params["job_id"]
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NoSuchJobError("there is no such job / 没有这个任务") from None


def _parse_list(parameters: Mapping[str, str], time_zone: str) -> tuple[int, JobFilter | None]:
    """The limit, and the filter; None where no job can pass it.

    Raises:
        InputError: a parameter can't be.
    """
    statuses = _words(parameters, "status")
    for status in statuses:
        if status not in list(Status):
            raise InputError(f"status {status!r:.50} is none of {', '.join(Status)}")
    limit = _whole(parameters, "limit", _MAX_LIMIT, least=1)
    types = _words(parameters, "type")
    if types and "process" not in types:
        return limit or _DEFAULT_LIMIT, None
    interval = (
        parse_interval(parameters["datetime"], time_zone) if "datetime" in parameters else None
    )
    return min(limit or _DEFAULT_LIMIT, _MAX_LIMIT), JobFilter(
        statuses=statuses,
        process_ids=_words(parameters, "processID"),
        created=(interval.start, interval.end) if interval else (None, None),
        shortest=_duration(parameters, "minDuration"),
        longest=_duration(parameters, "maxDuration"),
        after=_parse_position(parameters["after"]) if "after" in parameters else None,
    )


def _words(parameters: Mapping[str, str], name: str) -> list[str]:
    return [word.strip() for word in parameters.get(name, "").split(",") if word.strip()]


def _whole(parameters: Mapping[str, str], name: str, most: int, *, least: int) -> int | None:
    """A whole number; one that is too large counts as the largest."""
    text = parameters.get(name)
    if text is None:
        return None
    number = whole_number(text)
    if number is None or number < least:
        raise InputError(f"{name} has to be a whole number from {least}, not {text!r:.50}")
    return min(number, most)


def _duration(parameters: Mapping[str, str], name: str) -> timedelta | None:
    seconds = _whole(parameters, name, _LONGEST_DURATION_S, least=0)
    return None if seconds is None else timedelta(seconds=seconds)


def _self_link(request: Request) -> dict[str, str]:
    return link(_list_url(request, dict(request.query_params)), "self", _JSON, "this page / 本页")


def _next_link(request: Request, last: Job) -> dict[str, str]:
    parameters = dict(request.query_params) | {"after": _position(last)}
    return link(_list_url(request, parameters), "next", _JSON, "next page / 下一页")


def _list_url(request: Request, parameters: Mapping[str, str]) -> str:
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{ogc_url(request)}/jobs{query}"


def _position(job: Job) -> str:
    """Where a page ended: it stays right whatever is submitted or dismissed meanwhile."""
    text = json.dumps([job.created.isoformat(), str(job.id)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _parse_position(text: str) -> tuple[datetime, uuid.UUID]:
    try:
        moment, job_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return datetime.fromisoformat(moment), uuid.UUID(job_id)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise InputError("after is not a position that a page of ours gave out") from None
