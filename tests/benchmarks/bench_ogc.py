"""How quick the OGC API is beside stock pygeoapi and tipg, and beside the ceiling, in one run.

Everything is started here, on one PostGIS: gridwhistle (one worker), the two peers (each installed
into the cache folder), and the ceiling (a bare ASGI app on psycopg with the same statements, role
switch and time-outs). Prints requests a second, ratios, and which targets hold; asserts nothing.

    .venv/bin/python tests/benchmarks/bench_ogc.py [--without-peers] [--rows 2000000] [--cache DIR]
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import psycopg
from psycopg.conninfo import make_conninfo

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from ogc_speed import peers  # noqa: E402
from ogc_speed.hangup import HangUp, hang_up  # noqa: E402
from ogc_speed.load import Load, Outcome  # noqa: E402
from ogc_speed.processes import (  # noqa: E402
    Server,
    database_cpu_s,
    environment,
    our_server,
    press_in_process,
    running,
    server_cpu_s,
    wait_for,
)
from ogc_speed.scenarios import Scenario, scenarios  # noqa: E402
from ogc_speed.town import fill_town, fill_with_premises  # noqa: E402

from layers.migrations.run import migrate  # noqa: E402 - found by the line above
from layers.roles import Role  # noqa: E402
from spatial.server import PrivateServer  # noqa: E402

OURS, UNCACHED, CEILING = "gridwhistle", "without cache", "ceiling"
KINDS = {OURS: "ours", UNCACHED: "ours-without-cache", CEILING: "ceiling"}
CONNECTIONS = 8
DEEP_SHARE = 0.95
QUIET_S, MOST_UNREST_S = 1.0, 60.0
_HANG_UP_S = 12.0  # p99 of fewer answers is chance
_CANCEL = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()
"""


@dataclass
class Measured:
    """One server at one question, over all rounds."""

    requests_per_s: list[float] = field(default_factory=list)
    server_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Requests a second in the middle round."""
        return median(self.requests_per_s)

    def share_of(self, other: Measured) -> float:
        """The rate as a part of another's: the middle of what the rounds say.

        Within a round the servers follow each other closely; between rounds the machine itself
        may become slower or quicker.
        """
        rounds = zip(self.requests_per_s, other.requests_per_s, strict=True)
        return median(own / others for own, others in rounds)


@dataclass(frozen=True)
class Town:
    """What the questions need of the database: the officer's key, and whose children answer."""

    conninfo: str
    key: str
    postmaster: int


Table = dict[tuple[Role, str], dict[str, Measured]]


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--rows", type=int, default=2_000_000, help="of the deep layer; 0: none")
    parser.add_argument("--seconds", type=float, default=1.5, help="a question, server and round")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--only", default="", help="questions whose name holds this")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/gridwhistle-bench"))
    options = parser.parse_args()
    # What was started is stopped, however this ends.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="gridwhistle-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with PrivateServer(folder / "postgresql").lease() as conninfo:
            asked = [each for each in scenarios() if options.only in each.name]
            if asked:
                compare(options, asked, conninfo, folder)
            if options.rows:
                go_deep(options, conninfo, folder)


def compare(
    options: argparse.Namespace, asked: list[Scenario], conninfo: str, folder: Path
) -> None:
    """All servers, these questions."""
    database = _new_database(conninfo, "town")
    town = Town(database, fill_town(database), _postmaster(database))
    with servers(options, database, folder) as listening:
        table = measure(asked, listening, town, options)
    print_table(asked, table)
    print_targets(asked, table)


@contextmanager
def servers(options: argparse.Namespace, town: str, folder: Path) -> Iterator[list[Server]]:
    """Those that are compared, each answering."""
    with ExitStack() as stack:
        listening = [stack.enter_context(ours_or_ceiling(name, town, folder)) for name in KINDS]
        if not options.without_peers:
            cache = options.cache.expanduser()
            for peer in (peers.pygeoapi, peers.tipg):
                listening += [stack.enter_context(peer(cache, town, folder))]
        for server in listening:
            wait_for(server)
        yield listening


@contextmanager
def ours_or_ceiling(name: str, conninfo: str, folder: Path) -> Iterator[Server]:
    """gridwhistle with or without its tile cache, or the ceiling."""
    command, port = our_server(KINDS[name], conninfo, folder)
    log = folder / f"{name.replace(' ', '-')}.log"
    with running(name, command, port, environment(), log) as server:
        yield server


def measure(
    asked: list[Scenario], listening: list[Server], town: Town, options: argparse.Namespace
) -> Table:
    """Servers take turns in every round, so that what else the machine does hits all alike."""
    table: Table = defaultdict(lambda: defaultdict(Measured))
    for turn in range(options.rounds + 1):
        for scenario in asked:
            # Whoever is asked first finds the database's caches full of another question.
            for server in listening if turn % 2 else reversed(listening):
                if takes_part(server.name, scenario):
                    warming = turn == 0
                    seconds = options.seconds / 3 if warming else options.seconds
                    measured = Measured() if warming else table[_key(scenario)][server.name]
                    ask(server, scenario, town, seconds, measured)
        print(f"round {turn} of {options.rounds}", file=sys.stderr)
    return table


def takes_part(name: str, scenario: Scenario) -> bool:
    """Whether a server is asked this: tiles are cached by one of ours alone."""
    if name == OURS:
        return not scenario.tiles or scenario.cached
    if name == UNCACHED:
        return bool(scenario.tiles) and not scenario.cached
    return scenario.for_peers or (name == CEILING and not scenario.cached)


def ask(server: Server, scenario: Scenario, town: Town, seconds: float, measured: Measured) -> None:
    """One server, one question, one round."""
    paths = {"pygeoapi": scenario.pygeoapi_paths, "tipg": scenario.tipg_paths}
    load = Load(
        server.port, paths.get(server.name, scenario.our_paths)(), CONNECTIONS, seconds,
        "" if scenario.role is Role.ANONYMOUS else f"X-API-Key: {town.key}\r\nX-Role: officer\r\n",
    )  # fmt: skip
    before = server_cpu_s(server), database_cpu_s(town.postmaster)
    outcome = press_in_process(load)
    after = server_cpu_s(server), database_cpu_s(town.postmaster)
    if outcome.failures:
        _end_queries(town.conninfo)
    measured.requests_per_s.append(outcome.requests_per_s)
    answers = max(len(outcome.latencies_s), 1)
    measured.server_ms.append(1000 * (after[0] - before[0]) / answers)
    measured.database_ms.append(1000 * (after[1] - before[1]) / answers)
    for status, number in outcome.failures.items():
        measured.failures[status] = measured.failures.get(status, 0) + number


def print_table(asked: list[Scenario], table: Table) -> None:
    """Requests a second; beside them the processor's milliseconds a request, server + database."""
    names = [OURS, CEILING, "pygeoapi", "tipg"]
    print(f"\n{'req/s (CPU ms)':<27}" + "".join(f"{name:>20}" for name in names) + "  of ceiling")
    for scenario in asked:
        row = table[_key(scenario)]
        ours, ceiling = row.get(OURS) or row.get(UNCACHED), row.get(CEILING)
        cells = "".join(_cell(each) for each in (ours, *(row.get(name) for name in names[1:])))
        ratio = f"{ours.share_of(ceiling):9.2f}" if ours and ceiling else ""
        print(f"{scenario.role.short_name + ': ' + scenario.name:<27}{cells}{ratio}")
        for name, measured in row.items():
            if measured.failures:
                print(f"    {name}: failures {measured.failures}")


def _cell(measured: Measured | None) -> str:
    if measured is None:
        return f"{'–':>20}"
    spent = f"({median(measured.server_ms):.1f}+{median(measured.database_ms):.1f})"
    return f"{measured.rate:8.1f} {spent:>11}"


def print_targets(asked: list[Scenario], table: Table) -> None:
    """Which targets hold."""
    print()
    for scenario in asked:
        row, name = table[_key(scenario)], f"{scenario.role.short_name}: {scenario.name}"
        if scenario.target:
            ours = row.get(OURS) or row[UNCACHED]
            ratio = ours.share_of(row[CEILING])
            _say(ratio >= scenario.target, f"{name}: {ratio:.2f} of the ceiling, {scenario.target}")
        if scenario.cached:
            made = table[scenario.role, scenario.name.removesuffix(" cached")][UNCACHED]
            factor = row[OURS].rate / made.rate
            _say(factor >= 10, f"{name}: {factor:.1f} times the uncached, 10")


def go_deep(options: argparse.Namespace, conninfo: str, folder: Path) -> None:
    """A page near the end of very many rows, and clients that leave in the middle."""
    deep = _new_database(conninfo, "deep")
    fill_with_premises(deep, options.rows)
    with ours_or_ceiling(OURS, deep, folder) as server:
        wait_for(server)
        base = f"http://127.0.0.1:{server.port}"
        page = "/ogc/collections/premises/items?limit=100"
        address = httpx.get(f"{base}{page}&offset={int(options.rows * DEEP_SHARE)}", timeout=120)
        following = next(each["href"] for each in address.json()["links"] if each["rel"] == "next")
        seconds = options.seconds
        # Both are pages that others precede, so that the same is asked of both.
        near = httpx.get(f"{base}{page}&f=json", timeout=120).json()["links"]
        second = next(each["href"] for each in near if each["rel"] == "next")
        times: dict[str, list[float]] = {"first": [], "second": [], "deep": []}
        for _ in range(options.rounds):
            for name, url in (("first", page), ("second", second), ("deep", following)):
                load = Load(server.port, [url.removeprefix(base)], 1, seconds)
                times[name].append(press_in_process(load).quantile_s(0.5))
        print_deep(times, options.rows)
        print_hang_up(hang_up(server, deep, seconds=_HANG_UP_S))


def print_deep(times: dict[str, list[float]], rows: int) -> None:
    """The medians of the rounds' medians."""
    first, second, deep = (median(times[name]) * 1000 for name in ("first", "second", "deep"))
    print(f"\n{rows:,} rows: first page {first:.2f} ms, second {second:.2f} ms, deep {deep:.2f} ms")
    _say(deep <= 1.5 * first, f"deep page: {deep / first:.2f} times the first, at most 1.5")


def print_hang_up(seen: HangUp) -> None:
    """How soon the database was free, and what a visitor noticed."""
    idle, meanwhile = (each.quantile_s(0.99) * 1000 for each in (seen.idle, seen.meanwhile))
    print(f"\n20 clients hang up: {seen.running} queries ran; landing page p99 {idle:.1f} ms idle,")
    print(f"    {meanwhile:.1f} ms meanwhile ({_numbers(seen.idle)}, {_numbers(seen.meanwhile)})")
    _say(seen.clear_after_s <= 1, f"pg_stat_activity clear after {seen.clear_after_s:.2f} s, 1")
    _say(meanwhile <= 3 * idle, f"landing page p99: {meanwhile / idle:.1f} times idle, at most 3")


def _numbers(outcome: Outcome) -> str:
    return f"{len(outcome.latencies_s)} answers, p50 {outcome.quantile_s(0.5) * 1000:.1f} ms"


def _say(holds: bool, what: str) -> None:
    print(f"{'holds' if holds else 'FAILS':>6}  {what}")


def _key(scenario: Scenario) -> tuple[Role, str]:
    return scenario.role, scenario.name


def _postmaster(conninfo: str) -> int:
    """The parent of the process that serves a connection."""
    with psycopg.connect(conninfo) as connection:
        status = Path(f"/proc/{connection.info.backend_pid}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def _end_queries(conninfo: str) -> None:
    """Whatever still runs for a server that was too slow is no burden to the next one.

    Such a server has requests waiting whose clients have left: when a query is ended it begins
    another. So they are ended until none begins for a second.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        begun, quiet_since_s = time.monotonic(), time.monotonic()
        while (now := time.monotonic()) - quiet_since_s < QUIET_S and now - begun < MOST_UNREST_S:
            if connection.execute(_CANCEL).fetchall():
                quiet_since_s = now
            time.sleep(0.02)


def _new_database(conninfo: str, name: str) -> str:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    target = make_conninfo(conninfo, dbname=name)
    migrate(target)
    return target


if __name__ == "__main__":
    main()
