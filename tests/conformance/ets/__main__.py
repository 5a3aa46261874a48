"""`run`: find the suites, start the demo town, run them, report."""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ets.demo import PROJECT, Server, demo_town
from ets.door import Translation, door
from ets.draft_times import draft_times
from ets.inventory import tests_in
from ets.reading import credentials, get_json
from ets.report import Outcome, markdown, read_results
from ets.schema_host import schema_host, schemas_in
from ets.suites import SPEC, Suite, find_jar, run_suite, suites

FAILED, INCOMPLETE = 1, 3
_ZOOM = 14


def main() -> int:
    """Exit code 0: no failure; 1: failures; 3: no failure, but a suite could not be run."""
    options = _options()
    with _server(options) as server:
        all_suites = suites(options.collections, _tiles(server.url, options.collections))
        outcomes = [_outcome(each, server, options.folder) for each in all_suites]
        untested = _untested(server.url, all_suites)
    report = markdown(outcomes, untested)
    target = options.folder / "report.md"
    target.write_text(report, encoding="utf-8")
    print(report)
    print(f"报告 Report: {target}", file=sys.stderr)
    if any(each.total("failed") for each in outcomes):
        return FAILED
    return INCOMPLETE if any(each.not_run for each in outcomes) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/conformance/run", description=__doc__)
    parser.add_argument(
        "--folder",
        type=Path,
        default=PROJECT / ".work" / "conformance",
        help="where suites/*-aio.jar are looked for, and where results are kept",
    )
    parser.add_argument("--url", help="a server's OGC API instead of a demo town of its own")
    parser.add_argument("--account", default="", help="NAME:PASSWORD at that server")
    parser.add_argument(
        "--collections",
        type=int,
        default=-1,
        help="how many collections Features and Tiles look at; -1: all",
    )
    options = parser.parse_args()
    options.folder = options.folder.absolute()
    (options.folder / "suites").mkdir(parents=True, exist_ok=True)
    return options


@contextmanager
def _server(options: argparse.Namespace) -> Iterator[Server]:
    if options.url:
        name, _, password = options.account.partition(":")
        yield Server(options.url.rstrip("/"), (name, password) if name else None)
        return
    with demo_town(options.folder / "demo") as server:
        yield server


@contextmanager
def _door(suite: Suite, server: Server) -> Iterator[str]:
    """The address that a suite is told."""
    headers = credentials(server.account) if suite.as_somebody else {}
    translation = draft_times(server.url, headers) if suite.draft_times else Translation()
    with door(server.url, headers, translation) as url:
        yield url


def _outcome(suite: Suite, server: Server, folder: Path) -> Outcome:
    outcome = Outcome(suite.title, f"{suite.artifact} {suite.version}")
    if suite.as_somebody and not server.account:
        outcome.not_run = "it needs an account: --account NAME:PASSWORD"
        return outcome
    jar = find_jar(suite, folder / "suites")
    if jar is None:
        outcome.not_run = (
            f"{suite.artifact}-*-aio.jar is not in {folder / 'suites'}, and Maven finds none"
        )
        return outcome
    outcome.artifact = jar.stem.removesuffix("-aio")
    print(f"{suite.title} ({outcome.artifact}) …", file=sys.stderr)
    with (
        schema_host(schemas_in(jar), folder / "tls") as (java_options, refused),
        _door(suite, server) as url,
    ):
        try:
            results = run_suite(suite, jar, url, java_options, folder / "results" / suite.run_name)
            outcome.counts = sum(map(read_results, results), Counter())
            outcome.note_never_begun(tests_in(jar))
        except RuntimeError as error:
            outcome.not_run = str(error)
        outcome.unreachable = tuple(refused)
    return outcome


def _tiles(url: str, layer_count: int) -> list[dict[str, str]]:
    """Of each layer that nobody in particular sees, the tile in its middle."""
    collections = get_json(f"{url}/collections", {})["collections"]
    asked = collections if layer_count < 0 else collections[:layer_count]
    return [_tile_in_the_middle(url, each) for each in asked]


def _tile_in_the_middle(url: str, collection: Mapping[str, Any]) -> dict[str, str]:
    west, south, east, north = collection["extent"]["spatial"]["bbox"][0][:4]
    size = 2**_ZOOM
    column = int(((west + east) / 2 + 180) / 360 * size)
    row = int((1 - math.asinh(math.tan(math.radians((south + north) / 2))) / math.pi) / 2 * size)
    return {
        "tilematrixsetdefinitionuri": (
            "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
        ),
        "urltemplatefortiles": (
            f"{url}/collections/{collection['id']}/tiles/WebMercatorQuad"
            "/{tileMatrix}/{tileRow}/{tileCol}?f=mvt"
        ),
        "tilematrix": str(_ZOOM),
        "mintilerow": str(row),
        "maxtilerow": str(row),
        "mintilecol": str(column),
        "maxtilecol": str(column),
    }


def _untested(url: str, all_suites: Sequence[Suite]) -> list[str]:
    """The conformance classes that the server declares and no suite has tests for."""
    tested = {f"{SPEC}{standard}" for suite in all_suites for standard in suite.standards}
    return [name for name in get_json(f"{url}/conformance", {})["conformsTo"] if name not in tested]


if __name__ == "__main__":
    sys.exit(main())
