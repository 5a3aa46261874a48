"""What is kept of positions, and for how long; and the tracks that are drawn of them."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from typing import Any

import psycopg

from layers.dispatch.settings import read_settings
from spatial.town import Town

DRAWN = timedelta(hours=2)
_TRACKS = (files(__name__.rpartition(".")[0]) / "tracks.sql").read_text(encoding="utf-8").encode()
_FORGET = """
DELETE FROM layers.position WHERE town_id = %s AND at < now() - make_interval(days => %s)
"""


def forget_old_positions(connection: psycopg.Connection[Any], town: Town) -> int:
    """Delete positions older than the town keeps them; how many."""
    kept_days = read_settings(connection, town.id).positions_kept_days
    return connection.execute(_FORGET, (town.id, kept_days)).rowcount


def draw_tracks(connection: psycopg.Connection[Any], town: Town) -> int:
    """Draw the ways of the last hours; how many were drawn."""
    return connection.execute(_TRACKS, {"town_id": town.id, "drawn": DRAWN}).rowcount
