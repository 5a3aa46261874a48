"""Calls come, units drive, serve and wait: from one event to the next, the same every time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from routing.simulation.board import Board
from routing.simulation.driving import stand
from routing.simulation.policies import Policy
from routing.simulation.world import NOBODY, Calls, Record, World

_TELL_EVERY = 1_000


class _Event(IntEnum):
    """What happens; of the same moment, in this order."""

    FREE = 0
    ARRIVES = 1
    CALL = 2


def simulate(
    world: World,
    calls: Calls,
    homes: NDArray[np.int64],
    policy: Policy,
    progress: Callable[[int], None] = lambda _: None,
) -> Record:
    """Serve all calls under one policy.

    Args:
        world: the streets and places.
        calls: all of them are served, however late.
        homes: (U,) rows of the waiting places where the units are at home.
        policy: by which.
        progress: told how many calls have come, now and then.
    """
    return _Run(world, calls, homes, policy).through(progress)


class _Run:
    """One simulation under way."""

    def __init__(
        self, world: World, calls: Calls, homes: NDArray[np.int64], policy: Policy
    ) -> None:
        n = len(calls)
        self.world, self.calls, self.policy = world, calls, policy
        self.board = Board(world, calls, homes)
        self.events: list[tuple[float, int, int, int]] = [
            (at_s, int(_Event.CALL), call, 0) for call, at_s in enumerate(calls.at_s.tolist())
        ]
        # of a unit: grows with each order, so that an arrival that won't be is known
        self.order_number = [0] * len(homes)
        self.unit = np.full(n, NOBODY, np.int32)
        self.ordered_s, self.reached_s, self.done_s = (np.full(n, np.nan) for _ in range(3))
        self.handed_on = np.zeros(n, np.int32)
        self.moves = 0

    def through(self, progress: Callable[[int], None]) -> Record:
        events, board = self.events, self.board
        heapq.heapify(events)
        while events:
            board.now_s, kind, who, number = heapq.heappop(events)
            if kind == _Event.CALL:
                board.waiting.append(who)
                if who % _TELL_EVERY == 0:
                    progress(who)
            elif kind == _Event.ARRIVES:
                if number == self.order_number[who]:
                    self._reach(who)
                continue
            else:
                board.idle[who] = True
            self._decide()
        return Record(self.unit, self.ordered_s, self.reached_s, self.done_s,
                      board.motion.driven_s, int(self.handed_on.sum()),
                      int(self.handed_on.max(initial=0)), self.moves)  # fmt: skip

    def _decide(self) -> None:
        """Order, then see to those who have nothing to do."""
        board = self.board
        orders = self.policy.orders(board)
        for call, _ in orders:
            self._call_off(call)
        for call, unit in orders:
            self._order(call, unit)
        for unit in np.flatnonzero(board.idle & (board.rests_at == NOBODY)).tolist():
            board.rest(unit, self.policy.resting_place(board, unit))
        moved = self.policy.move(board)
        if moved is not None:
            board.wake(moved[0])
            board.rest(*moved)
            self.moves += 1

    def _call_off(self, call: int) -> None:
        """Whoever drives to a call is free again."""
        board = self.board
        for unit in np.flatnonzero(board.call_of == call).tolist():
            board.call_of[unit] = NOBODY
            board.idle[unit] = True
            board.waiting.append(call)
            self.order_number[unit] += 1
            self.handed_on[call] += 1

    def _order(self, call: int, unit: int) -> None:
        board = self.board
        left = board.call_of[unit]
        if left != NOBODY:  # another call loses its unit, and has found no other
            self._call_off(int(left))
        board.wake(unit)
        board.idle[unit] = False
        board.call_of[unit] = call
        board.waiting.remove(call)
        self.order_number[unit] += 1
        self.unit[call] = unit
        self.ordered_s[call] = board.now_s
        there_s = board.send(unit, int(self.calls.place[call]))
        event = (there_s, int(_Event.ARRIVES), unit, self.order_number[unit])
        heapq.heappush(self.events, event)

    def _reach(self, unit: int) -> None:
        board = self.board
        call = int(board.call_of[unit])
        board.call_of[unit] = NOBODY
        stand(self.world.places, board.motion, unit, int(self.calls.place[call]), board.now_s)
        self.reached_s[call] = board.now_s
        self.done_s[call] = board.now_s + self.calls.service_s[call]
        heapq.heappush(self.events, (self.done_s[call], int(_Event.FREE), unit, 0))
