"""The log of changes: noted by triggers, numbered in the order of commits, and the history."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

from layers.tables import SCHEMA
from spatial.tables import metadata, town_id


class Box(UserDefinedType[str]):
    """PostgreSQL's own type of a box: 32 bytes, no header."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """As it stands in CREATE TABLE."""
        return "box"


def _change_columns() -> tuple[Column[object], ...]:
    """What is known of a change: which feature, and whose it was before and after."""
    return (
        # Without foreign keys: an import notes a row for each of its own.
        Column("town_id", SmallInteger, nullable=False),
        Column("layer", Text, nullable=False),
        Column("feature_id", BigInteger, nullable=False),
        Column("kind", Text, nullable=False, comment="insert, update, delete"),
        Column("department_before", Text),
        Column("department_after", Text),
        Column("grid_before", BigInteger),
        Column("grid_after", BigInteger),
        Column("box_before", Box, comment="degrees"),
        Column("box_after", Box, comment="degrees"),
        Column("account_id", BigInteger, comment="whose change it is"),
        Column("at", DateTime(timezone=True), nullable=False),
    )


# No index: it is read as a whole, by whoever numbers it, and emptied.
pending_change = Table(
    "pending_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("transaction", BigInteger, nullable=False),
    *_change_columns(),
    schema=SCHEMA,
    comment="changes without a number: of open transactions, or committed a moment ago",
)

change = Table(
    "change",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    *_change_columns(),
    schema=SCHEMA,
    comment="changes in the order of their commits",
)
# Usage: the changes of one layer since a number.
Index("change_layer_seq_idx", change.c.town_id, change.c.layer, change.c.seq)

change_position = Table(
    "change_position",
    metadata,
    Column("one_row", Boolean, primary_key=True, server_default=text("true")),
    Column("last", BigInteger, nullable=False, comment="the number given last"),
    Column("forgotten", BigInteger, nullable=False, comment="changes up to here are gone"),
    Column("looked_at", DateTime(timezone=True), nullable=False, comment="see log_passing_time"),
    CheckConstraint("one_row", name="one_row"),
    schema=SCHEMA,
)

history = Table(
    "history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("layer", Text, nullable=False),
    Column("feature_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False, comment="insert, update, delete"),
    Column("before", JSONB, comment="properties, and the geometry as GeoJSON"),
    Column("after", JSONB),
    Column("account_id", BigInteger, comment="who changed it"),
    Column("batch_id", BigInteger, ForeignKey("spatial.batch.id"), comment="or which import"),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    schema=SCHEMA,
    comment="what layers with editors were, kept for ever",
)
# Usage: the history of one feature, newest first, page by page.
Index("history_feature_idx", history.c.town_id, history.c.layer, history.c.feature_id, history.c.id)
