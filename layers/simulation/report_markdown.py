"""The report as Markdown, for a page or a letter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from layers.simulation.report_text import (
    NAMES,
    data_lines,
    in_short,
    level_line,
    points,
    verdict_lines,
)


def as_markdown(document: dict[str, Any]) -> str:
    """The same as the text, with tables."""
    lines = [f"# {document['calls']['file']} on {document['streets']['file']}", ""]
    lines += [f"- {line}" for line in in_short(document)]
    lines += ["", "## What was read", "", *(f"- {line.strip()}" for line in data_lines(document))]
    lines += ["", "## What is assumed", "", *(f"- {line}" for line in document["assumptions"])]
    for level in document["levels"]:
        lines += ["", *_level(document, level)]
    return "\n".join(lines) + "\n"


def _level(document: dict[str, Any], level: dict[str, Any]) -> Iterator[str]:
    yield f"## {level_line(level)}"
    yield ""
    yield (
        f"| | ≤ {document['terms']['hold_s']:.0f} s | mean | median | p90 | p99 | longest "
        "| driven h/unit/day | turned |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, found in level["policies"].items():
        seconds = ("mean_s", "median_s", "p90_s", "p99_s", "longest_s")
        numbers = " | ".join(f"{found[each]:.0f}" for each in seconds)
        yield (
            f"| {NAMES[name]} | {found['share_in_time']:.2%} | {numbers} "
            f"| {found['driven_h_per_unit_and_day']:.2f} | {found['reassigned']:,} |"
        )
    yield ""
    yield f"| difference in the share in time | points ({level['interval']}) |"
    yield "|---|---|"
    for found in level["differences_in_share"]:
        zero = ", holds 0" if found["holds_zero"] else ""
        yield f"| {found['of']} − {found['less']} | {points(found)}{zero} |"
    yield ""
    for line in verdict_lines(level):
        yield f"- {line.strip()}"
