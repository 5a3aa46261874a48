"""Where responders were, kept for some days, and the lines that are drawn of it."""

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
    Index,
    Integer,
    Table,
    Text,
)

from layers.tables import SCHEMA
from spatial.tables import metadata, town_id, updated


def _responder_id() -> Column[int]:
    """Whose it is; with a responder goes what was kept of it."""
    return Column(
        "responder_id",
        BigInteger,
        ForeignKey("layers.responder.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )


position = Table(
    "position",
    metadata,
    # Usage: the primary key finds one responder's positions of a time, for tracks and its owner.
    _responder_id(),
    Column("at", DateTime(timezone=True), primary_key=True),
    town_id(),
    Column("geom", Geometry("POINT", 4326, spatial_index=False), nullable=False),
    Column("accuracy_m", Float),
    Column("speed_mps", Float),
    Column("bearing_deg", Float, comment="where it moved, from north clockwise"),
    # Without a foreign key: streets that are imported anew get other ids.
    Column("street_id", BigInteger, comment="the street that it was matched to"),
    Column("fraction", Float, comment="share of that street's geometry, 0 to 1"),
    Column("forward", Boolean, comment="moved along the geometry; NULL: not known"),
    CheckConstraint("accuracy_m >= 0", name="accuracy"),
    CheckConstraint("fraction BETWEEN 0 AND 1", name="fraction"),
    schema=SCHEMA,
    comment="personal: kept for a stated number of days, shown as tracks to those with the right",
)
# Usage: clearing away what is too old; rows come in the order of time, so a BRIN does.
Index("position_at_idx", position.c.at, postgresql_using="brin")

track = Table(
    "track",
    metadata,
    _responder_id(),
    town_id(),
    Column("from_at", DateTime(timezone=True), nullable=False),
    Column("to_at", DateTime(timezone=True), nullable=False),
    Column("points", Integer, nullable=False, comment="how many positions it was drawn of"),
    Column("length_m", Float, nullable=False),
    Column("geom", Geometry("LINESTRING", 4326, spatial_index=False), nullable=False),
    updated(),
    schema=SCHEMA,
    comment="the way of each responder in the last hours, drawn anew every minute",
)
# Usage: bbox and tiles of the layer `tracks`.
Index("track_geom_idx", track.c.geom, postgresql_using="gist")

skill = Table(
    "skill",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="licence, language, equipment, training"),
    schema=SCHEMA,
)
