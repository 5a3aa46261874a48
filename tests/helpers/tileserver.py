"""A server of pictures that also fails, hangs and lies, by what it is asked."""

from __future__ import annotations

import gzip
import struct
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

FAULTS = {
    "html": ("text/html", 200, b"<html>sign in first</html>"),
    "json": ("application/json", 200, b'{"code": 301018}'),
    "lie": ("image/png", 200, b"<html>no picture</html>"),
    "gone": ("text/plain", 404, b"nothing here"),
    "refuse": ("application/json", 403, b'{"msg": "wrong key"}'),
    "break": ("text/plain", 500, b"broken"),
    "large": ("image/png", 200, b"\x89PNG\r\n\x1a\n" + bytes(3 * 2**20)),
}


def red_pixel() -> bytes:
    """A picture."""
    parts = [(b"IHDR", struct.pack(">2I5B", 1, 1, 8, 2, 0, 0, 0))]
    parts += [(b"IDAT", zlib.compress(b"\0\xff\0\0")), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


# Nobody asks for such, but some servers send them.
PACKED = {
    "packed": (gzip.compress(red_pixel()), "gzip"),
    "bomb": (gzip.compress(bytes(64 * 2**20)), "gzip"),
    "bomb in a bomb": (gzip.compress(gzip.compress(bytes(64 * 2**20))), "gzip, gzip"),
    "broken": (b"no gzip", "gzip"),
}


class TileServer(ThreadingHTTPServer):
    """Answers by the first part of the path; remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []
        self.awake = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: TileServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        what = unquote(self.path.split("/")[1])
        if what == "hang":
            self.server.awake.wait(5)
        elif what == "redirect":
            self._say("text/plain", 302, b"", Location=f"{self.server.url}/ok/1/1/1")
        elif what in PACKED:
            content, coding = PACKED[what]
            self._say("image/png", 200, content, **{"Content-Encoding": coding})
        elif what == "drip":
            self._drip()
        else:
            self._say(*FAULTS.get(what, ("image/png", 200, red_pixel())))

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.awake.wait(0.1):
            self.wfile.write(b"\x89")

    def _say(self, kind: str, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in (
            {"Content-Type": kind, "Content-Length": str(len(body))} | headers
        ).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass
