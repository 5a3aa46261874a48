"""A page on which things are drawn at their places in nature."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from fpdf import FPDF
from fpdf.enums import PathPaintRule
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.mapsheets.paper import Fit, Rectangle

type Color = tuple[int, int, int]
type Floats = NDArray[np.float64]

FONT = "chinese"
MM_PER_POINT = 25.4 / 72
BLACK: Color = (20, 20, 20)


class Pen(NamedTuple):
    """How a line is drawn; `dash_mm` is the length of dashes and of gaps, 0 for none."""

    color: Color
    width_mm: float
    dash_mm: float = 0.0


@dataclass(frozen=True)
class Canvas:
    """A page, and the fit by which metres become millimetres on it."""

    pdf: FPDF
    fit: Fit

    def to_page(self, xy: Floats) -> Floats:
        """(n, 2) millimetres from the page's upper left corner, of (n, 2) metres."""
        frame, (west, _, _, north) = self.fit.paper.map_frame, self.fit.ground
        mm_per_m = 1000 / self.fit.scale
        return np.column_stack(
            [frame.x + (xy[:, 0] - west) * mm_per_m, frame.y + (north - xy[:, 1]) * mm_per_m]
        )

    def lines(self, shapes: Iterable[BaseGeometry], pen: Pen) -> None:
        """Draw lines, and the outlines of polygons."""
        self.set_pen(pen)
        for shape in shapes:
            for part in shapely.get_parts(shape):
                rings = shapely.get_rings(part) if part.geom_type == "Polygon" else [part]
                for ring in rings:
                    if ring.geom_type in {"LineString", "LinearRing"}:
                        points = self.to_page(shapely.get_coordinates(ring))
                        self.pdf.polyline(points.tolist())

    def fill(self, shapes: Iterable[BaseGeometry], color: Color) -> None:
        """Fill polygons, their holes left out."""
        self.pdf.set_fill_color(*color)
        for shape in shapes:
            for part in shapely.get_parts(shape):
                if part.geom_type == "Polygon" and not part.is_empty:
                    self._fill_part(part, color)

    def _fill_part(self, part: BaseGeometry, color: Color) -> None:
        rings = [self.to_page(shapely.get_coordinates(ring)) for ring in shapely.get_rings(part)]
        if len(rings) == 1:
            self.pdf.polygon(rings[0].tolist(), style="F")
            return
        with self.pdf.new_path(paint_rule=PathPaintRule.FILL_EVENODD) as path:
            path.style.fill_color = "#{:02x}{:02x}{:02x}".format(*color)
            path.style.stroke_color = None
            for ring in rings:
                path.move_to(*ring[0].tolist())
                for x, y in ring[1:].tolist():
                    path.line_to(x, y)
                path.close()

    def set_pen(self, pen: Pen) -> None:
        """Draw lines like this from now on."""
        self.pdf.set_draw_color(*pen.color)
        self.pdf.set_line_width(pen.width_mm)
        self.pdf.set_dash_pattern(dash=pen.dash_mm, gap=pen.dash_mm)

    def set_text(self, size_pt: float, color: Color = BLACK) -> None:
        """Write like this from now on."""
        self.pdf.set_font(FONT, size=size_pt)
        self.pdf.set_text_color(*color)

    def text_in(self, box: Rectangle, text: str, align: str = "L") -> None:
        """Write one line in a box, in the middle of its height."""
        self.pdf.set_xy(box.x, box.y)
        self.pdf.cell(box.width, box.height, text, align=align)

    def begin(self) -> None:
        """A new page."""
        paper = self.fit.paper
        self.pdf.add_page(format=(paper.width, paper.height))
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.c_margin = 0
        self.pdf.set_font(FONT, size=8)
