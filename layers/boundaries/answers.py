"""Drafts and what they change, as JSON for those who draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from shapely.geometry import mapping

from grids.arcs.codec import Json
from grids.arcs.model import OUTSIDE, Arc, Topology
from grids.arcs.trace import polygon, polygons
from grids.storeys import micro_grids_to_json
from layers.boundaries.cache import DraftState
from layers.boundaries.desk import Edited
from layers.boundaries.draft_rows import Draft, Step
from layers.boundaries.redraw import Attributes, Coverage

type Names = Mapping[int, str]  # account → what it is called


class CoverageAnswer:
    """The arcs and units of one coverage as JSON."""

    def __init__(self, coverage: Coverage) -> None:
        self._topology = coverage.topology
        self._attributes = coverage.attributes
        self._shares = coverage.shares

    @cached_property
    def _above(self) -> dict[int, tuple[int, ...]]:
        """Of each face asked for the units above it, from the town down to itself."""
        return {}

    def arc(self, arc_id: int) -> Json:
        """An arc with the highest level that it divides."""
        return self.arc_as(arc_id, self._topology.arcs[arc_id])

    def arc_as(self, arc_id: int, arc: Arc) -> Json:
        """An arc that this coverage may not have, with the level that it would divide."""
        return {
            "id": arc_id,
            "coords": arc.coords.tolist(),
            "left": arc.left,
            "right": arc.right,
            "level": self._level(arc.left, arc.right),
        }

    def unit(self, unit_id: int) -> Json:
        """A unit."""
        unit = self._topology.units.by_id[unit_id]
        parent = unit.parent if unit.parent in self._topology.units.by_id else OUTSIDE
        shares = micro_grids_to_json(self._shares.get(unit_id, ()))
        return {
            "id": unit_id,
            "level": unit.level,
            "parent": parent,
            **self._attributes[unit_id]._asdict(),
            **({"shares": shares} if shares else {}),
        }

    def arcs(self) -> list[Json]:
        """All arcs."""
        return [self.arc(arc_id) for arc_id in self._topology.arcs]

    def units(self) -> list[Json]:
        """All units, the town first."""
        by_id = self._topology.units.by_id
        return [
            self.unit(unit) for unit in sorted(by_id, key=lambda each: (by_id[each].level, each))
        ]

    def faces(self, units: Iterable[int]) -> Json:
        """The ground of some units as GeoJSON."""
        shapes = ((unit, polygon(self._topology, unit)) for unit in sorted(units))
        return _collection([self._feature(unit, shape) for unit, shape in shapes])

    def level(self, number: int) -> Json:
        """The ground of all units of a level as GeoJSON."""
        shapes = polygons(self._topology, number)
        return _collection([self._feature(unit, shape) for unit, shape in shapes.items()])

    def _feature(self, unit_id: int, shape: Any) -> Json:
        properties = self.unit(unit_id)
        return {
            "type": "Feature",
            "id": properties.pop("id"),
            "geometry": mapping(shape),
            "properties": properties,
        }

    def _level(self, left: int, right: int) -> int:
        sides = [self._units_above(face) for face in (left, right)]
        same = sum(1 for one, other in zip(*sides, strict=False) if one == other)
        return same + 1

    def _units_above(self, face: int) -> tuple[int, ...]:
        if face == OUTSIDE:
            return ()
        if face not in self._above:
            self._above[face] = tuple(reversed(list(self._topology.units.above(face))))
        return self._above[face]


def draft_json(draft: Draft, names: Names, steps: tuple[int, int], *, is_stale: bool) -> Json:
    """A draft.

    Args:
        names: of its author and its approver.
        steps: how many hold, and how many could be done again.
    """
    done, undone = steps
    return {
        "id": draft.id,
        "name": draft.name,
        "state": draft.state,
        "author": draft.author,
        "author_name": names.get(draft.author),
        "approver": draft.approver,
        "approver_name": names.get(draft.approver) if draft.approver else None,
        "base_at": draft.base_at.isoformat(),
        "effective_from": _moment(draft.effective_from),
        "revision": draft.revision,
        "client": draft.client,
        "created": draft.created.isoformat(),
        "updated": draft.updated.isoformat(),
        "steps": done,
        "can_undo": draft.state == "open" and done > 0,
        "can_redo": draft.state == "open" and undone > 0,
        "is_stale": is_stale,
        "conflict": draft.conflict,
    }


def step_json(step: Step, names: Names) -> Json:
    """A step as it stands in the list."""
    return {
        "number": step.number,
        "kind": step.kind,
        "parameters": step.parameters,
        "author": step.author,
        "author_name": names.get(step.author),
        "at": step.at.isoformat(),
        "undone": step.undone,
    }


def edit_json(edited: Edited, *, with_faces: bool) -> Json:
    """What an edit changed: to be put over what the client has."""
    state, redraw = edited.state, edited.redraw
    now = CoverageAnswer(state.now)
    topology = state.now.topology
    arcs = {arc_id for arc_id in redraw.shape.arcs if arc_id in topology.arcs}
    if redraw.shape.units:
        arcs |= _relevelled(topology, redraw)
    units = redraw.units & topology.units.by_id.keys()
    faces = redraw.shape.faces & topology.arcs_of.keys()
    return {
        "revision": state.draft.revision,
        "step": len(state.done),
        "can_undo": bool(state.done),
        "can_redo": bool(state.undone),
        "arcs": {
            "changed": [now.arc(arc_id) for arc_id in sorted(arcs)],
            "gone": sorted(redraw.shape.arcs.keys() - topology.arcs.keys()),
        },
        "units": {
            "changed": [now.unit(unit) for unit in sorted(units)],
            "gone": sorted(redraw.units - topology.units.by_id.keys()),
        },
        **({"faces": now.faces(faces)} if with_faces else {}),
    }


def _relevelled(topology: Topology, redraw: Any) -> set[int]:
    """The arcs around faces whose units above have changed: their level may be another one."""
    by_id = topology.units.by_id
    moved = (unit for unit in redraw.shape.units if unit in by_id)
    faces = {face for unit in moved for face in topology.units.leaves(unit)}
    return {arc_id for face in faces for arc_id in topology.arcs_of.get(face, ())}


def changes_json(state: DraftState) -> Json:
    """All that differs from the coverage that the draft stands on."""
    whole = state.whole
    before, now = CoverageAnswer(state.base), CoverageAnswer(state.now)
    arcs = whole.shape.arcs
    return {
        "arcs": {
            "changed": [now.arc(arc_id) for arc_id, (_, arc) in sorted(arcs.items()) if arc],
            "before": [before.arc(arc_id) for arc_id, (arc, _) in sorted(arcs.items()) if arc],
        },
        "units": [
            {
                "id": unit,
                "before": before.unit(unit) if unit in state.base.attributes else None,
                "after": now.unit(unit) if unit in state.now.attributes else None,
            }
            for unit in sorted(whole.units)
        ],
        "faces": sorted(whole.shape.faces),
    }


def attributes_json(attributes: Attributes | None) -> Json | None:
    """What a unit is called, or null."""
    return None if attributes is None else attributes._asdict()


def _collection(features: list[Json]) -> Json:
    return {"type": "FeatureCollection", "features": features}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
