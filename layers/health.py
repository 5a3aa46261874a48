"""Whether the town behind a connection is whole: migrated, published, with valid coverages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from layers.entries import CATALOGUE
from layers.migrations.revision import newest_revision, stored_revision
from layers.published import view_names
from spatial.checks import Check, State, check_disk, is_sound
from spatial.town import find_town

# What a person asks of the whole; rental rooms and households are in no layer.
_UNITS_NOW = """
SELECT count(*) FROM grids.version
JOIN grids.unit ON unit.id = version.unit_id
JOIN spatial.town ON town.id = version.town_id
WHERE version.valid @> coalesce(town.as_of, now()) AND unit.level = {level}
"""
_COUNTS = {
    "villages": _UNITS_NOW.format(level=2),
    "grids": _UNITS_NOW.format(level=3),
    "micro-grids": _UNITS_NOW.format(level=4),
    "buildings": "SELECT count(*) FROM layers.building",
    "households": "SELECT coalesce(sum(households), 0) FROM layers.building",
    "rental rooms": "SELECT count(*) FROM layers.rental_room",
    "premises": "SELECT count(*) FROM layers.premises",
    "sensors": "SELECT count(*) FROM layers.sensor",
    "responders": "SELECT count(*) FROM layers.responder",
    "incidents": "SELECT count(*) FROM layers.incident",
    "orders": "SELECT count(*) FROM layers.response_order",
}


def check_migrations(connection: psycopg.Connection) -> Check:
    """Whether the tables are those of this version."""
    newest = newest_revision()
    found = stored_revision(connection) or "none"
    good = found == newest
    return Check(
        "migrations", "数据表版本", "tables",
        State.OK if good else State.FAILED,
        found if good else f"{found}, this version wants {newest}",
        None if good else "./gridwhistle serve (migrates at its start)",
    )  # fmt: skip


def check_published(connection: psycopg.Connection) -> Check:
    """Whether every role has the view of every layer that it may see."""
    rows = connection.execute("SELECT schemaname || '.' || viewname FROM pg_views").fetchall()
    missing = sorted(view_names() - {name for (name,) in rows})
    return Check(
        "published", "发布图层", "published layers",
        State.FAILED if missing else State.OK,
        f"missing: {', '.join(missing)}" if missing else f"{len(CATALOGUE.entries)} layers",
        "./gridwhistle serve (publishes at its start)" if missing else None,
    )  # fmt: skip


def check_town(connection: psycopg.Connection) -> Check:
    """Which town stands here."""
    town = find_town(connection)
    if town is None:
        return Check(
            "town", "镇街", "town", State.WARNING, "none yet / 还没有镇街",
            "./gridwhistle demo, or ./gridwhistle init --help",
        )  # fmt: skip
    kind = "synthetic / 合成数据" if town.synthetic else "real"
    return Check(
        "town", "镇街", "town", State.OK,
        f"{town.name} ({town.name_en}), {kind}, {town.time_zone}, EPSG:{town.metric_srid}, "
        f"now {town.now().isoformat(timespec='minutes')}",
    )  # fmt: skip


def check_events(connection: psycopg.Connection) -> Check:
    """Whether what was done to incidents is noted as it was done: every chain of hashes holds."""
    broken = connection.execute(
        "SELECT incident_id, seq FROM spatial.town, layers.broken_chains(town.id) LIMIT 10"
    ).fetchall()
    named = ", ".join(f"{incident} from {seq} on" for incident, seq in broken)
    return Check(
        "events", "事件记录链", "chains of events",
        State.FAILED if broken else State.OK,
        f"tampered with: incidents {named}" if broken else "whole",
        "./gridwhistle restore --help: a backup has them as they were" if broken else None,
    )  # fmt: skip


def count_town(connection: psycopg.Connection) -> dict[str, int]:
    """How many there are of everything, personal layers included; numbers only."""
    counts = {}
    for name, query in _COUNTS.items():
        row = connection.execute(query.encode()).fetchone()
        counts[name] = int(row[0]) if row else 0
    return counts


def health_report(connection: psycopg.Connection, data_folder: Path) -> dict[str, Any]:
    """What `/health` says: the quick checks; `status` is "ok" or "failed".

    Names no folder, address or account, since anybody may ask.
    """
    checks = [
        check_migrations(connection),
        check_published(connection),
        check_town(connection),
        check_disk(data_folder),
    ]
    return {
        "status": "ok" if is_sound(checks) else "failed",
        "checks": [as_dict(check) for check in checks],
    }


def as_dict(check: Check) -> dict[str, Any]:
    """For JSON."""
    return {
        "id": check.id,
        "name": check.name_zh,
        "name_en": check.name_en,
        "state": check.state.value,
        "detail": check.detail,
        "remedy": check.remedy,
    }
