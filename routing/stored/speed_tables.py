"""How fast one really moves: what was driven, what was learned of it, and what the town has set."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from routing.stored.tables import SCHEMA
from spatial.tables import metadata, town_id

speed_setting = Table(
    "speed_setting",
    metadata,
    town_id(),
    Column("uses_learned", Boolean, nullable=False, server_default="true"),
    Column("least_share", Float, nullable=False, server_default="0.3"),
    Column(
        "most_share",
        Float,
        nullable=False,
        server_default="1",
        comment="of the stated speed: 1 is never faster",
    ),
    Column(
        "least_samples",
        Integer,
        nullable=False,
        server_default="5",
        comment="of a street, before they count",
    ),
    Column("kept_days", Integer, nullable=False, server_default="90"),
    Column("learned_to", DateTime(timezone=True), comment="tracks up to here are read"),
    Column(
        "revision",
        BigInteger,
        nullable=False,
        server_default=text("nextval('routing.measure_revision')"),
        comment="from the sequence of measures: grows with every change",
    ),
    PrimaryKeyConstraint("town_id"),
    CheckConstraint(
        "least_share > 0 AND least_share <= most_share AND most_share <= 1", name="shares"
    ),
    CheckConstraint("least_samples > 0 AND kept_days > 0", name="counts"),
    schema=SCHEMA,
)


def _hour() -> tuple[Column[int] | Column[bool] | Column[str], ...]:
    """Whose hour of which kind of day."""
    return (
        town_id(),
        Column("mode", SmallInteger, nullable=False),
        Column("class", Text, nullable=False),
        Column("weekend", Boolean, nullable=False),
        Column("hour", SmallInteger, nullable=False),
    )


_HOUR_KEY = ("town_id", "mode", "class", "weekend", "hour")

hour_share = Table(
    "hour_share",
    metadata,
    *_hour(),
    Column("share", Float, nullable=False),
    PrimaryKeyConstraint(*_HOUR_KEY),
    CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
    CheckConstraint("share > 0 AND share <= 1", name="share"),
    schema=SCHEMA,
    comment="share of the free speed that is left, as the town has set it",
)

learned_hour = Table(
    "learned_hour",
    metadata,
    *_hour(),
    Column("samples", Integer, nullable=False),
    Column(
        "measured_share",
        Float,
        nullable=False,
        comment="of the free speed: median of what was driven",
    ),
    Column("spread", Float, nullable=False),
    Column("share", Float, nullable=False, comment="of the free speed: what is used"),
    PrimaryKeyConstraint(*_HOUR_KEY),
    schema=SCHEMA,
)

speed_sample = Table(
    "speed_sample",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("version", Integer, nullable=False),
    Column("street_id", BigInteger, nullable=False),
    Column("forward", Boolean, nullable=False),
    Column("class", Text, nullable=False),
    Column("mode", SmallInteger, nullable=False),
    Column("weekend", Boolean, nullable=False),
    Column("hour", SmallInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("length_m", Float, nullable=False),
    Column("free_s", Float, nullable=False, comment="what it takes when it is free"),
    Column("taken_s", Float, nullable=False),
    CheckConstraint("length_m > 0 AND free_s > 0 AND taken_s > 0", name="times"),
    schema=SCHEMA,
    comment="a street driven through; by whom is not kept",
)
# Usage: those of the days that are kept, for learning, and those that are older, to be deleted.
Index("speed_sample_day_idx", speed_sample.c.town_id, speed_sample.c.day)

learned_speed = Table(
    "learned_speed",
    metadata,
    Column("town_id", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mode", SmallInteger, nullable=False),
    Column("street_id", BigInteger, nullable=False),
    Column("forward", Boolean, nullable=False),
    Column("samples", Integer, nullable=False),
    Column("stated_kph", Float, nullable=False),
    Column("measured_kph", Float, nullable=False, comment="median of what was driven"),
    Column("spread", Float, nullable=False, comment="standard deviation of the logarithms"),
    Column(
        "share",
        Float,
        nullable=False,
        comment="of the speed of its class at that hour: what is used",
    ),
    PrimaryKeyConstraint("town_id", "version", "mode", "street_id", "forward"),
    ForeignKeyConstraint(
        ["town_id", "version"],
        ["routing.graph.town_id", "routing.graph.version"],
        ondelete="CASCADE",
    ),
    schema=SCHEMA,
)

speed_edition = Table(
    "speed_edition",
    metadata,
    Column("town_id", SmallInteger, nullable=False),
    Column("revision", BigInteger, nullable=False, comment="of routing.speed_setting"),
    Column("version", Integer, comment="of the streets; NULL: there were none"),
    Column("least_share", Float, nullable=False),
    Column("most_share", Float, nullable=False),
    Column(
        "hours",
        JSONB,
        nullable=False,
        comment="[mode, class, weekend, hour, share], a later one over a former",
    ),
    Column(
        "made_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=func.clock_timestamp(),
    ),
    PrimaryKeyConstraint("town_id", "revision"),
    schema=SCHEMA,
    comment="what counts of speeds at a revision: for engines, and for decisions made again",
)

speed_edition_street = Table(
    "speed_edition_street",
    metadata,
    Column("town_id", SmallInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("mode", SmallInteger, nullable=False),
    Column("street_ids", ARRAY(BigInteger), nullable=False),
    Column("forward", ARRAY(Boolean), nullable=False),
    Column("share", ARRAY(Float), nullable=False),
    PrimaryKeyConstraint("town_id", "revision", "mode"),
    ForeignKeyConstraint(
        ["town_id", "revision"],
        ["routing.speed_edition.town_id", "routing.speed_edition.revision"],
        ondelete="CASCADE",
    ),
    schema=SCHEMA,
    comment="learned street by street, as it counts at a revision; three lists of equal length",
)
