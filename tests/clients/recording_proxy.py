"""A reverse proxy that writes down what a client asked for and how much came back.

`python recording_proxy.py http://127.0.0.1:8000 RECORD` prints its own address and serves until it
is ended. It runs in a process of its own, since GDAL in Python holds the interpreter's lock while
it waits. RECORD gets one line of JSON for each exchange: method, path with its query, status, how
many features came, how many bytes, what was sent.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
WRITING = threading.Lock()


def feature_count(body: bytes, media_type: str) -> int | None:
    """How many features a GeoJSON answer carries; None for any other answer."""
    if not media_type.startswith(("application/geo+json", "application/json")):
        return None
    document = json.loads(body)
    if document.get("type") == "Feature":
        return 1
    return len(document["features"]) if document.get("type") == "FeatureCollection" else None


def end_to_end(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers that are meant for the other end."""
    return {name: value for name, value in headers if name.lower() not in HOP_BY_HOP}


class Recorder(BaseHTTPRequestHandler):
    """Passes each request on with its Host, so that the links of the answer come back here."""

    protocol_version = "HTTP/1.1"
    # An answer of two packets would wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    target: str
    record: Path

    def pass_on(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP
        }
        headers["Accept-Encoding"] = "identity"
        connection = HTTPConnection(self.target, timeout=60)
        connection.request(self.command, self.path, sent or None, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        self.write_down(
            status=answer.status,
            features=feature_count(body, answer.getheader("Content-Type", "")),
            bytes=len(body),
            sent=sent.decode("utf-8", "replace"),
        )
        self.send_response(answer.status)
        for name, value in end_to_end(answer.getheaders()).items():
            self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = pass_on  # noqa: N815

    def write_down(self, **answer: Any) -> None:
        line = json.dumps({"method": self.command, "path": self.path, **answer}, ensure_ascii=False)
        with WRITING, self.record.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


if __name__ == "__main__":
    Recorder.target = urlsplit(sys.argv[1]).netloc
    Recorder.record = Path(sys.argv[2])
    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
        server.serve_forever()
