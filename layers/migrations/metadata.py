"""Every table of every room, known to SQLAlchemy once this is imported."""

from __future__ import annotations

import grids.draft_tables
import grids.rule_tables
import grids.share_tables
import grids.tables
import layers.accounts.credential_tables
import layers.accounts.share_tables
import layers.accounts.tables
import layers.changes.tables
import layers.delivery.tables
import layers.dispatch.decision_tables
import layers.dispatch.incident_tables
import layers.dispatch.neighbour_tables
import layers.dispatch.order_tables
import layers.dispatch.setting_tables
import layers.gazetteer.tables
import layers.jobs.tables
import layers.positions.tables
import layers.tables
import routing.stored.closure_tables
import routing.stored.speed_tables
import routing.stored.tables
from spatial import tables as spatial_tables

metadata = spatial_tables.metadata
ROOMS = (
    spatial_tables.SCHEMA,
    grids.tables.SCHEMA,
    routing.stored.tables.SCHEMA,
    layers.tables.SCHEMA,
)

__all__ = ["ROOMS", "metadata"]
