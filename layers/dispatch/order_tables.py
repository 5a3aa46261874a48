"""Orders and the messages that bring them; what their life allows is rows."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from layers.dispatch.columns import moment, row_id
from layers.tables import SCHEMA
from spatial.tables import metadata, town_id, updated

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

response_order = Table(
    "response_order",
    metadata,
    row_id(),
    town_id(),
    Column("incident_id", BigInteger, ForeignKey("layers.incident.id"), nullable=False),
    Column("responder_id", BigInteger, ForeignKey("layers.responder.id"), nullable=False),
    Column("department", Text, ForeignKey("layers.department.code")),
    Column("is_lead", Boolean, nullable=False),
    Column("state", Text, nullable=False, server_default="sent"),
    Column("came_from", Text, comment="the state before; NULL: it is new"),
    Column("by_action", Text, comment="what brought it here"),
    moment("ordered_at", nullable=False, server_default=func.clock_timestamp()),
    moment("delivered_at"),
    moment("seen_at"),
    moment("accepted_at"),
    moment("arrived_at"),
    moment("reported_at"),
    moment("ended_at"),
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
    # Moved six times: no index on its state, and room beside each row.
    postgresql_with={"fillfactor": 70},
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
    "response_order_ended_idx",
    response_order.c.ended_at,
    postgresql_where=text("ended_at IS NOT NULL"),
)
# Usage: the active orders of the town.
Index(
    "response_order_active_idx",
    response_order.c.town_id,
    response_order.c.ordered_at,
    postgresql_where=text("ended_at IS NULL"),
)

order_message = Table(
    "order_message",
    metadata,
    row_id(),
    town_id(),
    Column("order_id", BigInteger, ForeignKey("layers.response_order.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="order", comment="order, stand_down"),
    Column("attempt", SmallInteger, nullable=False, server_default="0", comment="tries so far"),
    Column("message_id", Uuid, nullable=False, unique=True, server_default=func.gen_random_uuid()),
    moment("queued_at", nullable=False, server_default=func.clock_timestamp()),
    moment("sent_at"),
    moment("delivered_at"),
    moment("failed_at"),
    moment("next_at", comment="when it is tried next; NULL: no more"),
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
