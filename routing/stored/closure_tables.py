"""Closures and slowdowns as they were drawn, and who did what to them."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from routing.stored.tables import SCHEMA
from spatial.tables import metadata, town_id, updated

# It outlives the streets that it was drawn on: after an import it is laid on the new ones.
closure = Table(
    "closure",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("kind", Text, nullable=False),
    Column("speed_share", Float, nullable=False, comment="0 closed, 0.5 half as fast"),
    Column("modes", SmallInteger, nullable=False, comment="bits of those that are bound"),
    Column("reason", Text, nullable=False, server_default="other"),
    Column("note", Text, comment="for the staff"),
    Column("starts", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), comment="NULL: until somebody ends it"),
    Column(
        "drawn",
        Geometry("GEOMETRY", 4326, spatial_index=False),
        nullable=False,
        comment="as it came; the lines of streets that were named",
    ),
    Column("drawn_as", Text, nullable=False),
    Column("radius_m", Float),
    Column("one_way", Boolean, nullable=False, comment="only the direction in which it was drawn"),
    Column("version", Integer, nullable=False, comment="of the streets that it was laid on last"),
    Column(
        "streets", Integer, nullable=False, comment="how many it binds; 0: none is there any more"
    ),
    Column("length_m", Float, nullable=False),
    Column("names", Text, comment="of the streets"),
    Column(
        "lost_m",
        Float,
        nullable=False,
        server_default="0",
        comment="metres that were bound and are no street now",
    ),
    Column(
        "geom",
        Geometry("MULTILINESTRING", 4326, spatial_index=False),
        nullable=False,
        comment="the streets that it binds",
    ),
    Column("made_by", BigInteger, comment="account; NULL: at the machine"),
    Column("author", Text, comment="their name then"),
    Column(
        "made_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    updated(),
    CheckConstraint(
        "(kind = 'closed' AND speed_share = 0)"
        " OR (kind = 'slow' AND speed_share > 0 AND speed_share < 1)",
        name="kind",
    ),
    CheckConstraint(
        "drawn_as IN ('point', 'along', 'barrier', 'area', 'streets')", name="drawn_as"
    ),
    CheckConstraint(
        "reason IN ('works', 'accident', 'fire', 'water', 'event', 'other')", name="reason"
    ),
    CheckConstraint("ends > starts", name="ends_later"),
    schema=SCHEMA,
    comment="what somebody has closed or slowed, as it was drawn",
)
# Usage: those in the box of a map or a client.
Index("closure_geom_idx", closure.c.geom, postgresql_using="gist")
# Usage: those of a town that hold or will hold, for the layer, the list and an import.
Index("closure_town_id_idx", closure.c.town_id, closure.c.ends)

closure_event = Table(
    "closure_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("closure_id", BigInteger, ForeignKey("routing.closure.id"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("account_id", BigInteger),
    Column("before", JSONB),
    Column("after", JSONB, nullable=False),
    schema=SCHEMA,
    comment="who did what to closures; nobody changes a line of it",
)
# Usage: what was done to one closure.
Index("closure_event_closure_id_idx", closure_event.c.closure_id)
