"""From lines that know their nodes to streets: cut at junctions, joined where nothing changes.

The topology is osmnx's simplified one, except that a node stays where a property of the street
changes, so that every street has one speed, one name and one set of modes.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from routing.lengths import lengths_m
from routing.modes import Mode
from routing.sources.osm_rules import Properties
from routing.sources.waiting import NOWHERE, Tags, Waiting, waiting_on
from routing.streets import STREET_COLUMNS, STREET_DTYPES, Streets, number_parallel_streets

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Chains:
    """Lines whose vertices are nodes; lines meet where they share a node.

    Attributes:
        properties: (L,) of each line.
        osm_ids: (L,) of each line, comma separated, or None.
        node_ids: (V,) of all lines' vertices, one line after the other.
        xy: (V, 2) lon, lat of those nodes.
        first: (L + 1,) line l has the vertices first[l] to first[l + 1] - 1, at least two.
        controls: tags of signals and crossings by node id.
        waiting: (L,) what is met on each line, where that is known instead of `controls`.
        kept_nodes: where streets begin and end, whatever meets there.
    """

    properties: Sequence[Properties]
    osm_ids: Sequence[str | None]
    node_ids: Ints
    xy: NDArray[np.float64]
    first: Ints
    controls: Mapping[int, Tags] = field(default_factory=dict)
    waiting: Sequence[Waiting] | None = None
    kept_nodes: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Runs:
    """Lines cut where they meet and joined where nothing changes, one for each street.

    Attributes:
        vertices: of each run, indices of the chains' vertices in its order.
        lines: of each run, the lines that it is made of, in its order, each with whether it is
            travelled backwards.
    """

    vertices: list[Ints]
    lines: list[list[tuple[int, bool]]]


@dataclass(frozen=True)
class _Pieces:
    """Parts of lines between junctions: vertices begin to end, both included, of one line."""

    line: Ints
    begin: Ints
    end: Ints


def streets_from_chains(chains: Chains) -> Streets:
    """Cut lines where they meet, join what only a bend or a way's end divides."""
    return streets_of_runs(chains, runs_of_chains(chains))


def runs_of_chains(chains: Chains) -> Runs:
    """Which parts of which lines make each street."""
    pieces = _cut_at_junctions(chains)
    runs = _join(chains, pieces)
    return Runs(
        [_vertices_of_run(pieces, run) for run in runs],
        [[(int(pieces.line[piece]), backwards) for piece, backwards in run] for run in runs],
    )


def streets_of_runs(chains: Chains, runs: Runs) -> Streets:
    """The streets of runs, numbered from 1 in their order."""
    properties, osm_ids = [], []
    for lines in runs.lines:
        line, backwards = lines[0]
        own = chains.properties[line]
        properties.append(own.reversed() if backwards else own)
        of_run = dict.fromkeys(chains.osm_ids[each] for each, _ in lines)
        osm_ids.append(",".join(osm_id for osm_id in of_run if osm_id) or None)
    vertices = runs.vertices
    ends = np.array([[chains.node_ids[v[0]], chains.node_ids[v[-1]]] for v in vertices], np.int64)
    street_of_vertex = np.repeat(np.arange(len(vertices)), [len(v) for v in vertices])
    shapes = shapely.linestrings(chains.xy[np.concatenate(vertices)], indices=street_of_vertex)
    waiting = _waiting(chains, runs)
    return make_streets(ends.reshape(-1, 2), np.asarray(shapes), properties, osm_ids, waiting)


def _waiting(chains: Chains, runs: Runs) -> list[Waiting]:
    if chains.waiting is not None:
        return [_sum_of_waiting(chains.waiting, lines) for lines in runs.lines]
    if not chains.controls:
        return [NOWHERE] * len(runs.vertices)
    line_of_vertex = np.searchsorted(chains.first, np.arange(len(chains.node_ids)), "right") - 1
    found = []
    for vertices, lines in zip(runs.vertices, runs.lines, strict=True):
        turned = dict(lines)
        # where lines are joined a vertex may belong to a line that isn't of this run
        backwards = [turned.get(int(line_of_vertex[v]), False) for v in vertices]
        nodes = chains.node_ids[vertices].tolist()
        found.append(waiting_on(nodes, chains.xy[vertices], backwards, chains.controls))
    return found


def _sum_of_waiting(waiting: Sequence[Waiting], lines: list[tuple[int, bool]]) -> Waiting:
    met = (waiting[line].reversed() if backwards else waiting[line] for line, backwards in lines)
    return reduce(operator.add, met, NOWHERE)


def make_streets(
    ends: Ints,
    lines: NDArray[np.object_],
    properties: Sequence[Properties],
    osm_ids: Sequence[str | None],
    waiting: Sequence[Waiting] | None = None,
) -> Streets:
    """Number and measure streets that are cut already.

    A street on which one may travel against its line only is turned round.

    Args:
        ends: (S, 2) node ids where each line begins and ends.
        lines: (S,) LineStrings in degrees.
        properties: of each street.
        osm_ids: of each street.
        waiting: what is met on each street; by default nothing.
    """
    against = np.array([runs_against(street) for street in properties], dtype=bool)
    met = [
        each.reversed() if a else each
        for each, a in zip(waiting or [NOWHERE] * len(lines), against, strict=True)
    ]
    lines = np.where(against, shapely.reverse(lines), lines)
    ends = np.where(against[:, None], ends[:, ::-1], ends)
    properties = [p.reversed() if a else p for p, a in zip(properties, against, strict=True)]
    streets = GeoDataFrame(
        {
            **{name: _column(properties, name) for name in Properties._fields},
            "id": np.arange(1, len(lines) + 1),
            "from_node": ends[:, 0],
            "to_node": ends[:, 1],
            "key": number_parallel_streets(ends[:, 0], ends[:, 1]),
            "osm_ids": pd.Series(osm_ids, dtype=object),
            "oneway": [(p.forward_modes ^ p.backward_modes) & Mode.CAR != 0 for p in properties],
            "length_m": lengths_m(lines),
            **{name: [getattr(each, name) for each in met] for name in Waiting._fields},
        },
        geometry=lines,
        crs=4326,
    ).rename(columns={"klass": "class"})
    return Streets(_nodes(ends, lines), streets[list(STREET_COLUMNS)].astype(STREET_DTYPES))


def _column(properties: Sequence[Properties], name: str) -> pd.Series:
    values = [getattr(street, name) for street in properties]
    return pd.Series(values, dtype=object)  # else pandas makes NaN of None


def runs_against(street: Properties) -> bool:
    """Whether cars, or where there are none others, may only travel against the geometry."""
    for mode in (Mode.CAR, Mode.EMERGENCY, Mode.EBIKE, Mode.FOOT):
        if street.forward_modes & mode or street.backward_modes & mode:
            return not street.forward_modes & mode
    return False


def _nodes(ends: Ints, lines: NDArray[np.object_]) -> GeoDataFrame:
    ids, where = np.unique(ends.ravel(), return_index=True)
    points = np.column_stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)]).ravel()
    return GeoDataFrame({"id": ids}, geometry=points[where], crs=4326)


def _cut_at_junctions(chains: Chains) -> _Pieces:
    """Cut lines at their ends and at every node that is a vertex more than once."""
    _, index, uses = np.unique(chains.node_ids, return_inverse=True, return_counts=True)
    is_cut = (uses[index] > 1) | np.isin(chains.node_ids, list(chains.kept_nodes))
    is_cut[chains.first[:-1]] = True
    is_cut[chains.first[1:] - 1] = True
    cuts = np.flatnonzero(is_cut)
    line = np.searchsorted(chains.first, cuts, side="right") - 1
    within = line[1:] == line[:-1]
    return _Pieces(line[:-1][within], cuts[:-1][within], cuts[1:][within])


def _join(chains: Chains, pieces: _Pieces) -> list[list[tuple[int, bool]]]:
    """Runs of pieces, each with whether it is travelled backwards."""
    following = _following(chains, pieces)
    runs = []
    seen = np.zeros(len(pieces.line), dtype=bool)
    for piece in range(len(pieces.line)):
        if not seen[piece]:
            seen[piece] = True
            after = _walk(following, seen, piece, 1)
            before = _walk(following, seen, piece, 0)
            runs.append([(p, not b) for p, b in reversed(before)] + [(piece, False)] + after)
    return runs


def _walk(following: Ints, seen: NDArray[np.bool_], piece: int, end: int) -> list[tuple[int, bool]]:
    """The pieces beyond one end of a piece; True for those that are entered at their end."""
    walked = []
    while (entered := int(following[piece, end])) >= 0 and not seen[entered // 2]:
        piece, at_end = divmod(entered, 2)
        seen[piece] = True
        walked.append((piece, bool(at_end)))
        end = 1 - at_end
    return walked


def _following(chains: Chains, pieces: _Pieces) -> Ints:
    """(P, 2): beyond each piece's begin and end, 2·piece + 0 or 1 of the end entered there, or -1.

    A piece goes on where exactly two ends meet and nothing but the way's number changes.
    """
    ends = np.column_stack([pieces.begin, pieces.end]).ravel()
    nodes, node, degree = np.unique(chains.node_ids[ends], return_inverse=True, return_counts=True)
    degree[np.isin(nodes, list(chains.kept_nodes))] = 0
    order = np.argsort(node, kind="stable")
    at_two = order[degree[node[order]] == 2].reshape(-1, 2)
    following = np.full(len(ends), -1, dtype=np.int64)
    for one, other in at_two.tolist():
        first, second = (chains.properties[pieces.line[end // 2]] for end in (one, other))
        seen_alike = second.reversed() if one % 2 == other % 2 else second
        if one // 2 != other // 2 and first == seen_alike:
            following[one], following[other] = other, one
    return following.reshape(-1, 2)


def _vertices_of_run(pieces: _Pieces, run: list[tuple[int, bool]]) -> Ints:
    """Indices of the vertices of a run, without the ones where pieces join twice."""
    parts = []
    for piece, backwards in run:
        vertices = np.arange(pieces.begin[piece], pieces.end[piece] + 1)
        parts.append(vertices[::-1] if backwards else vertices)
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
