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
from routing.simulation.covering import plan_coverage, plan_homes, shares_reached
from routing.simulation.density import density_of, draw_places
from routing.simulation.places import make_places, select_places, times_between
from routing.simulation.roads import make_roads
from routing.simulation.world import Calls, World
from spatial.errors import InputError


@dataclass(frozen=True)
class Level:
    """A level of supply: the smallest fleet that is busy no more, and reaches no less, than this.

    Attributes:
        load: expected calls under way for each unit.
        reach: of all expected calls that any waiting place reaches in time, those that somebody
            reaches while all are at home. Where calls are rare this decides, and not the load.
    """

    load: float
    reach: float


LEVELS = {"scarce": Level(0.65, 0.4), "middle": Level(0.4, 0.65), "ample": Level(0.2, 0.85)}
# What a call takes beside its service, for the size of the fleets alone.
_DRIVE_S = 300.0
# A pause between two calls counts for the load no longer than this: files have gaps.
_LONGEST_PAUSE_S = 7 * 86_400.0
# Fewer blocks can't tell how sure a difference is.
_FEWEST_BLOCKS = 14
_BLOCKS_H = (24, 6, 1)
_MOST_STATES = 40_000_000
_FEWEST_PLACES = 100
# Waiting places are chosen as if each unit were busy half of the time: near ones, and spread ones.
_BUSY = 0.5
# And homes of a few, as if each were nearly always free.
_ALONE = 0.1


@dataclass(frozen=True)
class Terms:
    """What holds for every policy alike.

    Attributes:
        mode: by which units travel.
        hold_s: the promise.
        turnout_s: from an order until a standing unit rolls.
        turn_s: that a unit loses which gets an order, or another one, on the way.
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
    turn_s: float = 10.0
    service_mean_s: float = 1800.0
    service_cv: float = 0.6
    n_places: int = 800
    n_sites: int = 100
    tune_calls: int = 6_000
    units: tuple[int, int, int] | None = None
    seed: int = 1


@dataclass(frozen=True)
class Supply:
    """One level of it.

    Attributes:
        name: scarce, middle or ample.
        n_units: how many there are.
        load: expected calls under way for each unit.
        reach: share of the expected calls that somebody reaches in time while all are at home.
        set_by: what made the fleet as large as it is, in words.
        homes: (n_units,) rows of the waiting places where they are at home.
    """

    name: str
    n_units: int
    load: float
    reach: float
    set_by: str
    homes: NDArray[np.int64]


@dataclass(frozen=True)
class Setting:
    """A world with calls and fleets, the same for every policy.

    Attributes:
        first, second: the halves of the calls.
        first_block, block: (C1,) and (C2,) the stretch of time of each call of the halves.
        block_h: how many hours such a stretch has.
        split_at: the moment between the halves.
        dropped_places: places from or to which there is no way.
    """

    world: World
    first: Calls
    second: Calls
    first_block: NDArray[np.int64]
    block: NDArray[np.int64]
    block_h: int
    split_at: np.datetime64
    supplies: tuple[Supply, ...]
    dropped_places: int

    @property
    def block_name(self) -> str:
        """What calls are taken together that depend on each other."""
        return "days" if self.block_h == 24 else f"stretches of {self.block_h} h"


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
    # the trees of ways to all places are held at once, in each process
    n_places = min(terms.n_places, max(_MOST_STATES // roads.n_states, _FEWEST_PLACES))
    middles = graph.node_xy[graph.ends].mean(axis=1)
    weight_m = np.where(inside, graph.length_m, 0.0)
    drawn = draw_places(density, middles, weight_m, n_places, chance)
    places = make_places(roads, *drawn)
    times_s = times_between(roads, places, np.arange(len(drawn[0])))
    keep = _reachable(times_s)
    places, times_s = select_places(places, keep), times_s[np.ix_(keep, keep)]
    calls = _calls(table, len(keep), terms, chance)
    first, second = calls.part(slice(0, split)), calls.part(slice(split, len(calls)))
    seen = np.bincount(first.place, minlength=len(keep)) + 1.0
    within_s = terms.hold_s - terms.turnout_s
    coverage = plan_coverage(times_s, seen / seen.sum(), within_s, terms.n_sites, _BUSY)
    world = World(roads, places, coverage, terms.hold_s, terms.turnout_s, terms.turn_s)
    block, block_h = _blocks(table.local, split)
    return Setting(
        world,
        first,
        second,
        block[:split],
        block[split:],
        block_h,
        table.local[split],
        tuple(_supplies(world, first, terms)),
        n_places - len(keep),
    )


def _split(table: CallTable) -> int:
    """The first call of the day on which the half of all calls is passed, or the half itself."""
    half = len(table.at_s) // 2
    days = table.local.astype("datetime64[D]")
    start = int(np.searchsorted(days, days[half]))
    return start if start > len(table.at_s) // 4 else half


def _blocks(local: NDArray[np.datetime64], split: int) -> tuple[NDArray[np.int64], int]:
    """(C,) days, shorter stretches where either half has few of them; and their hours."""
    hours = local.astype("datetime64[h]").astype(np.int64)
    for block_h in _BLOCKS_H:
        block = hours // block_h
        if min(len(np.unique(half)) for half in (block[:split], block[split:])) >= _FEWEST_BLOCKS:
            break
    return block, block_h


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
    at_once = _calls_at_once(first, terms)
    one_each = plan_homes(world.coverage, len(world.coverage.site), _ALONE)
    reached = shares_reached(world.coverage, one_each)
    supplies: list[Supply] = []
    for row, (name, level) in enumerate(LEVELS.items()):
        by_load = math.ceil(at_once / level.load)
        by_reach = 1 + int(np.searchsorted(reached, level.reach * reached[-1]))
        more = 1 + supplies[-1].n_units if supplies else 1
        n = terms.units[row] if terms.units else max(by_load, by_reach, more)
        homes = plan_homes(world.coverage, n, min(max(at_once / n, _ALONE), 0.8))
        at_home = float(shares_reached(world.coverage, homes)[-1])
        said = "--units" if terms.units else _set_by(level, n, by_load, by_reach)
        supplies.append(Supply(name, n, at_once / n, at_home, said, homes))
    return supplies


def _calls_at_once(first: Calls, terms: Terms) -> float:
    """How many calls are under way on average."""
    pauses_s = np.minimum(np.diff(first.at_s), _LONGEST_PAUSE_S)
    return len(first) * (terms.service_mean_s + _DRIVE_S) / max(float(pauses_s.sum()), 3600.0)


def _set_by(level: Level, n: int, by_load: int, by_reach: int) -> str:
    if n == by_load:
        return f"the fewest with at most {level.load:g} calls under way for each"
    if n == by_reach:
        return f"the fewest that reach {level.reach:.0%} of the reachable calls from home"
    return "one more than the level before"
