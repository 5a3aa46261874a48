"""Grid units and their versions in time. Level 1 town, 2 village, 3 grid, 4 micro-grid."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from spatial.tables import batch_id, metadata, town_id, updated

SCHEMA = "grids"

unit = Table(
    "unit",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    town_id(),
    Column("code", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent_id", BigInteger, ForeignKey("grids.unit.id")),
    Column("name", Text, comment="the official one, while no version of it has a shape"),
    Column("name_en", Text),
    Column("kind", Text),
    UniqueConstraint("town_id", "code"),
    CheckConstraint("level BETWEEN 1 AND 4", name="level"),
    CheckConstraint("(level = 1) = (parent_id IS NULL)", name="only_the_town_has_no_parent"),
    schema=SCHEMA,
)

version = Table(
    "version",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    town_id(),
    Column("unit_id", BigInteger, ForeignKey("grids.unit.id"), nullable=False),
    Column("code", Text, nullable=False, comment="the unit's at that time"),
    Column("parent_id", BigInteger, ForeignKey("grids.unit.id"), comment="likewise"),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("kind", Text, comment="community or village at level 2, else empty"),
    Column("geom", Geometry("MULTIPOLYGON", 4326, spatial_index=False), nullable=False),
    Column("valid", TSTZRANGE, nullable=False),
    batch_id(nullable=True),
    Column("draft_id", BigInteger, ForeignKey("grids.draft.id"), comment="that made it"),
    updated(),
    Column("shares", JSONB, comment="further micro-grids on the polygon, by building and floor"),
    # Two versions of one unit never hold at the same moment.
    ExcludeConstraint(("unit_id", "="), ("valid", "&&"), name="version_one_at_a_time"),
    schema=SCHEMA,
)
# Usage: whose a code was at any time.
Index("version_code_idx", version.c.town_id, version.c.code)
# Usage: bbox and tiles of the coverage layers; which grid holds a point.
Index("version_geom_idx", version.c.geom, postgresql_using="gist")
