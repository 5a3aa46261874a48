"""Whether a file's units and those that stay tile each other; slivers repaired where asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids.arcs.plane import Plane
from grids.cleaning.flaws import Flaw, FlawKind, Polygons, level_flaws, mended, parent_flaws
from grids.cleaning.repair import Repair, repair_level, repair_parents
from grids.cleaning.snapping import as_places
from grids.coverage import coverage_faults, union_fault
from layers.coverage_check import LEVEL_NAMES
from layers.importing.grid_flaws import FaultyCoverageError, LevelFlaws
from layers.importing.grid_preview import Preview, preview_units
from layers.importing.grid_rows import GridRow
from layers.importing.grid_units import Unit, Units
from layers.importing.options import ImportOptions
from spatial.crs import metric_srid_of


@dataclass(frozen=True)
class SoundCoverage:
    """What can be stored.

    Attributes:
        rows: those of the file, with their shapes after the repair.
        stored: new shapes of units that are not in the file, by id.
        notes: what was moved.
    """

    rows: list[GridRow]
    stored: dict[int, BaseGeometry] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Level:
    """The shaped units of a level, in metres."""

    units: list[Unit]
    polygons: Polygons
    parent_of: NDArray[np.int64]


@dataclass(frozen=True)
class _Import:
    """What is known of the file.

    Attributes:
        width_m: slivers up to it are repaired; None repairs none.
    """

    preview: Preview
    rows: list[GridRow]
    plane: Plane
    file_name: str
    width_m: float | None

    def refuse(self, told: Sequence[LevelFlaws]) -> None:
        """Raise the error that tells faults, if there are any."""
        if any(each.flaws for each in told):
            raise FaultyCoverageError.of(told, self.plane, self.file_name, self.width_m)


class _LevelRepair(NamedTuple):
    """What was repaired of a level; `below` has the children whose unions its shapes are."""

    below: _Level
    level: _Level
    repair: Repair


def sound_coverage(
    units: Units, rows: list[GridRow], options: ImportOptions, clean_width_m: float | None
) -> SoundCoverage:
    """The rows, if with them every level tiles the one above it; repaired up to a width.

    Args:
        units: the town's, as they are stored.
        rows: by level from the top down, in EPSG:4326.

    Raises:
        FaultyCoverageError: tells every fault.
        InputError: a row has no parent.
    """
    name = options.path.name
    preview = preview_units(units, rows, name)
    stated = _Import(preview, rows, _plane_of(units, rows), name, clean_width_m)
    levels = _levels(preview.units, stated.plane)
    if clean_width_m is None:
        above = [None, *levels[:-1]]
        pairs = zip(levels, above, strict=True)
        stated.refuse([flaws for pair in pairs for flaws in _flaws_of(*pair)])
        return SoundCoverage(rows)
    repairs = _repaired(stated, levels, clean_width_m)
    return _as_sound(stated, repairs, _shapes_by_unit(repairs, levels, stated.plane))


def _plane_of(units: Units, rows: Sequence[GridRow]) -> Plane:
    if units.town.metric_srid is not None:
        return Plane(units.town.metric_srid)
    west, south, east, north = shapely.total_bounds([row.geom for row in rows]).tolist()
    return Plane(metric_srid_of((west + east) / 2, (south + north) / 2))


def _levels(units: Units, plane: Plane) -> list[_Level]:
    """From the town down, those that have shapes."""
    levels: list[_Level] = []
    for number in LEVEL_NAMES:
        shaped = units.shaped(number)
        if not shaped:
            continue
        above = {unit.id: row for row, unit in enumerate(levels[-1].units)} if levels else {}
        parents = [above.get(unit.parent_id or 0, -1) for unit in shaped]
        polygons = plane.projected([unit.geom for unit in shaped if unit.geom])
        levels.append(_Level(shaped, polygons, np.asarray(parents, dtype=np.int64)))
    return levels


def _flaws_of(level: _Level, above: _Level | None) -> list[LevelFlaws]:
    own = level_flaws(level.polygons)
    found = [LevelFlaws(level.units, level.units, own)]
    if above is not None:
        flaws = _flaws_below(level, above) if own else _flaws_below_of_sound(level, above)
        found.append(LevelFlaws(level.units, above.units, flaws))
    return found


def _flaws_below(level: _Level, above: _Level) -> list[Flaw]:
    return parent_flaws(mended(level.polygons), above.polygons, level.parent_of)


def _flaws_below_of_sound(level: _Level, above: _Level) -> list[Flaw]:
    """Like `_flaws_below`, of a sound coverage, whose exact unions tell which parents to look at.

    Most often none: then there is nothing to take apart.
    """
    apart = _rings_apart(level, above)
    rows = [row for flaw in apart for row in flaw.polygons]
    return parent_flaws(level.polygons, above.polygons, level.parent_of, rows) or apart


def _rings_apart(level: _Level, above: _Level) -> list[Flaw]:
    """Parents of which the union of sound children has other vertices, on the same ground."""
    flaws = []
    for row, parent in enumerate(above.polygons):
        children = level.polygons[level.parent_of == row]
        where = union_fault(children, parent) if len(children) else parent
        if where is not None:
            flaws.append(Flaw(FlawKind.UNCOVERED, (row,), where, 0.0, 0.0))
    return flaws


def _repaired(stated: _Import, levels: list[_Level], width_m: float) -> list[_LevelRepair]:
    """From the bottom up: the lowest level, then each as the union of the one below."""
    lowest = levels[-1]
    repairs = [_LevelRepair(lowest, lowest, repair_level(lowest.polygons, width_m))]
    _refuse_left(stated, repairs[0])
    for below, level in zip(levels[:0:-1], levels[-2::-1], strict=True):
        children = repairs[-1].repair.polygons
        repair = repair_parents(children, level.polygons, below.parent_of, width_m)
        repairs.append(_LevelRepair(below, level, repair))
        _refuse_left(stated, repairs[-1])
    return repairs


def _refuse_left(stated: _Import, repaired: _LevelRepair) -> None:
    """What is too wide; a parent without children beside parents that took new edges on."""
    below, level, repair = repaired
    stated.refuse([LevelFlaws(below.units, level.units, repair.left)])
    if coverage_faults(repair.polygons, 0.0):
        flaws = level_flaws(repair.polygons)
        stated.refuse([LevelFlaws(level.units, level.units, flaws)])


def _shapes_by_unit(
    repairs: list[_LevelRepair], levels: list[_Level], plane: Plane
) -> dict[int, BaseGeometry]:
    """The changed shapes in EPSG:4326; vertices that were there keep their stored coordinates."""
    stored = np.concatenate([[unit.geom for unit in level.units] for level in levels])
    lonlat = shapely.get_coordinates(stored)
    metric, first = np.unique(as_places(plane.to_metres(lonlat)), return_index=True)
    lonlat = lonlat[first]

    def back(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        places, number = np.unique(as_places(xy), return_inverse=True)
        found = np.searchsorted(metric, places).clip(max=len(metric) - 1)
        known = metric[found] == places
        result: NDArray[np.float64] = lonlat[found]
        if not known.all():
            new = places[~known]
            result[~known] = plane.to_lonlat(np.column_stack([new.real, new.imag]))
        everywhere: NDArray[np.float64] = result[number]
        return everywhere

    return {
        level.units[row].id: shapely.transform(repair.polygons[row], back)
        for _, level, repair in repairs
        for row in repair.changed
    }


def _as_sound(
    stated: _Import, repairs: list[_LevelRepair], shapes: dict[int, BaseGeometry]
) -> SoundCoverage:
    changed = list(stated.rows)
    stored = {}
    for unit_id, shape in shapes.items():
        if unit_id in stated.preview.row_of:
            number = stated.preview.row_of[unit_id]
            changed[number] = replace(changed[number], geom=_as_multi(shape))
        else:
            stored[unit_id] = _as_multi(shape)
    notes = tuple(_note(level, repair) for _, level, repair in repairs if repair.changed)
    return SoundCoverage(changed, stored, notes)


def _as_multi(shape: BaseGeometry) -> BaseGeometry:
    return shapely.MultiPolygon(shapely.get_parts(shape).tolist())


def _note(level: _Level, repair: Repair) -> str:
    name = LEVEL_NAMES[level.units[0].level]
    slivers = [flaw for flaw in repair.mended if flaw.area_m2 > 0]
    crossed = sum(flaw.kind is FlawKind.CROSSING for flaw in repair.mended)
    rings = f" {crossed} rings uncrossed;" if crossed else ""
    widest_m = max((flaw.width_m for flaw in slivers), default=0.0)
    return (
        f"{name}: {len(repair.changed)} shapes cleaned / 已修复:{rings}"
        f" {len(slivers)} slivers up to {widest_m:.3f} m wide;"
        f" {repair.vertices_moved} vertices moved, at most {repair.farthest_m:.3f} m;"
        f" {repair.vertices_added} added; {repair.area_m2:.2f} m² went to another unit"
    )
