"""What the worker does by itself, again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from layers.boundaries.effect.effect import redraw_what_is_due
from layers.changes.log import forget_old_changes, note_passing_time
from layers.dispatch.forgetting import forget_places_in_decisions
from layers.dispatch.kept_streets import forget_streets
from layers.hotspots import move_published_hotspots_on
from layers.jobs.lifecycle import sweep_expired
from layers.positions.keeping import draw_tracks, forget_old_positions
from layers.speeds.learning import learn_speeds
from spatial.town import Town

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Periodic:
    """One thing to do.

    Attributes:
        cron: when, in UTC: minute, hour, day, month, weekday. What has to happen at the town's
            midnight looks every quarter of an hour whether it is due, since midnights lie on those
            everywhere, and a worker that slept at midnight still does it.
        run: does it in a transaction of the database's owner, which is committed afterwards; finds
            out by itself whether there is anything to do.
    """

    name: str
    cron: str
    run: Callable[[Connection, Town], object]


def _sweep_jobs(connection: Connection, _town: Town) -> int:
    return sweep_expired(connection)


def _note_passing_time(connection: Connection, _town: Town) -> bool:
    return note_passing_time(connection)


def _forget_streets(connection: Connection, town: Town) -> None:
    forget_streets(connection, town.id)


# Register what else has to be done here.
PERIODIC: tuple[Periodic, ...] = (
    Periodic("move-hotspots-on", "*/15 * * * *", move_published_hotspots_on),
    Periodic("sweep-jobs", "*/10 * * * *", _sweep_jobs),
    Periodic("redraw-boundaries", "* * * * *", redraw_what_is_due),
    Periodic("note-passing-time", "* * * * *", _note_passing_time),
    Periodic("draw-tracks", "* * * * *", draw_tracks),
    Periodic("forget-old-positions", "23 * * * *", forget_old_positions),
    Periodic("forget-places-in-decisions", "27 * * * *", forget_places_in_decisions),
    Periodic("learn-speeds", "37 * * * *", learn_speeds),
    Periodic("forget-streets", "41 19 * * *", _forget_streets),
)


def forgetting_changes(kept: timedelta) -> Periodic:
    """What keeps the log of changes from growing for ever."""

    def forget(connection: Connection, _town: Town) -> int:
        return forget_old_changes(connection, kept)

    return Periodic("forget-changes", "17 * * * *", forget)
