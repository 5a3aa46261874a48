"""Streets from raw OpenStreetMap ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from routing.sources.assembly import Chains, Runs, runs_against, runs_of_chains, streets_of_runs
from routing.sources.barriers import cut_at_barriers
from routing.sources.osm_rules import Properties, properties_of
from routing.sources.turns import End, TurnReader, nodes_to_keep
from routing.streets import Streets
from spatial.errors import InputError
from spatial.osm_signs import Signs
from spatial.osmfile import Ways

_NO_SIGNS = Signs()


def streets_from_ways(ways: Ways, source: str, signs: Signs = _NO_SIGNS) -> Streets:
    """The streets among `ways`, without what became of turn restrictions; see `read_streets`."""
    return read_streets(ways, source, signs)[0]


def read_streets(ways: Ways, source: str, signs: Signs) -> tuple[Streets, list[str]]:
    """The streets among `ways`, which share nodes where they meet.

    Args:
        ways: as read from a file.
        source: what to call the file.
        signs: signals, crossings, barriers and turn restrictions of the same file.

    Returns:
        The streets, and what a person should know of the reading.

    Raises:
        InputError: there is no street among them.
    """
    properties = [properties_of(tags) for tags in ways.tags]
    kept = np.array([p is not None for p in properties], dtype=bool)
    if not kept.any():
        raise InputError(f"{source}: there are no streets in it / 文件里没有道路")
    counts = np.diff(ways.first)
    vertices = np.repeat(kept, counts)
    chains = Chains(
        properties=[p for p in properties if p is not None],
        osm_ids=[str(ways.ids[way]) for way in np.flatnonzero(kept)],
        node_ids=ways.node_ids[vertices],
        xy=ways.xy[vertices],
        first=np.concatenate([[0], np.cumsum(counts[kept])]),
        controls=signs.controls,
        kept_nodes=frozenset(nodes_to_keep(signs.restrictions, _ends_of_ways(ways))),
    )
    chains, barred = cut_at_barriers(chains, signs.barriers)
    runs = runs_of_chains(chains)
    streets = streets_of_runs(chains, runs)
    turns, counted = TurnReader(_ends(chains, runs)).read(signs.restrictions)
    return replace(streets, turns=turns), [*counted.notes(), *barred.notes()]


def _ends_of_ways(ways: Ways) -> dict[int, tuple[int, ...]]:
    """First and last node of each way."""
    first = ways.node_ids[ways.first[:-1]].tolist()
    last = ways.node_ids[ways.first[1:] - 1].tolist()
    return dict(zip(ways.ids, zip(first, last, strict=True), strict=True))


def _ends(chains: Chains, runs: Runs) -> list[End]:
    """Both ends of each street, with the way of which it is made there."""
    ends = []
    for street, (vertices, lines) in enumerate(zip(runs.vertices, runs.lines, strict=True), 1):
        step = -street if runs_against(_properties(chains, lines[0])) else street
        first, last = chains.node_ids[vertices[[0, -1]]].tolist()
        ends.append(End(step, last, int(chains.osm_ids[lines[-1][0]] or 0)))
        ends.append(End(-step, first, int(chains.osm_ids[lines[0][0]] or 0)))
    return ends


def _properties(chains: Chains, line: tuple[int, bool]) -> Properties:
    own = chains.properties[line[0]]
    return own.reversed() if line[1] else own
