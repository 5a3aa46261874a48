"""Streets as features, their nodes, and the arrays that the engine maps."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    func,
)

from spatial.tables import batch_id, metadata, town_id, updated

SCHEMA = "routing"

node = Table(
    "node",
    metadata,
    town_id(),
    Column("id", BigInteger, nullable=False, comment="OSM node id, or a number of our own"),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    PrimaryKeyConstraint("town_id", "id"),
    schema=SCHEMA,
)

street = Table(
    "street",
    metadata,
    town_id(),
    Column("id", BigInteger, nullable=False, comment="stable within a town"),
    Column("from_node", BigInteger, nullable=False),
    Column("to_node", BigInteger, nullable=False),
    Column("key", Integer, nullable=False, comment="tells parallel streets apart, as osmnx does"),
    Column("osm_ids", Text, comment="ids of the ways it was made from, comma separated"),
    Column("name", Text),
    Column("ref", Text),
    Column("class", Text, nullable=False, comment="OSM highway value"),
    Column("oneway", Boolean, nullable=False, comment="for cars"),
    Column("bridge", Boolean, nullable=False),
    Column("tunnel", Boolean, nullable=False),
    Column("level", SmallInteger, nullable=False, comment="OSM layer; 0 on the ground"),
    Column("length_m", Float, nullable=False),
    Column("speed_kph", Float, nullable=False, comment="a car's"),
    # Bits of routing.modes.Mode: which modes may travel along and against the geometry.
    Column("forward_modes", SmallInteger, nullable=False),
    Column("backward_modes", SmallInteger, nullable=False),
    Column("geom", Geometry("LINESTRING", 4326, spatial_index=False), nullable=False),
    batch_id(),
    updated(),
    PrimaryKeyConstraint("town_id", "id"),
    CheckConstraint("length_m >= 0 AND speed_kph > 0", name="positive"),
    schema=SCHEMA,
)
# Usage: bbox and tiles of the streets layer.
Index("street_geom_idx", street.c.geom, postgresql_using="gist")

graph = Table(
    "graph",
    metadata,
    town_id(),
    Column("version", Integer, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("arrays", LargeBinary, nullable=False, comment="NumPy .npz of routing.graph"),
    PrimaryKeyConstraint("town_id", "version"),
    schema=SCHEMA,
)
