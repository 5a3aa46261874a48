"""Streets under other measures: asked beside the engine in use, which stays as it is."""

from __future__ import annotations

from collections.abc import Callable

from routing.nearest.answers import Origin, Reason
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.network.measures import Measure
from routing.streets import Streets

UNIT_DEG = 0.0009
HERE = 10 + 2.5 * UNIT_DEG, 0.0
WHO = [Origin("a", 10.0, 0.0)]


def test_what_if_changes_nothing(straight_streets: Callable[..., Streets]) -> None:
    nodes = {n: (float(n), 0.0) for n in range(4)}
    town = straight_streets(nodes, *((n, n + 1, 15, 15, 36.0) for n in range(3)))
    engine = Engine(graph_from_streets(town), version=7)
    plain = engine.nearest(*HERE, WHO)
    ids = engine.graph.street_ids.tolist()
    closed = engine.under({str(i): Measure((i, -i)) for i in ids})
    (lost,) = closed.nearest(*HERE, WHO).unreachable
    assert lost.reason is Reason.NO_WAY
    slow = engine.under({"slow": Measure((ids[0], -ids[0]), 0.5)})
    assert slow.nearest(*HERE, WHO).arrivals[0].travel_time_s > plain.arrivals[0].travel_time_s
    assert slow.version == engine.version == 7
    assert engine.measures.names() == []
    assert engine.nearest(*HERE, WHO) == plain
