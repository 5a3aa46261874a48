"""Names cut into units, callers' talk understood, pasted pairs read, places ordered: all pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.gazetteer.coordinates import read_pair
from layers.gazetteer.ranking import Candidate, is_meant, ranked
from layers.gazetteer.sounds import blurred, readings, sound_number
from layers.gazetteer.units import cut, spoken
from layers.gazetteer.wording import understand
from spatial.datum import wgs84_to_bd09, wgs84_to_gcj02

TOWN = ("佛堂镇", "佛堂")


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("大成社区１２号", ["大", "成", "社", "区", "12", "号"]),
        ("三十二弄", ["32", "弄"]),
        ("一百零三号", ["103", "号"]),
        ("一二三号", ["123", "号"]),
        ("3栋二单元", ["3", "幢", "2", "单", "元"]),
        ("花苑3号楼", ["花", "苑", "3", "幢"]),
        ("01985号灯杆", ["1985", "号", "灯", "杆"]),
        ("Da-Cheng", ["d", "a", "c", "h", "e", "n", "g"]),
        ("江北十十路", ["江", "北", "10", "路"]),
        ("", []),
    ],
)
def test_names_are_cut_alike_however_they_are_written(text: str, units: list[str]) -> None:
    assert cut(text) == units


@given(st.integers(0, 9_999))
def test_a_number_said_is_the_number(number: int) -> None:
    assert cut(spoken(number)) == [str(number)]


@given(st.text(max_size=80))
def test_whatever_is_typed_is_cut(text: str) -> None:
    assert all(cut(unit) == [unit] for unit in cut(text) if unit.isascii())
    assert understand(text, TOWN).wordings


def test_characters_with_several_readings_have_them() -> None:
    assert {each[0] for each in readings("朝")} >= {"chao", "zhao"}
    assert {each[0] for each in readings("绿")} >= {"lv", "lu"}
    assert readings("12") == (("shi", "er"),)
    assert blurred("zhang") == blurred("zan") == "zan"
    assert sound_number("zan") != sound_number("zai")


@pytest.mark.parametrize(
    ("typed", "wording", "inner"),
    [
        ("我在大成社区小学对面的面馆", "大成社区小学 面馆", ""),
        ("佛堂镇大成社区", "大成社区", ""),
        ("我在大成社区附近有人摔倒了", "大成社区", ""),
        ("大成路和丹溪路的路口", "大成路 丹溪路", ""),
        ("朝阳路口", "朝阳路", ""),
        ("坑口村", "坑口村", ""),
        ("123号路灯", "123号灯杆", ""),
        ("花苑3-2", "花苑3幢", "2单元"),
        ("花苑3幢2单元601室", "花苑3幢", "2单元601室"),
        ("大成诊所", "大成卫生服务站", ""),
        ("云黄居委会", "云黄社区", ""),
    ],
)
def test_talk_around_a_name_is_left_out(typed: str, wording: str, inner: str) -> None:
    found = [(each.text, each.inner) for each in understand(typed, TOWN).wordings]
    assert (wording, inner) in found


@pytest.mark.parametrize("typed", ["在建", "到岸", "人和村", "有朋宾馆", "的"])
def test_what_is_typed_is_always_understood_as_it_stands_too(typed: str) -> None:
    assert understand(typed).wordings[0].text == typed


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("大成路与丹溪路", "crossing"),
        ("大成路红绿灯", "crossing"),
        ("路灯12", "lamp-post"),
        ("大成", None),
    ],
)
def test_the_kind_that_was_spoken_of_is_heard(typed: str, hint: str | None) -> None:
    assert understand(typed).hint == hint


HERE = (119.95, 29.22)


@pytest.mark.parametrize(
    ("typed", "datum"),
    [
        ("{lon},{lat} gcj02", "gcj02"),
        ("{lon}，{lat} 高德", "gcj02"),
        ("{lat} {lon} GCJ-02", "gcj02"),
        ("百度 {lon}、{lat}", "bd09"),
        ("gps:{lat};{lon}", "wgs84"),
        ("东经{lon} 北纬{lat} 2000", "cgcs2000"),
        ("纬度{lat},经度{lon},天地图", "wgs84"),
    ],
)
def test_a_pair_is_read_in_its_datum(typed: str, datum: str) -> None:
    moved = {"gcj02": wgs84_to_gcj02, "bd09": wgs84_to_bd09}.get(datum, lambda *here: here)
    lon, lat = (float(each) for each in moved(*HERE))
    pair = read_pair(typed.format(lon=f"{lon:.7f}", lat=f"{lat:.7f}"))
    assert pair is not None
    assert pair.asks == ()
    assert [each.datum for each in pair.readings] == [datum]
    assert (pair.readings[0].lon, pair.readings[0].lat) == pytest.approx(HERE, abs=2e-7)


def test_what_a_pair_leaves_open_is_asked_and_every_reading_offered() -> None:
    pair = read_pair("119.95,29.22")
    assert pair is not None
    assert pair.asks == ("datum",)
    assert [each.datum for each in pair.readings] == ["wgs84", "gcj02", "bd09"]
    abroad = read_pair("9.52, 47.14 wgs84")
    assert abroad is not None
    assert abroad.asks == ("order",)
    assert {(each.lon, each.lat) for each in abroad.readings} == {(9.52, 47.14), (47.14, 9.52)}


def test_degrees_minutes_and_seconds_are_read() -> None:
    pair = read_pair("29°13'12\"N 119°57'00\"E wgs84")
    assert pair is not None
    assert (pair.readings[0].lon, pair.readings[0].lat) == pytest.approx(HERE)


@pytest.mark.parametrize(
    "typed", ["大成社区12号", "12 13", "1.5", "1.5 2.5 3.5", "200.5 100.5", "3-2-601", "v1.2.3", ""]
)
def test_what_is_no_pair_is_none(typed: str) -> None:
    assert read_pair(typed) is None


def _fits(number: int, kind: str = "premises", **more: float | str) -> Candidate:
    given = {"label": f"店{number}", "lon": 120.0, "lat": 29.0, "cost": 0.0, "weight": 4.0}
    return Candidate(number, kind, **(given | more))  # type: ignore[arg-type]


def test_the_better_fit_comes_first_and_the_nearer_of_equals() -> None:
    near, far = _fits(1, distance_km=0.2), _fits(2, distance_km=5.0)
    better = _fits(3, cost=-0.5, distance_km=9.0)
    assert [each.number for each in ranked([far, near, better], 8)] == [3, 1, 2]


def test_a_kind_that_was_spoken_of_comes_first() -> None:
    street, crossing = _fits(1, "street"), _fits(2, "crossing", cost=0.2)
    assert ranked([street, crossing], 1)[0].number == 1
    assert ranked([street, crossing], 1, "crossing")[0].number == 2


def test_what_is_the_same_place_is_told_once() -> None:
    village, place = _fits(1, "village", label="大成社区"), _fits(2, "place", label="大成社区")
    namesake = _fits(3, "village", label="大成社区", lat=29.1)
    chosen = ranked([village, place, namesake], 8)
    assert [each.number for each in chosen] == [1, 3]


def test_what_shares_too_little_with_the_query_is_not_meant() -> None:
    assert is_meant(_fits(1, cost=2.0))
    assert not is_meant(_fits(1, cost=2.2))
    assert ranked([_fits(1, cost=2.2)], 8) == []
