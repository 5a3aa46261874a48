"""The report for people: the same numbers as the document, in lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NAMES = {
    "nearest-by-air": "直线最近 nearest by air",
    "nearest-by-road": "路程最近 nearest by road",
    "assignment-nobody-turned": "统筹派单, 不改派 assigned, nobody turned",
    "assignment-only": "统筹派单 assignment only",
    "platform": "本平台 platform",
    "platform-again": "本平台再跑一次 platform again",
}
LEVELS = {"scarce": "紧张 scarce", "middle": "适中 middle", "ample": "充裕 ample"}
PARTS = {
    "whom_to_serve_first": "先救谁 whom to serve first",
    "turning_who_is_under_way": "途中改派 turning who is under way",
    "standing_by": "待命 standing by",
}
_WIDTH = 42
_BAD_ROWS_SHOWN = 5


def as_text(document: dict[str, Any]) -> str:
    """All of it but the single trials of the tuning, which the JSON has."""
    lines = [*in_short(document), "", *data_lines(document)]
    lines += ["假设 assumed", *(f"  - {line}" for line in document["assumptions"])]
    for level in document["levels"]:
        lines += ["", *_level(document, level)]
    return "\n".join(lines)


def in_short(document: dict[str, Any]) -> Iterator[str]:
    """One line a level: what a reader takes home."""
    hold_s = document["terms"]["hold_s"]
    for level in document["levels"]:
        found, road = (level["policies"][name] for name in ("platform", "nearest-by-road"))
        difference = level["differences_in_share"][0]
        yield (
            f"{LEVELS[level['supply']]}, {level['units']} units: within {hold_s:.0f} s "
            f"{found['share_in_time']:.1%} under the platform, {road['share_in_time']:.1%} under "
            f"nearest by road; {points(difference)} points: "
            f"{level['verdict']['against']['nearest-by-road']}"
        )


def data_lines(document: dict[str, Any]) -> Iterator[str]:
    """What was read, and what it was divided into."""
    calls, streets, halves = document["calls"], document["streets"], document["halves"]
    yield (
        f"呼叫 calls     {calls['file']}: {calls['calls']:,} calls in {calls['rows']:,} rows, "
        f"{calls['from'][:16]} – {calls['to'][:16]}"
    )
    columns = ", ".join(f"{field} = {name}" for field, name in calls["columns"].items())
    yield f"               columns: {columns}"
    for reason, count in calls["bad_reasons"].items():
        lines = [str(r["line"]) for r in calls["bad_rows_first"] if r["reason"] == reason]
        shown = ", ".join(lines[:_BAD_ROWS_SHOWN])
        yield f"               left out: {count:,} rows, {reason} (lines {shown} …)"
    for note in calls["notes"]:
        yield f"               {note}"
    yield (
        f"道路 streets   {streets['file']}, {streets['mode']}: calls come from "
        f"{streets['places_calls_come_from']:,} places, units wait at {streets['waiting_places']}"
    )
    yield (
        f"参数 tuned on the last {halves['tuned_on_calls']:,} of the {halves['first_calls']:,} "
        f"calls before {halves['split_at'][:10]}"
    )
    yield (
        f"结果 measured on the {halves['second_calls']:,} calls from then on "
        f"({halves['second_blocks']:,} {halves['blocks']})"
    )


def level_line(level: dict[str, Any]) -> str:
    """How many units, and why so many."""
    return (
        f"{LEVELS[level['supply']]}: {level['units']} units ({level['set_by']}); "
        f"{level['expected_calls_under_way_per_unit']:.2f} calls under way for each, "
        f"{level['reached_in_time_from_home']:.0%} of the calls in reach while all are at home"
    )


def points(difference: dict[str, Any]) -> str:
    """A difference of shares with its interval, in points."""
    estimate, low, high = (100 * difference[name] for name in ("estimate", "low", "high"))
    return f"{estimate:+.2f} [{low:+.2f}, {high:+.2f}]"


def verdict_lines(level: dict[str, Any]) -> Iterator[str]:
    """What the platform was set to, whether it won, why not, and what it costs."""
    parts = ", ".join(
        f"{PARTS[name]} {100 * share:+.2f}"
        for name, share in level["verdict"]["where_it_comes_from"].items()
    )
    yield f"来自 made up of, points: {parts}"
    tuned = level["tuned"]
    turning, moving = tuned["reassign_gain_s"], tuned["move_share"]
    yield "调参 tuned: " + "; ".join(
        (
            f"who is under way is turned where that saves {turning:.0f} s or more"
            if turning
            else "nobody under way is turned",
            "units stand by, and one is moved where that brings more than "
            f"{100 * moving:g} points of the expected calls within reach"
            if moving
            else "units go home",
        )
    )
    verdict = level["verdict"]
    against = "; ".join(
        f"{what} than {other}" if what in {"better", "worse"} else f"{what} against {other}"
        for other, what in verdict["against"].items()
    )
    yield f"结论 the platform: {against}"
    for reason in verdict["why_not_better"]:
        yield f"  why: {reason}"
    for cost in verdict["what_it_costs"]:
        yield f"  price: {cost}"


def _level(document: dict[str, Any], level: dict[str, Any]) -> Iterator[str]:
    hold_s = document["terms"]["hold_s"]
    yield level_line(level)
    yield (
        f"  {'':<{_WIDTH}}≤ {hold_s:.0f} s    mean  median     p90     p99 longest"
        "  driven h/unit/day  turned"
    )
    for name, found in level["policies"].items():
        yield f"  {_padded(NAMES[name], _WIDTH)}{_row(found)}"
    yield f"  差 differences in the share in time, points ({level['interval']})"
    for found in level["differences_in_share"]:
        pair = f"{found['of']} - {found['less']}"
        yield f"    {pair:<46}{points(found)}{'  holds 0' if found['holds_zero'] else ''}"
    for line in verdict_lines(level):
        yield f"  {line}"


def _row(found: dict[str, Any]) -> str:
    seconds = ("mean_s", "median_s", "p90_s", "p99_s", "longest_s")
    numbers = " ".join(f"{found[name]:7.0f}" for name in seconds)
    return (
        f"{found['share_in_time']:7.2%} {numbers}  {found['driven_h_per_unit_and_day']:17.2f} "
        f"{found['reassigned']:7,}"
    )


def _padded(text: str, width: int) -> str:
    """With spaces up to a width, hanzi counted as two."""
    taken = sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
    return text + " " * max(width - taken, 1)
