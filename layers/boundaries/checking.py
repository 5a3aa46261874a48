"""The whole draft checked, with every fault as a GeoJSON feature that a map can zoom to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from grids.arcs.rules import Ground
from grids.arcs.trace import NoPolygonError
from grids.arcs.whole_check import Breach, breaches, tiling_faults_of
from grids.coverage import Fault, FaultKind
from layers.boundaries.naming import GivenCodes, check_codes
from layers.boundaries.redraw import Attributes, Coverage
from spatial.errors import ConflictError

type Feature = dict[str, Any]


def faults_of(base: Coverage, now: Coverage, ground: Ground, given: GivenCodes) -> list[Feature]:
    """What is wrong with a draft, as GeoJSON features; empty for a sound one.

    What the base had already isn't held against the draft: small units and those in pieces.

    Args:
        given: the codes that were ever given.
    """
    found = list(_codes(base.attributes, now.attributes, given))
    try:
        found += _tiling(now, ground)
        old = {(each.rule, each.unit) for each in breaches(base.topology, ground)}
        new = [each for each in breaches(now.topology, ground) if (each.rule, each.unit) not in old]
        return found + [_breach(now, each) for each in new]
    except NoPolygonError as error:
        return [*found, _feature("CROSSING", error.message, shapely.Point(error.place))]


def _codes(base: Any, attributes: Any, given: GivenCodes) -> Iterator[Feature]:
    try:
        check_codes(base, attributes, given)
    except ConflictError as error:
        yield _feature("CODE", error.message, None)


def _tiling(now: Coverage, ground: Ground) -> list[Feature]:
    found = []
    for level, faults in tiling_faults_of(now.topology, ground).items():
        by_row = sorted(
            unit for unit, each in now.topology.units.by_id.items() if each.level == level
        )
        parents = sorted(
            unit for unit, each in now.topology.units.by_id.items() if each.level == level - 1
        )
        found += [_fault(now, ground, each, by_row, parents) for each in faults]
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
