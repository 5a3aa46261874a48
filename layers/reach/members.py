"""Who covers the town now: who may be sent, each with what passes before it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from layers.dispatch.asked import RankRequest, Supposed
from layers.dispatch.origins import origin_of
from layers.dispatch.reading import Connection, read_inputs, sources_for
from layers.dispatch.sifting import sift
from layers.entries import CATALOGUE
from layers.roles import Role
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.nearest.fleet import Fleet
from spatial.town import Town

RESPONDERS = CATALOGUE.entry("responders")
_FREE = "free"


@dataclass(frozen=True)
class Members:
    """Those who cover the town.

    Attributes:
        engine: the streets that they travel; others where closures are supposed.
        origins: where each one is, by key.
        labels: call signs, by key.
        idle: keys of those who may be asked to stand elsewhere.
    """

    engine: Engine
    origins: Mapping[str, Origin]
    labels: Mapping[str, str]
    idle: frozenset[str]

    def fleet(self) -> Fleet:
        """All of them on their streets."""
        fleet = self.engine.fleet()
        fleet.join(self.origins.values())
        return fleet


def members_now(
    connection: Connection,
    town: Town,
    engine: Engine,
    role: Role,
    supposed: Supposed | None = None,
) -> Members:
    """Those whom a role sees and whom `nearest` might name: on duty, seen lately, on no order.

    Args:
        connection: in a transaction of the role.
        town: whose.
        engine: of the town's present streets.
        role: who asks.
        supposed: what is to be taken for true.
    """
    # Where to is another question: who may be asked is the same everywhere.
    anywhere = RankRequest(0.0, 0.0, supposed=supposed)
    inputs = read_inputs(connection, town, engine, anywhere, sources_for(role))
    may_go = sift(inputs).candidates
    return Members(
        engine=engine.under(inputs.measures) if supposed and supposed.measures else engine,
        origins={each.key: origin_of(each, inputs.settings) for each in may_go},
        labels={each.key: each.label for each in may_go},
        idle=frozenset(each.key for each in may_go if each.state == _FREE),
    )
