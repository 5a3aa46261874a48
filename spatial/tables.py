"""The town, its import batches, and the metadata that every room's tables share.

Each room owns one PostgreSQL schema of its own name; PostGIS stays in `public`.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

SCHEMA = "spatial"

town = Table(
    "town",
    metadata,
    Column("id", SmallInteger, Identity(always=True), primary_key=True),
    Column("code", Text, unique=True, nullable=False, comment="official code or a short name"),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column(
        "outline",
        Geometry("MULTIPOLYGON", 4326, spatial_index=False),
        comment="empty until the first grids or streets say where the town is",
    ),
    Column("time_zone", Text, nullable=False, comment="IANA name, e.g. Asia/Shanghai"),
    Column("metric_srid", Integer, comment="EPSG code of the town's metric CRS"),
    Column("synthetic", Boolean, nullable=False, comment="a demo town, never real"),
    Column("as_of", DateTime(timezone=True), comment="what time it is in a synthetic town"),
    Column("seed", BigInteger),
    Column("digest", Text, comment="SHA-256 of what the demo generator made"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column(
        "updated", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    ),
    UniqueConstraint("id", "synthetic"),
    CheckConstraint("synthetic OR as_of IS NULL", name="only_synthetic_towns_stop_the_clock"),
    schema=SCHEMA,
)

batch = Table(
    "batch",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("town_id", SmallInteger, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("layer", Text, nullable=False),
    Column("source_name", Text, nullable=False, comment="file name without its folder"),
    Column("source_sha256", Text),
    Column("source_crs", Text),
    Column("attribution", Text, comment="who made the data and under which licence"),
    Column("loaded", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("outside", Integer, nullable=False, server_default="0", comment="outside the outline"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("undone_at", DateTime(timezone=True)),
    # Demo and real data can't mix: a batch is what its town is.
    ForeignKeyConstraint(["town_id", "synthetic"], ["spatial.town.id", "spatial.town.synthetic"]),
    schema=SCHEMA,
)


def array_columns() -> list[Column[Any]]:
    """One of many arrays, as `spatial.stored_arrays` writes it."""
    return [
        Column("name", Text, nullable=False, comment="of the array"),
        Column("dtype", Text, nullable=False, comment="of NumPy, little-endian"),
        Column("shape", ARRAY(Integer), nullable=False),
        Column("data", LargeBinary, nullable=False),
    ]


def town_id() -> Column[int]:
    """The column by which every table carries its town."""
    return Column("town_id", SmallInteger, ForeignKey("spatial.town.id"), nullable=False)


def batch_id(*, nullable: bool = False) -> Column[int]:
    """The import batch that brought the row; empty where an editor wrote it."""
    return Column("batch_id", BigInteger, ForeignKey("spatial.batch.id"), nullable=nullable)


def updated() -> Column[Any]:
    """When the row was last changed; a trigger keeps it."""
    return Column(
        "updated", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()
    )
