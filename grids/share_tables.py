"""Micro-grids that share the polygon of a unit, as rows: with ids of their own, in time."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from grids.tables import SCHEMA
from spatial.tables import metadata, town_id, updated

share = Table(
    "share",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    town_id(),
    Column("code", Text, nullable=False),
    UniqueConstraint("town_id", "code"),
    schema=SCHEMA,
    comment="micro-grids that share the polygon of a unit",
)

share_version = Table(
    "share_version",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    town_id(),
    Column("share_id", BigInteger, ForeignKey("grids.share.id"), nullable=False),
    Column(
        "version_id",
        BigInteger,
        ForeignKey("grids.version.id", ondelete="CASCADE"),
        nullable=False,
        comment="of the unit whose polygon it shares",
    ),
    Column("name", Text, nullable=False),
    Column(
        "parts",
        JSONB,
        nullable=False,
        comment="buildings, with entrances and floors where it has not all",
    ),
    Column("valid", TSTZRANGE, nullable=False),
    updated(),
    # Two versions of one micro-grid never hold at the same moment.
    ExcludeConstraint(("share_id", "="), ("valid", "&&"), name="share_version_one_at_a_time"),
    schema=SCHEMA,
    comment="made by triggers from grids.version.shares",
)
# Usage: the micro-grids on a unit's polygon: whose a home or an incident there is.
Index("share_version_version_id_idx", share_version.c.version_id)
