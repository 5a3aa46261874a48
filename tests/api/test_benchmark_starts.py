"""The benchmark starts, and its ceiling answers what gridwhistle answers; no time is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from layers.roles import Role

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def ogc_speed() -> Iterator[None]:
    """The benchmark's folder, to import from."""
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))


@pytest.mark.long
def test_the_ceiling_answers_the_same(ogc_speed, new_database, tmp_path: Path):
    from ogc_speed.load import Load  # noqa: PLC0415 - importable once the fixture says where
    from ogc_speed.processes import (  # noqa: PLC0415
        environment,
        our_server,
        press_in_process,
        running,
        wait_for,
    )
    from ogc_speed.scenarios import scenarios  # noqa: PLC0415
    from ogc_speed.town import fill_town  # noqa: PLC0415

    with new_database() as conninfo:
        key = fill_town(conninfo, points_in_tile=200)
        commands = [our_server(kind, conninfo, tmp_path) for kind in ("ours", "ceiling")]
        with (
            running("ours", *commands[0], environment(), tmp_path / "1.log") as ours,
            running("ceiling", *commands[1], environment(), tmp_path / "2.log") as ceiling,
        ):
            for server in (ours, ceiling):
                wait_for(server)
            for scenario in scenarios():
                headers = {"X-API-Key": key, "X-Role": "officer"}
                if scenario.role is Role.ANONYMOUS:
                    headers = {}
                path = scenario.our_paths()[0]
                answers = [
                    httpx.get(f"http://127.0.0.1:{server.port}{path}", headers=headers, timeout=60)
                    for server in (ours, ceiling)
                ]
                assert same(*answers), path
            load = Load(ours.port, ["/ogc?f=json"], connections=2, seconds=0.2)
            assert press_in_process(load).latencies_s


def same(ours: httpx.Response, ceiling: httpx.Response) -> bool:
    assert (ours.status_code, ceiling.status_code) == (200, 200)
    if "json" not in ours.headers["content-type"]:
        return ours.content == ceiling.content != b""
    mine, bare = ours.json(), ceiling.json()
    assert bare["features"]
    return all(mine[name] == bare[name] for name in ("features", "numberMatched"))
