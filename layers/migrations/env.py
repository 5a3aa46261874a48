"""Alembic's environment: sees every room's tables."""

from __future__ import annotations

from alembic import context

import grids.tables
import layers.tables
import routing.tables
from spatial.tables import metadata

ROOMS = ("spatial", grids.tables.SCHEMA, routing.tables.SCHEMA, layers.tables.SCHEMA)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name in ROOMS,
    version_table="alembic_version",
    version_table_schema="layers",
)
with context.begin_transaction():
    context.run_migrations()
