"""Text into values, columns to fields: tables of cases."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from layers.importing.mapping import map_columns
from layers.importing.prepare import convert
from layers.importing.targets import Field, Target, find_target
from layers.importing.values import MISSING
from spatial.errors import InputError

PREMISES = find_target("premises", "Asia/Shanghai", None)
INCIDENTS = find_target("incidents", "Asia/Shanghai", None)


def _field(target: Target, name: str) -> Field:
    return next(field for field in target.fields if field.name == name)


def _one(field: Field, text: str | None) -> tuple[Any, str | None]:
    texts = pd.Series([None if text in MISSING else text], dtype=object)
    values, reasons = convert(field, texts, "COL")
    return values[0], reasons[0]


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2024-05-01 08:30", "Asia/Shanghai", "2024-05-01T00:30:00+00:00"),
        ("2024-05-01T08:30:15.5", "Asia/Shanghai", "2024-05-01T00:30:15.500000+00:00"),
        ("2024-05-01T08:30Z", "Asia/Shanghai", "2024-05-01T08:30:00+00:00"),
        ("2024-05-01 08:30:00+02:00", "Asia/Shanghai", "2024-05-01T06:30:00+00:00"),
        ("2024/5/1 8:30", "Asia/Shanghai", "2024-05-01T00:30:00+00:00"),
        ("2024年5月1日 08:30", "Asia/Shanghai", "2024-05-01T00:30:00+00:00"),
        ("20240501083000", "Asia/Shanghai", "2024-05-01T00:30:00+00:00"),
        ("2024-05-01", "Asia/Shanghai", "2024-04-30T16:00:00+00:00"),
        ("2015-12-10 17:40:00", "America/New_York", "2015-12-10T22:40:00+00:00"),
        ("2015-07-10 17:40:00", "America/New_York", "2015-07-10T21:40:00+00:00"),
        # 02:30 is skipped in spring; 01:30 comes twice in autumn, the first is meant
        ("2016-03-13 02:30", "America/New_York", "2016-03-13T07:00:00+00:00"),
        ("2016-11-06 01:30", "America/New_York", "2016-11-06T05:30:00+00:00"),
    ],
)
def test_times(text: str, zone: str, utc: str) -> None:
    field = _field(find_target("incidents", zone, None), "occurred_at")
    assert _one(field, text) == (utc, None)


@pytest.mark.parametrize("text", ["yesterday", "01/02/2024", "2024-13-01", "2024-02-30 10:00"])
def test_no_times(text: str) -> None:
    value, reason = _one(_field(INCIDENTS, "occurred_at"), text)
    assert value is None
    assert text in str(reason)


def test_a_stated_time_format() -> None:
    field = _field(find_target("incidents", "Europe/Vaduz", "%d.%m.%Y %H:%M"), "occurred_at")
    assert _one(field, "01.02.2024 10:00")[0] == "2024-02-01T09:00:00+00:00"


@pytest.mark.parametrize(
    ("layer", "field", "text", "value"),
    [
        ("premises", "kind", "经营店面", "shop"),
        ("premises", "kind", "Shop", "shop"),
        ("premises", "kind", "bakery", "other"),
        ("premises", "kind", None, "other"),
        ("sensors", "kind", "烟感", "smoke"),
        ("sensors", "value", "-;", None),
        ("sensors", "value", "1,234.5", 1234.5),
        ("sensors", "status", "离线", "offline"),
        ("responders", "mode", "电动车", "ebike"),
        ("responders", "mode", None, "car"),
        ("responders", "on_duty", "否", False),
        ("responders", "on_duty", None, True),
        ("buildings", "floors", "6", 6),
        ("buildings", "floors", "6.0", 6),
        ("incidents", "state", "处理中", "open"),
        ("incidents", "category", None, "unclassified"),
    ],
)
def test_values(layer: str, field: str, text: str | None, value: Any) -> None:
    assert _one(_field(find_target(layer, "Asia/Shanghai", None), field), text) == (value, None)


@pytest.mark.parametrize(
    ("layer", "field", "text"),
    [
        ("premises", "name", None),
        ("responders", "mode", "helicopter"),
        ("responders", "on_duty", "maybe"),
        ("buildings", "floors", "-1"),
        ("buildings", "floors", "six"),
        ("buildings", "floors", "2.5"),
        ("sensors", "value", "inf"),
        ("sensors", "bearing_deg", "400"),
    ],
)
def test_rejected_values(layer: str, field: str, text: str | None) -> None:
    value, reason = _one(_field(find_target(layer, "Asia/Shanghai", None), field), text)
    assert value is None
    assert str(reason).startswith("COL")


@pytest.mark.parametrize("name", ["name", "Name", "NAME", "名称", "店名", " 名 称"])
def test_a_name_column_goes_by_many_names(name: str) -> None:
    assert map_columns([name], PREMISES.fields, {}, {}, "f")["name"] == name


@pytest.mark.parametrize("name", ["occurred_a", "OCCURRED_A", "occurred_at"])
def test_names_cut_by_a_shapefile_are_known(name: str) -> None:
    assert map_columns([name], INCIDENTS.fields, {}, {}, "f") == {"occurred_at": name}


def test_personal_columns_of_the_911_calls_are_never_taken() -> None:
    columns = ["lat", "lng", "desc", "zip", "title", "timeStamp", "twp", "addr", "e"]
    chosen = map_columns(columns, INCIDENTS.fields, {}, {}, "f")
    assert chosen == {"category": "title", "occurred_at": "timeStamp"}


@pytest.mark.parametrize(
    "column", ["姓名", "联系人", "电话", "手机号", "身份证号", "owner", "phone"]
)
@pytest.mark.parametrize("layer", ["premises", "buildings", "sensors", "responders", "incidents"])
def test_no_field_takes_a_person(layer: str, column: str) -> None:
    fields = [field for field in find_target(layer, "UTC", None).fields if not field.required]
    assert column not in map_columns([column], fields, {}, {}, "f").values()


@pytest.mark.parametrize(
    ("stated", "constants"),
    [({"name": "nope"}, {}), ({"colour": "名称"}, {}), ({}, {"colour": "x"})],
)
def test_wrong_statements_are_refused(stated: dict[str, str], constants: dict[str, str]) -> None:
    with pytest.raises(InputError):
        map_columns(["名称"], PREMISES.fields, stated, constants, "f")


def test_a_missing_required_column_lists_what_there_is() -> None:
    with pytest.raises(InputError, match=r"--map name=COLUMN.*colour"):
        map_columns(["colour"], PREMISES.fields, {}, {}, "f")
