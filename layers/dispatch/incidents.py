"""Incidents as those who dispatch read them, and what they do with them by hand."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from layers.dispatch.refusals import refusals_told
from spatial.errors import InputError, NotFoundError
from spatial.numerals import row_id

type Json = dict[str, Any]
Connection = psycopg.Connection[Any]

# What an action may say; which of it an action needs is in layers.incident_step.
_DETAILS = frozenset({"category", "department", "severity", "reason", "into"})


def read_incident(connection: Connection, incident_id: int, *, with_reports: bool) -> Json:
    """An incident with its orders, its events and what may be done next.

    Args:
        with_reports: and what was reported, which is personal and for those who dispatch.

    Raises:
        NotFoundError: there is none that the asker may see.
    """
    with refusals_told():
        row = connection.execute("SELECT layers.incident_document(%s)", (incident_id,)).fetchone()
        if row is None or row[0] is None:
            raise NotFoundError(f"there is no incident {incident_id} / 没有这个事件")
        document: Json = row[0]
        if with_reports:
            reports = connection.execute("SELECT layers.reports_of(%s)", (incident_id,)).fetchone()
            document["reports"] = reports[0] if reports else []
    return document


def list_incidents(connection: Connection, *, only_open: bool, most: int) -> list[Json]:
    """The incidents that the asker may see, those reported last first."""
    with refusals_told():
        rows = connection.execute("SELECT layers.listed_incidents(%s, %s)", (only_open, most))
        return [row[0] for row in rows]


def act_on_incident(
    connection: Connection, incident_id: int, action: str, revision: int, details: Json
) -> Json:
    """Move an incident by one step, by hand.

    Args:
        revision: at which it was seen.
        details: what the action says: category, department, severity, reason, into.

    Raises:
        NotFoundError: no such incident of the asker's.
        StaleError: it has changed since.
        ConflictError: no step leads there from its state.
        InputError: something is missing or unknown.
    """
    values = (incident_id, action, revision, Jsonb(_checked(details)))
    with refusals_told():
        row = connection.execute("SELECT layers.act_on_incident(%s, %s, %s, %s)", values).fetchone()
    assert row is not None  # a function's one row
    found: Json = row[0]
    return found


def _checked(details: Json) -> Json:
    unknown = ", ".join(sorted(details.keys() - _DETAILS))
    if unknown:
        raise InputError(f"unknown parameters: {unknown[:100]} / 未知参数")
    said = {name: value for name, value in details.items() if value is not None}
    for name in said.keys() & {"into", "severity"}:
        number = row_id(str(said[name]))
        if isinstance(said[name], bool) or number is None:
            raise InputError(f"{name} has to be a whole number / {name} 应为整数")
        said[name] = number
    for name in said.keys() - {"into", "severity"}:
        if not isinstance(said[name], str) or not 0 < len(said[name].strip()) <= 1000:
            raise InputError(f"{name} has to be a text / {name} 应为文本")
        if "\0" in said[name]:
            raise InputError(f"{name} has to be a text / {name} 应为文本")
    return said
