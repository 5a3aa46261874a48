"""Where responders are reached. Personal: no layer, log or error holds an address."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Table,
    Text,
    UniqueConstraint,
)

from layers.tables import SCHEMA
from spatial.tables import metadata, town_id, updated

responder_contact = Table(
    "responder_contact",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column(
        "responder_id",
        BigInteger,
        ForeignKey("layers.responder.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False, comment="e.g. a phone number; personal"),
    updated(),
    # Usage: the addresses of a responder; one on each channel.
    UniqueConstraint("responder_id", "channel"),
    CheckConstraint("channel IN ('sms', 'dingtalk', 'wecom', 'voice')", name="channel"),
    CheckConstraint("length(address) BETWEEN 1 AND 100", name="address"),
    schema=SCHEMA,
    comment="personal; no layer publishes it",
)
