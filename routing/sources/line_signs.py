"""Signals, crossings and forbidden turns as columns of a table of lines, out and in again."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from routing.sources.waiting import NOWHERE, Waiting
from routing.streets import Streets, Turn

COLUMN = "no_turns"
_KIND = "no_turn"


def turns_as_text(streets: Streets) -> list[str]:
    """For each street, the forbidden turns that begin on it: `-12 5 -7:6;…`, steps and modes."""
    texts: dict[int, list[str]] = {}
    for turn in streets.turns:
        steps = " ".join(str(step) for step in turn.steps)
        texts.setdefault(abs(turn.steps[0]), []).append(f"{steps}:{turn.modes}")
    return [";".join(texts.get(street, ())) for street in streets.streets["id"].tolist()]


def turns_of_table(table: pd.DataFrame) -> tuple[Turn, ...]:
    """The turns of a table with `id` and `no_turns`, its rows being streets 1, 2, 3, …

    A turn over a street that isn't in the table, or that can't be read, is no turn.
    """
    if COLUMN not in table or "id" not in table or not table["id"].is_unique:
        return ()
    number = {int(street): n for n, street in enumerate(table["id"], start=1)}
    texts = ";".join(text for text in table[COLUMN] if isinstance(text, str))
    found = [_turn(text, number) for text in texts.split(";")]
    return tuple(turn for turn in found if turn is not None)


def _turn(text: str, number: dict[int, int]) -> Turn | None:
    steps, _, modes = text.partition(":")
    try:
        walked = [int(step) for step in steps.split()]
        renumbered = [number[abs(step)] * (1 if step > 0 else -1) for step in walked]
        return Turn(tuple(renumbered), int(modes), _KIND) if len(walked) > 1 else None
    except (ValueError, KeyError):
        return None


def waiting_of_table(table: pd.DataFrame) -> Sequence[Waiting] | None:
    """What is met on each street, where the table says so."""
    if not set(Waiting._fields) <= set(table.columns):
        return None
    columns = [pd.to_numeric(table[name], errors="coerce") for name in Waiting._fields]
    counts = zip(*(column.fillna(0).clip(0, 255).astype(int) for column in columns), strict=True)
    return [Waiting(*each) if any(each) else NOWHERE for each in counts]
