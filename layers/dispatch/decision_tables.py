"""Decisions: what was answered, and all that it was made of."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    Table,
    func,
    text,
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
    Column(
        "speed_revision",
        BigInteger,
        Computed("(inputs ->> 'speed_revision')::bigint", persisted=True),
        comment="of what counted of speeds",
    ),
    moment(
        "places_forgotten_at",
        comment="when it was forgotten where responders were; NULL: it is known",
    ),
    schema=SCHEMA,
    comment="what was answered to who can be there first, and from what; personal",
)
# Usage: what was decided of an incident.
Index("decision_incident_id_idx", decision.c.incident_id)
# Usage: decisions whose positions have been kept long enough.
Index(
    "decision_places_idx",
    decision.c.town_id,
    decision.c.made_at,
    postgresql_where=text("places_forgotten_at IS NULL"),
)
