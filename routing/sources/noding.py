"""Where road centre lines meet: lines of one level are joined where they touch or cross.

A bridge passes over what is below it; it is joined to the ground only where it ends. All shapes
here are in metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

# Ends as far apart as this were meant to meet: surveyors' centimetres, and what a straight edge
# of 2 km moves between two CRSs.
TOLERANCE_M = 0.05

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Lines = NDArray[np.object_]


@dataclass(frozen=True)
class Marks:
    """Places on lines where they begin, end or are cut; sorted by line and place.

    Attributes:
        line: (M,) which line.
        along_m: (M,) metres from its beginning.
        xy: (M, 2) where, in metres.
        node: (M,) number of the node; marks of one node are one place of the network.
    """

    line: Ints
    along_m: Floats
    xy: Floats
    node: Ints


@dataclass(frozen=True)
class _Places:
    line: Ints
    along_m: Floats
    xy: Floats
    is_end: NDArray[np.bool_]


def find_marks(lines: Lines, level: Ints) -> Marks:
    """Where to cut `lines`, and which cuts are the same node.

    Args:
        lines: (L,) simple LineStrings in metres, none without length.
        level: (L,) of each.
    """
    ends = _ends_of(lines)
    line, along_m = _meetings(lines, level, ends)
    places = _merge(lines, ends, line, along_m)
    links = _links(lines, level, places)
    lone_line, lone_along_m = _beneath_lone_ends(lines, level, places, links)
    if len(lone_line):
        places = _merge(
            lines,
            ends,
            np.concatenate([line, lone_line]),
            np.concatenate([along_m, lone_along_m]),
        )
        links = _links(lines, level, places)
        links = np.vstack([links, _links_of_lone_ends(level, places, links)])
    node = _components(len(places.line), links)
    return Marks(places.line, places.along_m, places.xy, node)


def _ends_of(lines: Lines) -> _Places:
    """Both ends of each line."""
    number = np.arange(len(lines))
    points = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    return _Places(
        np.tile(number, 2),
        np.concatenate([np.zeros(len(lines)), shapely.length(lines)]),
        shapely.get_coordinates(points),
        np.ones(2 * len(lines), dtype=bool),
    )


def _meetings(lines: Lines, level: Ints, ends: _Places) -> tuple[Ints, Floats]:
    """Lines and metres along them where others of their level end on them or cross them."""
    tree = shapely.STRtree(lines)
    points = _points(ends.xy)
    end, touched = tree.query(points, "dwithin", TOLERANCE_M)
    other = (ends.line[end] != touched) & (level[ends.line[end]] == level[touched])
    on_line, at = touched[other], points[end[other]]
    one, two = tree.query(lines, "intersects")
    pair = (one < two) & (level[one] == level[two])
    crossings = shapely.intersection(lines[one[pair]], lines[two[pair]])
    xy, of_pair = shapely.get_coordinates(crossings, return_index=True)
    crossed = _points(xy)
    line = np.concatenate([on_line, one[pair][of_pair], two[pair][of_pair]])
    where = np.concatenate([at, crossed, crossed])
    return line, _along_m(lines[line], where)


def _merge(lines: Lines, ends: _Places, line: Ints, along_m: Floats) -> _Places:
    """Ends and cuts in order, without cuts that are another place of the same line."""
    length_m = shapely.length(lines)
    inner = (along_m > TOLERANCE_M) & (along_m < length_m[line] - TOLERANCE_M)
    line, along_m = line[inner], along_m[inner]
    order = np.lexsort((along_m, line))
    line, along_m = line[order], along_m[order]
    repeated = np.zeros(len(line), dtype=bool)
    repeated[1:] = (line[1:] == line[:-1]) & (np.diff(along_m) <= TOLERANCE_M)
    line, along_m = line[~repeated], along_m[~repeated]
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along_m))
    all_line = np.concatenate([ends.line, line])
    all_along_m = np.concatenate([ends.along_m, along_m])
    order = np.lexsort((all_along_m, all_line))
    is_end = np.concatenate([ends.is_end, np.zeros(len(line), dtype=bool)])
    return _Places(
        all_line[order],
        all_along_m[order],
        np.vstack([ends.xy, xy.reshape(-1, 2)])[order],
        is_end[order],
    )


def _links(lines: Lines, level: Ints, places: _Places) -> Ints:
    """(n, 2) pairs of places that are one node."""
    pairs = cKDTree(places.xy).query_pairs(2 * TOLERANCE_M, output_type="ndarray")
    one, two = pairs.T
    same_level = level[places.line[one]] == level[places.line[two]]
    both_ends = places.is_end[one] & places.is_end[two]
    same_line = places.line[one] == places.line[two]
    across = np.flatnonzero(~same_level & both_ends)
    passing = _passing_over(lines, level, places, pairs[across])
    joined = same_level & (both_ends | ~same_line)
    joined[across[~passing]] = True
    return np.asarray(pairs[joined], dtype=np.int64)


def _passing_over(lines: Lines, level: Ints, places: _Places, pairs: Ints) -> NDArray[np.bool_]:
    """Whether ends of two levels belong to streets of which one passes over the other.

    So it is where each level has two ends and they alternate around the place, as in a network
    that was cut at every crossing, whatever the levels.
    """
    tree = cKDTree(places.xy)
    passing = np.zeros(len(pairs), dtype=bool)
    for i, (one, two) in enumerate(pairs.tolist()):
        near = np.array(tree.query_ball_point(places.xy[one], 2 * TOLERANCE_M))
        near = near[places.is_end[near]]
        levels = level[places.line[near]]
        chosen = np.isin(levels, level[places.line[[one, two]]])
        near, levels = near[chosen], levels[chosen]
        order = np.argsort([_bearing(lines, places, place) for place in near.tolist()])
        around = levels[order]
        passing[i] = len(near) == 4 and bool((around != np.roll(around, 1)).all())
    return passing


def _bearing(lines: Lines, places: _Places, place: int) -> float:
    """The direction, in radians, in which a line leaves from its end."""
    xy = shapely.get_coordinates(lines[places.line[place]])
    start, then = (xy[0], xy[1]) if places.along_m[place] == 0 else (xy[-1], xy[-2])
    return float(np.arctan2(then[1] - start[1], then[0] - start[0]))


def _lone_ends(places: _Places, links: Ints) -> Ints:
    """Ends that meet nothing."""
    meets = np.zeros(len(places.line), dtype=bool)
    meets[links.ravel()] = True
    return np.flatnonzero(places.is_end & ~meets)


def _beneath_lone_ends(
    lines: Lines, level: Ints, places: _Places, links: Ints
) -> tuple[Ints, Floats]:
    """Where ends that meet nothing lie on lines of another level: a bridge's end on a street."""
    lone = _lone_ends(places, links)
    points = _points(places.xy[lone])
    end, line = shapely.STRtree(lines).query(points, "dwithin", TOLERANCE_M)
    other = level[places.line[lone[end]]] != level[line]
    end, line = end[other], line[other]
    return line, _along_m(lines[line], points[end])


def _links_of_lone_ends(level: Ints, places: _Places, links: Ints) -> Ints:
    """(n, 2) pairs of ends that meet nothing and the places beneath them."""
    lone = _lone_ends(places, links)
    near = cKDTree(places.xy).query_ball_point(places.xy[lone], 2 * TOLERANCE_M)
    pairs = [
        (end, place)
        for end, around in zip(lone.tolist(), near, strict=True)
        for place in around
        if level[places.line[place]] != level[places.line[end]]
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _points(xy: Floats) -> NDArray[np.object_]:
    return np.asarray(shapely.points(xy.reshape(-1, 2)), dtype=object)


def _along_m(lines: Lines, points: NDArray[np.object_]) -> Floats:
    return np.asarray(shapely.line_locate_point(lines, points), dtype=np.float64)


def _components(count: int, links: Ints) -> Ints:
    joined = coo_array((np.ones(len(links), np.int8), (links[:, 0], links[:, 1])), (count, count))
    _, node = connected_components(joined, directed=False)
    return np.asarray(node, dtype=np.int64)
