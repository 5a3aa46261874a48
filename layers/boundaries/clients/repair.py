"""Slivers of what a client drew, up to a width: what it takes to be rid of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

from grids.arcs.plane import Plane
from grids.arcs.rules import Ground
from grids.arcs.trace import Shape
from grids.cleaning.repair import Repair, repair_level
from grids.cleaning.snapping import as_places
from layers.boundaries.clients.judging import Feature, Judgement, judge, with_other_shapes
from layers.boundaries.clients.places import as_multi
from layers.boundaries.clients.repair_places import places_moved
from layers.boundaries.clients.view import ClientView

WIDEST_M = 5.0


@dataclass(frozen=True)
class Offer:
    """What a repair would do.

    Attributes:
        repair: of the units that have ground, in metres.
        shapes: the units that get another shape, in EPSG:4326.
        after: what would be judged then.
        places: GeoJSON features: from where to where vertices move, and where new ones are set.
    """

    repair: Repair
    shapes: Mapping[int, MultiPolygon]
    after: Judgement
    places: list[Feature]


def offer_repair(view: ClientView, ground: Ground, width_m: float) -> Offer:
    """What would be moved, and whether the draft is clean then; nothing is changed."""
    shapes = view.ground()
    repair = repair_level(ground.plane.projected(list(shapes.values())), width_m)
    changed = _back(shapes, repair, ground.plane)
    after = judge(with_other_shapes(view, changed), ground)
    places = places_moved(shapes, changed, ground.plane, repair.farthest_m)
    return Offer(repair, changed, after, places)


def _back(shapes: Mapping[int, Shape], repair: Repair, plane: Plane) -> dict[int, MultiPolygon]:
    """The changed shapes in EPSG:4326; a vertex that was there keeps its coordinates."""
    units = list(shapes)
    lonlat = np.unique(shapely.get_coordinates(list(shapes.values())), axis=0)
    places, first = np.unique(as_places(plane.to_metres(lonlat)), return_index=True)
    known = lonlat[first]

    def back(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        wanted = as_places(xy)
        found = np.searchsorted(places, wanted).clip(max=len(places) - 1)
        is_known = places[found] == wanted
        result: NDArray[np.float64] = np.where(is_known[:, None], known[found], plane.to_lonlat(xy))
        return result

    return {
        units[row]: as_multi(shapely.transform(repair.polygons[row], back))
        for row in repair.changed
    }


def offer_json(view: ClientView, offer: Offer, width_m: float) -> dict[str, Any]:
    """An offer for who may take it."""
    repair = offer.repair
    return {
        "width_m": width_m,
        "clean_afterwards": not offer.after.faults,
        "vertices_moved": repair.vertices_moved,
        "farthest_m": round(repair.farthest_m, 4),
        "vertices_added": repair.vertices_added,
        "area_m2": round(repair.area_m2, 3),
        "units": [
            {
                "id": unit,
                "code": view.attributes[unit].code,
                "name": view.attributes[unit].name,
                "drawn": unit in view.faces,
            }
            for unit in sorted(offer.shapes)
        ],
        "places": {"type": "FeatureCollection", "features": offer.places},
        "faults": {"type": "FeatureCollection", "features": offer.after.faults},
    }
