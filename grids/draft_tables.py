"""The coverage as arcs in time, the drafts that change it, and which unit came from which."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    JSON,
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
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from grids.tables import SCHEMA
from spatial.tables import metadata, town_id, updated

STATES = ("open", "submitted", "approved", "effective", "withdrawn")
# Each draft and each import numbers its new arcs within blocks of its own, so that the arcs of two
# drafts are never taken for the same one.
ARCS_A_BLOCK = 1_000_000

arc_block = Sequence("arc_block", schema=SCHEMA, metadata=metadata, start=1, increment=ARCS_A_BLOCK)

arc_version = Table(
    "arc_version",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("arc_id", BigInteger, nullable=False, comment="stays as long as the arc does"),
    Column("geom", Geometry("LINESTRING", 4326, spatial_index=False), nullable=False),
    Column(
        "left_unit_id",
        BigInteger,
        ForeignKey("grids.unit.id"),
        comment="of the lowest level, seen along the arc; NULL: outside",
    ),
    Column("right_unit_id", BigInteger, ForeignKey("grids.unit.id")),
    Column(
        "start_cut",
        ARRAY(Float),
        comment="the edge that a split cut here: longitude, latitude of both ends",
    ),
    Column("end_cut", ARRAY(Float)),
    Column("valid", TSTZRANGE, nullable=False),
    # Two versions of one arc never hold at the same moment.
    ExcludeConstraint(("arc_id", "="), ("valid", "&&"), name="arc_version_one_at_a_time"),
    schema=SCHEMA,
    comment="shared edges of the units; the coverage at a moment is made of those valid then",
)
# Usage: the coverage at a moment.
Index("arc_version_valid_idx", arc_version.c.town_id, arc_version.c.valid, postgresql_using="gist")

draft = Table(
    "draft",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("name", Text, nullable=False),
    Column("author", BigInteger, nullable=False, comment="an account"),
    Column(
        "drawn_by",
        ARRAY(BigInteger),
        nullable=False,
        server_default="{}",
        comment="accounts that have ever edited it",
    ),
    Column("state", Text, nullable=False, server_default="open"),
    Column(
        "base_at",
        DateTime(timezone=True),
        nullable=False,
        comment="when the coverage that it stands on began to hold",
    ),
    Column("first_arc", BigInteger, nullable=False, comment="its block of ids for new arcs"),
    Column("revision", Integer, nullable=False, server_default="0", comment="counts every edit"),
    Column("effective_from", DateTime(timezone=True)),
    Column("approver", BigInteger, comment="an account, never the author's"),
    Column("client", Text, comment="the map client that it belongs to"),
    Column("conflict", JSON, comment="what the coverage of today and the draft dispute"),
    Column("report", JSON, comment="who and what went from where to where, kept for ever"),
    Column(
        "suggestion",
        JSONB,
        comment="what a suggested rebalance does and can't do, as it was counted; "
        "NULL: drawn by hand",
    ),
    Column(
        "created", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    updated(),
    CheckConstraint(f"state IN {STATES}", name="state"),
    CheckConstraint("approver <> author", name="approved_by_another"),
    CheckConstraint(
        "state NOT IN ('approved', 'effective') OR"
        " (approver IS NOT NULL AND effective_from IS NOT NULL)",
        name="approved",
    ),
    schema=SCHEMA,
)
# Usage: the list of drafts; which approved ones are due.
Index("draft_town_id_state_idx", draft.c.town_id, draft.c.state)
# Usage: the open draft of a map client, of which each account has one.
Index(
    "draft_client_idx",
    draft.c.town_id,
    draft.c.author,
    draft.c.client,
    unique=True,
    postgresql_where=text("state = 'open' AND client IS NOT NULL"),
)


def _draft_id(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "draft_id",
        BigInteger,
        ForeignKey("grids.draft.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


draft_step = Table(
    "draft_step",
    metadata,
    _draft_id(primary_key=True),
    Column("number", Integer, primary_key=True),
    town_id(),
    Column("kind", Text, nullable=False),
    Column("parameters", JSON, nullable=False),
    # JSON, not JSONB: that would lose the sign of zero.
    Column("change", JSON, nullable=False, comment="before and after of arcs, units, attributes"),
    Column("author", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("undone_at", DateTime(timezone=True)),
    schema=SCHEMA,
)

draft_face = Table(
    "draft_face",
    metadata,
    _draft_id(primary_key=True),
    Column("unit_id", BigInteger, primary_key=True, autoincrement=False),
    town_id(),
    Column("level", SmallInteger, nullable=False),
    Column("parent_id", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("kind", Text),
    Column(
        "geom",
        Geometry("MULTIPOLYGON", 4326, spatial_index=False),
        comment="as the client drew it; NULL: its shape is as it was",
    ),
    Column("gone", Boolean, nullable=False, server_default=false(), comment="deleted"),
    Column("came_from", BigInteger, comment="the unit whose attributes a new one was sent with"),
    Column("author", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    schema=SCHEMA,
    comment="units as a map client sent them one by one, until they are judged together",
)

lineage = Table(
    "lineage",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("unit_id", BigInteger, ForeignKey("grids.unit.id"), nullable=False),
    Column("became_id", BigInteger, ForeignKey("grids.unit.id"), nullable=False),
    Column("draft_id", BigInteger, ForeignKey("grids.draft.id"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("draft_id", "unit_id", "became_id"),
    schema=SCHEMA,
    comment="which unit, or a part of it, became which",
)

draft_link = Table(
    "draft_link",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    _draft_id(),
    Column("token_sha256", LargeBinary, nullable=False, unique=True),
    Column("label", Text, nullable=False, comment="for whom, e.g. a village"),
    Column(
        "created", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    Column("expires", DateTime(timezone=True), nullable=False),
    schema=SCHEMA,
    comment="whoever has the link reads the draft and pins comments on it",
)
# Usage: the links of a draft.
Index("draft_link_draft_id_idx", draft_link.c.draft_id)

draft_comment = Table(
    "draft_comment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    _draft_id(),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    Column("text", Text, nullable=False),
    Column("nickname", Text, nullable=False),
    Column("account", BigInteger, comment="NULL: by a link"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("length(text) BETWEEN 1 AND 1000", name="text"),
    CheckConstraint("length(nickname) BETWEEN 1 AND 40", name="nickname"),
    schema=SCHEMA,
)
# Usage: the comments of a draft.
Index("draft_comment_draft_id_idx", draft_comment.c.draft_id)
