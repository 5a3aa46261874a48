"""Coverage as it is now, computed once for all who look at it and see the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock
from typing import Any

from layers.dispatch.asked import Supposed
from layers.jobs.context import Context
from layers.reach import targets
from layers.reach.coverage import SECONDS, TownCoverage, WhatCounts, town_coverage
from layers.reach.ground import Ground, Grounds
from layers.reach.members import RESPONDERS, members_now
from layers.reach.price import HOLD_S, Price, coverage_price
from layers.reach.standby import suggest_standby
from layers.roles import Role
from routing.modes import Mode
from routing.nearest.engine import Engine
from spatial.database import Principal
from spatial.errors import AccessError

# However many look, however fast responders move: no fresher than this.
FRESH_S = 2.0
_MOST_KEPT = 64


class LiveCoverage:
    """Answers of one process, over the ground of its streets."""

    def __init__(self) -> None:
        self._grounds = Grounds()
        self._turn = Lock()
        self._kept: dict[object, tuple[float, TownCoverage]] = {}

    def now(self, context: Context, seconds: Sequence[int] = SECONDS) -> TownCoverage:
        """What is reached now, at most FRESH_S old.

        Raises:
            AccessError: the principal doesn't see who is on duty.
        """
        require_responders(context.principal)
        key = context.principal.rights_class, tuple(seconds), context.town.id
        with self._turn:
            made_at, coverage = self._kept.get(key, (-FRESH_S, None))
            if coverage is None or time.monotonic() - made_at >= FRESH_S:
                coverage = self.supposing(context, seconds)
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = time.monotonic(), coverage
            return coverage

    def supposing(
        self,
        context: Context,
        seconds: Sequence[int] = SECONDS,
        supposed: Supposed | None = None,
    ) -> TownCoverage:
        """What would be reached.

        Raises:
            AccessError: the principal doesn't see who is on duty.
        """
        require_responders(context.principal)
        at, role = context.town.now(), Role(context.principal.role)
        engine, ground = self._ground(context)
        with context.transaction() as connection:
            members = members_now(connection, context.town, engine, role, supposed)
            premises = targets.premises(ground, connection, role)
            rooms = targets.rooms(ground, connection, role, targets.hour_of(at))
        expected = targets.expected(ground, context.connection, context.town, at)
        counts = WhatCounts(premises, expected, rooms)
        return town_coverage(ground, members, counts, at=at, seconds=seconds)

    def standby(
        self,
        context: Context,
        teams: int,
        seconds: int,
        mode: Mode | None = None,
        supposed: Supposed | None = None,
    ) -> dict[str, Any]:
        """Where idle teams would stand best.

        Raises:
            AccessError: the principal doesn't see who is on duty.
        """
        require_responders(context.principal)
        at, role = context.town.now(), Role(context.principal.role)
        engine, ground = self._ground(context)
        with context.transaction() as connection:
            members = members_now(connection, context.town, engine, role, supposed)
        demand = targets.expected(ground, context.connection, context.town, at)
        found = suggest_standby(
            ground, members, demand, teams=teams, seconds=seconds, mode=mode, at=at
        )
        return found.as_json(members.labels)

    def price(
        self, context: Context, keys: Sequence[str], hold_s: float = HOLD_S
    ) -> dict[str, Price]:
        """What the town loses without each of `keys`, of those who cover it now.

        Raises:
            AccessError: the principal doesn't see who is on duty.
        """
        require_responders(context.principal)
        at, role = context.town.now(), Role(context.principal.role)
        engine, ground = self._ground(context)
        with context.transaction() as connection:
            members = members_now(connection, context.town, engine, role)
        demand = targets.expected(ground, context.connection, context.town, at)
        known = [key for key in keys if key in members.origins]
        return coverage_price(engine, members.fleet(), known, demand, hold_s=hold_s, at=at)

    def ground(self, context: Context) -> Ground:
        """The ground of the present streets."""
        return self._ground(context)[1]

    def _ground(self, context: Context) -> tuple[Engine, Ground]:
        with context.connection() as connection:
            engine = context.streets.get(connection)
        return engine, self._grounds.of(engine, context.town)


def require_responders(principal: Principal) -> None:
    """Only who sees the responders is told what they reach.

    Raises:
        AccessError: the principal doesn't.
    """
    role = Role(principal.role)
    if not RESPONDERS.readable_by(role) or not principal.reaches(RESPONDERS.id):
        raise AccessError("coverage is told to who sees the responders / 无权查看力量覆盖")
