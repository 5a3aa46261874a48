"""A map client that knows polygons alone, as QGIS 3.40 was recorded to ask."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import httpx
import numpy as np
import shapely
from shapely.geometry import mapping, shape

QGIS_AGENT = "Mozilla/5.0 QGIS/34006/Debian GNU/Linux 13 (trixie)"
MICRO, GRIDS, VILLAGES = (
    f"/ogc/collections/{name}/items" for name in ("micro-grids", "grids", "villages")
)

type Json = dict[str, Any]


class Qgis:
    """QGIS 3.40's requests, as recorded of PyQGIS: one for each feature when edits are saved.

    Changed geometries and attributes go out as merge patches with all digits, of which the last is
    noise where QGIS has computed; new features with six decimals and all attributes of the feature
    that was split; If-Match never.
    """

    def __init__(self, client: httpx.Client, items: str = MICRO) -> None:
        self.client, self.items = client, items
        self.features: dict[int, Json] = {}
        self.reload()

    def reload(self) -> None:
        answer = self.client.get(self.items, params={"limit": 1000})
        assert answer.status_code == 200, answer.text
        self.answer = answer
        self.features = {each["id"]: each for each in answer.json()["features"]}

    def of_code(self, code: str) -> int:
        [found] = [i for i, each in self.features.items() if each["properties"]["code"] == code]
        return found

    def polygon(self, feature: int) -> Any:
        return shape(self.features[feature]["geometry"])

    def patch(self, feature: int, body: Json, status: int = 204) -> httpx.Response:
        headers = {"Content-Type": "application/merge-patch+json"}
        answer = self.client.patch(f"{self.items}/{feature}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer

    def draw(self, feature: int, polygon: Any, status: int = 204) -> httpx.Response:
        noisy = shapely.transform(polygon, lambda xy: np.nextafter(xy, xy + 1))
        geometry = mapping(noisy)
        return self.patch(
            feature,
            {"geometry": {"coordinates": geometry["coordinates"], "type": geometry["type"]}},
            status,
        )

    def add(self, polygon: Any, attributes: Json, status: int = 201) -> int:
        rounded = shapely.transform(polygon, lambda xy: xy.round(6))
        attributes = attributes | {"updated": "2026-11-22T15:05:19.212", "valid_from": None}
        body = {"geometry": mapping(rounded), "properties": attributes, "type": "Feature"}
        headers = {"Content-Type": "application/geo+json"}
        answer = self.client.post(self.items, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        if status != 201:
            return 0
        # In these capitals alone QGIS finds it.
        [location] = [value for name, value in answer.headers.raw if name == b"Location"]
        feature = int(location.decode().rsplit("/", 1)[1])
        assert self.client.get(f"{self.items}/{feature}").status_code == 200
        return feature

    def delete(self, feature: int, status: int = 204) -> None:
        answer = self.client.delete(f"{self.items}/{feature}")
        assert answer.status_code == status, answer.text

    def at(self, place: tuple[float, float]) -> list[int]:
        point = shapely.Point(place)
        return [i for i in self.features if self.polygon(i).boundary.distance(point) < 1e-9]

    def move_vertex(self, place: tuple[float, float], to: tuple[float, float]) -> list[int]:
        """As the vertex tool does with topological editing on."""
        moved = self.at(place)
        for feature in moved:
            self.draw(feature, with_vertex(self.polygon(feature), place, to))
        self.reload()
        return moved

    def split(self, feature: int, line: Any, *, topological: bool = True) -> int:
        """As the split tool does: it leaves one half to the feature, and adds the other."""
        first, second = sorted(
            shapely.ops.split(self.polygon(feature).geoms[0], line).geoms, key=lambda p: -p.area
        )
        new = set(first.exterior.coords) - set(self.polygon(feature).geoms[0].exterior.coords)
        self.draw(feature, first)
        for other in [i for i in self.features if i != feature and topological]:
            polygon = self.polygon(other)
            for place in new:
                polygon = with_vertex_added(polygon, place)
            if not shapely.equals_identical(polygon, self.polygon(other)):
                self.draw(other, polygon)
        made = self.add(second, self.features[feature]["properties"])
        self.reload()
        return made

    def merge(self, survivor: int, absorbed: int) -> None:
        """As "merge selected features" does."""
        self.draw(survivor, shapely.unary_union([self.polygon(survivor), self.polygon(absorbed)]))
        self.patch(survivor, {"properties": self.features[survivor]["properties"]})
        self.delete(absorbed)
        self.reload()


def with_vertex(polygon: Any, place: tuple[float, float], to: tuple[float, float]) -> Any:
    """The polygon with a vertex elsewhere."""

    def move(points: np.ndarray) -> np.ndarray:
        is_there = np.abs(points - place).max(axis=1) < 1e-9
        return np.where(is_there[:, None], to, points)

    return shapely.transform(polygon, move)


def with_vertex_added(polygon: Any, place: tuple[float, float]) -> Any:
    """The polygon with a vertex more where the place lies on its edge."""
    ring = list(polygon.geoms[0].exterior.coords)
    for number, edge in enumerate(pairwise(ring), start=1):
        near = shapely.LineString(edge).distance(shapely.Point(place)) < 1e-8
        if near and min(math.dist(place, end) for end in edge) > 1e-8:
            return shapely.MultiPolygon([shapely.Polygon([*ring[:number], place, *ring[number:]])])
    return polygon
