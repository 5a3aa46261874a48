"""Names on the map that don't cover each other: whoever comes first keeps the place."""

from __future__ import annotations

from dataclasses import dataclass, field

import shapely
from shapely.geometry.base import BaseGeometry

from layers.mapsheets.canvas import MM_PER_POINT, Canvas, Color
from layers.mapsheets.paper import Rectangle

_HALO_MM = 0.5
_LINE_HEIGHT = 1.25


@dataclass
class Labels:
    """The labels of a page; later ones give way."""

    canvas: Canvas
    taken: list[BaseGeometry] = field(default_factory=list)

    def keep_free(self, box: Rectangle) -> None:
        """Let nothing be written there."""
        self.taken.append(shapely.box(box.x, box.y, box.x + box.width, box.y + box.height))

    def put(self, text: str, place: tuple[float, float], size_pt: float, color: Color) -> bool:
        """Write lines of text around a place in nature, on white; whether there was room."""
        lines = text.split("\n")
        self.canvas.set_text(size_pt, color)
        width = max(self.canvas.pdf.get_string_width(line) for line in lines) + 2 * _HALO_MM
        line_height = size_pt * MM_PER_POINT * _LINE_HEIGHT
        height = line_height * len(lines)
        x, y = self.canvas.to_page(shapely.get_coordinates(shapely.Point(place)))[0].tolist()
        box = Rectangle(x - width / 2, y - height / 2, width, height)
        if not self._take(box):
            return False
        self._underlay(box)
        for number, line in enumerate(lines):
            spot = Rectangle(box.x, box.y + number * line_height, width, line_height)
            self.canvas.text_in(spot, line, "C")
        return True

    def _take(self, box: Rectangle) -> bool:
        area = shapely.box(box.x, box.y, box.x + box.width, box.y + box.height)
        frame = self.canvas.fit.paper.map_frame
        inside = shapely.box(frame.x, frame.y, frame.x + frame.width, frame.y + frame.height)
        if not inside.contains(area) or any(area.intersects(other) for other in self.taken):
            return False
        self.taken.append(area)
        return True

    def _underlay(self, box: Rectangle) -> None:
        self.canvas.pdf.set_fill_color(255, 255, 255)
        with self.canvas.pdf.local_context(fill_opacity=0.7):
            self.canvas.pdf.rect(*box, style="F", round_corners=True, corner_radius=0.8)


def inner_place(shape: BaseGeometry) -> tuple[float, float]:
    """Where a polygon is widest."""
    largest = max(shapely.get_parts(shape), key=lambda part: part.area)
    tolerance = max(largest.length / 200, 1e-6)
    radius = shapely.maximum_inscribed_circle(largest, tolerance)
    x, y = shapely.get_coordinates(radius)[0].tolist()
    return x, y
