"""`hotspots` as it is typed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import h3
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from click.testing import CliRunner, Result

from api.cli import cli
from spatial.errors import GridwhistleError, InputError, NotFoundError

CENTRE = h3.latlng_to_cell(29.2, 120.05, 9)
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def run(*arguments: str, database: str = NOWHERE) -> Result:
    """Runs the command; an error meant for a person is raised as it is."""
    result = CliRunner().invoke(cli, ["hotspots", *arguments], env={"DATABASE_URL": database})
    if isinstance(result.exception, GridwhistleError):
        raise result.exception
    return result


@pytest.fixture
def counts_file(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    cells = h3.grid_disk(CENTRE, 10)
    counts = np.random.default_rng(1).poisson(1, len(cells))
    counts[[cells.index(cell) for cell in h3.grid_disk(CENTRE, 1)]] += 9
    pd.DataFrame({"h3": cells, "count": counts}).to_csv(path, index=False)
    return path


def test_a_table_of_counts_needs_no_town(counts_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "hotspots.csv"
    result = run("--counts", str(counts_file), "--out", str(out))
    assert result.exit_code == 0, result.output
    found = pd.read_csv(out).set_index("h3")
    assert list(found) == ["count", "neighbourhood_count", "z", "p", "class"]
    assert found.loc[CENTRE, "class"] == "hot_99"
    assert f"{found['count'].sum()} counted in 331 cells" in result.output
    assert ["hot_99", str((found["class"] == "hot_99").sum())] in [
        line.split() for line in result.output.splitlines()
    ]


@pytest.mark.parametrize("option", ["--res", "--from", "--to", "--category", "--index"])
def test_the_table_says_which_counts(counts_file: Path, option: str) -> None:
    value = {"--res": "9", "--category": "EMS", "--index": "parent"}.get(option, "2026-01-01")
    with pytest.raises(InputError, match=f"{option} can't go with --counts"):
        run("--counts", str(counts_file), option, value)


def test_what_cannot_be_written_is_said_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="don't know how to write"):
        run("--counts", str(tmp_path / "none.csv"), "--out", str(tmp_path / "a.doc"))


def test_without_a_town_there_is_nothing_to_count(database: str) -> None:
    with pytest.raises(NotFoundError, match="no town here yet"):
        run("--res", "9", database=database)


def test_a_towns_incidents(database: str, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    lon, lat = random.uniform(120, 120.1, 300), random.uniform(29.15, 29.25, 300)
    with psycopg.connect(database) as connection:
        store(connection, lon, lat)
    out = tmp_path / "hotspots.geojson"
    window = ("--from", "2026-05-01", "--to", "2026-05-01")
    domain = ("--domain", "occupied")
    result = run("--res", "8", *window, *domain, "--out", str(out), database=database)
    assert result.exit_code == 0, result.output
    expected = Counter(map(h3.latlng_to_cell, lat[:200], lon[:200], [8] * 200))
    properties = [each["properties"] for each in read_features(out)]
    assert {each["h3"]: each["count"] for each in properties} == expected
    assert "200 counted in" in result.output


def read_features(path: Path) -> list[dict]:
    return json.loads(path.read_text())["features"]


def store(connection: psycopg.Connection, lon: np.ndarray, lat: np.ndarray) -> None:
    """A town with incidents, the first 200 of them on the first of May, the others a day later."""
    outline = shapely.MultiPolygon([shapely.box(119.9, 29, 120.2, 29.4)])
    connection.execute(
        "WITH town AS (INSERT INTO spatial.town"
        " (code, name, name_en, outline, time_zone, synthetic) VALUES"
        " ('T', '镇', 'Town', ST_GeomFromWKB(%s, 4326), 'Asia/Shanghai', false) RETURNING id)"
        " INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)"
        " SELECT id, false, 'incidents', 'test' FROM town",
        (shapely.to_wkb(outline),),
    )
    connection.execute("INSERT INTO layers.category (code, name, name_en) VALUES ('x', 'x', 'x')")
    connection.cursor().executemany(
        "INSERT INTO layers.incident"
        " (town_id, batch_id, key, category, occurred_at, cell, geom, inside)"
        " SELECT town_id, id, %s, 'x', %s, %s, ST_Point(%s, %s, 4326), true FROM spatial.batch",
        [
            (
                str(number),
                "2026-05-01T23:59+08" if number < 200 else "2026-05-02T00:00+08",
                h3.str_to_int(h3.latlng_to_cell(y, x, 11)),
                x,
                y,
            )
            for number, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
        ],
    )
