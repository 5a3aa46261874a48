"""How long from a report to the order on the responder's page, with everybody on the move.

A demo town with 400 responders is served by the real command, in a process of its own, over a
private PostgreSQL. Every responder has an open page (a stream of events) and moves: once a second a
gateway posts all 400 positions. Reports come at random moments, 20 a second on average, each
with `"dispatch": "order"`. A command ends when the page of the responder who was sent has the
order. The page says by itself that the order was seen, as /duty does, and its responder accepts
some seconds later; done is it by the database's owner, so that somebody is free.

Prints percentiles from the moment at which a report was due (a generator that falls behind
flatters nobody) to the 201 and to the page, what became of the reports, and how much processor the
app, PostgreSQL and this generator took; asserts nothing.

    .venv/bin/python tests/benchmarks/bench_dispatch.py [SECONDS] [REPORTS_A_SECOND] [RESPONDERS]
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import orjson
import psycopg
import uvloop

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from light_client import LightClient  # noqa: E402

from layers.accounts.administration import (  # noqa: E402 - found above
    AccountPlan,
    add_account,
    find_account,
)
from layers.accounts.keys import KeyPlan, add_key  # noqa: E402
from layers.demo.plan import Plan  # noqa: E402
from layers.demo.start import start_town  # noqa: E402
from layers.migrations.run import migrate  # noqa: E402
from layers.roles import Role  # noqa: E402
from spatial.server import PrivateServer  # noqa: E402

ACCEPTED_AFTER_S = 3
SERVICE_S = 6  # from the order until the responder is free again
_QUIET_S = 20  # the app has just started, and its pages have just been opened
CATEGORIES = ("theft", "noise", "dispute", "fire_hazard", "traffic_accident", "street_damage")
_FREE_THOSE_DONE = """
SELECT layers.move_order_if_it_may(
    id, CASE WHEN state IN ('arrived', 'reported') THEN 'done' ELSE 'arrive' END, 'dispatcher'
)
FROM layers.response_order
WHERE ended_at IS NULL AND ordered_at < clock_timestamp() - make_interval(secs => %s)
ORDER BY incident_id
"""


@dataclass
class Bench:
    """A running measurement.

    Attributes:
        pages: by responder's key, the orders that its page has shown, and when.
        due: when each report was due; answered, shown: when its order was told, and shown.
    """

    url: str
    keys: dict[str, str]
    places: dict[str, tuple[float, float]]
    shown: dict[int, float] = field(default_factory=dict)
    due: dict[int, float] = field(default_factory=dict)
    answered_s: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    positions_s: list[float] = field(default_factory=list)

    def client(self, key: str) -> LightClient:
        """What an account asks by: each has connections of its own, as browsers do."""
        return LightClient(self.url, self.keys[key])


def furnish(
    connection: psycopg.Connection, responders: int
) -> tuple[dict[str, str], dict[str, Any]]:
    """Keys of a dispatcher, a gateway and every responder; and where these are."""
    keys = {}
    connection.execute("UPDATE layers.responder SET on_duty = true")
    rows = connection.execute(
        "SELECT id, key, department, ST_X(geom), ST_Y(geom) FROM layers.responder ORDER BY id"
    ).fetchall()[:responders]
    plans = [
        AccountPlan("bench-desk", Role.DISPATCHER, department="*"),
        AccountPlan("bench-fleet", Role.SYSTEM, layers=("responders", "incidents", "orders")),
        *(AccountPlan(f"bench-{row[1]}", Role.OFFICER, department=row[2]) for row in rows),
    ]
    for plan in plans:
        add_account(connection, 1, plan)
        account = find_account(connection, 1, plan.name)
        keys[plan.name] = str(add_key(connection, account, KeyPlan("bench", may_write=True)))
    connection.execute(
        "UPDATE layers.account SET responder_id = responder.id FROM layers.responder"
        " WHERE account.name = 'bench-' || responder.key"
    )
    return keys, {row[1]: (row[3], row[4]) for row in rows}


async def watch(bench: Bench, key: str) -> None:
    """A responder's open page: notes when an order is first on it, and acts on it."""
    acting = set()
    async with bench.client(f"bench-{key}") as client:
        async for event in client.events("/api/my/orders/stream"):
            now = perf_counter()
            for order in orjson.loads(event).get("orders", ()):
                if order["id"] not in bench.shown:
                    bench.shown[order["id"]] = now
                    act = asyncio.create_task(accept(bench, client, order["id"]))
                    acting.add(act)
                    act.add_done_callback(acting.discard)


async def accept(bench: Bench, client: LightClient, order: int) -> None:
    """What a page and its responder do about an order."""
    for action, pause_s in (("seen", ACCEPTED_AFTER_S), ("accept", 0)):
        status, _ = await client.post(f"/api/orders/{order}/{action}", {})
        bench.outcomes[f"{action} {status}"] += 1
        await asyncio.sleep(pause_s)


async def move(bench: Bench, client: LightClient, chance: np.random.Generator) -> None:
    """All responders, once a second, some metres on."""
    while True:
        begun = perf_counter()
        at = datetime.now(UTC).isoformat()
        steps = chance.normal(0, 5e-5, (len(bench.places), 2))
        fixes = []
        for (key, (lon, lat)), (east, north) in zip(bench.places.items(), steps, strict=True):
            bench.places[key] = (lon + east, lat + north)
            fixes.append({"responder": key, "lon": lon, "lat": lat, "at": at, "accuracy_m": 8.0})
        body = {"datum": "wgs84", "positions": fixes}
        status, _ = await client.post("/api/positions", body)
        bench.outcomes[f"positions {status}"] += 1
        bench.positions_s.append(perf_counter() - begun)
        await asyncio.sleep(max(0.0, begun + 1 - perf_counter()))


async def free(conninfo: str) -> None:
    """Those who have been away long enough are done."""
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
        while True:
            await asyncio.sleep(0.1)
            await connection.execute(_FREE_THOSE_DONE, (SERVICE_S,))


async def report(bench: Bench, client: LightClient, number: int, due: float) -> None:
    """One report; its order's number and times are noted."""
    chance = np.random.default_rng(number)
    places = list(bench.places.values())
    lon, lat = places[int(chance.integers(len(places)))]
    body = {
        "source": "110",
        "source_id": f"bench-{number}",
        "lon": lon + float(chance.normal(0, 2e-3)),
        "lat": lat + float(chance.normal(0, 2e-3)),
        "datum": "wgs84",
        "accuracy_m": 10,
        "category": CATEGORIES[number % len(CATEGORIES)],
        "dispatch": "order",
    }
    status, taken = await client.post("/api/reports", body)
    bench.answered_s.append(perf_counter() - due)
    if status != 201:
        bench.outcomes[f"{status} {str(taken)[:80]}"] += 1
        return
    if taken["order"]:
        bench.outcomes["ordered"] += 1
        bench.due[taken["order"]["id"]] = due
    else:
        bench.outcomes[taken["problem"]["code"]] += 1


async def run(bench: Bench, conninfo: str, seconds: float, rate: float) -> dict[str, float]:
    """Everybody's page open and moving, reports at random moments; processors that were busy."""
    chance = np.random.default_rng(7)
    async with (
        bench.client("bench-desk") as client,
        bench.client("bench-fleet") as fleet,
        _beside(
            *(watch(bench, key) for key in bench.places), move(bench, fleet, chance), free(conninfo)
        ),
    ):
        await asyncio.sleep(_QUIET_S)
        for warm in range(20):
            await report(bench, client, 10**6 + warm, perf_counter())
        for known in (bench.answered_s, bench.positions_s, bench.due, bench.outcomes):
            known.clear()
        moments = np.cumsum(chance.exponential(1 / rate, int(seconds * rate)))
        before, begun, tasks = processor_s(), perf_counter(), []
        for number, moment in enumerate(moments.tolist()):
            await asyncio.sleep(max(0.0, begun + moment - perf_counter()))
            tasks.append(asyncio.create_task(report(bench, client, number, begun + moment)))
        await asyncio.gather(*tasks)
        elapsed_s = perf_counter() - begun
        after = processor_s()
        await asyncio.sleep(2)
        return {whose: (after[whose] - before[whose]) / elapsed_s for whose in before}


@asynccontextmanager
async def _beside(*stories: Any) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(story) for story in stories]
    try:
        yield
    finally:
        for task in tasks:
            if task.done() and task.exception():
                print("ended early:", task.exception())
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def served(conninfo: str, folder: Path) -> Iterator[tuple[str, int]]:
    """The app's address and process."""
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0"]
    environment = os.environ | {"DATABASE_URL": conninfo, "GRIDWHISTLE_DATA": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1].rstrip("/"), process.pid
        finally:
            process.terminate()


def processor_s() -> dict[str, float]:
    """Seconds of processor that the app, PostgreSQL and this process have taken."""
    ticks = {"app": 0, "PostgreSQL": 0, "generator": 0}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            command = (stat.parent / "cmdline").read_text()
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        is_own = int(stat.parent.name) == os.getpid()
        whose = "generator" if is_own else "app" if "api.cli" in command else "PostgreSQL"
        if is_own or "api.cli" in command or command.startswith("postgres: "):
            ticks[whose] += sum(int(each) for each in fields[11:13])
    return {whose: count / os.sysconf("SC_CLK_TCK") for whose, count in ticks.items()}


def told(name: str, seconds: list[float]) -> str:
    """Percentiles in milliseconds."""
    if not seconds:
        return f"{name}: none"
    p50, p95, p99 = np.percentile(np.array(seconds) * 1000, [50, 95, 99])
    most = max(seconds) * 1000
    return (
        f"{name:<22} p50 {p50:6.1f}  p95 {p95:6.1f}  p99 {p99:6.1f}  max {most:6.1f} ms"
        f"  of {len(seconds)}"
    )


def main(seconds: float, rate: float, responders: int) -> None:
    """Build, serve, measure, tell."""
    with tempfile.TemporaryDirectory() as name, PrivateServer(Path(name)).lease() as conninfo:
        migrate(conninfo)
        with psycopg.connect(conninfo) as connection:
            start_town(
                connection, Plan(responders=responders, rental_rooms=4_000, incidents=20_000)
            )
        with psycopg.connect(conninfo) as connection:
            keys, places = furnish(connection, responders)
        with served(conninfo, Path(name) / "app") as (url, _pid):
            bench = Bench(url, keys, places)
            busy = uvloop.run(run(bench, conninfo, seconds, rate))
        pages = [
            bench.shown[order] - due for order, due in bench.due.items() if order in bench.shown
        ]
        load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        print(f"{len(places)} responders, {rate:g} reports a second for {seconds:g} s, {load}")
        print(told("report to 201", bench.answered_s))
        print(told("report to the page", pages))
        print(told("400 positions stored", bench.positions_s))
        print(f"not on a page: {len(bench.due) - len(pages)}")
        print(", ".join(f"{what}: {count}" for what, count in bench.outcomes.most_common(8)))
        told_busy = ", ".join(f"{whose} {share:.2f}" for whose, share in busy.items())
        print(f"processors: {told_busy} of {os.cpu_count()}")


if __name__ == "__main__":
    given = [float(each) for each in sys.argv[1:]]
    seconds, rate, responders = [*given, *(60.0, 20.0, 400.0)[len(given) :]]
    main(seconds, rate, int(responders))
