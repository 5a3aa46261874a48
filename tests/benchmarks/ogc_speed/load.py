"""The load: connections that are kept alive and ask one question after the other.

Run as a process of its own, so that it waits for nobody's interpreter:

    python -m ogc_speed.load '{"port": …, "paths": […], "connections": 8, "seconds": 2}'
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from time import perf_counter

_CHUNKED = b"transfer-encoding: chunked"
_LENGTH = b"content-length:"


@dataclass
class Load:
    """What is asked, by how many, for how long."""

    port: int
    paths: list[str]
    connections: int = 8
    seconds: float = 2.0
    headers: str = ""
    # Between one answer and the next question of a connection.
    pause_s: float = 0.0
    # So long answers that are due are waited for after the end.
    patience_s: float = 3.0


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        took_s: from the first question to the last answer.
        latencies_s: of every answer that was right.
        failures: status → how many answers were neither 200 nor 204.
    """

    took_s: float = 0.0
    bytes: int = 0
    latencies_s: list[float] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)

    @property
    def requests_per_s(self) -> float:
        """Right answers a second."""
        return len(self.latencies_s) / self.took_s if self.took_s else 0.0

    def quantile_s(self, share: float) -> float:
        """The latency that a share of the answers kept."""
        ordered = sorted(self.latencies_s)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


async def press(load: Load) -> Outcome:
    """Ask until the time is over; questions that are under way are waited for."""
    outcome, paths = Outcome(), cycle(load.paths)
    start = perf_counter()
    end = start + load.seconds
    askers = [asyncio.create_task(_ask(load, paths, outcome, end)) for _ in range(load.connections)]
    _, waiting = await asyncio.wait(askers, timeout=load.seconds + load.patience_s)
    outcome.took_s = perf_counter() - start
    for asker in waiting:
        asker.cancel()
    if waiting:
        outcome.failures["no answer"] = len(waiting)
    await asyncio.gather(*(asker for asker in askers if asker not in waiting))
    return outcome


async def _ask(load: Load, paths: Iterator[str], outcome: Outcome, end: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", load.port, limit=2**24)
    while perf_counter() < end:
        start = perf_counter()
        request = f"GET {next(paths)} HTTP/1.1\r\nHost: 127.0.0.1\r\n{load.headers}\r\n"
        writer.write(request.encode())
        status, size = await _answer(reader)
        if status in {200, 204}:
            outcome.latencies_s.append(perf_counter() - start)
            outcome.bytes += size
        else:
            outcome.failures[str(status)] = outcome.failures.get(str(status), 0) + 1
        if load.pause_s:
            await asyncio.sleep(load.pause_s)
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status and size of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if _CHUNKED in head:
        size = 0
        while length := int(await reader.readuntil(b"\r\n"), 16):
            size += len(await reader.readexactly(length + 2)) - 2
        await reader.readexactly(2)
        return status, size
    if _LENGTH not in head:
        return status, 0
    size = int(head.split(_LENGTH, 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(size)
    return status, size


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(press(Load(**json.loads(sys.argv[1])))))))
