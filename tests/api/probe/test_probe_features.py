"""As each role: features one by one, in pages and as files are those of the role."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pyogrio
import pytest

from layers.catalogue import Entry
from layers.entries import CATALOGUE
from layers.roles import Role

# Of public layers everybody sees the same rows; their first ones tell of the columns.
MOST, FIRST = 1000, 20
# Where a role sees other rows or columns than everybody, or everybody fewer columns than somebody.
OWN_VIEWS = [
    (entry, role)
    for entry in CATALOGUE.entries
    for role in Role
    if entry.readable_by(role)
    and (not entry.is_public_to(role) or any(not each.readable_by(role) for each in entry.fields))
]
# A package is written by a process of its own, which takes its time: these are tried always.
PACKAGED = {
    ("buildings", Role.ANONYMOUS), ("sensors", Role.ANONYMOUS), ("incidents", Role.OFFICER),
    ("incidents", Role.GRID_MEMBER), ("responders", Role.OFFICER),
}  # fmt: skip
FILES = [
    pytest.param(
        (entry, role),
        form,
        id=f"{entry.id}-{role.short_name}-{form}",
        marks=()
        if form == "csv" or (form == "gpkg" and (entry.id, role) in PACKAGED)
        else pytest.mark.long,
    )
    for entry, role in OWN_VIEWS
    for form in ("csv", "gpkg", "fgb")
]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.id)
def test_features_are_those_of_the_role(
    clients: dict[Role, httpx.Client], oracle: Any, entry: Entry, role: Role
) -> None:
    client, base = clients[role], f"/ogc/collections/{entry.id}"
    if not entry.readable_by(role):
        some = min(oracle.ids(entry, Role.ADMINISTRATOR), default=1)
        for path in ("items", f"items/{some}", "items?f=csv", "items?f=fgb", "items?f=gpkg",
                     "changes", "changes?since=0", f"items/{some}/history", "subscribe",
                     "tiles/WebMercatorQuad/0/0/0"):  # fmt: skip
            assert client.get(f"{base}/{path}").status_code == 404, path
        return
    limit = MOST if entry.readers else FIRST
    page = client.get(f"{base}/items?limit={limit}&f=json").json()
    allowed = oracle.ids(entry, role)
    found = {feature["id"] for feature in page["features"]}
    assert found <= allowed
    assert len(found) == min(limit, len(allowed))
    for feature in page["features"]:
        assert feature["properties"].keys() <= oracle.columns(entry, role)
    refused = oracle.some_refused(entry, role)
    if refused is not None:
        assert client.get(f"{base}/items/{refused}").status_code == 404


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.id)
def test_hidden_columns_can_be_asked_for_in_no_way(
    clients: dict[Role, httpx.Client], oracle: Any, entry: Entry, role: Role
) -> None:
    base = f"/ogc/collections/{entry.id}/items"
    for name in oracle.hidden(entry, role) if entry.readable_by(role) else ():
        for how in (f"{name}=1", f"sortby={name}", f"properties={name}", f"filter={name}=1"):
            assert clients[role].get(f"{base}?{how}").status_code == 400, how


@pytest.mark.parametrize(("view", "form"), FILES)
def test_files_hold_the_rows_and_columns_of_the_role(
    clients: dict[Role, httpx.Client],
    oracle: Any,
    tmp_path: Any,
    view: tuple[Entry, Role],
    form: str,
) -> None:
    entry, role = view
    limit = "" if entry.readers else f"&limit={FIRST}"
    answer = clients[role].get(f"/ogc/collections/{entry.id}/items?f={form}{limit}")
    assert answer.status_code == 200, answer.text
    if form == "csv":
        names, ids = read_table(answer.text)
    else:
        path = tmp_path / f"layer.{form}"
        path.write_bytes(answer.content)
        names, ids = read_package(path)
    allowed = oracle.ids(entry, role)
    assert ids == allowed if entry.readers else ids <= allowed
    assert names - {"id", "lon", "lat", "geometry"} == oracle.columns(entry, role)


def read_table(text: str) -> tuple[set[str], set[int]]:
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    return set(rows.fieldnames or ()), {int(row["id"]) for row in rows}


def read_package(path: Any) -> tuple[set[str], set[int]]:
    meta, _, _, values = pyogrio.raw.read(path, read_geometry=False)
    names = list(meta["fields"])
    return set(names), {int(number) for number in values[names.index("id")]}
