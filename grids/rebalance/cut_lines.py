"""The lines that a draft has to draw where a rebalance cuts a micro-grid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from grids.rebalance.town import Floats

_BESIDE_M = 0.05  # what lies so near the outline is outline, whatever the rounding
_BEYOND_M = 1.0  # so far a line leads out of the face, so that it surely leads across
_STEADY_M = 2.0  # a vertex so far inside, so that a snapped end turns no more of the line


def lines_around(face: BaseGeometry, part: BaseGeometry) -> list[Floats]:
    """Where the border of a part runs inside a face, as lines that lead across the face.

    Args:
        face: a polygon in metres.
        part: some of it, and perhaps ground beside it.

    Returns:
        (n, 2) metres of each line; none where the face is wholly in the part or outside it.
    """
    inside = shapely.difference(
        shapely.intersection(shapely.boundary(part), face),
        shapely.buffer(shapely.boundary(face), _BESIDE_M),
    )
    return [_led_out(line) for line in _lines(inside)]


def _lines(shape: BaseGeometry) -> Iterator[LineString]:
    merged = shapely.line_merge(shape)
    for line in shapely.get_parts(merged).tolist():
        if isinstance(line, LineString) and line.length > _BESIDE_M:
            yield line


def _led_out(line: LineString) -> Floats:
    """The line with both ends led on straight, out of the face."""
    coords: Floats = shapely.get_coordinates(line)
    if (coords[0] == coords[-1]).all():
        return coords
    along = [_unit(coords[1] - coords[0]), _unit(coords[-1] - coords[-2])]
    first, last = coords[:1], coords[-1:]
    middle = coords[1:-1]
    if line.length > 4 * _STEADY_M:
        steady = [line.interpolate(_STEADY_M), line.interpolate(line.length - _STEADY_M)]
        near, far = (shapely.get_coordinates(place) for place in steady)
        between = [line.project(shapely.Point(xy)) for xy in middle]
        kept = [_STEADY_M < m < line.length - _STEADY_M for m in between]
        middle = np.concatenate([near, middle[kept], far])
    return np.concatenate([first - _BEYOND_M * along[0], middle, last + _BEYOND_M * along[1]])


def _unit(step: Floats) -> Floats:
    length: Floats = step / np.hypot(*step)
    return length
