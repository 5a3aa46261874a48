"""The demo town that an installation has already. Knows nothing of how one is made."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from layers.demo.plan import Plan
from spatial.errors import ConflictError
from spatial.town import Town, find_town

_REMEDY = "give another folder with --data DIR, or delete this one to make the town anew"


@dataclass(frozen=True)
class Started:
    """The installation's demo town, and whether it was there before."""

    town: Town
    kept: bool


def kept_town(connection: psycopg.Connection, plan: Plan, *, must_match: bool) -> Town | None:
    """The demo town that is there, or None while there is no town.

    Args:
        connection: to a migrated database.
        plan: what was asked for.
        must_match: refuse to keep a town of another seed or day.

    Raises:
        ConflictError: a real town lives here, or one of another seed or day.
    """
    there = find_town(connection)
    if there is not None:
        _refuse_other_town(connection, there, plan, must_match=must_match)
    return there


def _refuse_other_town(
    connection: psycopg.Connection, there: Town, plan: Plan, *, must_match: bool
) -> None:
    if not there.synthetic:
        raise ConflictError(
            f"a real town, {there.name}, lives in this data folder; demo and real data can't mix"
            " / 此处已是真实镇街",
            remedy="give another folder with --data DIR",
        )
    seed = connection.execute("SELECT seed FROM spatial.town WHERE id = %s", (there.id,)).fetchone()
    same = seed == (plan.seed,) and there.as_of == plan.moment
    if must_match and not same:
        raise ConflictError(
            f"a demo town of seed {seed[0] if seed else None} and {there.now():%Y-%m-%d} is here"
            " already and is kept / 已有另一个演示镇街",
            remedy=_REMEDY,
        )
