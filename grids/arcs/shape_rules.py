"""How wide a polygon is: whether a disk passes through all of it."""

from __future__ import annotations

import shapely

from grids.arcs.trace import Shape


def _eroded(shape: Shape, width_m: float) -> Shape:
    eroded: Shape = shapely.buffer(shape, -width_m / 2, quad_segs=2)
    return eroded


def eroded_pieces(shape: Shape, width_m: float) -> int:
    """In how many pieces the middle of a disk of this diameter can be; 0 if it fits nowhere."""
    eroded = _eroded(shape, width_m)
    return 0 if eroded.is_empty else int(shapely.get_num_geometries(eroded))


def narrow_place(shape: Shape, width_m: float) -> tuple[float, float]:
    """A point of the largest place that the disk doesn't reach."""
    opened = shapely.buffer(_eroded(shape, width_m), width_m / 2)
    missed = shapely.get_parts(shapely.difference(shape, opened))
    if not len(missed):
        missed = shapely.get_parts(shape)
    x, y = max(missed, key=lambda part: part.area).representative_point().coords[0]
    return x, y
