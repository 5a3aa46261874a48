"""Whether the outside runs in between two units, narrower than a gap may be.

Between units no gap can come about, since they share their arcs; only the outline can leave one:
when it is moved, or when a face around a narrow inlet is divided, so that its banks are two units'.
The whole check also takes a tip for a gap that a unit sends in between the outline and a neighbour,
so such a tip isn't let in either.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from grids.arcs.metric import MetricArcs
from grids.arcs.model import Coords, Topology
from grids.arcs.trace import metric_polygon
from grids.coverage import GAP_WIDTHS_M
from grids.coverage_edges import invalid_edges

_AROUND_DEG = 1e-4  # more than the widest gap, at any latitude where people live
_WIDTH_M = max(GAP_WIDTHS_M)
_LEAST_M = 1e-6


def gap_beside(
    topology: Topology, metric: MetricArcs, arc_ids: Sequence[int]
) -> tuple[int, tuple[float, float]] | None:
    """A gap at the outline near some arcs: a unit on its bank, and a point of it in metres."""
    near = set[int]().union(*(topology.index.near(_around(topology.coords(i))) for i in arc_ids))
    outline = [arc_id for arc_id in sorted(near) if topology.arcs[arc_id].is_outline]
    if not outline:
        return None
    faces = sorted(topology.faces_beside(near))
    shapes = np.array([metric_polygon(topology, metric, face) for face in faces], dtype=object)
    banks = invalid_edges(shapes, _WIDTH_M)
    # A face of these seems to have a gap beside it where it borders one that isn't among them.
    banks = shapely.intersection(banks, _lines(metric, outline))
    here = shapely.distance(banks, _lines(metric, arc_ids)) <= _WIDTH_M
    for face, bank in zip(np.array(faces)[here].tolist(), banks[here], strict=True):
        if shapely.length(bank) > _LEAST_M:
            x, y = shapely.point_on_surface(bank).coords[0]
            return face, (x, y)
    return None


def _lines(metric: MetricArcs, arc_ids: Sequence[int]) -> shapely.MultiLineString:
    return shapely.MultiLineString([metric.coords(arc_id) for arc_id in arc_ids])


def _around(coords: Coords) -> Coords:
    return np.array([coords.min(axis=0) - _AROUND_DEG, coords.max(axis=0) + _AROUND_DEG])
