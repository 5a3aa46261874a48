"""Where gridwhistle's own time goes in an answer, beside what the ceiling needs as well.

The app runs in this process, without a socket, and the database's rows are kept after the first
time, so that what is counted is what surrounds the query: who asks, what they ask, the statement,
links, headers, the log. Prints the processor's microseconds an answer by stage; asserts nothing.

    .venv/bin/python tests/benchmarks/profile_answers.py [--question "bbox 100"] [--answers 2000]
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import sys
import tempfile
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from unittest import mock

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from ogc_speed.scenarios import Scenario, scenarios  # noqa: E402
from ogc_speed.town import fill_town  # noqa: E402
from starlette.types import ASGIApp, Receive  # noqa: E402

from api.app import create_app  # noqa: E402 - found by the line above
from layers.migrations.run import migrate  # noqa: E402
from layers.roles import Role  # noqa: E402
from spatial.database import fetch_row  # noqa: E402
from spatial.server import PrivateServer  # noqa: E402
from spatial.settings import Settings  # noqa: E402

HOST = ("127.0.0.1", 8000)
WARM = 300
# Stage → file and function, by the time within; each is part of the one above it.
STAGES = (
    ("the whole answer", "errors.py", "__call__"),
    ("from log, limits and headers inwards", "entrance.py", "__call__"),
    ("    who asks", "entrance.py", "_enter"),
    ("from routing inwards", "routing.py", "handle"),
    ("    the parameters", "query.py", "parse_items_query"),
    ("    connection, statement, row", "items.py", "_read"),
    ("        the statement", "statements.py", "page_statement"),
    ("    counts, links, cursors", "items.py", "_tail"),
    ("    sending, through all headers", "responses.py", "__call__"),
    ("the access log's lines", "journal.py", "write"),
)


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--question", default="bbox 100")
    parser.add_argument("--answers", type=int, default=2_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridwhistle-profile-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with PrivateServer(folder / "postgresql").lease() as conninfo, rows_kept():
            migrate(conninfo)
            key = fill_town(conninfo)
            app = create_app(Settings(folder), conninfo)
            for scenario in scenarios():
                if scenario.name == options.question:
                    asyncio.run(profile(app, scenario, key, options.answers))


@contextmanager
def rows_kept() -> Iterator[None]:
    """The database is asked once for each statement."""
    kept: dict[tuple[str, bytes], Any] = {}

    async def from_memory(connection: Any, principal: Any, query: bytes, *values: Any) -> Any:
        key = principal.role, query
        if key not in kept:
            kept[key] = await fetch_row(connection, principal, query, *values)
        return kept[key]

    with mock.patch("layers.reading.items.fetch_row", from_memory):
        yield


async def profile(app: Any, scenario: Scenario, key: str, answers: int) -> None:
    """One question, first without and then with the profiler, which makes all slower."""
    async with app.router.lifespan_context(app):
        await ask(app, scenario, key, WARM)
        begun_s = time.thread_time()
        await ask(app, scenario, key, answers)
        bare_us = 1e6 * (time.thread_time() - begun_s) / answers
        profiler = cProfile.Profile()
        profiler.enable()
        await ask(app, scenario, key, answers)
        profiler.disable()
    print_stages(scenario, pstats.Stats(profiler), bare_us, answers)


async def ask(app: ASGIApp, scenario: Scenario, key: str, answers: int) -> None:
    """So many answers, one after the other."""

    async def send(message: MutableMapping[str, Any]) -> None:
        assert message.get("status", 200) == 200, message

    for address in islice(cycle(scenario.our_paths()), answers):
        await app(scope_of(address, scenario.role, key), client_that_stays(), send)
        await asyncio.sleep(0)


def client_that_stays() -> Receive:
    """A client that has asked without a body and waits for the answer."""
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> MutableMapping[str, Any]:
        for message in messages:
            return message
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    return receive


def scope_of(address: str, role: Role, key: str) -> MutableMapping[str, Any]:
    """The ASGI scope of a GET."""
    path, _, query = address.partition("?")
    headers = [(b"host", b"%s:%d" % (HOST[0].encode(), HOST[1]))]
    if role is not Role.ANONYMOUS:
        headers.append((b"x-api-key", key.encode()))
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": headers, "client": (HOST[0], 5000), "server": HOST, "root_path": "", "state": {},
    }  # fmt: skip


def print_stages(scenario: Scenario, stats: pstats.Stats, bare_us: float, answers: int) -> None:
    """Shares as the profiler saw them, of the time that was measured without it."""
    within: dict[tuple[str, str], float] = {}
    for (file, _line, name), entry in stats.stats.items():  # type: ignore[attr-defined]
        key = Path(file).name, name
        within[key] = max(within.get(key, 0.0), entry[3])
    whole = within[STAGES[0][1], STAGES[0][2]]
    print(f"\n{scenario.role.short_name}: {scenario.name}, {bare_us:.0f} µs an answer, of which")
    for stage, file, name in STAGES:
        share = within.get((file, name), 0.0) / whole
        print(f"{share * bare_us:8.0f} µs {share:6.0%}  {stage}")
    calls = stats.total_calls / answers  # type: ignore[attr-defined]
    print(f"{calls:8.0f} function calls an answer")


if __name__ == "__main__":
    main()
