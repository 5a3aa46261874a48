"""A door of its own for a suite, between it and the server.

The suites can't sign in, so a door gives every request the credentials of an account; and one
suite speaks a draft of its standard here and there, so a door may translate. Links lead back here.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override
from urllib.parse import urlsplit

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
_TIME_OUT_S = 120


class Translation:
    """What a door changes on the way: here, nothing."""

    def target(self, target: str) -> str:
        """Path and query that the server is asked for."""
        return target

    def content(self, _target: str, content: bytes) -> bytes:
        """What the suite reads of an answer."""
        return content


@contextmanager
def door(url: str, headers: dict[str, str], translation: Translation) -> Iterator[str]:
    """The address by which `url` is reached with `headers` in every request."""
    parts = urlsplit(url)
    # A translation reads answers as they are, so nobody asks for them compressed.
    added = {"Accept-Encoding": "identity", **headers}
    members = {"origin": parts.netloc, "added": added, "translation": translation}
    server = _Server(("127.0.0.1", 0), type("Handler", (_Door,), members))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{parts.path}"
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the suite drops connections that it has done with."""


class _Door(BaseHTTPRequestHandler):
    """Passes requests on; Host stays, so that links lead back here."""

    protocol_version = "HTTP/1.1"
    origin: str
    added: dict[str, str]
    translation: Translation

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = dict(self.headers.items()) | self.added
        connection = http.client.HTTPConnection(self.origin, timeout=_TIME_OUT_S)
        try:
            target = self.translation.target(self.path)
            connection.request(self.command, target, body or None, headers)
            self._answer(connection.getresponse())
        finally:
            connection.close()

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        content = self.translation.content(self.path, answer.read())
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        has_body = self.command != "HEAD" and answer.status not in {204, 304}
        if has_body:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if has_body:
            self.wfile.write(content)

    # http.server's names
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _pass_on  # noqa: N815

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
