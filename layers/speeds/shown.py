"""What was learned of speeds, with its evidence; and whether it counts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import psycopg

from routing.modes import Mode
from routing.stored.speed_store import read_setting
from spatial.errors import AccessError, InputError
from spatial.town import Town

Connection = psycopg.Connection[Any]
MOST_STREETS = 1000

_SHOWN = "SELECT routing.learned_speeds(%s)"
_SWITCH = "SELECT routing.switch_learned_speeds(%s)"


def learned_speeds(connection: Connection, limit: int = 200) -> dict[str, Any]:
    """{"uses_learned", "samples", "hours", "streets"}: those that differ most from what is stated.

    Args:
        connection: in a transaction as somebody of the staff, or of the owner in a town.
        limit: so many streets.

    Raises:
        InputError: the limit is too high.
        AccessError: who asks is not of the staff.
    """
    if not 0 < limit <= MOST_STREETS:
        raise InputError(f"limit is 1 to {MOST_STREETS} / 数量超出范围")
    found: dict[str, Any] = _call(connection, _SHOWN, limit)
    for part in ("hours", "streets"):
        for each in found[part]:
            each["mode"] = Mode(each["mode"]).label
    return found


def switch_learned_speeds(connection: Connection, *, on: bool) -> None:
    """Let what was learned count, or not, from the next answer on.

    Raises:
        AccessError: it isn't the administrator who asks.
    """
    _call(connection, _SWITCH, on)


def setting_of(connection: Connection, town: Town) -> dict[str, Any]:
    """How the town deals with what its tracks teach, for the owner."""
    return asdict(read_setting(connection, town.id))


def _call(connection: Connection, query: str, value: Any) -> Any:
    try:
        row = connection.execute(query.encode(), (value,)).fetchone()
    except psycopg.errors.InsufficientPrivilege as error:
        raise AccessError(error.diag.message_primary or "refused") from error
    return row[0] if row else None
