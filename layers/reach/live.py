"""Coverage as it is now, computed once for all who look at it and see the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from layers.dispatch.asked import Supposed
from layers.jobs.context import Context
from layers.reach import targets
from layers.reach.coverage import SECONDS, TownCoverage, WhatCounts, town_coverage
from layers.reach.ground import Ground, Grounds
from layers.reach.members import RESPONDERS, Members, members_now
from layers.reach.price import COVER_DEPTH, HOLD_S, Price, prices_in
from layers.reach.standby import suggest_standby
from layers.roles import Role
from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.reach.coverage import Cover
from spatial.database import Principal
from spatial.errors import AccessError

# However many look, however fast responders move: no fresher than this.
FRESH_S = 2.0
_MOST_KEPT = 64


@dataclass(frozen=True)
class _Search:
    """Who of the members is first everywhere, second, and third.

    Attributes:
        made_s: when it was begun, by the monotonic clock.
        at: the moment, in the town's time: of what is expected; streets go by the real clock.
    """

    made_s: float
    at: datetime
    ground: Ground
    members: Members
    cover: Cover


class LiveCoverage:
    """Answers of one process, over the ground of its streets.

    Attributes:
        grounds: of the streets.
    """

    def __init__(self, grounds: Grounds | None = None) -> None:
        """Nothing computed yet.

        Args:
            grounds: what is known of the streets already.
        """
        self.grounds = grounds or Grounds()
        self._turn = Lock()
        self._kept: dict[object, tuple[_Search, TownCoverage]] = {}
        self._searching = Lock()
        self._searches: dict[object, _Search] = {}

    def now(self, context: Context, seconds: Sequence[int] = SECONDS) -> TownCoverage:
        """What is reached now, at most FRESH_S old.

        Raises:
            AccessError: the principal doesn't see who is on duty.
        """
        require_responders(context.principal)
        key = context.principal.rights_class, tuple(seconds), context.town.id
        with self._turn:
            search = self._search_now(context, max(seconds))
            known, coverage = self._kept.get(key, (None, None))
            if coverage is None or known is not search:
                coverage = self._covered(context, search, seconds)
                _keep(self._kept, key, (search, coverage))
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
        search = self._search(context, max(seconds), supposed)
        return self._covered(context, search, seconds)

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
            ground,
            members,
            demand,
            teams=teams,
            seconds=seconds,
            mode=mode,
            at=context.town.real_now(),
        )
        return found.as_json(members.labels)

    def price(
        self, context: Context, keys: Sequence[str], hold_s: float = HOLD_S
    ) -> dict[str, Price]:
        """What the town loses without each of `keys`, of those who cover it, at most FRESH_S ago.

        Raises:
            AccessError: the principal doesn't see who is on duty.
        """
        require_responders(context.principal)
        search = self._search_now(context, hold_s)
        demand = targets.expected(search.ground, context.connection, context.town, search.at)
        known = [key for key in keys if key in search.members.origins]
        return prices_in(search.cover, known, demand, hold_s)

    def ground(self, context: Context) -> Ground:
        """The ground of the present streets."""
        return self._ground(context)[1]

    def _search_now(self, context: Context, limit_s: float) -> _Search:
        """The one search of which coverage, once and twice, and every price are read."""
        limit_s = max(limit_s, SECONDS[-1])
        key = context.principal.rights_class, context.town.id, limit_s
        with self._searching:
            search = self._searches.get(key)
            if search is None or time.monotonic() - search.made_s >= FRESH_S:
                search = self._search(context, limit_s)
                _keep(self._searches, key, search)
            return search

    def _search(
        self, context: Context, limit_s: float, supposed: Supposed | None = None
    ) -> _Search:
        made_s, at, role = time.monotonic(), context.town.now(), Role(context.principal.role)
        engine, ground = self._ground(context)
        with context.transaction() as connection:
            members = members_now(connection, context.town, engine, role, supposed)
        cover = Cover(
            members.engine,
            members.fleet(),
            limit_s=limit_s,
            depth=COVER_DEPTH,
            at=context.town.real_now(),
        )
        return _Search(made_s, at, ground, members, cover)

    @staticmethod
    def _covered(context: Context, search: _Search, seconds: Sequence[int]) -> TownCoverage:
        ground, at, role = search.ground, search.at, Role(context.principal.role)
        with context.transaction() as connection:
            premises = targets.premises(ground, connection, role)
            rooms = targets.rooms(ground, connection, role, targets.hour_of(at))
        expected = targets.expected(ground, context.connection, context.town, at)
        counts = WhatCounts(premises, expected, rooms)
        return town_coverage(
            search.cover, len(search.members.origins), ground, counts, at=at, seconds=seconds
        )

    def _ground(self, context: Context) -> tuple[Engine, Ground]:
        with context.connection() as connection:
            engine = context.streets.get(connection)
        return engine, self.grounds.of(engine, context.town)


def _keep[T](kept: dict[object, T], key: object, found: T) -> None:
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = found


def require_responders(principal: Principal) -> None:
    """Only who sees the responders is told what they reach.

    Raises:
        AccessError: the principal doesn't.
    """
    role = Role(principal.role)
    if not RESPONDERS.readable_by(role) or not principal.reaches(RESPONDERS.id):
        raise AccessError("coverage is told to who sees the responders / 无权查看力量覆盖")
