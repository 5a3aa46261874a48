"""Accounts, jobs, changes and history; when each row was changed; the cell of each point."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from grids.cells import STORED_RESOLUTION, cells_of_points

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_POINTS = ("place", "premises", "responder", "sensor")


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    for table in _POINTS:
        _fill_cells(table)


def _fill_cells(table: str) -> None:
    """The H3 cell of every point that stands there already."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(f"SELECT id, ST_X(geom), ST_Y(geom) FROM layers.{table}")
    ).fetchall()
    if not rows:
        return
    ids, lon, lat = zip(*rows, strict=True)
    cells = cells_of_points(lon, lat, STORED_RESOLUTION).tolist()
    connection.execute(
        sa.text(f"UPDATE layers.{table} SET cell = :cell WHERE id = :id"),
        [{"id": id_, "cell": cell} for id_, cell in zip(ids, cells, strict=True)],
    )
