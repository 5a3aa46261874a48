"""What the suites found, as a page of Markdown."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_STATUSES = {"PASS": "passed", "FAIL": "failed", "SKIP": "skipped"}
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Case:
    """One test of a suite and how it ended; a test runs once for each collection."""

    group: str
    name: str
    status: str
    reason: str


@dataclass
class Outcome:
    """A suite's run.

    Attributes:
        not_run: why the suite could not be run; empty where it was.
        never_begun: tests of the suite that its results don't name.
        unreachable: addresses that it asked for and that could not be had.
    """

    title: str
    artifact: str
    counts: Counter[Case] = field(default_factory=Counter)
    not_run: str = ""
    never_begun: Sequence[str] = ()
    unreachable: Sequence[str] = ()

    def total(self, status: str) -> int:
        """How many tests ended so."""
        return sum(count for case, count in self.counts.items() if case.status == status)

    def note_never_begun(self, tests: Iterable[tuple[str, str]]) -> None:
        """Compare the suite's tests, as class and method, with those that ran."""
        begun = {(case.group, case.name) for case in self.counts}
        self.never_begun = [".".join(each) for each in sorted(set(tests) - begun)]


def read_results(results: Path) -> Counter[Case]:
    """The tests in a testng-results.xml, and the preparations that failed."""
    return Counter(
        Case(
            kind.get("name", "").rpartition(".")[2],
            method.get("name", ""),
            _STATUSES.get(method.get("status", ""), "failed"),
            _reason(method),
        )
        for kind in ET.parse(results).getroot().iter("class")
        for method in kind.iter("test-method")
        if not (method.get("is-config") and method.get("status") == "PASS")
    )


def _reason(method: ET.Element) -> str:
    if method.get("status") == "PASS":
        return ""
    return " ".join((method.findtext(".//message") or "").split())[:_LONGEST_REASON]


def markdown(outcomes: Iterable[Outcome], untested: Iterable[str]) -> str:
    """The report: totals, then each suite's tests, then what no suite tests."""
    outcomes = list(outcomes)
    lines = [
        "# OGC test suites / OGC 一致性测试",
        "",
        "| suite | passed | failed | skipped | never begun | |",
        "|---|---|---|---|---|---|",
        *map(_total_line, outcomes),
    ]
    for outcome in outcomes:
        lines += ["", f"## {outcome.title} ({outcome.artifact})", "", *_tests(outcome)]
    lines += ["", "## Declared, and not run: no suite has tests for it / 已声明但无官方测试", ""]
    lines += [f"- {each}" for each in untested]
    return "\n".join(lines) + "\n"


def _total_line(outcome: Outcome) -> str:
    if outcome.not_run:
        return f"| {outcome.title} | | | | | **not run**: {outcome.not_run} |"
    totals = " | ".join(str(outcome.total(status)) for status in _STATUSES.values())
    return f"| {outcome.title} | {totals} | {len(outcome.never_begun)} | |"


def _tests(outcome: Outcome) -> list[str]:
    if outcome.not_run:
        return [f"Not run: {outcome.not_run}"]
    rows = sorted(
        outcome.counts.items(), key=lambda each: (each[0].group, each[0].name, each[0].status)
    )
    table = ["| test | result | times | reason |", "|---|---|---|---|"] + [
        f"| {case.group}.{case.name} | {_shown(case.status)} | {count} | {_cell(case.reason)} |"
        for case, count in rows
    ]
    table += [f"| {each} | **not run** | 0 | it found no case |" for each in outcome.never_begun]
    if outcome.unreachable:
        table += ["", "Asked for and not reachable: " + ", ".join(outcome.unreachable)]
    return table


def _shown(status: str) -> str:
    return f"**{status}**" if status == "failed" else status


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
