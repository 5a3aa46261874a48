"""What a closure does to the town, said at once: how much of it, and what can't be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from layers.closures.plans import ClosurePlan
from routing.closing.isolation import cut_off
from routing.closing.laying import Laid
from routing.modes import Mode
from routing.nearest.engine import Engine

_MUCH = 0.2


@dataclass(frozen=True)
class Effects:
    """What a closure does.

    Attributes:
        streets: how many it binds.
        length_m: together.
        share_closed: of the length of all streets, with what was closed before.
        cut_off_streets: streets that are open, and nobody gets there and back any more.
        cut_off_m: their length.
    """

    streets: int
    length_m: float
    share_closed: float
    cut_off_streets: int
    cut_off_m: float

    def as_json(self) -> dict[str, Any]:
        """With the words that a dispatcher should read before going on."""
        return {
            "streets": self.streets,
            "length_m": round(self.length_m, 1),
            "share_closed": round(self.share_closed, 4),
            "cut_off_streets": self.cut_off_streets,
            "cut_off_m": round(self.cut_off_m, 1),
            "warnings": self._warnings(),
        }

    def _warnings(self) -> list[dict[str, str]]:
        said = []
        if self.share_closed >= _MUCH:
            share = f"{self.share_closed:.0%}"
            said.append(
                {
                    "zh": f"全镇 {share} 的道路已封闭,许多地点将无路可达",
                    "en": f"{share} of the town's streets are closed: many places can't be reached",
                }
            )
        if self.cut_off_streets:
            kilometres = f"{self.cut_off_m / 1000:.1f} km"
            said.append(
                {
                    "zh": f"另有 {self.cut_off_streets} 段未封道路({kilometres})因此无法通达",
                    "en": f"{self.cut_off_streets} more streets ({kilometres}), open themselves, "
                    "are cut off by it",
                }
            )
        return said


def effects_of(engine: Engine, laid: Laid, plan: ClosurePlan, now: datetime) -> Effects:
    """What a closure does with what holds at the same moment.

    Args:
        engine: of the streets, with what is in force.
        laid: where the closure lies.
        plan: what it is.
        now: the moment; of a planned one, when it begins counts.
    """
    graph = engine.graph
    mode = Mode.CAR if plan.modes & Mode.CAR else min(plan.modes)
    at = max(now, plan.starts)
    closed = np.zeros(2 * len(graph.street_ids), np.bool_)
    for share, numbers in engine.measures.holding(mode, at).values():
        if share == 0:
            closed[numbers] = True
    if plan.speed_share == 0:
        steps = set(laid.steps)
        for street in laid.street:
            closed[2 * street] |= graph.street_ids[street] in steps
            closed[2 * street + 1] |= -graph.street_ids[street] in steps
    lost = cut_off(graph, mode, closed.reshape(-1, 2))
    return Effects(
        streets=len(laid.street),
        length_m=float(graph.length_m[laid.street].sum()),
        share_closed=lost.share_closed,
        cut_off_streets=len(lost.street),
        cut_off_m=lost.length_m,
    )
