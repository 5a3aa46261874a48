"""A door of its own for a suite: what comes through it comes from an account of the demo.

The suites can't sign in, but a list of jobs shows a client its own jobs only. So the suite asks
this address, and every request goes on with the account's credentials; links lead back here.
"""

from __future__ import annotations

import base64
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override
from urllib.parse import urlsplit

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
_TIME_OUT_S = 120


@contextmanager
def signed_in(url: str, name: str, password: str) -> Iterator[str]:
    """The address by which `url` is reached as the account `name`."""
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    parts = urlsplit(url)
    members = {"origin": parts.netloc, "authorization": f"Basic {credentials}"}
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
    """Passes a request on with credentials; Host stays, so that links lead back here."""

    protocol_version = "HTTP/1.1"
    origin: str
    authorization: str

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = dict(self.headers.items()) | {"Authorization": self.authorization}
        connection = http.client.HTTPConnection(self.origin, timeout=_TIME_OUT_S)
        try:
            connection.request(self.command, self.path, body or None, headers)
            self._answer(connection.getresponse())
        finally:
            connection.close()

    def _answer(self, answer: http.client.HTTPResponse) -> None:
        content = answer.read()
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
