"""The price of sending somebody: what coverage the town loses while he is away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from layers.reach.ground import Targets
from routing.nearest.engine import Engine
from routing.nearest.fleet import Fleet
from routing.reach.coverage import Cover

HOLD_S = 180.0
# Who is first, who is second, and who would be if one of them is away.
COVER_DEPTH = 3


@dataclass(frozen=True)
class Price:
    """Shares of the expected incidents, 0 to 1.

    Attributes:
        single_lost: that nobody reaches in time any more.
        double_lost: that two reach in time now, and one alone then.
    """

    single_lost: float
    double_lost: float


def coverage_price(  # noqa: PLR0913 - of whom, on which streets, for what, how far and when
    engine: Engine,
    fleet: Fleet,
    keys: Iterable[str],
    demand: Targets,
    *,
    hold_s: float = HOLD_S,
    at: datetime | None = None,
) -> dict[str, Price]:
    """What the town loses without each of some members, by key.

    Args:
        engine: of the streets.
        fleet: those who cover the town now, each with the delay before it moves.
        keys: whom one thinks of sending.
        demand: see `layers.reach.targets.expected`.
        hold_s: within which seconds a place has to be reached.
        at: the moment, in the town's time; None for free streets.
    """
    cover = Cover(engine, fleet, limit_s=hold_s, depth=COVER_DEPTH, at=at)
    return prices_in(cover, keys, demand, hold_s)


def prices_in(
    cover: Cover, keys: Iterable[str], demand: Targets, hold_s: float
) -> dict[str, Price]:
    """`coverage_price` of what has been searched already.

    Args:
        cover: at least COVER_DEPTH deep, and as far as `hold_s`.
        keys: whom one thinks of sending.
        demand: see `layers.reach.targets.expected`.
        hold_s: within which seconds a place has to be reached.
    """
    covering = cover.at(demand.places)
    total = float(demand.weight.sum()) or 1.0
    weight = demand.weight / total
    first, second = (covering.labels.time_s[:, i] <= hold_s for i in (0, 1))
    prices = {}
    for key in keys:
        left = covering.without(key) <= hold_s
        prices[key] = Price(
            single_lost=float(weight[first & ~left[:, 0]].sum()),
            double_lost=float(weight[second & ~left[:, 1]].sum()),
        )
    return prices
