"""How the lines of each level are drawn, on paper as in QGIS."""

from __future__ import annotations

from typing import NamedTuple


class LineLook(NamedTuple):
    """A line.

    Attributes:
        red, green, blue: 0 to 255.
        width_mm: on paper.
    """

    red: int
    green: int
    blue: int
    width_mm: float

    @property
    def rgb(self) -> tuple[int, int, int]:
        """The colour."""
        return self.red, self.green, self.blue


LINES = {
    1: LineLook(120, 30, 90, 1.2),
    2: LineLook(178, 34, 34, 0.8),
    3: LineLook(24, 78, 150, 0.45),
    4: LineLook(96, 110, 125, 0.18),
}
# Polygons that several micro-grids of high-rises share.
SHARED_LINE = LineLook(140, 70, 160, 0.35)
