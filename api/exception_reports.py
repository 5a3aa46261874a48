"""The reason of a refusal in the one form that QGIS shows to its user.

QGIS reads the words of a refused edit from an OWS ExceptionReport alone; of any other body it shows
nothing but the status's name ("Bad Request"). It states no preference by `Accept`, so it is known
by its `User-Agent`. Reads are left as they are.
"""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# OWS Common 1.1, section 8
_NAMESPACE = "http://www.opengis.net/ows/1.1"
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class ExceptionReports:
    """Turns JSON exceptions into exception reports where QGIS writes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a refusal of it comes as a report."""
        if _is_qgis_writing(scope):
            await self._app(scope, receive, _Reporter(send))
        else:
            await self._app(scope, receive, send)


def _is_qgis_writing(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in _WRITING
        and "QGIS/" in Headers(scope=scope).get("user-agent", "")
    )


class _Reporter:
    """A `send` that holds a refusal back until it is whole."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_refusal(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._report(self._start)

    async def _report(self, start: Message) -> None:
        report = exception_report(self._body)
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Type"] = "application/xml"
        headers["Content-Length"] = str(len(report))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": report})


def _is_refusal(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= 400 and kind.startswith("application/json")


def exception_report(document: bytes) -> bytes:
    """The OWS ExceptionReport that says what a JSON exception document says."""
    exception = json.loads(document)
    ET.register_namespace("", _NAMESPACE)
    report = ET.Element(f"{{{_NAMESPACE}}}ExceptionReport", version="1.1.0")
    code = {"exceptionCode": str(exception.get("code", "NoApplicableCode"))}
    reason = ET.SubElement(report, f"{{{_NAMESPACE}}}Exception", code)
    text = ET.SubElement(reason, f"{{{_NAMESPACE}}}ExceptionText")
    text.text = str(exception.get("description", ""))
    return bytes(ET.tostring(report, encoding="utf-8", xml_declaration=True))
