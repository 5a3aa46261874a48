"""The rules of the town as they are stored; who may settle them says the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from grids.bands import DEFAULT_BANDS, Band
from grids.town_rules import BAND_LEVELS, TownRules
from layers.boundaries.coverage import Connection
from spatial.town import Town

# One answer, since every step of a draft asks.
_RULES = """
SELECT (SELECT jsonb_agg(jsonb_build_array(level, least, most))
        FROM grids.band WHERE town_id = %(town_id)s),
       (SELECT jsonb_build_array(min_area_m2, min_width_m, code_scheme)
        FROM grids.town_rules WHERE town_id = %(town_id)s)
"""
_BANDS = "SELECT level, least, most FROM grids.band WHERE town_id = %s"
_SET_RULES = """
INSERT INTO grids.town_rules (town_id, min_area_m2, min_width_m, code_scheme)
VALUES (%s, %s, %s, %s)
ON CONFLICT (town_id) DO UPDATE
SET min_area_m2 = excluded.min_area_m2, min_width_m = excluded.min_width_m,
    code_scheme = excluded.code_scheme
"""
_SET_BAND = """
INSERT INTO grids.band (town_id, level, least, most) VALUES (%s, %s, %s, %s)
ON CONFLICT (town_id, level) DO UPDATE SET least = excluded.least, most = excluded.most
"""
_EVENTS = """
SELECT id, at, by_account, before, after FROM grids.rule_event
WHERE town_id = %(town_id)s AND id < coalesce(%(before)s, 9223372036854775807)
ORDER BY id DESC LIMIT %(most)s
"""


class RuleEvent(NamedTuple):
    """One change of the rules.

    Attributes:
        by_account: None for the installation's operator, at the machine.
        before, after: the row of rules or of a band; None for the defaults.
    """

    id: int
    at: datetime
    by_account: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def read_rules(connection: Connection, town: Town) -> TownRules:
    """The town's rules; the defaults where it has settled nothing.

    Args:
        connection: the owner's, or in a transaction as somebody who drafts.
    """
    row = connection.execute(_RULES, {"town_id": town.id}).fetchone()
    bands, measures = row or (None, None)
    settled = {level: Band(least, most) for level, least, most in bands or ()}
    return TownRules({**DEFAULT_BANDS, **settled}, *(measures or ()))


def read_bands(connection: Connection, town: Town) -> dict[int, Band]:
    """How many households a unit of each level should have, for whoever reads the coverage."""
    rows = connection.execute(_BANDS, (town.id,)).fetchall()
    return {**DEFAULT_BANDS, **{level: Band(least, most) for level, least, most in rows}}


def store_rules(connection: Connection, town: Town, rules: TownRules) -> None:
    """Put rules in the place of the town's; the database notes what changes, and who did it.

    Raises:
        psycopg.errors.InsufficientPrivilege: only the owner and the administrator may.
    """
    before = read_rules(connection, town)
    for level in BAND_LEVELS:
        if before.bands.get(level) != rules.bands.get(level):
            _store_band(connection, town, level, rules.bands.get(level))
    if _measures(before) != _measures(rules):
        connection.execute(_SET_RULES, (town.id, *_measures(rules)))


def _store_band(connection: Connection, town: Town, level: int, band: Band | None) -> None:
    """A band; without one the level has the default again."""
    if band is not None:
        connection.execute(_SET_BAND, (town.id, level, band.least, band.most))
        return
    connection.execute("DELETE FROM grids.band WHERE town_id = %s AND level = %s", (town.id, level))


def _measures(rules: TownRules) -> tuple[float, float, str]:
    return rules.min_area_m2, rules.min_width_m, rules.code_scheme


def read_events(
    connection: Connection, town: Town, most: int = 50, before: int | None = None
) -> list[RuleEvent]:
    """What was changed of the rules, the latest first.

    Args:
        before: only what came before the change of this id.
    """
    asked = {"town_id": town.id, "most": most, "before": before}
    return [RuleEvent(*row) for row in connection.execute(_EVENTS, asked).fetchall()]
