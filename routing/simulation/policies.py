"""Rules by which calls are served: nearest by air, nearest by road, and the platform's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from routing.assigning.problem import AssignmentProblem, AssignmentRules
from routing.assigning.solving import assign
from routing.simulation.board import Board
from routing.simulation.covering import best_move, gain_of_each, loss_of_each
from routing.simulation.roads import Floats

Order = tuple[int, int]
"""A call, and the unit that is sent to it."""


class Policy(Protocol):
    """One way of doing it."""

    def orders(self, board: Board) -> Sequence[Order]:
        """Who is to be sent where now; calls that others drive to may be among them."""
        ...

    def resting_place(self, board: Board, unit: int) -> int:
        """Row of the waiting place to which a unit goes that has nothing to do."""
        ...

    def move(self, board: Board) -> tuple[int, int] | None:
        """An idle unit to be moved to another waiting place, so that more is covered."""
        ...


@dataclass(frozen=True)
class Nearest:
    """The longest waiting call of the greatest weight gets the nearest free unit; then home.

    Attributes:
        by_air: nearest as the crow flies; else by time over the streets.
    """

    by_air: bool

    def orders(self, board: Board) -> Sequence[Order]:
        """One free unit for each waiting call, while there are any."""
        free = np.flatnonzero(board.idle)
        found = []
        weight = board.calls.weight
        for call in sorted(board.waiting, key=lambda c: (-weight[c], c)):
            if not len(free):
                break
            far = board.air_distances(free, call) if self.by_air else board.etas_s(free, call)
            nearest = int(far.argmin())
            found.append((call, int(free[nearest])))
            free = np.delete(free, nearest)
        return found

    def resting_place(self, board: Board, unit: int) -> int:
        """Home."""
        return int(board.home[unit])

    def move(self, board: Board) -> tuple[int, int] | None:  # noqa: ARG002 - as `Policy` has it
        """Nobody is moved."""
        return None


def _etas_s(board: Board, units: NDArray[np.int64], calls: Sequence[int]) -> Floats:
    """(calls, units) seconds; inf where a unit would be taken off a call that counts more."""
    eta_s = np.array([board.etas_s(units, call) for call in calls])
    weight = board.calls.weight
    of_call = board.call_of[units]
    held = np.where(of_call >= 0, weight[of_call], 0)
    return np.where(weight[list(calls)][:, None] < held[None, :], np.inf, eta_s)


@dataclass(frozen=True)
class PlatformSettings:
    """What may be tuned.

    Attributes:
        busy: chance that a unit isn't free, by which coverage counts; None: units go home.
        move_share: an idle unit is moved where that covers so much more of the expected calls;
            None: never.
        price_s: sending the only one who covers all expected calls costs so many seconds.
        reassign_gain_s: who is under way is turned if that saves so much; None: never.
    """

    busy: float | None = None
    move_share: float | None = None
    price_s: float = 0.0
    reassign_gain_s: float | None = None


@dataclass(frozen=True)
class Platform:
    """All open calls together, misses first; units wait where they cover most."""

    settings: PlatformSettings

    def orders(self, board: Board) -> Sequence[Order]:
        """The best assignment of waiting calls, and of those that somebody drives to."""
        settings = self.settings
        turnable = settings.reassign_gain_s is not None
        under_way = np.flatnonzero(board.call_of >= 0) if turnable else np.zeros(0, np.int64)
        units = np.concatenate([np.flatnonzero(board.idle), under_way])
        calls = [*board.waiting, *board.call_of[under_way].tolist()]
        if not calls or not len(units):
            return []
        holder = np.concatenate(
            [
                np.full(len(board.waiting), -1),
                np.arange(len(units) - len(under_way), len(units)),
            ]
        ).astype(np.int64)
        problem = AssignmentProblem(
            eta_s=_etas_s(board, units, calls),
            weight=board.calls.weight[calls],
            waited_s=board.now_s - board.calls.at_s[calls],
            orders_so_far=np.zeros(len(units), np.int64),
            holder=holder,
            price_s=self._price_s(board, units),
        )
        rules = AssignmentRules(board.world.hold_s, settings.reassign_gain_s or 0.0)
        chosen = assign(problem, rules).responder
        return [
            (call, int(units[r]))
            for call, r, held in zip(calls, chosen.tolist(), holder.tolist(), strict=True)
            if r not in {-1, held}
        ]

    def resting_place(self, board: Board, unit: int) -> int:
        """Where one more unit covers most; home where that is as good."""
        busy = self.settings.busy
        home = int(board.home[unit])
        if busy is None:
            return home
        coverage = board.world.coverage
        gain = gain_of_each(coverage, board.resting, busy)
        best = int(gain.argmax())
        return best if gain[best] > gain[home] else home

    def move(self, board: Board) -> tuple[int, int] | None:
        """The unit that is missed least goes where one is missed most, if that is worth it."""
        busy, worth = self.settings.busy, self.settings.move_share
        if busy is None or worth is None:
            return None
        found = best_move(board.world.coverage, board.resting, busy)
        if found is None or found[2] <= worth:
            return None
        leaves, best, _ = found
        return int(np.flatnonzero(board.rests_at == leaves)[0]), best

    def _price_s(self, board: Board, units: NDArray[np.int64]) -> Floats:
        busy, price_s = self.settings.busy, self.settings.price_s
        if busy is None or not price_s:
            return np.zeros(len(units))
        coverage = board.world.coverage
        loss = loss_of_each(coverage, board.resting, busy)
        site = board.rests_at[units]
        return np.where(site >= 0, price_s * loss[site], 0.0)
