"""Whether what a client drew is a coverage, and then what it changes of the draft. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids.arcs.build import topology_from_polygons
from grids.arcs.change import Before, Change
from grids.arcs.difference import change_to
from grids.arcs.model import Arc, Topology
from grids.arcs.rules import Ground
from grids.arcs.trace import Shape, polygon
from grids.cleaning.flaws import Flaw, FlawKind, are_narrower, level_flaws, mended
from grids.storeys import MicroGrids
from layers.boundaries.clients.sources import Grounds, lineage_between
from layers.boundaries.clients.view import ClientView
from layers.boundaries.redraw import Redraw
from spatial.errors import InputError

type Feature = dict[str, Any]
type Polygons = NDArray[np.object_]

# What rounding leaves of edges that are the same.
_NO_WIDTH_M = 0.001
_SAID = {
    FlawKind.CROSSING: "an edge crosses its own unit / 边界自相交",
    FlawKind.OVERLAP: "units overlap / 单元重叠",
    FlawKind.GAP: "there is a gap between units / 单元之间有缝隙",
    FlawKind.UNMATCHED: "neighbours don't share their vertices here / 相邻边界节点不一致",
}


@dataclass(frozen=True)
class Judgement:
    """What all that a client drew is together.

    Attributes:
        faults: GeoJSON features; empty for a coverage.
        redraw: what it changes of the draft; None where there are faults.
        outline: where the outline of the town is another one, as faults would say it.
        repair_width_m: slivers up to this width are all that is wrong; None where more is.
    """

    faults: list[Feature] = field(default_factory=list)
    redraw: Redraw | None = None
    outline: list[Feature] = field(default_factory=list)
    repair_width_m: float | None = None


def judge(view: ClientView, ground: Ground) -> Judgement:
    """Judge what a client drew, all together."""
    shapes = view.ground()
    metric = ground.plane.projected(list(shapes.values()))
    flaws = level_flaws(metric)
    units = list(shapes)
    found = [*_structure(view), *(_of_flaw(view, ground, units, each) for each in flaws)]
    if found:
        widths = [flaw.width_m for flaw in flaws]
        only_flaws = len(found) == len(flaws)
        return Judgement(found, repair_width_m=max(widths) if only_flaws else None)
    outline = list(_uncovered(view, ground))
    if left := [each for each in outline if each["properties"]["rule"] == "gap"]:
        return Judgement(left)
    try:
        redraw = redraw_of(view, shapes, ground)
    except InputError as error:
        return Judgement([fault(view, "unmatched", error.message, None)])
    return Judgement(redraw=redraw, outline=outline)


def redraw_of(view: ClientView, shapes: Mapping[int, Shape], ground: Ground) -> Redraw:
    """From the draft to what the client drew; arcs beside which nothing was drawn stay.

    Args:
        shapes: of the units that have ground, a valid coverage.

    Raises:
        InputError: it is none.
    """
    before = view.state.now
    names = _different(before.attributes, view.attributes)
    if not any(view.redrawn()):
        change = change_to(before.topology, before.topology.arcs.values(), view.units.by_id)
        return Redraw(change, names, _lineage(view, shapes), _shares(view, shapes))
    polygons = np.asarray(list(shapes.values()), dtype=object)
    made = topology_from_polygons(polygons, list(shapes), view.units.by_id, ground.plane)
    change = _change(before.topology, made, frozenset(view.redrawn()))
    return Redraw(change, names, _lineage(view, shapes), _shares(view, shapes))


def _change(before: Topology, made: Topology, drawn: frozenset[int]) -> Change:
    kept = [arc for arc in before.arcs.values() if not _is_beside(arc, drawn)]
    new = [arc for arc in made.arcs.values() if _is_beside(arc, drawn)]
    return change_to(before, [*kept, *new], made.units.by_id)


def _is_beside(arc: Arc, drawn: frozenset[int]) -> bool:
    return arc.left in drawn or arc.right in drawn


def _lineage(view: ClientView, shapes: Mapping[int, Shape]) -> frozenset[tuple[int, int]]:
    before, after = view.state.now.topology.units.by_id, view.units.by_id
    if before.keys() == after.keys():
        return frozenset()
    return lineage_between(view, view.ground_before(), shapes)


def _shares(view: ClientView, shapes: Mapping[int, Shape]) -> dict[int, Before[MicroGrids]]:
    """The micro-grids that shared a deleted polygon share the one that took most of its ground."""
    before = view.state.now.shares
    after = dict(before)
    for unit in sorted(before.keys() - shapes.keys()):
        was = polygon(view.state.now.topology, unit)
        heir = next(iter(Grounds(shapes).sharers(was)), None)
        moved = after.pop(unit)
        if heir is not None:
            after[heir] = (*after.get(heir, ()), *moved)
    return _different(before, after)


def _different[T](before: Mapping[int, T], after: Mapping[int, T]) -> dict[int, Before[T]]:
    pairs = {unit: (before.get(unit), after.get(unit)) for unit in {**before, **after}}
    return {unit: pair for unit, pair in pairs.items() if pair[0] != pair[1]}


def _structure(view: ClientView) -> Iterator[Feature]:
    """Units whose parent isn't there, and units above with nothing left below."""
    units = view.units
    for unit, (level, parent) in units.by_id.items():
        if level > 1 and parent not in units.by_id:
            yield fault(
                view, "level", "its parent is gone / 上级单元已删除", _inside(view, unit), [unit]
            )
        if not view.is_ground(unit) and not units.children.get(unit):
            text = "the unit has nothing left below it / 上级单元已无下级"
            yield fault(view, "empty_parent", text, None, [unit])


def _inside(view: ClientView, unit: int) -> BaseGeometry:
    return shapely.point_on_surface(view.shape(unit))


def _uncovered(view: ClientView, ground: Ground) -> Iterator[Feature]:
    """Ground that the drawn units had together and have no longer, and that they have taken on.

    Of sound units that is a hole wider than any gap, or the outline has moved.
    """
    topology, drawn = view.state.now.topology, list(view.redrawn())
    old = [polygon(topology, unit) for unit in drawn if unit in topology.arcs_of]
    new = [view.shape(unit) for unit in drawn if unit in view.units.by_id]
    lost, gained = _exchanged(old, new, ground)
    arcs = [arc.coords for arc in topology.arcs.values() if arc.is_outline]
    outline = shapely.MultiLineString([ground.plane.to_metres(coords) for coords in arcs])
    for place in lost:
        at_outline = shapely.distance(place, outline) < _NO_WIDTH_M
        rule = "outline" if at_outline else "gap"
        text = "the outline would move in / 外边界内缩" if at_outline else _SAID[FlawKind.GAP]
        yield fault(view, rule, text, _lonlat(ground, place), _at(view, ground, place, drawn))
    for place in gained:
        text = "the outline would move out / 外边界外扩"
        where = _lonlat(ground, place)
        yield fault(view, "outline", text, where, _at(view, ground, place, drawn))


def _exchanged(
    old: list[Shape], new: list[Shape], ground: Ground
) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """In metres what some polygons lost together, and what they took on.

    A vertex that a client sets on a long edge of the outline lies on it in degrees or in metres,
    never in both (44 mm apart at 2 km): neither moves the outline.
    """
    of_metres = [shapely.union_all(mended(ground.plane.projected(each))) for each in (old, new)]
    of_degrees = [shapely.union_all(np.asarray(each, dtype=object)) for each in (old, new)]
    found = []
    for one, other in ((0, 1), (1, 0)):
        parts = _wide_parts(shapely.difference(of_metres[one], of_metres[other]))
        bent = shapely.difference(of_degrees[one], of_degrees[other])
        there = _wide_parts(shapely.transform(bent, ground.plane.to_metres))
        found.append(parts if there else [])
    return found[0], found[1]


def _wide_parts(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = shapely.get_parts(shapely.get_parts([shape]))
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    if not len(polygons):
        return []
    wide: list[BaseGeometry] = polygons[~are_narrower(polygons, _NO_WIDTH_M)].tolist()
    return wide


def _at(view: ClientView, ground: Ground, place: BaseGeometry, drawn: list[int]) -> list[int]:
    """Those of the drawn units that lie there."""
    there = [unit for unit in drawn if unit in view.units.by_id]
    if not there:
        return []
    shapes = ground.plane.projected([view.shape(unit) for unit in there])
    near = shapely.distance(shapes, place) < _NO_WIDTH_M
    return [unit for unit, is_near in zip(there, near, strict=True) if is_near]


def _of_flaw(view: ClientView, ground: Ground, units: list[int], flaw: Flaw) -> Feature:
    named = [units[row] for row in flaw.polygons]
    text = _SAID.get(flaw.kind, flaw.kind.value)
    rule = flaw.kind.name.lower()
    found = fault(view, rule, text, _lonlat(ground, flaw.where), named)
    found["properties"] |= {"width_m": round(flaw.width_m, 4), "area_m2": round(flaw.area_m2, 3)}
    return found


def _lonlat(ground: Ground, where: BaseGeometry) -> BaseGeometry:
    moved: BaseGeometry = shapely.transform(where, ground.plane.to_lonlat)
    return moved


def fault(
    view: ClientView,
    rule: str,
    text: str,
    where: BaseGeometry | None,
    units: list[int] | None = None,
) -> Feature:
    """A fault as a GeoJSON feature, as those of the whole check, with all units concerned."""
    concerned = units or []
    named = view.attributes.get(concerned[0]) if concerned else None
    return {
        "type": "Feature",
        "geometry": None if where is None or where.is_empty else shapely.geometry.mapping(where),
        "properties": {
            "rule": rule,
            "text": text,
            "unit": concerned[0] if concerned else None,
            "code": named.code if named else None,
            "name": named.name if named else None,
            "units": concerned,
        },
    }


def with_other_shapes(view: ClientView, shapes: Mapping[int, shapely.MultiPolygon]) -> ClientView:
    """The view after some units got other shapes."""
    from_view = dict(view.faces)
    for unit, shape in shapes.items():
        from_view[unit] = replace(view.face(unit), shape=shape)
    return ClientView(view.state, from_view)
