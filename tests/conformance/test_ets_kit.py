"""The script around the official suites: what it hides or turns into a pass would be a lie."""

from __future__ import annotations

import json
import struct
import sys
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, override
from urllib.request import Request, urlopen

import pytest

KIT = Path(__file__).parent
RESULTS = """
<testng-results><suite><test><class name="org.a.Core">
  <test-method status="PASS" name="prepare" is-config="true"/>
  <test-method status="PASS" name="landing"/>
  <test-method status="PASS" name="landing"/>
  <test-method status="SKIP" name="items"><exception><message>too | many</message></exception>
  </test-method>
</class><class name="org.a.Crs">
  <test-method status="FAIL" name="read" is-config="true"/>
</class></test></suite></testng-results>
"""


@pytest.fixture(scope="module")
def kit() -> Iterator[Any]:
    """The script's modules; `run` puts their folder on the path too."""
    sys.path.insert(0, str(KIT))
    import_module("ets.__main__")  # it imports all the others
    yield import_module("ets")
    sys.path.remove(str(KIT))


@pytest.fixture
def outcome(kit: Any, tmp_path: Path) -> Any:
    results = tmp_path / "testng-results.xml"
    results.write_text(RESULTS, encoding="utf-8")
    outcome = kit.report.Outcome("Core", "ets-1.0", kit.report.read_results(results))
    outcome.note_never_begun({("Core", "landing"), ("Core", "items"), ("Core", "times")})
    return outcome


def test_a_failed_preparation_counts_as_a_failure(outcome: Any) -> None:
    totals = [outcome.total(status) for status in ("passed", "failed", "skipped")]
    assert totals == [2, 1, 1]


def test_the_report_names_every_skip_and_what_was_never_begun(kit: Any, outcome: Any) -> None:
    lines = kit.report.markdown([outcome], ["http://spec/untested"]).splitlines()
    assert "| Core | 2 | 1 | 1 | 1 | |" in lines
    assert "| Core.items | skipped | 1 | too \\| many |" in lines
    assert "| Core.times | **not run** | 0 | it found no case |" in lines
    assert "- http://spec/untested" in lines


def test_a_suite_that_did_not_run_is_never_a_pass(kit: Any) -> None:
    outcome = kit.report.Outcome("Core", "ets-1.0", not_run="no jar")
    assert "| Core | | | | | **not run**: no jar |" in kit.report.markdown([outcome], [])


def test_tests_are_found_in_the_classes_themselves(kit: Any, tmp_path: Path) -> None:
    jar = tmp_path / "suite.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        archive.writestr("org/opengis/cite/Times.class", class_file("interval", "helper"))
        archive.writestr("org/elsewhere/Other.class", class_file("other", "helper"))
    assert kit.inventory.tests_in(jar) == {("Times", "interval")}


def class_file(test: str, helper: str) -> bytes:
    """A class with a long constant, a method that is a test and one that isn't."""
    texts = [test, helper, "()V", "RuntimeVisibleAnnotations", "Lorg/testng/annotations/Test;"]
    pool = b"".join(struct.pack(">BH", 1, len(text)) + text.encode() for text in texts)
    pool += struct.pack(">Bq", 5, 7)  # takes up two places
    annotation = struct.pack(">HIHHH", 4, 6, 1, 5, 0)
    methods = struct.pack(">H", 2)
    methods += struct.pack(">HHHH", 1, 1, 3, 1) + annotation + struct.pack(">HHHH", 1, 2, 3, 0)
    head = struct.pack(">IHHH", 0xCAFEBABE, 0, 61, len(texts) + 3)
    return head + pool + struct.pack(">HHHHH", 1, 0, 0, 0, 0) + methods


@pytest.mark.parametrize(
    ("asked", "passed_on"),
    [
        ("/items?datetime=2026-06-30%2FP2D", "/items?datetime=2026-06-30%2F2026-07-02"),
        (
            "/items?limit=1&datetime=2026-06-30/P1D",
            "/items?limit=1&datetime=2026-06-30%2F2026-07-01",
        ),
        ("/items?datetime=2026-06-30", "/items?datetime=2026-06-30"),
        ("/items?name=2026-06-30/P2D", "/items?name=2026-06-30/P2D"),
    ],
)
def test_durations_become_the_intervals_of_the_standard(
    kit: Any, asked: str, passed_on: str
) -> None:
    assert kit.draft_times.DraftTimes({}).target(asked) == passed_on


class Server(BaseHTTPRequestHandler):
    """Says who asked, in the shape of a collection."""

    def do_GET(self) -> None:  # http.server's name
        body = {"id": "sensors", "extent": {}, "by": self.headers["Authorization"]}
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/ogc"
    server.shutdown()
    server.server_close()


def test_a_door_signs_in_and_writes_times_as_the_suite_reads_them(kit: Any, server: str) -> None:
    span = ["2026-06-01T00:00:00Z", "2026-06-30T00:00:00Z"]
    times = kit.draft_times.DraftTimes({"sensors": span})
    headers = kit.reading.credentials(("planner", "secret"))
    with (
        kit.door.door(server, headers, times) as url,
        urlopen(Request(f"{url}/collections/sensors")) as answer,
    ):
        document = json.load(answer)
    assert document["by"] == headers["Authorization"] == "Basic cGxhbm5lcjpzZWNyZXQ="
    assert document["extent"] == {"temporal": span}
