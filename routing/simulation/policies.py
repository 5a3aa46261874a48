"""Rules by which calls are served: nearest by air, nearest by road, and the platform's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from routing.assigning.problem import NOBODY, AssignmentProblem, AssignmentRules
from routing.assigning.solving import assign
from routing.reach.standby import restand
from routing.simulation.board import Board
from routing.simulation.roads import Floats

_NONE = np.zeros(0, np.int64)
# Sums of the same shares in another order differ by less.
_NOTHING = 1e-9
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


@dataclass(frozen=True)
class PlatformSettings:
    """What may be set.

    Attributes:
        move_share: units without a call wait where standby would have them, and a waiting one is
            moved where that brings so much more of the expected calls within reach; None: they
            go home and stay there.
        reassign_gain_s: who is under way is turned if that saves so much; None: never.
    """

    move_share: float | None = None
    reassign_gain_s: float | None = None


@dataclass(frozen=True)
class Platform:
    """The platform's own functions: `assign` for open calls, `restand` for who has none."""

    settings: PlatformSettings

    def orders(self, board: Board) -> Sequence[Order]:
        """The best assignment of waiting calls, and of those that somebody drives to."""
        gain_s = self.settings.reassign_gain_s
        turnable = np.flatnonzero(board.call_of >= 0) if gain_s is not None else _NONE
        units = np.concatenate([np.flatnonzero(board.idle), turnable])
        calls = [*board.waiting, *board.call_of[turnable].tolist()]
        if not calls or not len(units):
            return []
        held_by = np.arange(len(units) - len(turnable), len(units))
        holder = np.concatenate([np.full(len(board.waiting), NOBODY), held_by]).astype(np.int64)
        problem = AssignmentProblem(
            eta_s=_etas_s(board, units, calls, holder),
            weight=board.calls.weight[calls],
            waited_s=board.now_s - board.calls.at_s[calls],
            orders_so_far=np.zeros(len(units), np.int64),
            holder=holder,
            price_s=np.zeros(len(units)),
        )
        chosen = assign(problem, AssignmentRules(board.world.hold_s, gain_s or 0.0)).responder
        return [
            (call, int(units[r]))
            for call, r, held in zip(calls, chosen.tolist(), holder.tolist(), strict=True)
            if r not in {NOBODY, held}
        ]

    def resting_place(self, board: Board, unit: int) -> int:
        """Where one more brings most within reach; home where that is as good."""
        home = int(board.home[unit])
        if self.settings.move_share is None:
            return home
        coverage = board.world.coverage
        _, reached = board.reached_by_resting()
        nowhere = np.zeros((1, len(coverage.demand)), np.bool_)
        everybody = np.concatenate([reached, nowhere])
        found = restand(everybody, coverage.reaches, coverage.demand, [len(reached)], 1)
        at_home = float(coverage.demand[coverage.reaches[home] & ~found.kept].sum())
        return found.siting.sites[0] if found.gain > at_home + _NOTHING else home

    def move(self, board: Board) -> tuple[int, int] | None:
        """The unit that is missed least goes where most is out of reach, if that is worth it."""
        worth = self.settings.move_share
        resting, reached = board.reached_by_resting()
        if worth is None or not len(resting):
            return None
        coverage = board.world.coverage
        movable = range(len(resting))
        found = restand(reached, coverage.reaches, coverage.demand, movable, 1)
        if found.gain <= worth:
            return None
        return int(resting[found.moved[0]]), found.siting.sites[0]


def _etas_s(
    board: Board, units: NDArray[np.int64], calls: Sequence[int], holder: NDArray[np.int64]
) -> Floats:
    """(calls, units) seconds; inf where a unit would be taken off a call that counts more."""
    eta_s = np.array([board.etas_s(units, call) for call in calls])
    held = np.flatnonzero(holder != NOBODY)
    eta_s[held, holder[held]] = board.etas_of_drivers_s(units[holder[held]])
    weight = board.calls.weight
    of_call = board.call_of[units]
    counts = np.where(of_call >= 0, weight[of_call], 0)
    return np.where(weight[list(calls)][:, None] < counts[None, :], np.inf, eta_s)
