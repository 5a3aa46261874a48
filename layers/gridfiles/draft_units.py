"""The units of a draft as rows of a file: to be looked at elsewhere before they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import shapely

from grids.arcs.trace import polygons
from layers.boundaries.cache import DraftCache
from layers.boundaries.draft_rows import find_draft
from layers.boundaries.redraw import Coverage
from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.share_rows import read_labels, share_rows
from layers.gridfiles.units import UnitRow
from spatial.town import Town


def read_draft_rows(
    connection: psycopg.Connection[Any], town: Town, draft_id: int
) -> list[UnitRow]:
    """The units as a draft has them now, from the town down, in EPSG:4326.

    Args:
        connection: in a transaction of somebody who drafts.

    Raises:
        NotFoundError: there is no such draft.
    """
    draft = find_draft(connection, town, draft_id)
    coverage = DraftCache().state(connection, town, draft).now
    labels = read_labels(connection, coverage.shares)
    return [row for level in LEVEL_NAMES for row in _rows_of_level(coverage, level, labels)]


def _rows_of_level(
    coverage: Coverage, level: int, labels: Mapping[int, str | None]
) -> list[UnitRow]:
    rows = []
    for unit, shape in polygons(coverage.topology, level).items():
        named = coverage.attributes[unit]
        parent = coverage.attributes.get(coverage.topology.units.by_id[unit].parent)
        whole = shapely.MultiPolygon(shapely.get_parts(shape).tolist())
        shares = share_rows(named.code, coverage.shares.get(unit, ()), labels)
        rows.append(UnitRow(level, *named, parent.code if parent else None, None, whole, shares))
    return sorted(rows, key=lambda row: row.code)
