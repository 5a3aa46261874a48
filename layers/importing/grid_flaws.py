"""The faults of a coverage with the names of units: one line each, and a file to look at them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from grids.arcs.plane import Plane
from grids.cleaning.flaws import Flaw, FlawKind
from layers.coverage_check import LEVEL_NAMES
from layers.importing.grid_units import Unit
from spatial.errors import InputError

_SAID = {
    FlawKind.CROSSING: "Self-intersection: its ring crosses itself / 自相交",
    FlawKind.OVERLAP: "overlap / 重叠",
    FlawKind.GAP: "gap / 缝隙",
    FlawKind.SPLINTER: "a splinter apart from everything / 孤立碎片",
    FlawKind.UNMATCHED: "edges don't share their vertices / 公共边节点不一致",
    FlawKind.UNCOVERED: "the union's rings are not the parent's: uncovered / 下级未铺满",
    FlawKind.BEYOND: "the union's rings are not the parent's: beyond it / 超出上级",
}
_MOST_NAMED = 3
# Wider ground is nobody's slip of the pen: to give it away takes a person who looks at it.
_WIDEST_SLIVER_M = 10.0
_DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".json": "GeoJSON"}


class LevelFlaws(NamedTuple):
    """Flaws, and the units that their rows mean: the parents', for UNCOVERED."""

    units: Sequence[Unit]
    parents: Sequence[Unit]
    flaws: Sequence[Flaw]


@dataclass(frozen=True)
class NamedFlaw:
    """A flaw as a person is told of it.

    Attributes:
        level: villages, grids, …
        units: names and codes.
        where: in EPSG:4326.
        place: longitude and latitude in it.
    """

    kind: FlawKind
    level: str
    units: str
    width_m: float
    area_m2: float
    where: BaseGeometry
    place: tuple[float, float]

    def __str__(self) -> str:
        lon, lat = self.place
        size = f", {self.width_m:.3f} m wide, {self.area_m2:.2f} m²" if self.area_m2 else ""
        return f"{self.level}: {self.units}: {_SAID[self.kind]}{size}, near {lon:.6f}, {lat:.6f}"


class FaultyCoverageError(InputError):
    """A file's units don't tile the town; tells every fault.

    Attributes:
        repairing_width_m: slivers up to it would have to be repaired for all of them to go.
    """

    flaws: list[NamedFlaw]
    repairing_width_m: float

    @classmethod
    def of(
        cls, told: Sequence[LevelFlaws], plane: Plane, file_name: str, width_m: float | None
    ) -> Self:
        """The error for some faults; `width_m` is what was to be repaired."""
        flaws = [_named(flaw, each, plane) for each in told for flaw in each.flaws]
        widest = max(flaw.width_m for flaw in flaws)
        if width_m is not None:
            remedy = f"{len(flaws)} faults are wider than --clean {width_m:g}: correct them"
        elif widest <= _WIDEST_SLIVER_M:
            remedy = f"{len(flaws)} faults; --clean {_round_up(widest)} would repair slivers"
        else:
            wide = sum(flaw.width_m > _WIDEST_SLIVER_M for flaw in flaws)
            remedy = f"{len(flaws)} faults; {wide} of them are no slivers: correct the file"
        error = cls(f"{file_name}: nothing loaded: {flaws[0]}", remedy=remedy)
        error.flaws = flaws
        error.repairing_width_m = float(_round_up(widest))
        return error


def _round_up(width_m: float) -> str:
    """A width a little larger, to two digits."""
    return f"{float(f'{max(width_m, 0.001) * 1.1:.1e}'):g}"


def _named(flaw: Flaw, told: LevelFlaws, plane: Plane) -> NamedFlaw:
    units = told.parents if flaw.kind is FlawKind.UNCOVERED else told.units
    concerned = [units[row] for row in flaw.polygons]
    names = ", ".join(f"{unit.name} {unit.code}" for unit in concerned[:_MOST_NAMED])
    more = f" +{len(concerned) - _MOST_NAMED}" if len(concerned) > _MOST_NAMED else ""
    where = shapely.transform(flaw.where, plane.to_lonlat)
    place = shapely.get_coordinates(shapely.point_on_surface(where))
    lon, lat = (place if len(place) else shapely.get_coordinates(where))[0].tolist()
    return NamedFlaw(
        flaw.kind,
        LEVEL_NAMES[concerned[0].level],
        names + more,
        flaw.width_m,
        flaw.area_m2,
        where,
        (lon, lat),
    )


def write_flaws(flaws: Sequence[NamedFlaw], path: Path) -> None:
    """Draw faults into a GeoPackage (places and shapes) or GeoJSON (shapes), in EPSG:4326.

    Raises:
        InputError: the name says neither.
    """
    driver = _DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise InputError(f"{path.name}: which format? / 格式不明", remedy="FILE.gpkg, FILE.geojson")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    table = gpd.GeoDataFrame(
        list(_records(flaws)), geometry=[flaw.where for flaw in flaws], crs=4326
    )
    table.to_file(path, driver=driver, layer="fault_shapes")
    if driver == "GPKG":  # slivers are too small to be seen from afar
        places = shapely.points(np.asarray([flaw.place for flaw in flaws]))
        table.set_geometry(places, crs=4326).to_file(path, driver=driver, layer="fault_places")


def _records(flaws: Sequence[NamedFlaw]) -> Iterator[dict[str, object]]:
    for flaw in flaws:
        yield {
            "kind": flaw.kind.value,
            "level": flaw.level,
            "units": flaw.units,
            "width_m": round(flaw.width_m, 4),
            "area_m2": round(flaw.area_m2, 4),
            "lon": flaw.place[0],
            "lat": flaw.place[1],
        }
