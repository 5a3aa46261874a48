"""What somebody draws to close streets: a place, a line along streets or across them, an area."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import shapely
from shapely.geometry.base import BaseGeometry

from spatial.errors import InputError

# A drawing of more vertices isn't made by hand.
MOST_VERTICES = 5_000
MOST_RADIUS_M = 5_000.0


class DrawnAs(StrEnum):
    """How a drawing is meant."""

    POINT = "point"
    ALONG = "along"
    BARRIER = "barrier"
    AREA = "area"
    STREETS = "streets"


_KINDS = {
    DrawnAs.POINT: {"Point", "MultiPoint"},
    DrawnAs.ALONG: {"LineString", "MultiLineString"},
    DrawnAs.BARRIER: {"LineString", "MultiLineString"},
    DrawnAs.AREA: {"Polygon", "MultiPolygon"},
    DrawnAs.STREETS: {"LineString", "MultiLineString"},
}


@dataclass(frozen=True)
class Drawing:
    """A drawing in degrees.

    Attributes:
        shape: points, lines or polygons.
        drawn_as: how it is meant; None: as its kind says, a line along streets, or as a barrier
            where it runs along none.
        radius_m: of a point: what comes as near as this; None: the nearest street alone.
        one_way: only the direction in which a line was drawn.
    """

    shape: BaseGeometry
    drawn_as: DrawnAs | None = None
    radius_m: float | None = None
    one_way: bool = False

    def __post_init__(self) -> None:
        """Refuse what can't be laid on streets.

        Raises:
            InputError: it says what.
        """
        shape, kind = self.shape, self.shape.geom_type
        if shape.is_empty:
            raise InputError("the drawing is empty / 图形为空")
        west, south, east, north = shape.bounds
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise InputError(
                "the drawing lies outside longitude and latitude / 坐标超出经纬度范围",
                remedy="give longitude, then latitude, in degrees",
            )
        if shapely.get_num_coordinates(shape) > MOST_VERTICES:
            raise InputError(f"a drawing has at most {MOST_VERTICES} vertices / 顶点过多")
        if not any(kind in kinds for kinds in _KINDS.values()):
            raise InputError(f"streets aren't closed by a {kind} / 不支持的图形")
        if self.drawn_as is not None and kind not in _KINDS[self.drawn_as]:
            raise InputError(f"a {kind} isn't drawn as {self.drawn_as.value} / 图形与画法不符")
        if not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            raise InputError(f"the drawing is not valid / 图形无效: {reason}")
        if self.radius_m is not None and not 0 < self.radius_m <= MOST_RADIUS_M:
            raise InputError(
                f"a radius is more than 0 m and at most {MOST_RADIUS_M:g} m / 半径超出范围"
            )
        if self.radius_m is not None and kind not in _KINDS[DrawnAs.POINT]:
            raise InputError("only a point has a radius / 只有点可设半径")
        if self.one_way and kind not in _KINDS[DrawnAs.ALONG]:
            raise InputError("only a line has a direction / 只有线才有方向")
