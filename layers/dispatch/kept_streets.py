"""Former streets and speeds: kept as long as decisions that were made by them are replayed."""

from __future__ import annotations

from typing import Any

import psycopg

from layers.dispatch.settings import read_settings
from routing.stored.graph_store import forget_graphs
from routing.stored.speed_store import forget_speeds

_NAMED = """
SELECT DISTINCT graph_version, speed_revision FROM layers.decision
WHERE town_id = %s AND made_at > clock_timestamp() - make_interval(days => %s)
"""


def forget_streets(connection: psycopg.Connection[Any], town_id: int) -> None:
    """Delete former streets and speeds that no decision of the days set for that names."""
    days = read_settings(connection, town_id).streets_kept_days
    named = connection.execute(_NAMED, (town_id, days)).fetchall()
    forget_graphs(connection, town_id, {version for version, _ in named if version})
    forget_speeds(connection, town_id, {revision for _, revision in named if revision})
