"""The first tables of every room.

While nothing has been released they are made from the rooms' metadata as it stands; from the first
release on, each change of a table is a migration of its own.
"""

from alembic import op

from layers.migrations.metadata import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
