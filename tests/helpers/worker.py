"""What the worker does, without one."""

from __future__ import annotations

import psycopg

from layers.boundaries.effect.effect import redraw_what_is_due
from spatial.town import read_town


def make_effective(conninfo: str) -> int:
    """Make effective what is approved and due; how many drafts that were."""
    with psycopg.connect(conninfo) as connection:
        return redraw_what_is_due(connection, read_town(connection))
