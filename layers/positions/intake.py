"""Takes in fixes of all sources: what comes within a moment is matched and stored together.

So a thousand fixes a second are some ten statements, and whoever waits for an answer gets it when
its fix is committed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched

import psycopg
from psycopg_pool import AsyncConnectionPool

from layers.positions.fixes import Fix, Outcome, judge_by_clock, judge_by_place
from layers.positions.storing import NOBODY, Movable, Placed, read_movable, store_fixes
from layers.positions.streets import StreetMatchers
from layers.positions.trails import OnStreet, Trails
from spatial.database import AnyConnection
from spatial.errors import LimitError
from spatial.logs import kind_of
from spatial.town import Town

LOGGER = logging.getLogger(__name__)
# Shorter than anybody notices, long enough that a thousand a second are few statements.
TOGETHER_S = 0.2
# Bindings, modes and new responders are known after so long; a key that isn't known is asked for
# again no sooner than that.
_KNOWN_FOR_S, _ASK_AGAIN_S = 5.0, 1.0
_MOST_WAITING = 50_000
_MOST_AT_A_TIME = 5_000
# So many are handed to the database at a time: other requests wait no longer than that takes.
_STORED_AT_A_TIME = 100


@dataclass
class _Told:
    """What one sender told at a time, and who waits for what became of it."""

    fixes: Sequence[Fix]
    outcomes: asyncio.Future[list[Outcome]]


@dataclass
class Counts:
    """What became of all fixes since the start, and how long storing them took."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    batches: int = 0
    busy_s: float = 0.0


class Intake:
    """Of one process and one town; `run` has to be running."""

    def __init__(
        self,
        pool: AsyncConnectionPool[AnyConnection],
        town: Callable[[], Town],
        streets: StreetMatchers,
        *,
        together_s: float = TOGETHER_S,
    ) -> None:
        """Nothing yet.

        Args:
            pool: autocommitting connections of the web's own login, or of the owner.
            town: whose responders are moved, as it is at the moment.
            streets: on which they are matched.
            together_s: fixes that come within this time are stored together.
        """
        self.counts = Counts()
        self._pool = pool
        self._town = town
        self._streets = streets
        self._together_s = together_s
        self._trails = Trails()
        self._told: list[_Told] = []
        self._waiting = 0
        self._news = asyncio.Event()
        self._movable: Movable = NOBODY
        self._asked_at = -_KNOWN_FOR_S

    async def take(self, fixes: Sequence[Fix]) -> list[Outcome]:
        """Take fixes in; what became of each, once that is committed.

        Raises:
            LimitError: more come than can be stored.
        """
        if not fixes:
            return []
        if self._waiting + len(fixes) > _MOST_WAITING:
            raise LimitError("too many positions at a time / 定位过多", remedy="send less often")
        told = _Told(fixes, asyncio.get_running_loop().create_future())
        self._told.append(told)
        self._waiting += len(fixes)
        self._news.set()
        return await told.outcomes

    async def run(self) -> None:
        """Store what comes until cancelled."""
        while True:
            await self._news.wait()
            await asyncio.sleep(self._together_s)
            batch = self._next_batch()
            begun = time.perf_counter()
            try:
                outcomes = await self._store([fix for told in batch for fix in told.fixes])
            except psycopg.Error as error:
                LOGGER.warning("positions were not stored: %s", kind_of(error))
                self._fail(batch, error)
                continue
            except asyncio.CancelledError:
                self._fail(batch, LimitError("stopping / 正在停止"))
                raise
            self.counts.busy_s += time.perf_counter() - begun
            self.counts.batches += 1
            self.counts.outcomes.update(outcomes)
            self._answer(batch, outcomes)

    def _next_batch(self) -> list[_Told]:
        size, n = 0, 0
        while n < len(self._told) and (not n or size + len(self._told[n].fixes) <= _MOST_AT_A_TIME):
            size += len(self._told[n].fixes)
            n += 1
        batch, self._told = self._told[:n], self._told[n:]
        self._waiting -= size
        if not self._told:
            self._news.clear()
        return batch

    @staticmethod
    def _answer(batch: Sequence[_Told], outcomes: Sequence[Outcome]) -> None:
        first = 0
        for told in batch:
            last = first + len(told.fixes)
            if not told.outcomes.done():  # nobody waits any more
                told.outcomes.set_result(list(outcomes[first:last]))
            first = last

    @staticmethod
    def _fail(batch: Sequence[_Told], error: Exception) -> None:
        for told in batch:
            if not told.outcomes.done():
                told.outcomes.set_exception(error)

    async def _store(self, fixes: Sequence[Fix]) -> list[Outcome]:
        async with self._pool.connection() as connection:
            await self._know(connection, fixes)
            outcomes, placed, rows = await asyncio.to_thread(self._place, fixes)
            stored = [
                what
                for part in batched(placed, _STORED_AT_A_TIME)
                for what in await store_fixes(connection, self._town(), part)
            ]
        for row, what, each in zip(rows, stored, placed, strict=True):
            outcomes[row] = what
            if what is Outcome.TAKEN:
                self._trails.add(each.responder_id, each.fix, is_kept=each.is_kept)
        return outcomes

    async def _know(self, connection: AnyConnection, fixes: Sequence[Fix]) -> None:
        """Read who may be moved, if that was long ago or somebody isn't known."""
        age_s = time.monotonic() - self._asked_at
        unknown = age_s > _ASK_AGAIN_S and any(self._movable.find(fix) is None for fix in fixes)
        if unknown or age_s > _KNOWN_FOR_S:
            self._movable = await read_movable(connection, self._town())
            self._asked_at = time.monotonic()

    def _place(self, fixes: Sequence[Fix]) -> tuple[list[Outcome], list[Placed], list[int]]:
        """Judge by the clock, match on the streets.

        Returns:
            Of each fix what is known of it; those that go to the database, and their rows.
        """
        outcomes, told = self._judge(fixes)
        streets = self._on_streets({each: [fix for _, fix in rows] for each, rows in told.items()})
        placed: list[Placed] = []
        rows: list[int] = []
        for responder, theirs in told.items():
            ordered = [fix for _, fix in theirs]
            on_streets = streets.get(responder) or [None] * len(ordered)
            worth = self._trails.worth_keeping(responder, ordered)
            rows += [row for row, _ in theirs]
            placed += [
                Placed(responder, *each) for each in zip(ordered, on_streets, worth, strict=True)
            ]
        return outcomes, placed, rows

    def _judge(
        self, fixes: Sequence[Fix]
    ) -> tuple[list[Outcome], dict[int, list[tuple[int, Fix]]]]:
        """What clock and place say of each fix; the others and their rows by responder, by time."""
        now_s, town = time.time(), self._town()
        bounds = town.bounds() if town.outline is not None else None
        outcomes = [Outcome.REFUSED] * len(fixes)
        told: dict[int, list[tuple[int, Fix]]] = {}
        for row, said in enumerate(fixes):
            fix, fault = judge_by_clock(said, now_s)
            fault = judge_by_place(said, bounds) or fault
            responder = self._movable.find(fix)
            if fault is not None:
                outcomes[row] = fault
            elif responder is not None:
                told.setdefault(responder, []).append((row, fix))
        for theirs in told.values():
            theirs.sort(key=lambda each: each[1].at_s)  # keeps the order of equal moments
        return outcomes, told

    def _on_streets(self, told: Mapping[int, Sequence[Fix]]) -> dict[int, list[OnStreet | None]]:
        """Where on the streets fixes lie, by responder; nowhere while the town has none."""
        found: dict[int, list[OnStreet | None]] = {}
        if not self._streets.refresh():
            return found
        modes = {responder: self._movable.mode[responder] for responder in told}
        for mode in set(modes.values()):
            theirs = {each: fixes for each, fixes in told.items() if modes[each] is mode}
            found |= self._trails.match(mode, theirs, self._streets)
        return found
