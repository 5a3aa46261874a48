"""The report for people: the same numbers as the document, in lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_NAMES = {
    "nearest-by-air": "直线最近 nearest by air",
    "nearest-by-road": "路程最近 nearest by road",
    "assignment-only": "仅统筹派单 assignment only",
    "platform": "本平台 platform",
    "platform-again": "本平台再跑一次 platform again",
}
_LEVELS = {"scarce": "紧张 scarce", "middle": "适中 middle", "ample": "充裕 ample"}
_BAD_ROWS_SHOWN = 5


def as_text(document: dict[str, Any]) -> str:
    """All of it but the single trials of the tuning, which the JSON has."""
    return "\n".join([*_data(document), *_assumed(document), *_levels(document)])


def _data(document: dict[str, Any]) -> Iterator[str]:
    calls, streets, halves = document["calls"], document["streets"], document["halves"]
    yield f"呼叫 calls     {calls['file']}: {calls['calls']:,}, {calls['from']} – {calls['to']}"
    columns = ", ".join(f"{field} = {name}" for field, name in calls["columns"].items())
    yield f"               columns: {columns}"
    yield f"               bad rows: {calls['bad_rows']:,}"
    for row in calls["bad_rows_first"][:_BAD_ROWS_SHOWN]:
        yield f"                 line {row['line']}: {row['reason']}"
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
        f"({halves['second_days']:,} days)"
    )


def _assumed(document: dict[str, Any]) -> Iterator[str]:
    yield "假设 assumed"
    for line in document["assumptions"]:
        yield f"  - {line}"


def _levels(document: dict[str, Any]) -> Iterator[str]:
    hold_s = document["terms"]["hold_s"]
    for level in document["levels"]:
        yield ""
        yield (
            f"{_LEVELS[level['supply']]}: {level['units']} units, "
            f"{level['expected_calls_under_way_per_unit']:.2f} calls under way for each"
        )
        yield (
            f"  {'':<28}≤ {hold_s:.0f} s    mean  median     p90     p99 longest  driven h/unit/day"
        )
        for name, found in level["policies"].items():
            yield f"  {_padded(_NAMES[name], 28)}{_row(found)}"
        yield from _compared(level)


def _row(found: dict[str, Any]) -> str:
    seconds = ("mean_s", "median_s", "p90_s", "p99_s", "longest_s")
    numbers = " ".join(f"{found[name]:7.0f}" for name in seconds)
    return f"{found['share_in_time']:7.2%} {numbers}  {found['driven_h_per_unit_and_day']:8.2f}"


def _compared(level: dict[str, Any]) -> Iterator[str]:
    yield f"  差 differences in the share in time, points ({level['interval']})"
    for found in level["differences_in_share"]:
        pair = f"{found['of']} - {found['less']}"
        low, high = 100 * found["low"], 100 * found["high"]
        zero = "  holds 0" if found["holds_zero"] else ""
        yield f"    {pair:<36}{100 * found['estimate']:+7.2f}  [{low:+.2f}, {high:+.2f}]{zero}"
    tuned = ", ".join(f"{name} {value}" for name, value in level["tuned"].items())
    yield f"  调参 tuned: {tuned}"
    verdict = level["verdict"]
    against = "; ".join(f"{what} than {other}" if what in {"better", "worse"} else
                        f"{what} against {other}"
                        for other, what in verdict["against"].items())  # fmt: skip
    yield f"  结论 the platform: {against}"
    for reason in verdict["why_not_better"]:
        yield f"    why: {reason}"
    for cost in verdict["what_it_costs"]:
        yield f"    price: {cost}"


def _padded(text: str, width: int) -> str:
    """With spaces up to a width, hanzi counted as two."""
    taken = sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)
    return text + " " * max(width - taken, 1)
