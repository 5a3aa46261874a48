"""What a town has settled for its units: bands, least sizes, codes; and who settled it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from grids.tables import SCHEMA
from spatial.tables import metadata, town_id


def _town_key() -> Column[int]:
    return Column("town_id", SmallInteger, ForeignKey("spatial.town.id"), primary_key=True)


town_rules = Table(
    "town_rules",
    metadata,
    _town_key(),
    Column("min_area_m2", Float, nullable=False),
    Column("min_width_m", Float, nullable=False),
    Column("code_scheme", Text, nullable=False, comment="digits of each level, e.g. 6+3, 3, 3, 2"),
    CheckConstraint("min_area_m2 BETWEEN 1 AND 1000000", name="min_area"),
    CheckConstraint("min_width_m BETWEEN 0.1 AND 100", name="min_width"),
    schema=SCHEMA,
    comment="a town without a row has the defaults",
)

band = Table(
    "band",
    metadata,
    _town_key(),
    Column("level", SmallInteger, primary_key=True),
    Column("least", Integer, nullable=False, comment="households"),
    Column("most", Integer, nullable=False),
    CheckConstraint("level BETWEEN 2 AND 4", name="level"),
    CheckConstraint("1 <= least AND least <= most", name="holds_something"),
    schema=SCHEMA,
    comment="how many households a unit of a level should have; without a row the default",
)

rule_event = Table(
    "rule_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("by_account", BigInteger, comment="NULL: the installation's operator, at the machine"),
    Column("before", JSONB, comment="NULL: the defaults"),
    Column("after", JSONB),
    schema=SCHEMA,
    comment="who settled what; written by triggers, changed by nobody",
)
