"""What a map client sees: its draft, with the units over it as it sent them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import shapely

from grids.arcs.model import Coords, Topology, Unit, Units
from grids.arcs.trace import Shape, polygon, polygons
from layers.boundaries.cache import DraftState
from layers.boundaries.clients.faces import Face
from layers.boundaries.clients.places import as_multi
from layers.boundaries.redraw import Attributes
from layers.boundaries.report import redrawn_units


@dataclass(frozen=True)
class ClientView:
    """A draft and the units that its client sent since the last step.

    Attributes:
        faces: by unit; gone ones too.
    """

    state: DraftState
    faces: Mapping[int, Face]

    @property
    def _topology(self) -> Topology:
        return self.state.now.topology

    @cached_property
    def units(self) -> Units:
        """The units as the client sees them."""
        units = dict(self._topology.units.by_id)
        for unit_id, face in self.faces.items():
            if face.is_gone:
                units.pop(unit_id, None)
            else:
                units[unit_id] = face.unit
        return Units(units)

    @cached_property
    def attributes(self) -> dict[int, Attributes]:
        """What the units are called."""
        attributes = dict(self.state.now.attributes)
        for unit_id, face in self.faces.items():
            if face.is_gone:
                attributes.pop(unit_id, None)
            else:
                attributes[unit_id] = face.attributes
        return attributes

    def is_ground(self, unit_id: int) -> bool:
        """Whether a unit has ground of its own, and not that of the units below it."""
        return unit_id in self._topology.arcs_of or (
            unit_id in self.faces and unit_id not in self._topology.units.by_id
        )

    def shape(self, unit_id: int) -> Shape:
        """A unit's polygon; of a unit above others all of theirs together."""
        face = self.faces.get(unit_id)
        if face is not None and face.shape is not None:
            return face.shape
        if self.is_ground(unit_id) or not self._is_changed_below(unit_id):
            return polygon(self._topology, unit_id)
        below = [leaf for leaf in self.units.leaves(unit_id) if self.is_ground(leaf)]
        return as_multi(shapely.union_all([self.shape(leaf) for leaf in below]))

    def _is_changed_below(self, unit_id: int) -> bool:
        return unit_id in self._parents_of_faces

    @cached_property
    def _parents_of_faces(self) -> frozenset[int]:
        """The units above whatever the client sent, before and now."""
        both = (self._topology.units, self.units)
        return frozenset(
            up for face in self.faces for units in both for up in units.above(face) if up != face
        )

    @cached_property
    def changed(self) -> frozenset[int]:
        """The units of all levels that aren't as they are without the draft; gone ones too."""
        whole = self.state.whole
        found = set(self.faces) | self._parents_of_faces
        if self.state.done:
            found |= redrawn_units(self.state, whole) | whole.units
        old = self.state.base.attributes
        renamed = {
            unit
            for unit in found & self.attributes.keys() & old.keys()
            if self.attributes[unit].code != old[unit].code
        }
        # A feature names the code of its parent.
        return frozenset(found).union(*(self.units.children.get(unit, ()) for unit in renamed))

    def ground_before(self) -> dict[int, Shape]:
        """The polygon of every unit of the draft that has ground of its own, by unit."""
        found: dict[int, Shape] = {}
        for level in self._topology.units.levels:
            shapes = polygons(self._topology, level).items()
            found |= {unit: shape for unit, shape in shapes if unit in self._topology.arcs_of}
        return found

    def ground(self) -> dict[int, Shape]:
        """The same, as the client left them."""
        found = self.ground_before()
        for unit_id, face in self.faces.items():
            if face.is_gone:
                found.pop(unit_id, None)
            elif face.shape is not None:
                found[unit_id] = face.shape
        return dict(sorted(found.items()))

    def redrawn(self) -> Iterator[int]:
        """The units whose ground the client drew, made or deleted."""
        for unit_id, face in self.faces.items():
            if face.shape is not None or (face.is_gone and unit_id in self._topology.arcs_of):
                yield unit_id

    def vertices_near(self, shape: Shape) -> Coords:
        """(n, 2) the vertices around a shape, of the draft and of what the client sent."""
        own = shapely.get_coordinates(shape)
        arcs = [self._topology.coords(arc_id) for arc_id in self._topology.index.near(own)]
        drawn = [face.shape for face in self.faces.values() if face.shape is not None]
        known: Coords = np.concatenate([np.empty((0, 2)), *arcs, shapely.get_coordinates(drawn)])
        return np.unique(known, axis=0)

    def face(self, unit_id: int) -> Face:
        """A unit as the client left it, or as it is in the draft."""
        return self.faces.get(unit_id) or Face(
            unit_id, self.units.by_id[unit_id], self.attributes[unit_id]
        )

    def unit_with_code(self, code: str, level: int) -> int | None:
        """The unit of a level that bears a code."""
        return next(
            (
                unit_id
                for unit_id, names in self.attributes.items()
                if names.code == code and self.units.by_id[unit_id].level == level
            ),
            None,
        )

    def updated(self, unit_id: int) -> datetime | None:
        """When a unit that differs was last changed; None of one that the draft leaves alone."""
        face = self.faces.get(unit_id)
        if face is not None:
            return face.at
        if unit_id not in self.changed:
            return None
        moments = [step.at for step in self.state.done[-1:]]
        return max(moments + [each.at for each in self.faces.values() if each.at])

    def unit(self, unit_id: int) -> Unit:
        """A unit's level and parent."""
        return self.units.by_id[unit_id]
