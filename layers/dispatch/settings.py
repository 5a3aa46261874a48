"""What a town has settled for its orders: how fast, how far, how old a position may be."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import psycopg
from psycopg.rows import dict_row


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
        neighbour_call_s: a call to a neighbour's desk, before it sends.
        sure_share: three minutes hold where they do so with this probability.
        streets_kept_days: former streets stay so long, for the decisions made on them.
        break_rule: whether somebody on a break is suggested: never; last, where nobody else is in
            time; or as_others are. The platform itself sends nobody out of a break.
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
    neighbour_call_s: int = 60
    sure_share: float = 0.8
    streets_kept_days: int = 90
    break_rule: str = "last"


def read_settings(connection: psycopg.Connection[Any], town_id: int) -> DispatchSettings:
    """The town's settings; the defaults where it has settled nothing.

    Args:
        connection: of the owner, or in a transaction of somebody of that town.
    """
    return settings_of(ask_settings(connection, town_id))


def ask_settings(
    connection: psycopg.Connection[Any], town_id: int
) -> psycopg.Cursor[dict[str, Any]]:
    """The question alone, for who asks several at once; see `settings_of`."""
    cursor = connection.cursor(row_factory=dict_row)
    return cursor.execute("SELECT * FROM layers.dispatch_settings(%s)", (town_id,))


def settings_of(cursor: psycopg.Cursor[dict[str, Any]]) -> DispatchSettings:
    """What `ask_settings` has found; the defaults where the town has settled nothing."""
    row = cursor.fetchone()
    if row is None:
        return DispatchSettings()
    return DispatchSettings(**{each.name: row[each.name] for each in fields(DispatchSettings)})
