"""Streets from a town's own road centre lines, or from lines that `streets export` wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import Transformer

from routing.lengths import lengths_m
from routing.sources.assembly import Chains, make_streets, streets_from_chains
from routing.sources.line_signs import turns_of_table, waiting_of_table
from routing.sources.line_table import LineColumns, read_line_table
from routing.sources.metres import lines_in_metres, metres_around
from routing.sources.noding import Marks, find_marks
from routing.sources.osm_rules import Properties
from routing.sources.waiting import Waiting
from routing.streets import Streets, number_nodes
from spatial.errors import InputError

Lines = NDArray[np.object_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Lines that name their nodes: the ends of one node may be this far apart.
_SAME_PLACE_DEG = 1e-6
# A vertex as near as this to a cut is the cut.
_SAME_M = 0.001


@dataclass(frozen=True)
class LineStreets:
    """What came of a table of lines.

    Attributes:
        rejected: rows without a line.
        notes: values that weren't understood, and what was done.
    """

    streets: Streets
    rejected: int
    notes: list[str]


def streets_from_lines(features: GeoDataFrame, columns: LineColumns, source: str) -> LineStreets:
    """The streets of a table of lines.

    Lines are joined where they meet, as `routing.sources.noding` says; if columns from_node and
    to_node name each line's nodes without contradiction, those are taken instead.

    Args:
        features: lines or multi-part lines in EPSG:4326.
        columns: which columns say what.
        source: what to call the file.

    Raises:
        InputError: there are no lines, or a column is missing or unreadable.
    """
    table, lines, rejected = _single_lines(features, source)
    read = read_line_table(table, columns, source)
    is_street = np.array([p is not None for p in read.properties], dtype=bool)
    table, lines = table[is_street].reset_index(drop=True), lines[is_street]
    properties = [p for p in read.properties if p is not None]
    osm_ids = [i for i, kept in zip(read.osm_ids, is_street, strict=True) if kept]
    if not properties:
        raise InputError(f"{source}: there are no streets in it / 文件里没有道路")
    stated, waiting = _stated_nodes(table, lines), waiting_of_table(table)
    if stated is not None:
        streets = make_streets(stated, lines, properties, osm_ids, waiting)
        streets = replace(streets, turns=turns_of_table(table))
    else:
        chains = _noded(lines, properties, osm_ids, waiting)
        streets = number_nodes(streets_from_chains(chains))
    return LineStreets(streets, rejected, read.notes)


def _single_lines(features: GeoDataFrame, source: str) -> tuple[pd.DataFrame, Lines, int]:
    """Rows of single lines, parts of multi-part lines apart; and how many rows have no line."""
    there = ~(features.geometry.isna() | features.geometry.is_empty)
    exploded = features[there].explode(index_parts=False, ignore_index=True)
    lines = exploded.geometry.to_numpy()
    is_line = shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING
    if not is_line.any():
        raise InputError(f"{source}: there are no lines in it / 文件里没有线")
    finite = np.zeros(len(lines), dtype=bool)
    finite[is_line] = np.isfinite(shapely.bounds(lines[is_line])).all(axis=1)
    finite[is_line] &= lengths_m(shapely.force_2d(lines[is_line])) > 0
    rejected = int((~there).sum() + (~finite).sum())
    table = exploded.drop(columns=exploded.geometry.name)[finite].reset_index(drop=True)
    return table, shapely.force_2d(lines[finite]), rejected


def _stated_nodes(table: pd.DataFrame, lines: Lines) -> Ints | None:
    """(L, 2) node ids from the table; None if they are missing or contradict the lines."""
    by_lower = {str(column).lower(): column for column in table.columns}
    if not {"from_node", "to_node"} <= by_lower.keys():
        return None
    stated = table[[by_lower["from_node"], by_lower["to_node"]]]
    numbers = stated.apply(pd.to_numeric, errors="coerce")
    if numbers.isna().any(axis=None):
        return None
    nodes = numbers.to_numpy().astype(np.int64)
    points = np.column_stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    ends = pd.DataFrame(shapely.get_coordinates(points.ravel()), columns=["x", "y"])
    spread = ends.groupby(nodes.ravel()).agg(np.ptp)
    return nodes if bool((spread <= _SAME_PLACE_DEG).all(axis=None)) else None


def _noded(
    lines: Lines,
    properties: list[Properties],
    osm_ids: list[str | None],
    waiting: Sequence[Waiting] | None,
) -> Chains:
    """Cut lines where they meet; number their vertices as nodes."""
    lines, parent = _made_simple(lines)
    to_metres = metres_around(shapely.get_coordinates(lines))
    metric = lines_in_metres(lines, to_metres)
    level = np.array([properties[p].level for p in parent.tolist()], dtype=np.int64)
    marks = find_marks(metric, level)
    place = _node_places(lines, metric, marks, to_metres)
    xy, node, first, line = _cut(lines, metric, marks, place)
    return Chains(
        [properties[p] for p in parent[line].tolist()],
        [osm_ids[p] for p in parent[line].tolist()],
        node,
        xy,
        first,
        waiting=None if waiting is None else _shared_out(waiting, parent[line].tolist()),
    )


def _shared_out(waiting: Sequence[Waiting], line_of_part: list[int]) -> list[Waiting]:
    """What is met on each part of lines that were cut: signals where one leaves the line.

    Where on the line the crossings are nobody has said: they go to its first part.
    """
    is_first = [
        part == 0 or line_of_part[part - 1] != line for part, line in enumerate(line_of_part)
    ]
    is_last = [*is_first[1:], True]
    return [
        Waiting(
            signals=waiting[line].signals * last,
            signals_back=waiting[line].signals_back * first,
            crossings=waiting[line].crossings * first,
        )
        for line, first, last in zip(line_of_part, is_first, is_last, strict=True)
    ]


def _node_places(lines: Lines, metric: Lines, marks: Marks, to_metres: Transformer) -> Floats:
    """(nodes, 2) lon, lat of each node: an end's own coordinates, if the node has an end."""
    x, y = marks.xy.T
    place = np.column_stack(to_metres.transform(x, y, direction="INVERSE"))
    is_start = marks.along_m == 0
    is_end = marks.along_m == shapely.length(metric)[marks.line]
    starts, ends = (shapely.get_coordinates(shapely.get_point(lines, i)) for i in (0, -1))
    place[is_start] = starts[marks.line[is_start]]
    place[is_end] = ends[marks.line[is_end]]
    order = np.lexsort((~(is_start | is_end), marks.node))
    _, first = np.unique(marks.node[order], return_index=True)
    return np.asarray(place[order[first]])


def _made_simple(lines: Lines) -> tuple[Lines, Ints]:
    """Lines that cross themselves as their single segments, with the number of their line."""
    parts = [
        [line] if simple else _segments(line)
        for line, simple in zip(lines, shapely.is_simple(lines), strict=True)
    ]
    parent = np.repeat(np.arange(len(lines)), [len(part) for part in parts])
    return np.array([line for part in parts for line in part], dtype=object), parent


def _segments(line: shapely.LineString) -> list[shapely.LineString]:
    xy = shapely.get_coordinates(line)
    moves = (xy[1:] != xy[:-1]).any(axis=1)
    pairs = np.stack([xy[:-1], xy[1:]], axis=1)[moves]
    return list(shapely.linestrings(pairs))


def _cut(
    lines: Lines, metric: Lines, marks: Marks, place: Floats
) -> tuple[Floats, Ints, Ints, Ints]:
    """Parts of lines between marks: vertices, their nodes, where parts begin, and whose they are.

    Vertices between marks are nodes of their own.
    """
    begins = np.searchsorted(marks.line, np.arange(len(lines) + 1))
    next_node = len(place)
    parts, nodes, whose = [], [], []
    for line in range(len(lines)):
        xy, travelled_m = shapely.get_coordinates(lines[line]), _travelled_m(metric[line])
        for mark in range(begins[line], begins[line + 1] - 1):
            start_m, end_m = marks.along_m[mark : mark + 2]
            start, end = marks.node[mark : mark + 2]
            inner = xy[(travelled_m > start_m + _SAME_M) & (travelled_m < end_m - _SAME_M)]
            if start == end and not len(inner):
                continue  # both its ends are one place
            parts.append(np.vstack([place[start], inner, place[end]]))
            nodes.append(np.array([start, *range(next_node, next_node + len(inner)), end]))
            whose.append(line)
            next_node += len(inner)
    first = np.cumsum([0, *(len(part) for part in parts)])
    return np.vstack(parts), np.concatenate(nodes), first, np.array(whose, dtype=np.int64)


def _travelled_m(line: shapely.LineString) -> Floats:
    xy = shapely.get_coordinates(line)
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
