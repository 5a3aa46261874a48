"""The site of a demo town over real streets: everything but the streets is invented."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.random import Generator
from scipy.spatial import cKDTree
from shapely.geometry import LineString, MultiPoint, Polygon

from layers.demo.arterials import CLASSES, FOOTWAY
from layers.demo.chance import Part, stream
from layers.demo.frame import Bools, Floats, Frame, Geometries, Ints
from layers.demo.network import LANE, Network
from layers.demo.plan import Plan
from layers.demo.settlements import Kind, Settlements
from layers.demo.site import Site
from layers.demo.terrain import Terrain
from layers.demo.units import TownName
from layers.facts import VillageFact
from routing.sources.files import StreetFile, read_street_file
from spatial.crs import metric_srid_of
from spatial.errors import InputError

SAMPLE_TOWN = TownName("999999001", "示例镇", "Sample Town")
_QUARTERS = 7
_FEWEST_STREETS = 300
_SIMPLIFIED_M = 3.0
_RASTER_M = 60.0
_RELAXATIONS = 12
# OSM classes as ranks of arterials.CLASSES; ways of no car are footways, the others lanes
_RANKS = {
    "motorway": "trunk", "trunk": "trunk", "primary": "primary", "secondary": "secondary",
    "tertiary": "tertiary", "unclassified": "unclassified", "footway": "footway",
    "path": "footway", "steps": "footway", "cycleway": "footway", "pedestrian": "footway",
    "track": "footway", "bridleway": "footway", "corridor": "footway",
}  # fmt: skip


def site_from_file(plan: Plan, path: Path) -> Site:
    """The site that a file of streets describes.

    Raises:
        InputError: the file can't be read, or has too few streets for a town.
    """
    file = read_street_file(path)
    if len(file.streets.streets) < _FEWEST_STREETS:
        raise InputError(
            f"{path.name} has {len(file.streets.streets)} streets; a demo town needs"
            f" {_FEWEST_STREETS} / 道路太少",
            remedy="give a file of a whole town, or leave --streets out",
        )
    return site_over(plan, file)


def site_over(plan: Plan, file: StreetFile) -> Site:
    """A town over streets: its outline and its centres follow from where they are."""
    table = file.streets.streets
    lines: Geometries = table.geometry.to_numpy()
    lonlat = shapely.get_coordinates(lines)
    lon, lat = (float(middle) for middle in (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2)
    frame = Frame(metric_srid_of(lon, lat), lon, lat)
    metric = np.asarray(shapely.transform(lines, frame.to_metres), dtype=object)
    network = _network(metric, table["class"].to_numpy(), table["bridge"].to_numpy())
    outline = _outline(shapely.get_coordinates(shapely.segmentize(metric, _RASTER_M)))
    driven = network.xy[np.unique(network.ends[network.rank != FOOTWAY])]
    settlements = _settlements(stream(plan.seed, Part.SETTLEMENTS), driven, outline, plan)
    terrain = Terrain(outline, LineString(), Polygon())
    villages = sample_villages(plan.villages)
    return Site(
        SAMPLE_TOWN, frame, terrain, villages, settlements, network, file.streets, file.attribution
    )


def sample_villages(count: int) -> tuple[VillageFact, ...]:
    """Numbered communities and villages: the names of real ones belong to their own places."""
    kinds = [("社区", "Community", "community")] * min(_QUARTERS, count)
    kinds += [("村", "Village", "village")] * (count - len(kinds))
    return tuple(
        VillageFact(
            f"{SAMPLE_TOWN.code}{number:03d}",
            f"示例{number:02d}{zh}",
            f"Sample {en} {number:02d}",
            kind,
        )
        for number, (zh, en, kind) in enumerate(kinds, 1)
    )


def _network(metric: Geometries, street_class: Geometries, bridge: Bools) -> Network:
    """The streets as straight edges, their smallest bends left out."""
    simple = shapely.simplify(metric, _SIMPLIFIED_M)
    xy, street = shapely.get_coordinates(simple, return_index=True)
    within = np.flatnonzero(street[1:] == street[:-1])
    points, number = np.unique(np.round(xy, 2), axis=0, return_inverse=True)
    ends = np.column_stack([number[within], number[within + 1]])
    real = ends[:, 0] != ends[:, 1]
    ends, street = ends[real], street[within][real]
    ranks = [_RANKS.get(each) for each in street_class.tolist()]
    rank = np.array([LANE if each is None else CLASSES.index(each) for each in ranks])
    blank = np.full(len(points), -1)
    road = np.full(len(ends), -1)
    return Network(points, blank, blank, blank, ends, rank[street], bridge[street], road)


def _outline(xy: Floats) -> Polygon:
    """A hull that hugs the streets, smooth enough for boundaries to follow it."""
    coarse = np.unique(np.round(xy / _RASTER_M), axis=0) * _RASTER_M
    hull = shapely.concave_hull(MultiPoint(coarse), ratio=0.12)
    reach = 0.035 * np.sqrt(hull.area)
    smooth = hull.buffer(2.2 * reach).buffer(-1.2 * reach).simplify(reach / 25)
    largest: Polygon = max(shapely.get_parts(smooth), key=lambda part: part.area)
    return shapely.orient_polygons(Polygon(largest.exterior))


def _settlements(chance: Generator, xy: Floats, outline: Polygon, plan: Plan) -> Settlements:
    """Centres where streets are; those with most streets about them are the town's quarters."""
    centres = _middles(chance, xy, plan.villages)
    near = cKDTree(xy).query_ball_point(
        centres, r=np.sqrt(outline.area / plan.villages) / 2, return_length=True
    )
    centres = centres[np.argsort(-np.asarray(near), kind="stable")]
    kind = np.full(plan.villages, int(Kind.VILLAGE))
    kind[:_QUARTERS] = Kind.QUARTER
    radius = np.full(plan.villages, np.sqrt(outline.area / (np.pi * plan.villages)))
    return Settlements(centres, kind, radius, np.zeros(plan.villages))


def _middles(chance: Generator, xy: Floats, count: int) -> Floats:
    """`count` middles of about equally many points (Lloyd)."""
    middles = xy[chance.choice(len(xy), count, replace=False)]
    for _ in range(_RELAXATIONS):
        _, nearest = cKDTree(middles).query(xy)
        held: Ints = np.bincount(nearest, minlength=count)
        moved = np.column_stack([np.bincount(nearest, axis, count) for axis in xy.T])
        middles = np.where(held[:, None] > 0, moved / np.maximum(held, 1)[:, None], middles)
    return np.asarray(middles)
