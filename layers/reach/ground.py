"""What coverage is measured on: the cells along the streets, premises, rooms, expected incidents.

Snapping all of it takes a second; it is kept as long as the streets are the same, and each kind of
target as long as its own rows are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray

from grids.cells import Cells, cell_boundaries, cell_centres, cells_beside, cells_of_points
from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.reach.coverage import Places
from spatial.town import Town

Floats = NDArray[np.float64]
# A cell whose middle is farther from every street of a mode isn't shaded for it.
CELL_ASIDE_M = 80.0
# A cell without a street that touches so many with one, a courtyard, is shaded with them.
_ENCLOSED_BY = 4
FINEST_RESOLUTION = 11
SITE_RESOLUTION = 9
MOST_CELLS = 40_000
_STEP_DEG = 0.00025


@dataclass(frozen=True)
class Targets:
    """Weighted places that are to be reached.

    Attributes:
        places: P of them.
        weight: (P,) how much each counts.
        names: (P,) what they are called, where that is anybody's business.
    """

    places: Places
    weight: Floats
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class StreetCells:
    """The H3 cells that streets pass through.

    Attributes:
        resolution: 11; coarser where a town has more than MOST_CELLS.
        cells: (C,) ascending.
        places: their middles, on the streets near them.
        version: changes whenever the cells do.
    """

    resolution: int
    cells: Cells
    places: Places
    version: str

    @cached_property
    def geojson(self) -> str:
        """A FeatureCollection of the hexagons; ids are positions, from 1, corners to decimetres."""
        rounded = shapely.transform(cell_boundaries(self.cells), lambda xy: np.round(xy, 6))
        features = ",".join(
            f'{{"type":"Feature","id":{number},"properties":{{}},"geometry":{shape}}}'
            for number, shape in enumerate(shapely.to_geojson(rounded), start=1)
        )
        return f'{{"type":"FeatureCollection","features":[{features}]}}'


class Ground:
    """The ground of one engine's streets."""

    def __init__(self, engine: Engine, town: Town) -> None:
        """Know the streets.

        Args:
            engine: of the streets.
            town: inside whose outline cells and sites are.
        """
        self.engine = engine
        self._town = town
        self._turn = Lock()
        self._kept: dict[str, tuple[Hashable, Targets]] = {}

    @cached_property
    def cells(self) -> StreetCells:
        """The cells along the streets that any mode may use."""
        along = self._along_streets()
        for resolution in range(FINEST_RESOLUTION, 0, -1):
            passed = np.unique(cells_of_points(along[:, 0], along[:, 1], resolution))
            enclosed = cells_beside(passed, _ENCLOSED_BY)
            cells = self._inside(np.union1d(passed, enclosed))
            if len(cells) <= MOST_CELLS:
                break
        version = hashlib.sha256(cells.tobytes()).hexdigest()[:16]
        places = Places(self.engine, _middles(cells), CELL_ASIDE_M)
        return StreetCells(resolution, cells, places, version)

    @cached_property
    def sites(self) -> Floats:
        """(J, 2) where one might stand by: the middles of large cells with streets."""
        lon, lat = self._nodes().T
        return _middles(self._inside(np.unique(cells_of_points(lon, lat, SITE_RESOLUTION))))

    def keep(self, name: str, version: Hashable, read: Callable[[], Targets]) -> Targets:
        """Targets by name, read anew when their version has changed."""
        with self._turn:
            if name not in self._kept or self._kept[name][0] != version:
                self._kept[name] = version, read()
            return self._kept[name][1]

    def _along_streets(self) -> Floats:
        graph = self.engine.graph
        lines = graph.lines[(graph.modes != 0).any(axis=1)]
        return np.asarray(shapely.get_coordinates(shapely.segmentize(lines, _STEP_DEG)))

    def _nodes(self) -> Floats:
        graph = self.engine.graph
        return np.asarray(graph.node_xy[np.unique(graph.ends[graph.admits(Mode.CAR).any(axis=1)])])

    def _inside(self, cells: Cells) -> Cells:
        outline = self._town.outline
        if outline is None or not len(cells):
            return cells
        shapely.prepare(outline)
        lon, lat = _middles(cells).T
        return np.asarray(cells[shapely.contains_xy(outline, lon, lat)])


class Grounds:
    """The ground of the present streets, for a process that runs on."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._ground: Ground | None = None
        self._outline: bytes | None = None

    def of(self, engine: Engine, town: Town) -> Ground:
        """The ground of an engine's streets."""
        with self._turn:
            ground = self._ground
            if ground is None or ground.engine is not engine or self._outline != town.outline_wkb:
                self._ground = ground = Ground(engine, town)
                self._outline = town.outline_wkb
            return ground


def _middles(cells: Cells) -> Floats:
    lat, lon = cell_centres(cells)
    return np.column_stack([lon, lat])
