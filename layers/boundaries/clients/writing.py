"""What one request of a map client changes of its draft: a unit made, changed or deleted.

Nothing is judged here but the unit alone: its neighbours may come with the next request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from grids.arcs.model import Unit
from grids.codes import LONGEST_NAME
from layers.boundaries.clients.faces import Face, put_face, remove_faces
from layers.boundaries.clients.places import as_multi, is_same_shape, put_back
from layers.boundaries.clients.sources import Grounds
from layers.boundaries.clients.view import ClientView
from layers.boundaries.codes.naming import next_code, next_name
from layers.boundaries.coverage import Connection
from layers.boundaries.operations import Tools
from layers.boundaries.parameters import check_code
from layers.boundaries.redraw import Attributes, Coverage
from spatial.errors import ConflictError, InputError, LimitError, NotFoundError

_MOST_FACES = 5000


@dataclass(frozen=True)
class Sent:
    """What a request says of a unit.

    Attributes:
        values: code, name, name_en, kind, parent (its code); None unsets; what isn't named stays.
        shape: EPSG:4326; None leaves it as it is.
        tolerance_deg: how far the client's rounding may have moved a vertex.
    """

    values: Mapping[str, Any]
    shape: BaseGeometry | None
    tolerance_deg: float


@dataclass(frozen=True)
class Pen:
    """Who writes into a client's draft, which its transaction has locked.

    Attributes:
        view: the draft as the client sees it.
        level: of the layer that is written.
        bounds: west, south, east, north of the town.
    """

    connection: Connection
    tools: Tools
    view: ClientView
    level: int
    bounds: tuple[float, float, float, float]

    def make(self, sent: Sent) -> int:
        """Add a unit of the lowest level; its id.

        A piece that was split off comes with the code of its unit, and gets one of its own.

        Raises:
            ConflictError: the layer's units are made of those below; there is no code left.
            InputError: the parent or a value is wrong.
        """
        lowest = self.view.state.now.topology.units.levels[-1]
        if self.level != lowest:
            raise ConflictError(
                "these are made of the units below them / 本级由下级单元组成",
                remedy="draw the micro-grids and set their parent, or group them at /grids",
            )
        if len(self.view.faces) >= _MOST_FACES:
            raise LimitError(f"a draft holds {_MOST_FACES} drawn units / 草案单元过多")
        shape = self._settled(sent)
        if shape is None:
            raise InputError("geometry is required / 缺少几何")
        sources = Grounds(self.view.ground_before()).sharers(shape)
        return self._add(sent.values, shape, next(iter(sources), None))

    def _add(self, values: Mapping[str, Any], shape: MultiPolygon, ground_of: int | None) -> int:
        code = values.get("code")
        owner = self.view.unit_with_code(check_code(code), self.level) if code else None
        source = owner or ground_of
        parent = self._parent(values.get("parent"), source)
        attributes = self._new_attributes(values, owner, source, parent)
        unit_id = self.tools.new_unit()
        unit = Unit(self.level, parent)
        self._put(Face(unit_id, unit, attributes, shape, came_from=source))
        return unit_id

    def change(self, unit_id: int, sent: Sent) -> None:
        """Change a unit.

        Raises:
            NotFoundError: the client sees none of that id.
            ConflictError: its ground is that of the units below it.
            InputError: a value is wrong.
        """
        self.require(unit_id)
        face = self.view.face(unit_id)
        shape = self._settled(sent)
        if shape is not None and not is_same_shape(shape, self.view.shape(unit_id)):
            self._require_ground(unit_id)
            face = replace(face, shape=shape)
        attributes = _changed(face.attributes, sent.values)
        unit = face.unit
        if sent.values.get("parent") is not None:
            unit = Unit(self.level, self._parent(sent.values["parent"], unit_id))
        self._put(replace(face, attributes=attributes, unit=unit))

    def remove(self, unit_id: int) -> None:
        """Delete a unit; somebody else's is its ground then, as other requests say.

        Raises:
            NotFoundError: the client sees none of that id.
            ConflictError: there are units below it.
        """
        self.require(unit_id)
        if self.view.units.children.get(unit_id):
            raise ConflictError(
                "there are units below it / 尚有下级单元", remedy="give them another parent first"
            )
        if unit_id not in self.view.state.now.attributes:
            remove_faces(self.connection, self.view.state.draft.id, [unit_id])
            return
        face = Face(unit_id, self.view.unit(unit_id), self.view.attributes[unit_id], is_gone=True)
        self._put(face)

    def require(self, unit_id: int) -> None:
        """Refuse a unit that the client doesn't see in this layer.

        Raises:
            NotFoundError: it sees none of that id and level.
        """
        unit = self.view.units.by_id.get(unit_id)
        if unit is None or unit.level != self.level:
            raise NotFoundError(f"there is no feature {unit_id} / 没有这个要素")

    def _require_ground(self, unit_id: int) -> None:
        if not self.view.is_ground(unit_id):
            names = self.view.attributes[unit_id]
            raise ConflictError(
                f"{names.code} {names.name} is made of the units below it / 边界由下级单元决定",
                remedy="move the edges of its micro-grids; this one's follow",
            )

    def _put(self, face: Face) -> None:
        put_face(self.connection, self.view.state.draft.id, face)

    def _settled(self, sent: Sent) -> MultiPolygon | None:
        """The shape with every vertex that the client didn't move as it is stored."""
        if sent.shape is None:
            return None
        shape = as_multi(sent.shape)
        self._refuse_elsewhere(shape)
        settled = put_back(shape, self.view.vertices_near(shape), sent.tolerance_deg)
        return settled if settled.is_valid else shape

    def _refuse_elsewhere(self, shape: MultiPolygon) -> None:
        west, south, east, north = self.bounds
        margin = max(east - west, north - south)
        x0, y0, x1, y1 = shape.bounds
        if x0 < west - margin or x1 > east + margin or y0 < south - margin or y1 > north + margin:
            raise InputError(f"{x0:.6f}, {y0:.6f} is far outside the town / 坐标远离本镇")

    def _parent(self, code: str | None, like: int | None) -> int:
        """The unit above: that which bears the code, else that of another unit."""
        units = self.view.units.by_id
        if code is None:
            below = units.get(like or 0) or self.view.state.now.topology.units.by_id.get(like or 0)
            if below is None or below.parent not in units:
                raise InputError("parent is required: a code / 缺少上级编码")
            return below.parent
        for level in range(self.level - 1, 0, -1):
            parent = self.view.unit_with_code(code, level)
            if parent is not None and not self.view.is_ground(parent):
                return parent
        raise InputError(f"no unit above has the code {code[:50]!r} / 没有此上级")

    def _new_attributes(
        self, values: Mapping[str, Any], owner: int | None, source: int | None, parent: int
    ) -> Attributes:
        seen = self._coverage()
        siblings = seen.topology.units.children.get(parent, ())
        like = source if source in seen.attributes else next(iter(siblings), None)
        code, name = values.get("code"), values.get("name")
        if code is None or owner is not None:
            if like is None:
                raise InputError("code is required / 缺少编码")
            code = next_code(seen, like, self.tools.owners_of, self.tools.numbering)
        if name is None or (owner is not None and name == seen.attributes[owner].name):
            name = next_name(seen, like) if like is not None else code
        drawn = Attributes(code, name)
        return _changed(drawn, {each: values.get(each) for each in ("name_en", "kind")})

    def _coverage(self) -> Coverage:
        """The units as the client sees them, over the draft's own arcs."""
        topology = replace(self.view.state.now.topology, units=self.view.units)
        return Coverage(topology, self.view.attributes)


def _changed(attributes: Attributes, values: Mapping[str, Any]) -> Attributes:
    changed = {name: values[name] for name in Attributes._fields if name in values}
    for name in ("code", "name"):  # no unit can be without
        if changed.get(name, "") is None:
            del changed[name]
    for name, value in changed.items():
        _refuse_unfit(name, value)
    return attributes._replace(**changed)


def _refuse_unfit(name: str, value: str | None) -> None:
    if name == "code":
        check_code(value)
    elif value is not None and (
        len(value) > LONGEST_NAME or not value.isprintable() or not value.strip()
    ):
        raise InputError(f"{name} is a text of 1 to {LONGEST_NAME} characters / 文字过长或为空")
