"""Who covers the town now: the responders on duty, each with what passes before it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from layers.entries import CATALOGUE
from layers.nearest import responders_on_duty
from layers.published import view_of
from layers.roles import Role
from routing.answers import Origin
from routing.engine import Engine
from routing.fleet import Fleet
from spatial.town import Town

RESPONDERS = CATALOGUE.entry("responders")


@dataclass(frozen=True)
class Members:
    """Those who cover the town.

    Attributes:
        origins: where each one is, by key.
        labels: call signs, by key.
        idle: keys of those who may be asked to stand elsewhere.
    """

    origins: Mapping[str, Origin]
    labels: Mapping[str, str]
    idle: frozenset[str]

    def fleet(self, engine: Engine) -> Fleet:
        """All of them on the streets of an engine."""
        fleet = engine.fleet()
        fleet.join(self.origins.values())
        return fleet


def members_on_duty(connection: psycopg.Connection[Any], town: Town, role: Role) -> Members:
    """Those whom a role sees, in a transaction of it."""
    found = responders_on_duty(connection, town, responders=view_of(RESPONDERS, role))
    return Members(
        origins={key: each.origin for key, each in found.items()},
        labels={key: each.label for key, each in found.items()},
        idle=frozenset(found),
    )
