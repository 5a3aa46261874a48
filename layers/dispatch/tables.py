"""Reports, orders, events and decisions. What the life of incidents and orders allows is rows."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from layers.tables import SCHEMA
from spatial.tables import metadata, town_id, updated

# Where a report may come from.
SOURCES = (
    "110", "12345", "province_petition", "jinhua_zhizhi", "palm_grassroots", "grid_member",
    "shop_qr", "river_patrol", "iot", "video", "workstation", "walk_in",
)  # fmt: skip
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _at(name: str, **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **options)


def _one_of(column: str, codes: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


# The six digits at the end of an incident's number.
incident_number = Sequence(
    "incident_number", maxvalue=999_999, cycle=True, metadata=metadata, schema=SCHEMA
)

incident_step = Table(
    "incident_step",
    metadata,
    Column("from_state", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("to_state", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False, comment="a dispatcher's; else it follows an order"),
    Column(
        "needs", ARRAY(Text), nullable=False, server_default="{}", comment="what has to be said"
    ),
    UniqueConstraint("from_state", "action", "to_state"),
    schema=SCHEMA,
    comment="what may become of an incident",
)

order_step = Table(
    "order_step",
    metadata,
    Column("from_state", Text, primary_key=True),
    Column("action", Text, primary_key=True),
    Column("to_state", Text, nullable=False),
    Column("by", ARRAY(Text), nullable=False, comment="dispatcher, responder, system"),
    UniqueConstraint("from_state", "action", "to_state"),
    schema=SCHEMA,
    comment="what may become of an order",
)

dispatch_rule = Table(
    "dispatch_rule",
    metadata,
    _id(),
    Column("ordinal", Integer, nullable=False, unique=True, comment="the first that fits holds"),
    Column("category", Text, ForeignKey("layers.category.code"), comment="NULL: any"),
    Column("premises_kind", Text, comment="NULL: any"),
    Column("source", Text, comment="NULL: any"),
    Column("department", Text, ForeignKey("layers.department.code"), nullable=False),
    Column("co_departments", ARRAY(Text), nullable=False, server_default="{}"),
    Column("skills", ARRAY(Text), nullable=False, server_default="{}", comment="wanted"),
    Column("severity", SmallInteger, nullable=False, comment="1 is the most urgent"),
    Column("reason", Text, nullable=False),
    CheckConstraint("severity BETWEEN 1 AND 4", name="severity"),
    schema=SCHEMA,
    comment="whose an incident is; where none fits, its category's department",
)

report = Table(
    "report",
    metadata,
    _id(),
    town_id(),
    Column("incident_id", BigInteger, ForeignKey("layers.incident.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False, comment="its number there"),
    _at("received_at", nullable=False, server_default=func.clock_timestamp()),
    _at("occurred_at", comment="as the source said it"),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    Column("datum", Text, nullable=False, comment="of the numbers that came"),
    Column("accuracy_m", Float),
    Column("category", Text, ForeignKey("layers.category.code"), nullable=False),
    Column("text", Text, comment="personal"),
    Column("contact", Text, comment="personal"),
    Column("account_id", BigInteger, comment="who took it down"),
    UniqueConstraint("town_id", "source", "source_id"),
    CheckConstraint("accuracy_m >= 0", name="accuracy"),
    _one_of("source", SOURCES),
    _one_of("datum", DATUMS),
    schema=SCHEMA,
    comment="personal; no layer publishes it",
)
# Usage: what was reported of an incident.
Index("report_incident_id_idx", report.c.incident_id)

decision = Table(
    "decision",
    metadata,
    _id(),
    town_id(),
    Column("incident_id", BigInteger, ForeignKey("layers.incident.id")),
    _at("made_at", nullable=False, server_default=func.clock_timestamp()),
    Column("graph_version", Integer, comment="of the streets"),
    Column("measure_revision", BigInteger, comment="of what was closed"),
    Column("k", Integer, nullable=False),
    Column("inputs", JSONB, nullable=False),
    Column("answer", JSONB, nullable=False),
    schema=SCHEMA,
    comment="what was answered to who can be there first, and from what; personal",
)
# Usage: what was decided of an incident.
Index("decision_incident_id_idx", decision.c.incident_id)

response_order = Table(
    "response_order",
    metadata,
    _id(),
    town_id(),
    Column("incident_id", BigInteger, ForeignKey("layers.incident.id"), nullable=False),
    Column("responder_id", BigInteger, ForeignKey("layers.responder.id"), nullable=False),
    Column("department", Text, ForeignKey("layers.department.code")),
    Column("is_lead", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="sent"),
    Column("came_from", Text, comment="the state before; NULL: it is new"),
    Column("by_action", Text, comment="what brought it here"),
    _at("ordered_at", nullable=False, server_default=func.clock_timestamp()),
    _at("delivered_at"),
    _at("seen_at"),
    _at("accepted_at"),
    _at("arrived_at"),
    _at("reported_at"),
    _at("ended_at"),
    Column("eta_s", Float, comment="when it was ordered"),
    Column("distance_m", Float, comment="likewise"),
    Column("hold_probability", Float, comment="that 180 s hold, likewise"),
    Column("decision_id", BigInteger, ForeignKey("layers.decision.id")),
    Column("ordered_by", BigInteger, comment="account; NULL: the platform itself"),
    Column("replaces", BigInteger, ForeignKey("layers.response_order.id")),
    Column("reason", Text, comment="why this one, or why it ended"),
    Column("revision", Integer, nullable=False, server_default="0"),
    updated(),
    ForeignKeyConstraint(
        ["came_from", "by_action", "state"],
        [
            "layers.order_step.from_state",
            "layers.order_step.action",
            "layers.order_step.to_state",
        ],
        name="response_order_step_fkey",
    ),
    CheckConstraint("came_from IS NOT NULL OR state = 'sent'", name="begins_as_sent"),
    CheckConstraint(
        "(ended_at IS NOT NULL) = (state IN ('done', 'declined', 'lapsed', 'withdrawn'))",
        name="ended",
    ),
    CheckConstraint("hold_probability BETWEEN 0 AND 1", name="hold_probability"),
    schema=SCHEMA,
    comment="a responder sent to an incident",
)
# A responder has one order at a time: of two dispatchers at once, one is told.
Index(
    "response_order_one_active",
    response_order.c.responder_id,
    unique=True,
    postgresql_where=text("ended_at IS NULL"),
)
Index(
    "response_order_one_lead",
    response_order.c.incident_id,
    unique=True,
    postgresql_where=text("is_lead AND ended_at IS NULL"),
)
# Usage: the orders of an incident.
Index("response_order_incident_id_idx", response_order.c.incident_id)
# Usage: a responder's own orders, the last ones.
Index("response_order_responder_id_idx", response_order.c.responder_id, response_order.c.ended_at)
# Usage: what was declined a moment ago: the next responder's turn.
Index(
    "response_order_declined_idx",
    response_order.c.ended_at,
    postgresql_where=text("state = 'declined'"),
)
# Usage: the active orders of the town.
Index(
    "response_order_active_idx",
    response_order.c.town_id,
    response_order.c.ordered_at,
    postgresql_where=text("ended_at IS NULL"),
)

incident_event = Table(
    "incident_event",
    metadata,
    _id(),
    town_id(),
    Column("incident_id", BigInteger, ForeignKey("layers.incident.id"), nullable=False),
    Column("seq", Integer, nullable=False, comment="from 1 on, without a gap"),
    _at("at", nullable=False),
    Column("actor", BigInteger, comment="account; NULL: the platform itself"),
    Column("action", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("data", JSONB, nullable=False, server_default="{}"),
    Column("prev", LargeBinary, comment="hash of the one before"),
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("incident_id", "seq"),
    ForeignKeyConstraint(
        ["from_state", "action", "to_state"],
        [
            "layers.incident_step.from_state",
            "layers.incident_step.action",
            "layers.incident_step.to_state",
        ],
        name="incident_event_step_fkey",
    ),
    schema=SCHEMA,
    comment="what was done, in a chain of hashes; nobody changes a line of it",
)

order_message = Table(
    "order_message",
    metadata,
    _id(),
    town_id(),
    Column("order_id", BigInteger, ForeignKey("layers.response_order.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="order", comment="order, stand_down"),
    Column("attempt", SmallInteger, nullable=False, server_default="0", comment="tries so far"),
    Column("message_id", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    _at("queued_at", nullable=False, server_default=func.clock_timestamp()),
    _at("sent_at"),
    _at("delivered_at"),
    _at("failed_at"),
    _at("next_at", comment="when it is tried next; NULL: no more"),
    Column("error", Text),
    # Usage: the messages of an order; each channel tells it once, and once that it is off.
    UniqueConstraint("order_id", "channel", "kind"),
    CheckConstraint("kind IN ('order', 'stand_down')", name="kind"),
    schema=SCHEMA,
    comment="an order on its way by one channel",
)
# Usage: what is to be sent.
Index(
    "order_message_next_at_idx",
    order_message.c.next_at,
    postgresql_where=text("next_at IS NOT NULL"),
)


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
