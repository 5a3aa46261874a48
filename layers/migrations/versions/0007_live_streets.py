"""Turns, what streets make one wait, arrays one by one, and what is in force on streets."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
