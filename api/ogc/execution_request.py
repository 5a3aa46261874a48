"""What a client asks of a process: the body and the Prefer header of an execution."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from api.ogc.processes.definition import Process
from layers.jobs.store import Request
from spatial.errors import InputError
from spatial.numerals import whole_number

# OGC API Processes, Part 1, schema qualifiedInputValue.yaml
_QUALIFIED = {"value", "format", "mediaType", "encoding", "schema"}
_RESPONSES = ("raw", "document")
_PREFERENCE = re.compile(r"\s*([A-Za-z-]+)\s*(?:=\s*\"?([^\",;]*)\"?)?\s*(?:;.*)?")
LONGEST_WAIT_S = 60
# Python reads no number of thousands of digits; so many are enough to be too many seconds.


@dataclass(frozen=True)
class Preference:
    """How a client wants to be answered (RFC 7240).

    Attributes:
        is_async: with a job.
        wait_s: so long it waits for the job's end, before the answer.
    """

    is_async: bool = False
    wait_s: int = 0

    @property
    def applied(self) -> str:
        """The value of Preference-Applied for a job."""
        return f"respond-async, wait={self.wait_s}" if self.wait_s else "respond-async"


def parse_preference(headers: Iterable[str]) -> Preference:
    """All Prefer headers together; what is not understood is passed over (RFC 7240, section 2)."""
    found: dict[str, str] = {}
    for part in ",".join(headers).split(","):
        match = _PREFERENCE.fullmatch(part)
        if match:
            found.setdefault(match[1].lower(), match[2] or "")
    seconds = whole_number(found.get("wait", "")) or 0
    return Preference("respond-async" in found, min(seconds, LONGEST_WAIT_S))


def parse_execution(process: Process, body: bytes) -> Request:
    """The checked request, with the defaults of the inputs that were left out.

    Raises:
        InputError: it can't be; the message says what.
    """
    document = _parse_json(body)
    if "subscriber" in document:
        raise InputError("callbacks are not offered", remedy="Prefer: respond-async, then ask")
    inputs = document.get("inputs", {})
    if not isinstance(inputs, dict):
        raise InputError("inputs has to be an object: name → value")
    response = document.get("response", "raw")
    if response not in _RESPONSES:
        raise InputError(f"response has to be raw or document, not {response!r:.50}")
    plain = {name: _plain(name, value) for name, value in inputs.items()}
    return Request(
        process.id, process.check(plain), _outputs(process, document.get("outputs", {})), response
    )


def _parse_json(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
        # What PostgreSQL or a client could not read back: NaN, infinity, half a character.
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise InputError('the body has to be a JSON object like {"inputs": {...}}')
    return document


def _outputs(process: Process, outputs: Any) -> tuple[str, ...] | None:
    """The names of the outputs that are asked for; None for all."""
    if not isinstance(outputs, dict):
        raise InputError("outputs has to be an object: name → how it is wanted")
    for name, wish in outputs.items():
        if name not in process.outputs:
            raise InputError(f"{process.id} has no output {name!r:.50}")
        if not isinstance(wish, dict) or wish.get("transmissionMode", "value") != "value":
            raise InputError(
                f"output {name}: only the transmissionMode value is offered",
                remedy=f'"{name}": {{}}',
            )
    return tuple(outputs) or None


def _plain(name: str, value: Any) -> Any:
    """The value itself, where it came qualified, by reference, or in a list of such."""
    if isinstance(value, list):
        return [_plain(name, each) for each in value]
    if isinstance(value, dict) and "href" in value:
        return _read_reference(name, value["href"])
    if isinstance(value, dict) and "value" in value and value.keys() <= _QUALIFIED:
        return value["value"]
    return value


def _read_reference(name: str, href: Any) -> str:
    """The text that a data: URL carries.

    No other address is fetched: a server that fetches what strangers name can be made to ask
    machines that they can't reach themselves.
    """
    head, comma, data = href.partition(",") if isinstance(href, str) else ("", "", "")
    if not (comma and head.startswith("data:")):
        raise InputError(f"input {name}: only data: URLs are read by reference; send the value")
    try:
        content = unquote_to_bytes(data)
        if head.endswith(";base64"):
            content = base64.b64decode(content, validate=True)
        return content.decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InputError(f"input {name}: its data: URL can't be decoded as UTF-8") from None


def select(results: Mapping[str, str], wanted: Iterable[str] | None) -> dict[str, str]:
    """The results that were asked for, in the order in which they were."""
    names = results if wanted is None else [name for name in wanted if name in results]
    return {name: results[name] for name in names}
