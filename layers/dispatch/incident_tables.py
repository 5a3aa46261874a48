"""Reports and what becomes of incidents; what their life allows is rows."""

from __future__ import annotations

from geoalchemy2 import Geometry
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
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from layers.dispatch.columns import moment, one_of, row_id
from layers.tables import SCHEMA
from spatial.tables import metadata, town_id

# Where a report may come from.
SOURCES = (
    "110", "12345", "province_petition", "jinhua_zhizhi", "palm_grassroots", "grid_member",
    "shop_qr", "river_patrol", "iot", "video", "workstation", "walk_in",
)  # fmt: skip
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")

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

dispatch_rule = Table(
    "dispatch_rule",
    metadata,
    row_id(),
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
    row_id(),
    town_id(),
    Column("incident_id", BigInteger, ForeignKey("layers.incident.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False, comment="its number there"),
    moment("received_at", nullable=False, server_default=func.clock_timestamp()),
    moment("occurred_at", comment="as the source said it"),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    Column("datum", Text, nullable=False, comment="of the numbers that came"),
    Column("accuracy_m", Float),
    Column("category", Text, ForeignKey("layers.category.code"), nullable=False),
    Column("text", Text, comment="personal"),
    Column("contact", Text, comment="personal"),
    Column("account_id", BigInteger, comment="who took it down"),
    UniqueConstraint("town_id", "source", "source_id"),
    CheckConstraint("accuracy_m >= 0", name="accuracy"),
    one_of("source", SOURCES),
    one_of("datum", DATUMS),
    schema=SCHEMA,
    comment="personal; no layer publishes it",
)
# Usage: what was reported of an incident.
Index("report_incident_id_idx", report.c.incident_id)

incident_event = Table(
    "incident_event",
    metadata,
    row_id(),
    town_id(),
    Column("incident_id", BigInteger, ForeignKey("layers.incident.id"), nullable=False),
    Column("seq", Integer, nullable=False, comment="from 1 on, without a gap"),
    moment("at", nullable=False),
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
