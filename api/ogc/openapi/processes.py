"""The operations on processes and jobs."""

from __future__ import annotations

from api.ogc.openapi.json_schema import in_openapi
from api.ogc.openapi.operations import (
    JSON,
    JSON_LD,
    About,
    Json,
    answer,
    in_query,
    operation,
    page,
    parameter_ref,
    schema_ref,
)
from api.ogc.openapi.parameters import INTERVAL
from api.ogc.processes.definition import Process
from api.ogc.processes.registry import PROCESSES
from layers.roles import Role

_TEXT: Json = {"type": "string"}
_TAG = "processes"
_ALL = (parameter_ref("f"), parameter_ref("lang"))


def process_paths(role: Role) -> Json:
    """The processes, their executions and the jobs."""
    limit = in_query("limit", {"type": "integer", "minimum": 1})
    json_ld: Json = {JSON_LD: {"type": "object"}}
    paths: Json = {
        "/processes": {
            "get": operation(
                About("getProcesses", "all processes / 全部处理", _TAG),
                (limit, *_ALL),
                page("all processes / 全部处理", {JSON: schema_ref("processes"), **json_ld}),
            )
        }
    }
    for process in PROCESSES:
        title = f"{process.title.zh} / {process.title.en}"
        described = page(title, {JSON: schema_ref("process"), **json_ld})
        about = About(f"{process.id}.getProcess", title, _TAG)
        paths[f"/processes/{process.id}"] = {"get": operation(about, _ALL, described, ["404"])}
        if process.is_for(role):
            paths[f"/processes/{process.id}/execution"] = {"post": _execution(process, title)}
    return paths | _job_paths()


def _execution(process: Process, title: str) -> Json:
    media_types = {each.media_type for each in process.outputs.values()}
    results: Json = {
        media_type: _TEXT if media_type.startswith("text/") else {}
        for media_type in sorted(media_types)
    } | {JSON: {}}
    if len(process.outputs) > 1:
        results["multipart/related"] = _TEXT
    location = {"Location": {"description": "the job / 任务", "schema": _TEXT}}
    job = answer("a job was made / 已创建任务", {JSON: schema_ref("statusInfo")}, location)
    execution = operation(
        About(f"{process.id}.execute", title, _TAG),
        [parameter_ref("Prefer")],
        {
            "200": answer("the results / 结果", results),
            "201": job,
            "204": {"description": "no output was asked for / 未请求输出"},
        },
        ["403", "404", "413"],
    )
    body = {"schema": _request(process), "example": dict(process.example)}
    return {**execution, "requestBody": {"required": True, "content": {JSON: body}}}


def _request(process: Process) -> Json:
    inputs: Json = {
        "type": "object",
        "properties": {name: in_openapi(each.schema) for name, each in process.inputs.items()},
        "additionalProperties": False,
    }
    required = [name for name, each in process.inputs.items() if each.required]
    if required:
        inputs["required"] = required
    wish = {
        "type": "object",
        "properties": {"transmissionMode": {"type": "string", "enum": ["value"]}},
    }
    return {
        "type": "object",
        "properties": {
            "inputs": inputs,
            "outputs": {
                "type": "object",
                "properties": dict.fromkeys(process.outputs, wish),
                "additionalProperties": False,
            },
            "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
        },
        **({"required": ["inputs"]} if required else {}),
    }


def _job_paths() -> Json:
    job_id = parameter_ref("jobId")
    jobs = operation(
        About("getJobs", "the client's own jobs / 任务列表", _TAG),
        _job_filters(),
        {"200": answer("a page of jobs / 任务", {JSON: schema_ref("jobs")})},
    )
    status = {"200": answer("the job / 任务", {JSON: schema_ref("statusInfo")})}
    read = operation(About("getStatus", "a job / 任务状态", _TAG), [job_id], status, ["404"])
    about = About("dismiss", "stop a job, or remove its results / 取消任务", _TAG)
    dismiss = operation(about, [job_id], status, ["404", "410"])
    results = operation(
        About("getResult", "the results of a job / 任务结果", _TAG),
        [job_id],
        {"200": answer("the results / 结果", {"*/*": {}})},
        ["404", "410"],
    )
    return {
        "/jobs": {"get": jobs},
        "/jobs/{jobId}": {"get": read, "delete": dismiss},
        "/jobs/{jobId}/results": {"get": results},
    }


def _job_filters() -> list[Json]:
    statuses = ["accepted", "running", "successful", "failed", "dismissed"]
    seconds: Json = {"type": "integer", "minimum": 0}
    several: dict[str, Json] = {
        "type": {"type": "array", "items": {"type": "string", "enum": ["process"]}},
        "processID": {"type": "array", "items": _TEXT},
        "status": {"type": "array", "items": {"type": "string", "enum": statuses}},
        "datetime": INTERVAL,
        "minDuration": seconds,
        "maxDuration": seconds,
        "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10},
        "after": _TEXT,
        "f": {"type": "string", "enum": ["json"]},
    }
    return [*(in_query(name, schema) for name, schema in several.items()), parameter_ref("lang")]
