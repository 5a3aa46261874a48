"""Lamp posts and aliases from files."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from layers.importing.options import ImportOptions
from layers.importing.run import import_layer
from layers.towns import TownPlan, make_town, outline_from_bbox


@pytest.mark.parametrize(
    ("layer", "header", "row", "stored"),
    [
        (
            "lamp-posts",
            "灯杆编号,道路,经度,纬度",
            "K90001,试验路,120.01,29.21",
            "SELECT number, street, inside, cell > 0 FROM layers.lamp_post",
        ),
        (
            "place-aliases",
            "别名,说明,经度,纬度",
            "老街口,镇政府旧址,120.01,29.21",
            "SELECT name, note, inside, cell > 0 FROM layers.place_alias",
        ),
    ],
)
def test_rows_of_a_file_become_places(  # noqa: PLR0917 - cases of a table
    connection: psycopg.Connection, tmp_path: Path, layer: str, header: str, row: str, stored: str
) -> None:
    outline = outline_from_bbox("120.0,29.2,120.1,29.3")
    make_town(connection, TownPlan("test", "试验镇", "Test", "Asia/Shanghai", outline, 4549))
    file = tmp_path / "places.csv"
    file.write_text(f"{header}\n{row}\n", encoding="utf-8")
    options = ImportOptions(path=file, rejects_path=tmp_path / "rejects.csv", crs="wgs84")
    assert import_layer(connection, layer, options).loaded == 1
    said = row.split(",")
    assert connection.execute(stored.encode()).fetchall() == [(said[0], said[1], True, True)]
