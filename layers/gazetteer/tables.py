"""Lamp posts, what people call places that the data call otherwise, and the arrays of all names."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    UUID,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from layers.tables import SCHEMA
from spatial.tables import array_columns, batch_id, metadata, town_id, updated


def _point_columns() -> tuple[Column[Any], ...]:
    return (
        Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
        Column("cell", BigInteger, comment="H3 cell at resolution 11"),
        Column("inside", Boolean, nullable=False, comment="lies in the town's outline"),
        batch_id(nullable=True),
        updated(),
    )


def _identity() -> tuple[Column[Any], ...]:
    return (
        Column("id", BigInteger, Identity(always=False), primary_key=True),
        town_id(),
        Column("key", Text, nullable=False, comment="identity in the source: --key, or a hash"),
    )


lamp_post = Table(
    "lamp_post",
    metadata,
    *_identity(),
    Column("number", Text, nullable=False, comment="as it stands on the post"),
    Column("street", Text),
    *_point_columns(),
    UniqueConstraint("town_id", "key"),
    CheckConstraint("btrim(number) <> ''", name="number"),
    schema=SCHEMA,
)
Index("lamp_post_geom_idx", lamp_post.c.geom, postgresql_using="gist")

place_alias = Table(
    "place_alias",
    metadata,
    *_identity(),
    Column("name", Text, nullable=False),
    Column("note", Text, comment="what it is also called"),
    Column(
        "added_by", BigInteger, ForeignKey("layers.account.id"), comment="the account that said so"
    ),
    *_point_columns(),
    UniqueConstraint("town_id", "key"),
    CheckConstraint("length(btrim(name)) BETWEEN 1 AND 60", name="name"),
    schema=SCHEMA,
)
Index("place_alias_geom_idx", place_alias.c.geom, postgresql_using="gist")

gazetteer = Table(
    "gazetteer",
    metadata,
    town_id(),
    Column("version", Integer, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("seq", BigInteger, nullable=False, comment="changes up to this number are in it"),
    Column("layout", Integer, nullable=False, comment="of the arrays; another code has another"),
    Column(
        "key",
        UUID,
        nullable=False,
        server_default=text("gen_random_uuid()"),
        comment="names it among those of all databases",
    ),
    PrimaryKeyConstraint("town_id", "version"),
    schema=SCHEMA,
)

gazetteer_array = Table(
    "gazetteer_array",
    metadata,
    Column("town_id", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    *array_columns(),
    PrimaryKeyConstraint("town_id", "version", "name"),
    ForeignKeyConstraint(
        ["town_id", "version"],
        ["layers.gazetteer.town_id", "layers.gazetteer.version"],
        ondelete="CASCADE",
    ),
    schema=SCHEMA,
)
