"""A year of incidents has structure: clusters, rhythms, trends and a spot that emerges."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import chisquare

from layers.demo.hotplaces import EMERGING_CATEGORY, EMERGING_DAYS
from layers.demo.plan import Plan
from layers.demo.town import DemoTown

ZONE = "Asia/Shanghai"


@pytest.fixture(scope="module")
def town(generated_town: tuple[DemoTown, str]) -> DemoTown:
    return generated_town[0]


@pytest.fixture(scope="module")
def incidents(town: DemoTown) -> pd.DataFrame:
    table = town.incidents.copy()
    table["local"] = table["occurred_at"].dt.tz_localize("UTC").dt.tz_convert(ZONE)
    return table


def of(incidents: pd.DataFrame, category: str) -> pd.DataFrame:
    return incidents[incidents["category"] == category]


def test_they_fill_the_twelve_months_before_the_town_s_moment(incidents: pd.DataFrame) -> None:
    now = pd.Timestamp(Plan().moment)
    first, last = incidents["local"].min(), incidents["local"].max()
    assert now - pd.Timedelta(days=365) <= first < now - pd.Timedelta(days=364)
    assert now - pd.Timedelta(hours=6) < last <= now


@pytest.mark.parametrize("category", ["wage_dispute", "noise", "illegal_parking"])
def test_the_week_has_a_rhythm(incidents: pd.DataFrame, category: str) -> None:
    days = np.bincount(of(incidents, category)["local"].dt.day_of_week, minlength=7)
    assert chisquare(days).pvalue < 1e-6


def test_wages_are_a_matter_of_mondays_and_noise_of_weekends(incidents: pd.DataFrame) -> None:
    wages = of(incidents, "wage_dispute")["local"].dt.day_of_week.value_counts()
    noise = of(incidents, "noise")["local"].dt.day_of_week.value_counts()
    assert wages.idxmax() == 0
    assert noise.idxmax() == 5


def test_the_day_has_a_rhythm(incidents: pd.DataFrame) -> None:
    for _, group in incidents.groupby("category"):
        assert chisquare(np.bincount(group["local"].dt.hour, minlength=24)).pvalue < 1e-6
    night = of(incidents, "noise")["local"].dt.hour.isin([21, 22, 23, 0]).mean()
    assert night > 0.4


def test_some_categories_grow_and_some_shrink(incidents: pd.DataFrame) -> None:
    middle = pd.Timestamp(Plan().moment) - pd.Timedelta(days=182)
    late = incidents["local"] > middle
    share = late.groupby(incidents["category"]).mean()
    assert share["illegal_parking"] > 0.515
    assert share["theft"] < 0.485


def test_places_repeat_more_than_chance(incidents: pd.DataFrame) -> None:
    """Were incidents spread evenly, the busiest 5 % of the cells would hold far less."""
    counts = incidents["cell"].value_counts().to_numpy()
    even = np.random.default_rng(0).poisson(counts.mean(), len(counts))

    def share_of_busiest(each: np.ndarray) -> float:
        return float(np.sort(each)[-len(each) // 20 :].sum() / each.sum())

    assert share_of_busiest(counts) > 2 * share_of_busiest(even)


def test_a_spot_emerges_in_the_last_weeks(incidents: pd.DataFrame) -> None:
    now = pd.Timestamp(Plan().moment)
    vendors = of(incidents, EMERGING_CATEGORY).copy()
    vendors["parent"] = [h3.cell_to_parent(h3.int_to_str(c), 9) for c in vendors["cell"]]
    recent = vendors["local"] > now - pd.Timedelta(days=EMERGING_DAYS)
    table = pd.crosstab(vendors["parent"], recent)
    expected = table[False] * EMERGING_DAYS / (365 - EMERGING_DAYS)
    excess = table[True] - expected
    assert excess.max() > 60
    spot = excess.idxmax()
    assert table.loc[spot, True] > 8 * expected[spot]
    weeks = (now - vendors.loc[recent & (vendors["parent"] == spot), "local"]).dt.days // 14
    by_fortnight = weeks.value_counts().sort_index(ascending=False).tolist()
    assert by_fortnight[-1] > by_fortnight[1] > by_fortnight[0]


def test_debris_floats_at_the_bank(town: DemoTown, incidents: pd.DataFrame) -> None:
    bank = town.water["geom"][0].boundary
    points = of(incidents, "floating_debris")["geom"].to_numpy()
    assert shapely.dwithin(points, bank, 1e-5).all()


def test_others_happen_on_streets_or_at_premises(town: DemoTown, incidents: pd.DataFrame) -> None:
    others = incidents[incidents["category"] != "floating_debris"]
    at = others["premises"].to_numpy()
    points = others["geom"].to_numpy()
    indoors = at >= 0
    assert 0.1 < indoors.mean() < 0.5
    assert (points[indoors] == town.premises["geom"].to_numpy()[at[indoors]]).all()
    tree = shapely.STRtree(town.streets.streets.geometry.to_numpy())
    _, distance = tree.query_nearest(points[~indoors], return_distance=True, all_matches=False)
    assert distance.max() < 1e-9


def test_cells_and_micro_grids_hold_their_points(town: DemoTown, incidents: pd.DataFrame) -> None:
    sample = incidents.sample(500, random_state=1)
    for point, cell in zip(sample["geom"], sample["cell"], strict=True):
        assert h3.latlng_to_cell(point.y, point.x, 11) == h3.int_to_str(cell)
    micro = town.units.table["geom"].to_numpy()[incidents["unit"]]
    assert shapely.intersects(micro, incidents["geom"].to_numpy()).all()
    assert (town.units.table["level"].to_numpy()[incidents["unit"]] == 4).all()


def test_old_ones_are_closed_and_recent_ones_open(incidents: pd.DataFrame) -> None:
    now = pd.Timestamp(Plan().moment)
    age = now - incidents["local"]
    still_open = incidents["state"] == "open"
    assert (incidents["closed_at"].isna() == still_open).all()
    assert not still_open[age > pd.Timedelta(days=46)].any()
    assert still_open[age < pd.Timedelta(hours=3)].mean() > 0.5
    settled = incidents[~still_open]
    assert (settled["closed_at"] > settled["occurred_at"]).all()
