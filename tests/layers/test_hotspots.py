"""The heat map of a town's incidents, in a real PostGIS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import h3
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely

from layers.hotspots import Domain, compute_hotspots, refresh_published_hotspots
from layers.incident_counts import Choice, Index, Window
from spatial.errors import InputError
from spatial.town import Town, read_town

OUTLINE = shapely.MultiPolygon([shapely.box(-75.4, 40.0, -75.1, 40.25)])

Load = Callable[[pd.DataFrame], Town]


@pytest.fixture
def load(connection: psycopg.Connection) -> Load:
    """Makes a town of incidents (lon, lat, occurred_at, category) and returns it."""

    def load_into_new_town(incidents: pd.DataFrame) -> Town:
        connection.execute(
            "INSERT INTO spatial.town (code, name, name_en, outline, time_zone, synthetic, as_of)"
            " VALUES ('T', '镇', 'Town', ST_GeomFromWKB(%s, 4326), 'America/New_York', true,"
            " '2016-09-01T12:00Z')",
            (shapely.to_wkb(OUTLINE),),
        )
        town = read_town(connection)
        batch = connection.execute(
            "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)"
            " VALUES (%s, true, 'incidents', 'test') RETURNING id",
            (town.id,),
        ).fetchone()
        assert batch is not None
        for category in incidents["category"].unique():
            connection.execute(
                "INSERT INTO layers.category (code, name, name_en) VALUES (%s, %s, %s)",
                (category, category, category),
            )
        lon, lat = incidents["lon"], incidents["lat"]
        inside = shapely.contains_xy(OUTLINE, lon, lat)
        columns = "town_id, key, category, occurred_at, cell, geom, inside, batch_id"
        with connection.cursor().copy(f"COPY layers.incident ({columns}) FROM STDIN") as copy:
            for key, (row, within) in enumerate(
                zip(incidents.itertuples(), inside.tolist(), strict=True)
            ):
                cell = h3.str_to_int(h3.latlng_to_cell(row.lat, row.lon, 11))
                point = shapely.to_wkb(
                    shapely.set_srid(shapely.Point(row.lon, row.lat), 4326),
                    hex=True,
                    include_srid=True,
                )
                when = row.occurred_at
                copy.write_row(
                    (town.id, str(key), row.category, when, cell, point, within, batch[0])
                )
        return town

    return load_into_new_town


def scattered(number: int, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "lon": random.uniform(-75.45, -75.05, number),
            "lat": random.uniform(39.95, 40.3, number),
            "category": random.choice(["EMS", "Fire", "Traffic"], number),
            "occurred_at": [
                datetime(2016, 3, 1, tzinfo=UTC) + timedelta(minutes=int(minute))
                for minute in random.integers(0, 180 * 24 * 60, number)
            ],
        }
    )


def inside(incidents: pd.DataFrame) -> pd.DataFrame:
    return incidents[shapely.contains_xy(OUTLINE, incidents["lon"], incidents["lat"])]


@pytest.mark.parametrize("resolution", [5, 7, 9, 11])
def test_counts_are_those_of_the_h3_library(
    connection: psycopg.Connection, load: Load, resolution: int
) -> None:
    incidents = scattered(2_000)
    choice = Choice(load(incidents))
    rows = inside(incidents)
    direct = Counter(map(h3.latlng_to_cell, rows.lat, rows.lon, [resolution] * len(rows)))
    found = compute_hotspots(connection, choice, resolution, domain=Domain.OCCUPIED)
    assert dict(zip(found["h3"], found["count"], strict=True)) == direct
    assert found.attrs == {
        "counted": len(rows),
        "beside": 0,
        "outside": len(incidents) - len(rows),
    }

    parents = Counter(
        h3.cell_to_parent(h3.latlng_to_cell(lat, lon, 11), resolution)
        for lat, lon in zip(rows.lat, rows.lon, strict=True)
    )
    found = compute_hotspots(
        connection, choice, resolution, domain=Domain.OCCUPIED, index=Index.PARENT
    )
    assert dict(zip(found["h3"], found["count"], strict=True)) == parents


def test_the_domain_is_every_cell_whose_centre_lies_in_the_outline(
    connection: psycopg.Connection, load: Load
) -> None:
    found = compute_hotspots(connection, Choice(load(scattered(500))), 8)
    expected = h3.geo_to_cells(OUTLINE, 8)
    assert sorted(found["h3"]) == sorted(expected)
    assert (found["count"] == 0).any()
    assert found.attrs["counted"] + found.attrs["beside"] == len(inside(scattered(500)))
    assert found.crs == "EPSG:4326"


def test_a_polygon_can_be_the_domain(connection: psycopg.Connection, load: Load) -> None:
    district = shapely.box(-75.3, 40.1, -75.2, 40.2)
    found = compute_hotspots(connection, Choice(load(scattered(500))), 9, domain=district)
    assert set(found["h3"]) == set(h3.geo_to_cells(district, 9))


def test_days_are_the_towns_and_the_last_one_counts(
    connection: psycopg.Connection, load: Load
) -> None:
    moments = ["2016-03-31T03:59Z", "2016-03-31T04:00Z", "2016-04-02T03:59Z", "2016-04-02T04:00Z"]
    incidents = pd.DataFrame(
        {"lon": -75.2, "lat": 40.1, "category": "EMS", "occurred_at": pd.to_datetime(moments)}
    )
    window = Window(date(2016, 3, 31), date(2016, 4, 1))
    found = compute_hotspots(connection, Choice(load(incidents), window), 9)
    assert found["count"].sum() == 2


def test_categories_choose_and_unknown_ones_are_refused(
    connection: psycopg.Connection, load: Load
) -> None:
    incidents = scattered(300)
    town = load(incidents)
    found = compute_hotspots(
        connection, Choice(town, categories=["EMS", "Fire"]), 7, domain=Domain.OCCUPIED
    )
    assert found["count"].sum() == inside(incidents)["category"].isin(["EMS", "Fire"]).sum()
    with pytest.raises(InputError, match=r"no category Flood here; known: EMS, Fire"):
        compute_hotspots(connection, Choice(town, categories=["Flood"]), 7)


@pytest.mark.parametrize("resolution", [4, 12])
def test_other_resolutions_are_refused(
    connection: psycopg.Connection, load: Load, resolution: int
) -> None:
    with pytest.raises(InputError, match="between 5 and 11"):
        compute_hotspots(connection, Choice(load(scattered(1))), resolution)


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InputError, match="ends before it begins"):
        Window(date(2016, 2, 1), date(2016, 1, 31))


def test_an_empty_window_is_all_zeros(connection: psycopg.Connection, load: Load) -> None:
    window = Window(date(2030, 1, 1), date(2030, 1, 31))
    found = compute_hotspots(connection, Choice(load(scattered(10)), window), 7)
    assert not found["count"].any()
    assert set(found["class"]) == {"not_significant"}
    occupied = compute_hotspots(
        connection, Choice(read_town(connection), window), 7, domain=Domain.OCCUPIED
    )
    assert occupied.empty


def test_the_published_layer_is_the_last_ninety_days(
    connection: psycopg.Connection, load: Load
) -> None:
    incidents = scattered(3_000)
    town = load(incidents)
    rows = refresh_published_hotspots(connection, town)
    stored = pd.DataFrame(
        connection.execute(
            "SELECT category, to_hex(cell), count, neighbourhood_count, z, p, class, resolution,"
            " from_date, to_date, ST_AsText(geom) FROM layers.hotspot"
        ).fetchall(),
        columns=[
            *("category", "h3", "count", "neighbourhood_count", "z", "p", "class", "resolution"),
            *("from_date", "to_date", "wkt"),
        ],
    )
    assert len(stored) == rows
    newest = inside(incidents)["occurred_at"].max().tz_convert("America/New_York").date()
    assert set(stored["to_date"]) == {newest + timedelta(days=1)}
    assert set(stored["from_date"]) == {newest - timedelta(days=89)}
    assert set(stored["category"]) == {"all", "EMS", "Fire", "Traffic"}

    window = Window(newest - timedelta(days=89), newest)
    for category in ("all", "EMS"):
        chosen = Choice(town, window, [] if category == "all" else [category])
        expected = compute_hotspots(connection, chosen, 9)
        if category != "all":
            expected = expected[expected["neighbourhood_count"] > 0]
        columns = ["h3", "count", "neighbourhood_count", "z", "p", "class"]
        found = stored[stored["category"] == category]
        pd.testing.assert_frame_equal(
            found[columns].sort_values("h3", ignore_index=True),
            pd.DataFrame(expected[columns]).sort_values("h3", ignore_index=True),
        )
    first = stored.iloc[0]
    assert shapely.from_wkt(first["wkt"]).contains(
        shapely.Point(*h3.cell_to_latlng(first["h3"])[::-1])
    )

    assert refresh_published_hotspots(connection, town) == rows


def test_a_town_without_incidents_publishes_nothing(
    connection: psycopg.Connection, load: Load
) -> None:
    assert refresh_published_hotspots(connection, load(scattered(0))) == 0


def test_911_calls(connection: psycopg.Connection, load: Load, shared_data: Path) -> None:
    calls = pd.read_csv(
        shared_data / "incidents" / "montgomery_911_99k.zip",
        usecols=["lat", "lng", "title", "timeStamp"],
    ).iloc[::5]
    incidents = pd.DataFrame(
        {
            "lon": calls["lng"],
            "lat": calls["lat"],
            "category": calls["title"].str.split(":").str[0],
            "occurred_at": pd.to_datetime(calls["timeStamp"]).dt.tz_localize("America/New_York"),
        }
    )
    choice = Choice(load(incidents))
    rows = inside(incidents)
    for resolution in (7, 8, 9):
        found = compute_hotspots(connection, choice, resolution)
        expected = Counter(map(h3.latlng_to_cell, rows.lat, rows.lon, [resolution] * len(rows)))
        assert [expected[cell] for cell in found["h3"]] == found["count"].tolist()
    found = compute_hotspots(connection, choice, 8)
    assert {"hot_99", "not_significant"} < set(found["class"])
