"""QGIS without a screen: Debian 13's reads, filters, draws and edits; Debian 12's reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import rasterio

from layers.roles import Role

pytestmark = pytest.mark.long

type RunQgis = Callable[..., dict[str, Any]]

WINDOW = "120.0,29.2,120.03,29.22"
WINDOW_AS_WKT = "POLYGON((120 29.2, 120.03 29.2, 120.03 29.22, 120 29.22, 120 29.2))"


@pytest.mark.parametrize(("suite", "at_least"), [("trixie", 34000), ("bookworm", 32200)])
def test_it_opens_and_reads_every_layer(town: Any, run_qgis: RunQgis, suite: str, at_least: int):
    account = town.account(Role.DISPATCHER)
    collections = httpx.get(f"{town.ogc}/collections", params={"f": "json"}, auth=account).json()
    report = run_qgis(suite, "read_layers.py", town.ogc, *account)
    assert report["version"] >= at_least
    assert sorted(report["layers"]) == sorted(each["id"] for each in collections["collections"])
    for name, layer in report["layers"].items():
        total = town.matched(name, Role.DISPATCHER)
        assert layer["count"] == total, name
        assert layer["read"] == layer["with_geometry"] == min(50, total), name


@pytest.mark.parametrize(
    ("layer", "expression"),  # the same in QGIS's language and in CQL2
    [
        ("sensors", "kind = 'water' AND value > 5"),
        ("sensors", "kind IN ('water', 'air') AND NOT (status = 'online')"),
        ("premises", "name LIKE '%印刷%' OR (floor IS NULL AND kind = 'public')"),
        ("sensors", "value BETWEEN 5 AND 7"),
    ],
)
def test_it_filters_on_the_server(
    town: Any, record: Any, run_qgis: RunQgis, layer: str, expression: str
):
    expected = town.matched(layer, filter=expression)
    assert 0 < expected < 1000, "the case would prove nothing"
    report = run_qgis("trixie", "filter_layer.py", record.ogc, layer, expression)
    assert report["accepted"]
    assert report["read"] == downloaded(record, layer) == expected


@pytest.mark.parametrize(
    "arguments", [(f"intersects_bbox($geometry, geom_from_wkt('{WINDOW_AS_WKT}'))",), ("", WINDOW)]
)
def test_it_filters_by_place_on_the_server(
    town: Any, record: Any, run_qgis: RunQgis, arguments: tuple[str, ...]
):
    expected = town.matched("sensors", bbox=WINDOW)
    report = run_qgis("trixie", "filter_layer.py", record.ogc, "sensors", *arguments)
    assert report["read"] == downloaded(record, "sensors") == expected


def downloaded(record: Any, layer: str) -> int:
    """How many features came beside the 10 that open a layer and the 1 that counts it."""
    probe, *pages = record.items(layer)
    assert probe.query == {"limit": "10"}
    return sum(page.features for page in pages if page.query["limit"] != "1")


def test_an_editor_adds_changes_moves_and_deletes_a_shop(town: Any, run_qgis: RunQgis):
    account = town.account(Role.GIS_EDITOR)
    report = run_qgis("trixie", "edit_premises.py", town.ogc, *account)
    steps = report["steps"]
    assert report["editable"]
    for step in ("add", "change", "move", "delete"):
        assert steps[step]["accepted"], (steps[step], report["messages"])
    assert steps["change"]["kind"] == "workshop"
    assert steps["move"]["distance"] < 1e-8
    assert not steps["delete"]["still_there"]
    # What the server refuses is told in the server's words.
    assert not steps["wrong"]["accepted"]
    assert "zoo" in " ".join(steps["wrong"]["words"])


def test_nobody_may_edit_without_an_account(town: Any, run_qgis: RunQgis):
    assert not run_qgis("trixie", "edit_premises.py", town.ogc)["editable"]


def test_who_may_not_write_is_told_so(town: Any, run_qgis: RunQgis):
    """The layer is for reading; who goes past that gets the server's words."""
    account = town.account(Role.OFFICER)
    report = run_qgis("trixie", "edit_premises.py", town.ogc, *account)
    assert not report["editable"]
    assert not report["steps"]["add"]["accepted"]
    assert "officer" in " ".join(report["steps"]["add"]["words"])


def test_it_draws_tiles_in_the_servers_styles_and_features_over_them(
    town: Any, run_qgis: RunQgis, picture_of: Callable[[str], Path]
):
    picture = picture_of("qgis")
    report = run_qgis("trixie", "draw_map.py", town.ogc, picture.name, folder=picture.parent)
    assert report["filtered"]
    assert not report["errors"]
    assert all(layer["styled"] for layer in report["tiles"].values()), report["tiles"]
    with rasterio.open(picture) as image:
        pixels = image.read([1, 2, 3]).reshape(3, -1).T
    assert len(np.unique(pixels, axis=0)) > 50


def test_it_redraws_micro_grids_into_a_draft_of_its_own(town: Any, record: Any, run_qgis: RunQgis):
    """Shows 6: a vertex that three share, a split, a merge; the draft is clean and approved."""
    account = town.account(Role.GIS_EDITOR)
    report = run_qgis("trixie", "redraw_grids.py", record.ogc, *account)
    assert report["editable"], report["messages"]
    assert all(step["accepted"] for step in report["steps"].values()), report
    assert (
        len(report["codes"]) == len(set(report["codes"])) == report["before"]
    )  # one more, one less
    with httpx.Client(base_url=town.url, auth=account, timeout=60) as editor:
        drafts = editor.get("/api/drafts", params={"state": "open"}).json()["drafts"]
        [draft] = [each for each in drafts if each["client"] == "QGIS"]
        path = f"/api/drafts/{draft['id']}"
        try:
            assert editor.get(path).json()["drawn"]["clean"]
            assert sent_as_recorded(record)
            submitted = editor.post(f"{path}/submit", json={"revision": draft["revision"]})
            assert submitted.status_code == 200, submitted.text
            chief = town.account(Role.ADMINISTRATOR)
            later = {"effective_from": "2027-01-01T00:00:00+08:00"}
            approved = httpx.post(f"{town.url}{path}/approve", json=later, auth=chief)
            assert approved.json()["state"] == "approved", approved.text
        finally:
            editor.post(f"{path}/withdraw", json={})


def sent_as_recorded(record: Any) -> bool:
    """Whether QGIS sends what tests/api/test_client_drafts.py replays: one request for each."""
    sent = [each for each in record.exchanges if each.method not in ("GET", "OPTIONS")]
    methods = [each.method for each in sent]
    new = [json.loads(each.sent) for each in sent if each.method == "POST"]
    numbers = [
        number
        for each in new
        for place in each["geometry"]["coordinates"][0][0]
        for number in place
    ]
    return (
        methods == ["PATCH"] * 3 + ["PATCH"] * 3 + ["POST"] + ["PATCH"] * 2 + ["DELETE"]
        and numbers == [round(number, 6) for number in numbers]
        and "updated" in new[0]["properties"]
    )
