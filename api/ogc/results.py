"""A process's results as an answer: raw or as a document (OGC API Processes, Part 1, 7.11.4)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from starlette.responses import Response

from api.ogc.processes.definition import Output, Process
from layers.jobs.outputs import as_json_object, to_json


def results_response(
    process: Process, results: Mapping[str, str], response: str, headers: Mapping[str, str]
) -> Response:
    """The answer.

    Args:
        results: output name → value as JSON text; spliced in, never parsed.
        response: "document": one JSON object. "raw": the value of the only output as it is, or
            each in a part of its own.
    """
    if response == "document":
        return _document(process, results, headers)
    if not results:
        return Response(status_code=204, headers=dict(headers))
    if len(results) > 1:
        return _parts(process, results, headers)
    ((name, text),) = results.items()
    output = process.outputs[name]
    return Response(_bytes(output, text), headers=dict(headers), media_type=output.media_type)


def _document(process: Process, results: Mapping[str, str], headers: Mapping[str, str]) -> Response:
    texts = {name: _qualified(process.outputs[name], text) for name, text in results.items()}
    return Response(as_json_object(texts), headers=dict(headers), media_type="application/json")


def _qualified(output: Output, text: str) -> str:
    """An object stands in a member `value` (schema inlineOrRefData.yaml)."""
    if not text.lstrip().startswith("{"):
        return text
    return f'{{"value":{text},"mediaType":{to_json(output.media_type)}}}'


def _parts(process: Process, results: Mapping[str, str], headers: Mapping[str, str]) -> Response:
    """multipart/related (RFC 2387), a part for each output; Content-ID is its name."""
    boundary = secrets.token_hex(16)
    body = b""
    for name, text in results.items():
        output = process.outputs[name]
        head = (
            f"--{boundary}\r\nContent-Type: {_content_type(output)}\r\nContent-ID: <{name}>\r\n\r\n"
        )
        body += head.encode() + _bytes(output, text) + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return Response(
        body, headers=dict(headers), media_type=f'multipart/related; boundary="{boundary}"'
    )


def _content_type(output: Output) -> str:
    is_text = output.media_type.startswith("text/")
    return f"{output.media_type}; charset=utf-8" if is_text else output.media_type


def _bytes(output: Output, text: str) -> bytes:
    """A text as it is, anything else as JSON."""
    if output.media_type.startswith("text/"):
        return str(json.loads(text)).encode()
    return text.encode()
