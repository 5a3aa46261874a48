"""Decisions: what was answered, and all that it was made of."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from layers.dispatch.columns import moment, row_id
from layers.tables import SCHEMA
from spatial.tables import metadata, town_id

decision = Table(
    "decision",
    metadata,
    row_id(),
    town_id(),
    Column("incident_id", BigInteger, ForeignKey("layers.incident.id")),
    moment("made_at", nullable=False, server_default=func.clock_timestamp()),
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
