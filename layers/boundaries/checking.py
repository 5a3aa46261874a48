"""The whole draft checked, with every fault as a GeoJSON feature that a map can zoom to."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from grids.arcs.rules import Ground
from grids.arcs.trace import NoPolygonError, polygon
from grids.arcs.whole_check import Breach, WholeCheck, breaches, check_whole
from grids.codes import CodeScheme
from grids.coverage import Fault, FaultKind
from layers.boundaries.codes.naming import OwnersOf, check_codes
from layers.boundaries.codes.numbering import ill_formed
from layers.boundaries.redraw import Attributes, Coverage
from spatial.errors import ConflictError

type Feature = dict[str, Any]

_MOST_CODE_FAULTS = 200


def faults_of(base: Coverage, now: Coverage, ground: Ground, owners_of: OwnersOf) -> list[Feature]:
    """What is wrong with a draft, as GeoJSON features; empty for a sound one.

    What the base had already isn't held against the draft: small units and those in pieces.

    Args:
        owners_of: whose codes were at any time.
    """
    found = list(_codes(base.attributes, now.attributes, owners_of))
    try:
        whole = check_whole(now.topology, ground)
        # Only where there is something to compare: measuring the base takes as long again.
        known = breaches(base.topology, ground) if whole.breaches else []
    except NoPolygonError as error:
        return [*found, _feature("CROSSING", error.message, shapely.Point(error.place))]
    old = {(each.rule, each.unit) for each in known}
    new = [each for each in whole.breaches if (each.rule, each.unit) not in old]
    return [*found, *_tiling(now, ground, whole), *(_breach(now, each) for each in new)]


def faults_of_shares(now: Coverage, problems: Iterable[tuple[str, int]]) -> list[Feature]:
    """What is wrong with micro-grids that share a polygon: each problem with the unit."""
    return [
        _feature("SHARE", text, _inside(now, unit), unit, now.attributes.get(unit))
        for text, unit in problems
    ]


def faults_outside(left_out: Sequence[Mapping[str, Any]]) -> list[Feature]:
    """Premises that a redraw leaves without a grid, as the report tells of them."""
    return [
        _feature("NO_GRID", f"{each['label']} would be in no grid / 场所将不属于任何网格", None)
        for each in left_out
    ]


def faults_of_codes(base: Coverage, now: Coverage, scheme: CodeScheme) -> list[Feature]:
    """New codes that aren't well formed by the town's scheme; see `ill_formed`."""
    return [
        _feature("CODE_FORM", text, _inside(now, unit), unit, now.attributes[unit])
        for unit, text in itertools.islice(ill_formed(base, now, scheme), _MOST_CODE_FAULTS)
    ]


def _inside(now: Coverage, unit: int) -> BaseGeometry | None:
    if unit not in now.topology.units.by_id:
        return None
    try:
        return shapely.point_on_surface(polygon(now.topology, unit))
    except NoPolygonError:  # told by the check of shapes
        return None


def _codes(
    base: Mapping[int, Attributes], attributes: Mapping[int, Attributes], owners_of: OwnersOf
) -> Iterator[Feature]:
    try:
        check_codes(base, attributes, owners_of)
    except ConflictError as error:
        yield _feature("CODE", error.message, None)


def _tiling(now: Coverage, ground: Ground, whole: WholeCheck) -> list[Feature]:
    found: list[Feature] = []
    parents: list[int] = []
    units = now.topology.units.by_id
    for level, faults in whole.tiling.items():
        by_row = sorted(unit for unit, each in units.items() if each.level == level)
        found += [_fault(now, ground, each, by_row, parents) for each in faults]
        parents = by_row
    return found


_OF_PARENT = (FaultKind.NOT_ITS_PARENT, FaultKind.CHILDLESS)


def _fault(
    now: Coverage, ground: Ground, fault: Fault, units: list[int], parents: list[int]
) -> Feature:
    rows = parents if fault.kind in _OF_PARENT else units
    unit = rows[fault.index] if fault.index < len(rows) else None
    where = shapely.transform(fault.where, ground.plane.to_lonlat)
    return _feature(fault.kind.name, fault.kind.value, where, unit, now.attributes.get(unit or 0))


def _breach(now: Coverage, breach: Breach) -> Feature:
    place = shapely.Point(breach.place)
    named = now.attributes.get(breach.unit)
    return _feature(breach.rule.name, breach.rule.value, place, breach.unit, named)


def _feature(
    rule: str,
    text: str,
    where: BaseGeometry | None,
    unit: int | None = None,
    attributes: Attributes | None = None,
) -> Feature:
    return {
        "type": "Feature",
        "geometry": None if where is None or where.is_empty else shapely.geometry.mapping(where),
        "properties": {
            "rule": rule.lower(),
            "text": text,
            "unit": unit,
            "code": attributes.code if attributes else None,
            "name": attributes.name if attributes else None,
        },
    }
