"""Who answers for a micro-grid of a high-rise."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Table, func

from layers.tables import SCHEMA
from spatial.tables import metadata, town_id

share_member = Table(
    "share_member",
    metadata,
    Column("share_id", BigInteger, ForeignKey("grids.share.id"), primary_key=True),
    town_id(),
    Column("account_id", BigInteger, ForeignKey("layers.account.id"), nullable=False),
    Column("by_account", BigInteger, comment="who said so"),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    schema=SCHEMA,
    comment="the grid member who answers for a micro-grid of a high-rise",
)
