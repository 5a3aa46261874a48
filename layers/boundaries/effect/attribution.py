"""Which micro-grid an incident belongs to after the coverage has changed."""

from __future__ import annotations

from datetime import datetime
from importlib import resources

from layers.boundaries.coverage import Connection
from spatial.town import Town


def attribute_incidents_anew(
    connection: Connection, town: Town, since: datetime, now: datetime
) -> int:
    """Bring open incidents into the grids that hold now; how many went over.

    A closed one keeps its grid, unless it happened after the change.

    Args:
        connection: the owner's.
        since: from when the coverage is another one.
        now: at which moment the open ones belong somewhere.
    """
    text = resources.files("layers.boundaries.effect").joinpath("attribute.sql")
    statement = text.read_text("utf-8")
    values = {"town_id": town.id, "moment": since, "now": now}
    return connection.execute(statement.encode(), values).rowcount
