"""Streets as features, their nodes, and the arrays that the engine maps."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    UUID,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)

from spatial.tables import array_columns, batch_id, metadata, town_id, updated

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
    Column("signals", SmallInteger, nullable=False, server_default="0", comment="met along it"),
    Column("signals_back", SmallInteger, nullable=False, server_default="0", comment="against it"),
    Column("crossings", SmallInteger, nullable=False, server_default="0", comment="of walkers"),
    Column("learned_kph", Float, comment="a car's, as tracks have taught; NULL: nothing yet"),
    Column("learned_samples", Integer, comment="how many tracks taught it"),
    Column("geom", Geometry("LINESTRING", 4326, spatial_index=False), nullable=False),
    batch_id(),
    updated(),
    PrimaryKeyConstraint("town_id", "id"),
    CheckConstraint("length_m >= 0 AND speed_kph > 0", name="positive"),
    schema=SCHEMA,
)
# Usage: bbox and tiles of the streets layer.
Index("street_geom_idx", street.c.geom, postgresql_using="gist")

turn = Table(
    "turn",
    metadata,
    town_id(),
    Column("id", Integer, nullable=False),
    Column("kind", Text, nullable=False, comment="OSM restriction, such as no_left_turn"),
    Column("osm_id", BigInteger, comment="relation"),
    Column(
        "steps",
        ARRAY(BigInteger),
        nullable=False,
        comment="ids of streets that must not follow each other; negative: against the geometry",
    ),
    Column("modes", SmallInteger, nullable=False, comment="bits of those that are bound"),
    PrimaryKeyConstraint("town_id", "id"),
    CheckConstraint("cardinality(steps) > 1", name="steps"),
    schema=SCHEMA,
)

graph = Table(
    "graph",
    metadata,
    town_id(),
    Column("version", Integer, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "key",
        UUID,
        nullable=False,
        server_default=text("gen_random_uuid()"),
        comment="names it among all graphs of all databases",
    ),
    PrimaryKeyConstraint("town_id", "version"),
    schema=SCHEMA,
)

graph_array = Table(
    "graph_array",
    metadata,
    Column("town_id", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    *array_columns(),
    PrimaryKeyConstraint("town_id", "version", "name"),
    ForeignKeyConstraint(
        ["town_id", "version"],
        ["routing.graph.town_id", "routing.graph.version"],
        ondelete="CASCADE",
    ),
    schema=SCHEMA,
)

# Closures and slowdowns of a graph's streets; one that is lifted keeps its row and ends.
measure = Table(
    "measure",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("town_id", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column(
        "steps",
        ARRAY(BigInteger),
        nullable=False,
        comment="ids of streets; negative: only against the geometry",
    ),
    Column("speed_share", Float, nullable=False, comment="0 closed, 0.5 half as fast"),
    Column("modes", SmallInteger, nullable=False, comment="bits of those that are bound"),
    Column("starts", DateTime(timezone=True)),
    Column("ends", DateTime(timezone=True)),
    Column("note", Text),
    Column(
        "revision",
        BigInteger,
        nullable=False,
        server_default=text("nextval('routing.measure_revision')"),
        comment="grows with every change of any",
    ),
    Column("closure_id", BigInteger, ForeignKey("routing.closure.id")),
    ForeignKeyConstraint(
        ["town_id", "version"],
        ["routing.graph.town_id", "routing.graph.version"],
        ondelete="CASCADE",
    ),
    CheckConstraint("speed_share BETWEEN 0 AND 1", name="speed_share"),
    CheckConstraint("ends > starts", name="ends_later"),
    schema=SCHEMA,
)
# Usage: the newest revision, asked for before each answer of the engine.
Index("measure_revision_idx", measure.c.town_id, measure.c.version, measure.c.revision)
# Usage: what a closure that ends, or is laid on other streets, has put in force.
Index("measure_closure_id_idx", measure.c.closure_id)
measure_revision = Sequence("measure_revision", metadata=metadata, schema=SCHEMA)
