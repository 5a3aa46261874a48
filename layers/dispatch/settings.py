"""What a town has settled for its orders: how fast, how far, how old a position may be."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import psycopg
from psycopg.rows import class_row


@dataclass(frozen=True)
class DispatchSettings:
    """The settings of one town; what they mean is said at layers.dispatch_setting.

    Attributes:
        order_within_s: from the report to the order.
        accept_within_s: until an order is accepted; else the next channel, then the next responder.
        hold_s: until the first responder is there.
        feedback_within_s: from arrival to the first feedback.
        order_reach_s: nobody who is farther is sent without a dispatcher.
        max_fix_age_s: an older position isn't used.
        stale_fix_age_s: an older one is used, and its age is said.
        turnout_free_s, turnout_ordered_s, turnout_on_scene_s, turnout_break_s: before one moves.
        reassign_gain_s: less gained by another responder changes no order.
        clock_ahead_s: so far a source's clock may be ahead of ours.
        positions_kept_days: how long tracks are kept.
        premises_within_m: an incident belongs to premises that are no farther.
    """

    order_within_s: int = 30
    accept_within_s: int = 20
    hold_s: int = 180
    feedback_within_s: int = 180
    order_reach_s: int = 900
    max_fix_age_s: int = 300
    stale_fix_age_s: int = 60
    turnout_free_s: int = 10
    turnout_ordered_s: int = 5
    turnout_on_scene_s: int = 60
    turnout_break_s: int = 120
    reassign_gain_s: int = 60
    clock_ahead_s: int = 300
    positions_kept_days: int = 30
    premises_within_m: float = 30.0


_COLUMNS = ", ".join(field.name for field in fields(DispatchSettings))


def read_settings(connection: psycopg.Connection[Any], town_id: int) -> DispatchSettings:
    """The town's settings; the defaults where it has settled nothing."""
    query = f"SELECT {_COLUMNS} FROM layers.dispatch_setting WHERE town_id = %s"
    with connection.cursor(row_factory=class_row(DispatchSettings)) as cursor:
        return cursor.execute(query, (town_id,)).fetchone() or DispatchSettings()
