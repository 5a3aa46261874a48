"""What a simulation is asked, and the place, calls and fleets that it is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.simulation.calls_file import CallTable
from routing.assigning.eligibility import WEIGHT_OF_SEVERITY
from routing.modes import Mode
from routing.network.graph import Graph
from routing.simulation.covering import plan_coverage, plan_homes
from routing.simulation.density import density_of, draw_places
from routing.simulation.places import make_places, select_places, times_between
from routing.simulation.roads import make_roads
from routing.simulation.world import Calls, World
from spatial.errors import InputError

# Expected calls under way for each unit, and the fewest units, of the levels of supply.
LEVELS = {"scarce": (0.65, 3), "middle": (0.4, 6), "ample": (0.2, 12)}
# What a call takes beside its service, for the size of the fleets alone.
_DRIVE_S = 300.0
# Waiting places are chosen as if each unit were busy half of the time: near ones, and spread ones.
_BUSY = 0.5


@dataclass(frozen=True)
class Terms:
    """What holds for every policy alike.

    Attributes:
        mode: by which units travel.
        hold_s: the promise.
        turnout_s: from an order until a standing unit rolls.
        service_mean_s: of the log-normal distribution of the time on scene.
        service_cv: its standard deviation as a share of the mean.
        n_places: how many places the calls come from.
        n_sites: how many of them units may wait at.
        tune_calls: parameters are tuned on at most so many calls, the last of the first half.
        units: three sizes of the fleet; None for those of LEVELS.
        seed: of all that is drawn.
    """

    mode: Mode = Mode.CAR
    hold_s: float = 180.0
    turnout_s: float = 30.0
    service_mean_s: float = 1800.0
    service_cv: float = 0.6
    n_places: int = 800
    n_sites: int = 100
    tune_calls: int = 8_000
    units: tuple[int, int, int] | None = None
    seed: int = 1


@dataclass(frozen=True)
class Supply:
    """One level of it.

    Attributes:
        name: scarce, middle or ample.
        n_units: how many there are.
        load: expected calls under way for each unit.
        homes: (n_units,) rows of the waiting places where they are at home.
    """

    name: str
    n_units: int
    load: float
    homes: NDArray[np.int64]


@dataclass(frozen=True)
class Setting:
    """A world with calls and fleets, the same for every policy.

    Attributes:
        first, second: the halves of the calls.
        first_block, block: (C1,) and (C2,) the day of each call of the halves.
        split_at: the moment between the halves.
        dropped_places: places from or to which there is no way.
    """

    world: World
    first: Calls
    second: Calls
    first_block: NDArray[np.int64]
    block: NDArray[np.int64]
    split_at: np.datetime64
    supplies: tuple[Supply, ...]
    dropped_places: int


def make_setting(graph: Graph, table: CallTable, terms: Terms) -> Setting:
    """Lay the calls over the streets and plan the fleets, by the first half of the calls alone.

    Raises:
        InputError: there are too few streets of the mode.
    """
    chance = np.random.default_rng(terms.seed)
    roads, inside = make_roads(graph, terms.mode)
    if not inside.any():
        raise InputError(f"no streets for {terms.mode.label} hang together / 没有连通的道路")
    split = _split(table)
    # the density, as everything that is planned, is that of all calls: it is where, not when
    density = None if table.xy is None else density_of(table.xy)
    middles = graph.node_xy[graph.ends].mean(axis=1)
    weight_m = np.where(inside, graph.length_m, 0.0)
    drawn = draw_places(density, middles, weight_m, terms.n_places, chance)
    places = make_places(roads, *drawn)
    times_s = times_between(roads, places, np.arange(len(drawn[0])))
    keep = _reachable(times_s)
    places, times_s = select_places(places, keep), times_s[np.ix_(keep, keep)]
    calls = _calls(table, len(keep), terms, chance)
    first, second = calls.part(slice(0, split)), calls.part(slice(split, len(calls)))
    seen = np.bincount(first.place, minlength=len(keep)) + 1.0
    within_s = terms.hold_s - terms.turnout_s
    coverage = plan_coverage(times_s, seen / seen.sum(), within_s, terms.n_sites, _BUSY)
    world = World(roads, places, coverage, terms.hold_s, terms.turnout_s)
    days = table.local.astype("datetime64[D]").astype(np.int64)
    return Setting(
        world,
        first,
        second,
        days[:split],
        days[split:],
        table.local[split],
        tuple(_supplies(world, first, terms)),
        terms.n_places - len(keep),
    )


def _split(table: CallTable) -> int:
    """The first call of the day on which the half of all calls is passed, or the half itself."""
    half = len(table.at_s) // 2
    days = table.local.astype("datetime64[D]")
    start = int(np.searchsorted(days, days[half]))
    return start if start > len(table.at_s) // 4 else half


def _reachable(times_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places that get to each other."""
    finite = np.isfinite(times_s)
    keep = np.flatnonzero((finite.mean(axis=0) > 0.5) & (finite.mean(axis=1) > 0.5))
    while not finite[np.ix_(keep, keep)].all():
        inside = finite[np.ix_(keep, keep)]
        keep = np.delete(keep, (inside.sum(axis=0) + inside.sum(axis=1)).argmin())
    return keep


def _calls(table: CallTable, n_places: int, terms: Terms, chance: np.random.Generator) -> Calls:
    n = len(table.at_s)
    spread = math.sqrt(math.log(1 + terms.service_cv**2))
    middle = math.log(terms.service_mean_s) - spread**2 / 2
    weights = np.array([WEIGHT_OF_SEVERITY[s] for s in sorted(WEIGHT_OF_SEVERITY)], np.int64)
    return Calls(
        at_s=table.at_s,
        place=chance.integers(0, n_places, n).astype(np.int32),
        service_s=chance.lognormal(middle, spread, n),
        weight=weights[table.severity - 1],
    )


def _supplies(world: World, first: Calls, terms: Terms) -> list[Supply]:
    hours = max(float(first.at_s[-1] - first.at_s[0]) / 3600, 1.0)
    busy_hours = (terms.service_mean_s + _DRIVE_S) / 3600
    at_once = len(first) / hours * busy_hours
    supplies = []
    for level, (name, (load, fewest)) in enumerate(LEVELS.items()):
        n = terms.units[level] if terms.units else max(math.ceil(at_once / load), fewest)
        homes = plan_homes(world.coverage, n, min(max(at_once / n, 0.1), 0.8))
        supplies.append(Supply(name, n, at_once / n, homes))
    return supplies
