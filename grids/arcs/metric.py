"""Arcs in metres, projected when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from grids.arcs.model import Coords
from grids.arcs.plane import Plane


class MetricArcs:
    """Projected coordinates of arcs by id; projects what is missing, in one call."""

    def __init__(self, stored: Callable[[int], Coords], plane: Plane) -> None:
        self._stored = stored
        self._plane = plane
        self._xy: dict[int, Coords] = {}

    def load(self, arc_ids: Iterable[int]) -> None:
        """Project some arcs together, which is quicker than one by one."""
        missing = [arc_id for arc_id in arc_ids if arc_id not in self._xy]
        if not missing:
            return
        lonlat = [self._stored(arc_id) for arc_id in missing]
        xy = self._plane.to_metres(np.concatenate(lonlat))
        ends = np.cumsum([len(coords) for coords in lonlat])[:-1]
        self._xy.update(zip(missing, np.split(xy, ends), strict=True))

    def coords(self, arc_id: int) -> Coords:
        """(n, 2) eastings and northings of an arc."""
        if arc_id not in self._xy:
            self.load([arc_id])
        return self._xy[arc_id]

    def open_lines(self, arc_ids: Iterable[int]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
        """The arcs as lines that end elsewhere than they begin (a ring as two), and their ids.

        An open line's interior holds all of it but the nodes, which is where arcs may meet.
        """
        parts: list[Coords] = []
        owners: list[int] = []
        for arc_id in arc_ids:
            xy = self.coords(arc_id)
            if (xy[0] == xy[-1]).all():
                middle = len(xy) // 2
                parts += [xy[: middle + 1], xy[middle:]]
                owners += [arc_id, arc_id]
            else:
                parts.append(xy)
                owners.append(arc_id)
        indices = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        lines = shapely.linestrings(np.concatenate(parts), indices=indices)
        return np.asarray(lines, dtype=object), np.asarray(owners, dtype=np.int64)
