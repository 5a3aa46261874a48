"""Listening: ports, where to look, and every way to end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.installation import check_port
from api.cli.listening import is_this_machine, listening_socket, refuse_port_in_use
from api.cli.running import where_to_look
from spatial.checks import State
from spatial.errors import SetupError

APP = """
import sys
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from api.cli.listening import listening_socket
from api.cli.running import run_app

async def health(request):
    return JSONResponse({"status": "ok", "checks": []})

with listening_socket("127.0.0.1", 0) as listener:
    run_app(Starlette(routes=[Route("/health", health)]), listener)
print("the end", flush=True)
"""


@pytest.fixture
def app() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A small app in a process of its own, and its port."""
    process = subprocess.Popen(
        [sys.executable, "-c", APP], cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    first = process.stdout.readline()
    assert "127.0.0.1" in first, process.communicate()
    yield process, int(first.rstrip("/\n").rsplit(":", 1)[1])
    process.kill()
    process.communicate()


def test_it_answers_as_soon_as_it_says_where_to_look(
    app: tuple[subprocess.Popen[str], int],
) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{app[1]}/health", timeout=10) as answer:
        assert json.load(answer)["status"] == "ok"
    assert check_port("127.0.0.1", app[1]).state is State.OK  # taken, but by ours


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_well(app: tuple[subprocess.Popen[str], int], number: int) -> None:
    process, port = app
    process.send_signal(number)
    said, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert said.endswith("the end\n")  # what stands after the app, such as stopping PostgreSQL
    assert "Traceback" not in errors
    refuse_port_in_use("127.0.0.1", port)


def test_a_port_in_use_is_one_line_with_a_remedy() -> None:
    with listening_socket("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(SetupError, match=rf"{port}.*in use.*--port {port % 65535 + 1}"):
            refuse_port_in_use("127.0.0.1", port)
        assert check_port("127.0.0.1", port).state is State.FAILED
    assert check_port("127.0.0.1", port).state is State.OK


def test_an_unknown_address_is_said() -> None:
    with pytest.raises(SetupError, match="no such address"):
        refuse_port_in_use("no.such.host.invalid", 8000)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_which_addresses_only_this_machine_reaches(host: str, expected: bool) -> None:
    assert is_this_machine(host) is expected


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/"),
        ("0.0.0.0", "http://127.0.0.1:8000/"),
        ("::", "http://[::1]:8000/"),
        ("::1", "http://[::1]:8000/"),
    ],
)
def test_where_to_look_can_be_opened(host: str, url: str) -> None:
    assert where_to_look(host, 8000).splitlines()[0].endswith(url)
