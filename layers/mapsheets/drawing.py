"""The map in its frame: ground, the lines of all levels, names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import shapely
from fpdf.enums import StrokeCapStyle, StrokeJoinStyle
from shapely.geometry.base import BaseGeometry

from layers.gridfiles.look import LINES
from layers.gridfiles.units import UnitRow
from layers.mapsheets.canvas import Canvas, Color, Pen
from layers.mapsheets.content import Feature, MapContent
from layers.mapsheets.labels import Labels, inner_place

WATER: Color = (196, 222, 240)
BUILDING: Color = (226, 221, 214)
_WATER_LINE = Pen((120, 175, 215), 0.3)
_BUILDING_LINE = Pen((198, 190, 180), 0.08)
_OUTSIDE: Color = (244, 244, 242)
_NEIGHBOUR: Color = (120, 120, 120)
_STREET_NAME: Color = (110, 90, 60)
_SMALL_STREETS_TO = 20_000
_MICRO_GRIDS_TO = 25_000
BUILDINGS_TO = 10_000
_STREET_NAMES_TO = 20_000
_SHORTEST_NAMED_MM = 25.0


class StreetLook(NamedTuple):
    """A street: a casing, and a lighter line on it."""

    width_mm: float
    color: Color


_STREETS = {
    "motorway": StreetLook(1.3, (245, 200, 130)),
    "trunk": StreetLook(1.2, (248, 214, 150)),
    "primary": StreetLook(1.1, (250, 226, 170)),
    "secondary": StreetLook(0.9, (252, 238, 196)),
    "tertiary": StreetLook(0.75, (255, 255, 255)),
}
_SMALL_STREET = StreetLook(0.45, (255, 255, 255))
_CASING: Color = (176, 168, 156)


class UnitLabel(NamedTuple):
    """How the names of a level are written."""

    size_pt: float
    smallest_scale: int


_LABELS = {2: UnitLabel(13, 100_000), 3: UnitLabel(9, 20_000), 4: UnitLabel(6.5, 8_000)}


@dataclass(frozen=True)
class Subject:
    """What a sheet is of.

    Attributes:
        unit: the village, grid or town.
        within: the units in it, of lower levels.
        around: units of its own level beside it.
        title: what the sheet is called.
    """

    unit: UnitRow
    within: Sequence[UnitRow]
    around: Sequence[UnitRow]
    title: str


def draw_map(canvas: Canvas, content: MapContent, subject: Subject, labels: Labels) -> None:
    """Everything in the frame; what is beyond the subject is pale."""
    frame = canvas.fit.paper.map_frame
    with (
        canvas.pdf.rect_clip(*frame),
        canvas.pdf.local_context(
            stroke_join_style=StrokeJoinStyle.ROUND, stroke_cap_style=StrokeCapStyle.ROUND
        ),
    ):
        features = content.ground.within(canvas.fit.ground)
        _draw_ground(canvas, features)
        _pale_outside(canvas, subject.unit.shape)
        _draw_units(canvas, subject)
    _name_units(canvas, subject, labels)
    _name_streets(canvas, features, subject.unit.shape, labels)


def _draw_ground(canvas: Canvas, features: Sequence[tuple[Feature, BaseGeometry]]) -> None:
    water = [shape for feature, shape in features if feature.layer == "water"]
    canvas.fill(water, WATER)
    canvas.lines(water, _WATER_LINE)
    if canvas.fit.scale <= BUILDINGS_TO:
        buildings = [shape for feature, shape in features if feature.layer == "building"]
        canvas.fill(buildings, BUILDING)
        canvas.lines(buildings, _BUILDING_LINE)
    streets = [(f.label or "", shape) for f, shape in features if f.layer == "street"]
    by_look: dict[StreetLook, list[BaseGeometry]] = {_SMALL_STREET: []}
    for kind, shape in streets:
        look = _STREETS.get(kind.removesuffix("_link"), _SMALL_STREET)
        if look is not _SMALL_STREET or canvas.fit.scale <= _SMALL_STREETS_TO:
            by_look.setdefault(look, []).append(shape)
    looks = sorted(by_look, key=lambda look: look.width_mm)
    for look in looks:
        canvas.lines(by_look[look], Pen(_CASING, look.width_mm + 0.16))
    for look in looks:
        canvas.lines(by_look[look], Pen(look.color, look.width_mm))


def _pale_outside(canvas: Canvas, inside: BaseGeometry) -> None:
    frame = shapely.box(*canvas.fit.ground)
    with canvas.pdf.local_context(fill_opacity=0.55):
        canvas.fill([shapely.difference(frame, inside)], _OUTSIDE)


def _draw_units(canvas: Canvas, subject: Subject) -> None:
    """Finer lines first, so that the lines of higher levels lie on them."""
    level = subject.unit.level
    beside = [shapely.boundary(unit.shape) for unit in subject.around]
    window = shapely.box(*canvas.fit.ground)
    # Each border once: dashes that two neighbours draw over each other look like a line.
    borders = shapely.line_merge(shapely.union_all(shapely.intersection(beside, window)))
    canvas.lines([borders], Pen(_NEIGHBOUR, LINES[level].width_mm / 2, 1.5))
    for lower in (4, 3, 2):
        if lower > level and is_drawn(canvas, lower):
            shapes = [unit.shape for unit in subject.within if unit.level == lower]
            canvas.lines(shapes, Pen(LINES[lower].rgb, LINES[lower].width_mm))
    canvas.lines([subject.unit.shape], Pen(LINES[level].rgb, LINES[level].width_mm))


def is_drawn(canvas: Canvas, level: int) -> bool:
    """Whether the lines of a level are on the map: micro-grids only at large scales."""
    return level < 4 or canvas.fit.scale <= _MICRO_GRIDS_TO


def _name_units(canvas: Canvas, subject: Subject, labels: Labels) -> None:
    """The subject's own parts first, then its neighbours, then smaller parts."""
    level = subject.unit.level
    _name_level(canvas, subject, level + 1, labels)
    window = shapely.box(*canvas.fit.ground)
    for unit in subject.around:
        seen = shapely.intersection(unit.shape, window)
        if seen.area > 0:
            labels.put(unit.name, inner_place(_largest_part(seen)), 9, _NEIGHBOUR)
    for lower in range(level + 2, 5):
        _name_level(canvas, subject, lower, labels)


def _name_level(canvas: Canvas, subject: Subject, level: int, labels: Labels) -> None:
    if level not in _LABELS or canvas.fit.scale > _LABELS[level].smallest_scale:
        return
    for unit in subject.within:
        if unit.level == level:
            text = "\n".join([short_name(unit, subject.unit), *_short_shares(unit)])
            labels.put(text, inner_place(unit.shape), _LABELS[level].size_pt, LINES[level].rgb)


def short_name(unit: UnitRow, within: UnitRow) -> str:
    """A unit's name without that of the sheet's; a micro-grid's is the end of its code."""
    if unit.level == 4 and unit.parent and unit.code.startswith(unit.parent):
        return unit.code.removeprefix(unit.parent)
    return unit.name.removeprefix(within.name) or unit.name


def _short_shares(unit: UnitRow) -> Iterator[str]:
    """The micro-grids of high-rises that share a unit's polygon, by the ends of their codes."""
    ends = sorted({share.code.removeprefix(unit.parent or "") for share in unit.shares})
    if ends:
        yield f"高层 {ends[0]}" + (f"–{ends[-1]} 共{len(ends)}" if len(ends) > 1 else "")


def _name_streets(
    canvas: Canvas,
    features: Iterable[tuple[Feature, BaseGeometry]],
    inside: BaseGeometry,
    labels: Labels,
) -> None:
    """Each street once, in the middle of its longest piece, where there is room."""
    if canvas.fit.scale > _STREET_NAMES_TO:
        return
    longest: dict[str, BaseGeometry] = {}
    shapely.prepare(inside)
    for feature, shape in features:
        if feature.layer != "building" and feature.name and shapely.intersects(inside, shape):
            kept = longest.get(feature.name)
            if kept is None or shape.length > kept.length:
                longest[feature.name] = shape
    for name, shape in sorted(longest.items(), key=lambda item: -item[1].length):
        line = _largest_part(shape)
        if line.length / canvas.fit.scale * 1000 >= _SHORTEST_NAMED_MM and line.length:
            labels.put(name, _middle_of(line), 6.5, _STREET_NAME)


def _middle_of(shape: BaseGeometry) -> tuple[float, float]:
    """The middle of a line; of a polygon where it is widest."""
    if isinstance(shape, shapely.Polygon):
        return inner_place(shape)
    middle = shape.interpolate(0.5, normalized=True)
    return middle.x, middle.y


def _largest_part(shape: BaseGeometry) -> BaseGeometry:
    parts: list[BaseGeometry] = shapely.get_parts(shape).tolist()
    return max(parts, key=lambda part: (part.area, part.length))
