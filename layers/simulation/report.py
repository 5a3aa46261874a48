"""What a simulation found, as a document: every number with what it was measured on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from layers.simulation.calls_file import CallTable
from layers.simulation.plan import Setting, Terms
from layers.simulation.study import (
    AGAIN,
    AIR,
    ASSIGNED,
    PLATFORM,
    ROAD,
    UNTURNED,
    LevelResult,
    share_in_time,
)
from layers.simulation.verdict import verdict_of
from routing.simulation.comparing import CONFIDENCE, Difference
from routing.simulation.world import Calls, Record

_SHOWN = (AIR, ROAD, UNTURNED, ASSIGNED, PLATFORM)
_BAD_ROWS_TOLD = 1_000


def as_document(
    names: dict[str, str], table: CallTable, setting: Setting, terms: Terms,
    levels: list[LevelResult],
) -> dict[str, Any]:  # fmt: skip
    """The whole report for machines.

    Args:
        names: of the files of streets and calls.
        table: what was read.
        setting: what was made of it.
        terms: what held for all policies.
        levels: what came out.
    """
    return {
        "streets": {
            "file": names["streets"],
            "mode": terms.mode.label,
            "places_calls_come_from": len(setting.world.places.street),
            "waiting_places": len(setting.world.coverage.site),
            "places_dropped_no_way": setting.dropped_places,
        },
        "calls": _calls_document(names["calls"], table),
        "assumptions": _assumptions(terms, placed=table.xy is not None),
        "terms": {**asdict(terms), "mode": terms.mode.label},
        "halves": {
            "split_at": str(setting.split_at),
            "first_calls": len(setting.first),
            "tuned_on_calls": min(len(setting.first), terms.tune_calls),
            "second_calls": len(setting.second),
            "second_blocks": len(np.unique(setting.block)),
            "blocks": setting.block_name,
        },
        "levels": [_level(setting, terms, level) for level in levels],
    }


def _calls_document(name: str, table: CallTable) -> dict[str, Any]:
    return {
        "file": name,
        "rows": table.rows,
        "calls": len(table.at_s),
        "from": str(table.local[0]),
        "to": str(table.local[-1]),
        "columns": table.columns,
        "with_place": 0 if table.xy is None else len(table.xy),
        "bad_rows": len(table.bad_rows),
        "bad_reasons": table.reasons(),
        "bad_rows_first": [
            {"line": line, "reason": reason} for line, reason in table.bad_rows[:_BAD_ROWS_TOLD]
        ],
        "notes": table.notes,
    }


def _assumptions(terms: Terms, *, placed: bool) -> list[str]:
    density = (
        "the places are not the calls' own: they are drawn by the calls' density (counts in 48 x "
        "48 cells, smoothed by one cell), laid over the extent of these streets"
        if placed
        else "the places are drawn by length of street, because the calls have none"
    )
    return [
        "call times are real; " + density,
        (
            f"time on scene is drawn: log-normal, mean {terms.service_mean_s:.0f} s, standard "
            f"deviation {terms.service_mean_s * terms.service_cv:.0f} s; the same draw for a call "
            "under every policy"
        ),
        (
            f"who stands takes {terms.turnout_s:.0f} s until he rolls; who gets an order, or "
            f"another one, on the way stops for {terms.turn_s:.0f} s; orders are accepted at "
            "once, and a dispatcher takes each suggestion"
        ),
        (
            "travel times are those of free streets, turns and signals counted; the hour doesn't "
            "slow anybody"
        ),
        (
            "homes are chosen by expected coverage (MEXCLP, greedy) on the first half, for all "
            "policies alike"
        ),
        (
            "the two nearest-policies serve the longest waiting call first; the platform serves as "
            "many as it can in time, and a call that waits 15 minutes counts more and more: where "
            "calls queue, that order is part of the difference"
        ),
        (
            "standby counts who drives to a waiting place as being there; the places are those of "
            "the calls of the first half, and the hour doesn't matter"
        ),
        "one unit serves a call; a call without a free unit waits; every call is served",
    ]


def _level(setting: Setting, terms: Terms, level: LevelResult) -> dict[str, Any]:
    supply, calls = level.supply, setting.second
    policies = {
        name: _measures(calls, level.records[name], terms.hold_s, supply.n_units) for name in _SHOWN
    }
    return {
        "supply": supply.name,
        "units": supply.n_units,
        "expected_calls_under_way_per_unit": supply.load,
        "reached_in_time_from_home": supply.reach,
        "set_by": supply.set_by,
        "policies": policies,
        "tuned": asdict(level.settings),
        "tuning": [asdict(trial) for trial in level.trials],
        "differences_in_share": _differences(level.in_time),
        "differences_in_response_s": _differences(level.response),
        "interval": f"{CONFIDENCE:.0%}, paired bootstrap over {setting.block_name}",
        "itself_holds_zero": level.in_time[PLATFORM, AGAIN].holds_zero,
        "verdict": verdict_of(setting, level),
    }


def _differences(found: dict[tuple[str, str], Difference]) -> list[dict[str, Any]]:
    return [
        {"of": one, "less": other, **asdict(difference), "holds_zero": difference.holds_zero}
        for (one, other), difference in found.items()
    ]


def _measures(calls: Calls, record: Record, hold_s: float, n_units: int) -> dict[str, Any]:
    response_s = record.response_s(calls)
    days = max(float(calls.at_s[-1] - calls.at_s[0]) / 86_400, 1 / 24)
    median, p90, p99 = np.percentile(response_s, [50, 90, 99])
    return {
        "share_in_time": float((response_s <= hold_s).mean()),
        "weighted_share_in_time": share_in_time(calls, record, hold_s),
        "mean_s": float(response_s.mean()),
        "median_s": float(median),
        "p90_s": float(p90),
        "p99_s": float(p99),
        "longest_s": float(response_s.max()),
        "driven_h_per_unit_and_day": float(record.driven_s.sum() / 3600 / n_units / days),
        "reassigned": record.reassigned,
        "most_handed_on": record.most_handed_on,
        "moves": record.moves,
    }
