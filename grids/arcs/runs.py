"""A run of an arc: what lies between two of its vertices, and what takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from grids.arcs.cuts import canonical_start, rolled
from grids.arcs.model import Arc, Coords, Node, Topology
from grids.arcs.rules import BrokenRuleError, Rule
from spatial.errors import InputError, NotFoundError

type Line = Coords | Sequence[Node]


class Run(NamedTuple):
    """The vertices of an arc from one to another, by their numbers along it.

    A run of a ring without a node may lead over its end: then `last` isn't above `first`.
    """

    arc_id: int
    first: int
    last: int


def find_arc(topology: Topology, arc_id: int) -> Arc:
    """The arc of this id.

    Raises:
        NotFoundError: there is none.
    """
    arc = topology.arcs.get(arc_id)
    if arc is None:
        raise NotFoundError(f"there is no arc {arc_id} / 边界不存在", remedy="read the draft again")
    return arc


def is_free_ring(topology: Topology, arc: Arc) -> bool:
    """Whether the arc is a ring that no other arc meets."""
    return arc.is_closed and len(topology.arcs_at[arc.start]) == 2


def opened(topology: Topology, run: Run) -> tuple[Arc, int, int]:
    """The arc, begun at the run if it is a free ring, and the run's first and last vertex.

    Raises:
        NotFoundError: there is no such arc.
        InputError: it has no such run.
    """
    arc = find_arc(topology, run.arc_id)
    if not is_free_ring(topology, arc):
        if not 0 <= run.first < run.last < len(arc.coords):
            raise _no_run(run, arc)
        return arc, run.first, run.last
    count = len(arc.coords) - 1
    if not (0 <= run.first <= count and 0 <= run.last <= count):
        raise _no_run(run, arc)
    if run.first < run.last:
        return arc, run.first, run.last
    span = (run.last - run.first - 1) % count + 1
    return Arc(rolled(arc.coords, run.first % count), arc.left, arc.right), 0, span


def _no_run(run: Run, arc: Arc) -> InputError:
    return InputError(
        f"arc {run.arc_id} has vertices 0 to {len(arc.coords) - 1}, no run from {run.first} "
        f"to {run.last} / 顶点序号不对",
        remedy="read the draft again",
    )


def replaced(topology: Topology, run: Run, between: Coords) -> Arc:
    """The arc with other vertices between the two ends of a run, which stay.

    A free ring begins at its canonical start again, as it will after a split and a merge.

    Raises:
        NotFoundError: there is no such arc.
        InputError: it has no such run.
    """
    arc, first, last = opened(topology, run)
    coords = np.concatenate([arc.coords[: first + 1], between, arc.coords[last:]])
    if is_free_ring(topology, topology.arcs[run.arc_id]):
        coords = rolled(coords, canonical_start(coords))
    return Arc(coords, arc.left, arc.right, arc.start_cut, arc.end_cut)


def line_coords(line: Line) -> Coords:
    """A drawn line as (n, 2) longitudes and latitudes; of vertices that repeat, the first.

    Raises:
        InputError: it isn't made of pairs of degrees.
    """
    try:
        coords = np.asarray(line, dtype=np.float64)
    except (TypeError, ValueError):
        coords = np.full((1, 1), np.nan)
    coords = coords.reshape(-1, 2) if coords.size == 0 else coords
    if coords.ndim != 2 or coords.shape[1] != 2 or not np.isfinite(coords).all():
        raise InputError("a line is made of pairs of longitude and latitude / 线坐标不对")
    if (np.abs(coords) > (180, 90)).any():
        raise InputError("a line's coordinates must be degrees / 线坐标应为经纬度")
    repeats = (coords[1:] == coords[:-1]).all(axis=1)
    return np.delete(coords, np.flatnonzero(repeats) + 1, axis=0) if repeats.any() else coords


def refuse_outline(arc: Arc, place: Node) -> None:
    """Refuse what would change the town's outline.

    Raises:
        BrokenRuleError: the arc is part of it.
    """
    if arc.is_outline:
        raise BrokenRuleError(Rule.OUTLINE, place, arc.faces)
