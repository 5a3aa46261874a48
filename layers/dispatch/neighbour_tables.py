"""Where neighbouring towns have somebody who could come, and whom to call for that."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
)

from layers.tables import SCHEMA
from spatial.tables import batch_id, metadata, town_id, updated

neighbour_post = Table(
    "neighbour_post",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    town_id(),
    Column("key", Text, nullable=False, comment="identity in the source"),
    Column("neighbour", Text, nullable=False, comment="name of the other town"),
    Column("name", Text, nullable=False),
    Column("desk_phone", Text, comment="of its duty desk"),
    Column("mode", Text, nullable=False, server_default="car"),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    Column("cell", BigInteger, comment="H3 cell at resolution 11"),
    Column("inside", Boolean, nullable=False, comment="lies in this town's outline"),
    batch_id(nullable=True),
    updated(),
    UniqueConstraint("town_id", "key"),
    CheckConstraint("mode IN ('foot', 'ebike', 'car', 'emergency')", name="mode"),
    schema=SCHEMA,
    comment="where neighbouring towns have somebody who could come, and whom to call",
)
# Usage: bbox and tiles of the layer neighbour-posts.
Index("neighbour_post_geom_idx", neighbour_post.c.geom, postgresql_using="gist")
