"""Twelve months of incidents: when, where, what, how they came in and how long they took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator

from grids.cells import STORED_RESOLUTION, cells_of_points
from layers.demo.frame import Floats, Frame, Ints
from layers.demo.hotplaces import (
    EMERGING_CATEGORY,
    EMERGING_COUNT,
    EMERGING_DAYS,
    EMERGING_RADIUS_M,
    HotPlaces,
    repeating,
)
from layers.demo.plan import HISTORY_DAYS, Plan
from layers.demo.rhythms import RHYTHMS, Rhythm
from layers.demo.spots import Spots, choose, nearness
from layers.demo.terrain import Terrain

# which premises a category happens at; all other categories happen on streets
_AT_PREMISES = {
    "goods_outside": ("shop",),
    "food_safety": ("shop",),
    "gas_safety": ("shop", "workshop"),
    "fire_hazard": ("firm", "workshop", "shop"),
    "wage_dispute": ("firm", "workshop"),
}
_ON_MAIN_ROADS = ("traffic_accident", "illegal_parking", "street_damage")
_BANK_STEP_M = 40.0
_SPREAD_OF_DURATIONS = 0.95
_LONGEST_DAYS = 45


@dataclass(frozen=True)
class Scene:
    """Where incidents can happen: places on streets, at premises, on the river bank."""

    spots: Spots
    premises: pd.DataFrame
    terrain: Terrain
    hot: HotPlaces
    frame: Frame


def make_incidents(chance: Generator, plan: Plan, scene: Scene) -> pd.DataFrame:
    """The table of incidents in order of time; columns as in layers.incident.

    `premises` is a row number of the premises table, or -1.
    """
    shares = np.array([rhythm.share for rhythm in RHYTHMS.values()])
    counts = chance.multinomial(plan.incidents - EMERGING_COUNT, shares / shares.sum())
    parts = []
    for (category, rhythm), count in zip(RHYTHMS.items(), counts.tolist(), strict=True):
        lonlat, premises = _places(chance, scene, category, count)
        moments = _moments(chance, plan, rhythm, count)
        parts.append(_rows(chance, category, moments, lonlat, premises))
    parts.append(_emerging(chance, plan, scene))
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values("occurred_at", kind="stable", ignore_index=True)
    return _finish(table, plan)


def _rows(
    chance: Generator, category: str, moments: Ints, lonlat: Floats, premises: Ints
) -> pd.DataFrame:
    rhythm = RHYTHMS[category]
    sources = list(rhythm.sources)
    frequency = np.array(list(rhythm.sources.values()))
    hours = rhythm.settled_h * np.exp(chance.normal(0.0, _SPREAD_OF_DURATIONS, len(moments)))
    settled_s = np.round(np.clip(hours, 0.1, 24 * _LONGEST_DAYS) * 3_600).astype(np.int64)
    return pd.DataFrame(
        {
            "category": category,
            "source": chance.choice(sources, len(moments), p=frequency / frequency.sum()),
            "occurred_at": moments,
            "closed_at": moments + settled_s,
            "premises": premises,
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
        }
    )


def _finish(table: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Keys, states, cells and points; what isn't settled by now is open."""
    still_open = table["closed_at"].to_numpy() > plan.moment.timestamp()
    table["key"] = [f"demo-incident-{number:06d}" for number in range(1, len(table) + 1)]
    table["state"] = np.where(still_open, "open", "closed")
    closed = table["closed_at"].to_numpy().astype("datetime64[s]")
    table["closed_at"] = np.where(still_open, np.datetime64("NaT", "s"), closed)
    table["occurred_at"] = table["occurred_at"].to_numpy().astype("datetime64[s]")
    lon, lat = table.pop("lon").to_numpy(), table.pop("lat").to_numpy()
    table["cell"] = cells_of_points(lon, lat, STORED_RESOLUTION)
    table["geom"] = shapely.points(lon, lat)
    return table


def _moments(chance: Generator, plan: Plan, rhythm: Rhythm, count: int) -> Ints:
    """Seconds since 1970 of `count` incidents in the twelve months before the plan's moment."""
    first = pd.Timestamp(plan.as_of) - pd.Timedelta(days=HISTORY_DAYS)
    days = pd.date_range(first, pd.Timestamp(plan.as_of))
    progress = np.arange(len(days)) / HISTORY_DAYS
    season = 1 + 0.5 * rhythm.summer * np.cos(2 * np.pi * (days.day_of_year.to_numpy() - 196) / 365)
    daily = (
        np.array(rhythm.week)[days.day_of_week] * (1 + rhythm.growth * (progress - 0.5)) * season
    )
    daily = daily * chance.gamma(30.0, 1 / 30.0, len(days))
    return _draw_times(chance, plan, (days, daily), rhythm.hours(), count)


def _draw_times(
    chance: Generator,
    plan: Plan,
    calendar: tuple[pd.DatetimeIndex, Floats],
    hours: Floats,
    count: int,
) -> Ints:
    """Local days and hours by weight, as UTC seconds; the last day ends at the plan's moment."""
    days, daily = calendar
    end_s = int(plan.moment.timestamp())
    found = np.empty(0, dtype=np.int64)
    while len(found) < count:
        day = choose(chance, daily, count)
        second = choose(chance, hours, count) * 3_600 + chance.integers(0, 3_600, count)
        local = days[day] + pd.to_timedelta(second, unit="s")
        zoned = local.tz_localize(
            plan.time_zone, ambiguous=np.zeros(count, dtype=bool), nonexistent="shift_forward"
        )
        utc_s = zoned.as_unit("s").asi8
        fits = (utc_s < end_s) & (utc_s >= end_s - HISTORY_DAYS * 86_400)
        found = np.concatenate([found, utc_s[fits]])
    return found[:count]


def _places(chance: Generator, scene: Scene, category: str, count: int) -> tuple[Floats, Ints]:
    """Longitudes and latitudes, and rows of premises or -1."""
    nowhere = np.full(count, -1)
    if category == "floating_debris" and not scene.terrain.river_line.is_empty:
        return _on_the_bank(chance, scene, count), nowhere
    if category in _AT_PREMISES:
        return _at_premises(chance, scene, category, count)
    spots = scene.spots
    weight = scene.hot.pull(category, spots.xy) * repeating(chance, len(spots.xy))
    if category in _ON_MAIN_ROADS:
        weight = weight * np.where(spots.main, 4.0, 1.0) * spots.cars
    return spots.lonlat[choose(chance, weight, count)], nowhere


def _at_premises(chance: Generator, scene: Scene, category: str, count: int) -> tuple[Floats, Ints]:
    lonlat = shapely.get_coordinates(scene.premises["geom"].to_numpy())
    fits = scene.premises["kind"].isin(_AT_PREMISES[category]).to_numpy()
    weight = scene.hot.pull(category, scene.frame.to_metres(lonlat))
    weight = weight * repeating(chance, len(lonlat)) * fits
    row = choose(chance, weight, count)
    return lonlat[row], row


def _on_the_bank(chance: Generator, scene: Scene, count: int) -> Floats:
    """Debris gathers at some reaches of the bank."""
    bank = scene.terrain.river.boundary.intersection(scene.terrain.outline.buffer(-150.0))
    line = shapely.line_merge(bank)
    parts = shapely.get_parts(line)
    points = np.concatenate(
        [
            shapely.get_coordinates(
                shapely.line_interpolate_point(part, np.arange(0.0, part.length, _BANK_STEP_M))
            )
            for part in parts
        ]
    )
    reach = points[chance.integers(len(points), size=3)]
    weight = repeating(chance, len(points))
    for centre in reach:
        weight = weight + 9.0 * nearness(points, centre, 180.0)
    return scene.frame.to_lonlat(points[choose(chance, weight, count)])


def _emerging(chance: Generator, plan: Plan, scene: Scene) -> pd.DataFrame:
    """One spot that was quiet for ten months and then grew from week to week."""
    rhythm = RHYTHMS[EMERGING_CATEGORY]
    last = pd.Timestamp(plan.as_of)
    days = pd.date_range(last - pd.Timedelta(days=EMERGING_DAYS), last)
    daily = np.linspace(0.1, 1.0, len(days)) * np.array(rhythm.week)[days.day_of_week]
    moments = _draw_times(chance, plan, (days, daily), rhythm.hours(), EMERGING_COUNT)
    weight = nearness(scene.spots.xy, scene.hot.emerging, EMERGING_RADIUS_M) + 1e-12
    lonlat = scene.spots.lonlat[choose(chance, weight, EMERGING_COUNT)]
    nowhere = np.full(EMERGING_COUNT, -1)
    return _rows(chance, EMERGING_CATEGORY, moments, lonlat, nowhere)
