"""The official suites: their names, what they are told, and how one is run."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

TIME_OUT_S = 3600
# A run is too short for Java's best compiler to earn what it costs: without it, half the time.
_SHORT_RUN = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")


@dataclass(frozen=True)
class Suite:
    """One executable test suite.

    Attributes:
        version: the release that this was tried with.
        standards: beginnings of the conformance classes that the suite has tests for.
        runs: what each run is told besides the address of the server.
        as_somebody: whether its requests come from an account.
        draft_times: whether it words times as a draft of its standard did.
    """

    artifact: str
    version: str
    title: str
    standards: tuple[str, ...]
    runs: Sequence[Mapping[str, str]]
    as_somebody: bool = False
    draft_times: bool = False

    @property
    def run_name(self) -> str:
        """What this run is called among the results."""
        return f"{self.artifact}-signed-in" if self.as_somebody else self.artifact


SPEC = "http://www.opengis.net/spec/"


def suites(layer_count: int, tiles: Sequence[Mapping[str, str]]) -> list[Suite]:
    """The three suites; Features twice, since an account sees more layers than nobody does.

    Args:
        layer_count: how many collections Features looks at; -1 for all.
        tiles: of each layer, an address of tiles and the range where they have content.
    """
    features = Suite(
        "ets-ogcapi-features10",
        "1.9",
        "OGC API - Features, parts 1 and 2",
        (
            "ogcapi-features-1/1.0/conf/core",
            "ogcapi-features-1/1.0/conf/oas30",
            "ogcapi-features-1/1.0/conf/geojson",
            "ogcapi-features-2/1.0/conf/crs",
        ),
        [{"noofcollections": str(layer_count)}],
        draft_times=True,
    )
    return [
        features,
        replace(features, title=f"{features.title}, signed in", as_somebody=True),
        Suite(
            "ets-ogcapi-tiles10",
            "1.2",
            "OGC API - Tiles, part 1",
            (
                "ogcapi-tiles-1/1.0/conf/core",
                "ogcapi-tiles-1/1.0/conf/oas30",
                "ogcapi-tiles-1/1.0/conf/tilesets-list",
                "ogcapi-tiles-1/1.0/conf/dataset-tilesets",
                "ogcapi-tiles-1/1.0/conf/geodata-tilesets",
            ),
            tiles,
        ),
        Suite(
            "ets-ogcapi-processes10",
            "1.3",
            "OGC API - Processes, part 1",
            (
                "ogcapi-processes-1/1.0/conf/core",
                "ogcapi-processes-1/1.0/conf/ogc-process-description",
                "ogcapi-processes-1/1.0/conf/json",
                "ogcapi-processes-1/1.0/conf/job-list",
            ),
            [{"echoprocessid": "echo"}],
            # A list of jobs shows a client its own, and nobody has none.
            as_somebody=True,
        ),
    ]


def find_jar(suite: Suite, folder: Path) -> Path | None:
    """The suite with all that it needs in one jar: from `folder`, or from where Maven finds it."""
    found = sorted(folder.glob(f"{suite.artifact}-*-aio.jar"))
    if not found:
        _ask_maven(suite, folder)
        found = sorted(folder.glob(f"{suite.artifact}-*-aio.jar"))
    return found[-1] if found else None


def _ask_maven(suite: Suite, folder: Path) -> None:
    coordinates = f"org.opengis.cite:{suite.artifact}:{suite.version}:jar:aio"
    command = [
        "mvn", "--quiet", "--batch-mode", "dependency:copy",
        f"-Dartifact={coordinates}", f"-DoutputDirectory={folder}",
    ]  # fmt: skip
    try:
        subprocess.run(command, capture_output=True, check=False, timeout=TIME_OUT_S)
    except FileNotFoundError:
        return


def run_suite(
    suite: Suite, jar: Path, server_url: str, java_options: Sequence[str], folder: Path
) -> list[Path]:
    """Run a suite; the testng-results.xml of each of its runs.

    Raises:
        RuntimeError: a run ended without results, or didn't end.
    """
    shutil.rmtree(folder, ignore_errors=True)  # an earlier run's results are not this one's
    return [
        _run(jar, {"iut": server_url, **arguments}, java_options, folder / str(number))
        for number, arguments in enumerate(suite.runs, start=1)
    ]


def _run(
    jar: Path, arguments: Mapping[str, str], java_options: Sequence[str], folder: Path
) -> Path:
    folder.mkdir(parents=True)
    told = folder / "arguments.xml"
    told.write_text(_properties(arguments), encoding="utf-8")
    command = ["java", *_SHORT_RUN, *java_options, "-jar", str(jar), "-o", str(folder), str(told)]
    with (folder / "output.log").open("w", encoding="utf-8") as log:
        try:
            subprocess.run(command, stdout=log, stderr=log, check=False, timeout=TIME_OUT_S)
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"it was stopped after {TIME_OUT_S} s") from error
    results = next(folder.glob("testng/*/testng-results.xml"), None)
    if results is None:
        raise RuntimeError(f"it ended without results; see {folder / 'output.log'}")
    return results


def _properties(values: Mapping[str, str]) -> str:
    """Java's XML properties, without the DOCTYPE: its DTD lies on a host of its own."""
    entries = "".join(
        f"<entry key={quoteattr(name)}>{escape(value)}</entry>" for name, value in values.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><properties version="1.0">{entries}</properties>'
