"""Alembic's environment: sees every room's tables."""

from __future__ import annotations

from alembic import context

from layers.migrations.metadata import ROOMS, metadata

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
