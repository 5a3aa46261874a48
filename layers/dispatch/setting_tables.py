"""What a town has settled for its orders."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
)

from layers.dispatch.columns import one_of
from layers.tables import SCHEMA
from spatial.tables import metadata, updated

# Whether somebody on a break is suggested: never; last, where nobody else is in time; or as others.
BREAK_RULES = ("never", "last", "as_others")


def _seconds(name: str, default: int, comment: str | None = None) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(default), comment=comment)


dispatch_setting = Table(
    "dispatch_setting",
    metadata,
    Column(
        "town_id",
        SmallInteger,
        ForeignKey("spatial.town.id"),
        primary_key=True,
        autoincrement=False,
    ),
    _seconds("order_within_s", 30, "from the report to the order"),
    _seconds("accept_within_s", 20, "else the next channel, then the next responder"),
    _seconds("hold_s", 180, "from the order to the first responder there"),
    _seconds("feedback_within_s", 180, "from arrival to the first feedback"),
    _seconds("order_reach_s", 900, "nobody who is farther is sent without a dispatcher"),
    _seconds("max_fix_age_s", 300, "an older position isn't used"),
    _seconds("stale_fix_age_s", 60, "an older one is used, and its age said"),
    _seconds("turnout_free_s", 10),
    _seconds("turnout_ordered_s", 5, "who is on the road already"),
    _seconds("turnout_on_scene_s", 60),
    _seconds("turnout_break_s", 120),
    _seconds("reassign_gain_s", 60, "less gained by another responder changes no order"),
    _seconds("clock_ahead_s", 300, "a source's clock may be so far ahead"),
    Column("positions_kept_days", Integer, nullable=False, server_default="30"),
    Column("premises_within_m", Float, nullable=False, server_default="30"),
    _seconds("neighbour_call_s", 60, "a call to a neighbour's desk, before it sends"),
    Column(
        "sure_share",
        Float,
        nullable=False,
        server_default="0.8",
        comment="three minutes hold where they do so with this probability",
    ),
    Column(
        "streets_kept_days",
        Integer,
        nullable=False,
        server_default="90",
        comment="former streets, for as long as decisions made on them are replayed",
    ),
    Column(
        "break_rule",
        Text,
        nullable=False,
        server_default="last",
        comment="who is on a break is suggested never, last where nobody else is in time, or as"
        " others are",
    ),
    one_of("break_rule", BREAK_RULES),
    CheckConstraint("neighbour_call_s >= 0", name="neighbour_call"),
    CheckConstraint("sure_share BETWEEN 0 AND 1", name="sure_share"),
    CheckConstraint("streets_kept_days >= 0", name="streets_kept_days"),
    updated(),
    CheckConstraint("positions_kept_days BETWEEN 1 AND 3650", name="positions_kept_days"),
    CheckConstraint(
        "least(order_within_s, accept_within_s, hold_s, feedback_within_s, order_reach_s,"
        " max_fix_age_s, stale_fix_age_s) > 0"
        " AND least(turnout_free_s, turnout_ordered_s, turnout_on_scene_s, turnout_break_s,"
        " reassign_gain_s, clock_ahead_s) >= 0",
        name="positive",
    ),
    CheckConstraint("premises_within_m BETWEEN 0 AND 1000", name="premises_within"),
    schema=SCHEMA,
    comment="a town without a row has the defaults",
)
