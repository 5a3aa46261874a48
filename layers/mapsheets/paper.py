"""Sheets of paper, and the round scale at which something fits. Pure; millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from spatial.errors import InputError

type Bounds = tuple[float, float, float, float]

# 1:500, 1:1000, 1:2000, … and round ones between them, so that a village fills its sheet.
_STEPS = (500, 600, 800, 1000, 1200, 1500, 2000, 2500, 3000, 4000)
SCALES = tuple(step * power for power in (1, 10, 100) for step in _STEPS)
_MARGIN_MM = 10.0
_TITLE_MM = 15.0
_FOOT_MM = 7.0
_FREE_SHARE = 0.03  # on each side of what is shown, so that it doesn't touch the frame


class Rectangle(NamedTuple):
    """A place on the page, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Paper:
    """A sheet lying across or standing upright.

    Attributes:
        panel_mm: width of the column with legend and list.
    """

    name: str
    width: float
    height: float
    panel_mm: float

    @property
    def is_upright(self) -> bool:
        """Whether it is higher than wide."""
        return self.height > self.width

    @property
    def map_frame(self) -> Rectangle:
        """Where the map is."""
        left, top = _MARGIN_MM, _MARGIN_MM + _TITLE_MM
        return Rectangle(
            left,
            top,
            self.width - 2 * _MARGIN_MM - self.panel_mm,
            self.height - top - _MARGIN_MM - _FOOT_MM,
        )

    @property
    def panel(self) -> Rectangle:
        """Where legend and list are: right of the map."""
        frame = self.map_frame
        return Rectangle(frame.x + frame.width, frame.y, self.panel_mm, frame.height)


_SIZES = {"A3": (297.0, 420.0, 68.0), "A4": (210.0, 297.0, 52.0)}
PAPERS = tuple(_SIZES)


@dataclass(frozen=True)
class Fit:
    """Something on a sheet.

    Attributes:
        scale: metres in nature for a metre on paper.
        ground: west, south, east, north of the map frame, in metres.
    """

    paper: Paper
    scale: int
    ground: Bounds


def fit(bounds: Bounds, paper_name: str) -> Fit:
    """The sheet, upright or lying, on which `bounds` has the largest round scale.

    Args:
        bounds: west, south, east, north in metres.

    Raises:
        InputError: it is too large for all scales.
    """
    short, long, panel = _SIZES[paper_name]
    lying = Paper(paper_name, long, short, panel)
    upright = Paper(paper_name, short, long, panel)
    scale, paper = min(
        ((_round_scale(bounds, each), each) for each in (lying, upright)), key=lambda pair: pair[0]
    )
    frame = paper.map_frame
    half_width = frame.width / 1000 * scale / 2
    half_height = frame.height / 1000 * scale / 2
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    return Fit(paper, scale, (x - half_width, y - half_height, x + half_width, y + half_height))


def _round_scale(bounds: Bounds, paper: Paper) -> int:
    west, south, east, north = bounds
    frame = paper.map_frame
    free = 1 - 2 * _FREE_SHARE
    needed = max((east - west) / frame.width, (north - south) / frame.height) * 1000 / free
    found = next((scale for scale in SCALES if scale >= needed), None)
    if found is None:
        raise InputError(f"too large for {paper.name} at 1:{SCALES[-1]} / 范围过大")
    return found


def round_length(longest: float) -> float:
    """The longest of 1, 2, 5, 10, 20, … that is no longer than `longest`."""
    power = 1.0
    while power * 10 <= longest:
        power *= 10
    while power > longest:
        power /= 10
    return max(step * power for step in (1, 2, 5) if step * power <= longest)
