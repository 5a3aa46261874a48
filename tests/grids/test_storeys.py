"""Micro-grids that share a polygon: each floor of each entrance is one's, and work is divided."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grids.highrise import Floors
from grids.storeys import (
    MicroGrid,
    MicroGrids,
    Part,
    buildings_of,
    check_micro_grids,
    micro_grids_from_json,
    micro_grids_to_json,
    owner_of,
    portions,
)
from spatial.errors import InputError

LOW = MicroGrid("01", "低区", (Part(7, None, Floors(1, 9)), Part(8)))
HIGH = MicroGrid("02", "高区", (Part(7, None, Floors(10, 18)),))
EAST = MicroGrid("03", "东单元", (Part(9, ("1单元",)),))
WEST = MicroGrid("04", "西单元", (Part(9, ("2单元", "3单元")),))
SOUND: MicroGrids = (LOW, HIGH, EAST, WEST)
FLOORS = {7: 18, 8: 6, 9: None}


def test_sound_ones_pass_and_come_back_from_json() -> None:
    check_micro_grids(SOUND, FLOORS)
    check_micro_grids((), {})
    assert buildings_of(SOUND) == [7, 8, 9]
    assert micro_grids_from_json(json.loads(json.dumps(micro_grids_to_json(SOUND)))) == SOUND


@pytest.mark.parametrize(
    ("micro_grids", "floors", "said"),
    [
        ((LOW, HIGH), {7: 20}, r"building 7, entrance \*, floor 19: nobody has it"),
        ((LOW,), {7: 18}, "floor 10: nobody has it"),
        ((HIGH,), {7: 18}, "floor 1: nobody has it"),
        ((LOW, MicroGrid("05", "", (Part(8, ("1单元",)),))), {7: 9}, "01 and 05 both have it"),
        ((EAST, MicroGrid("06", "", (Part(9, None, Floors(2, 3)),))), {}, "both have it"),
        ((EAST, MicroGrid("03", "", (Part(1),))), {}, "03 is there twice"),
    ],
)
def test_what_is_twice_or_nobodys_is_refused(
    micro_grids: MicroGrids, floors: dict[int, int | None], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        check_micro_grids(micro_grids, floors)


def test_a_building_is_divided_by_its_floors_and_entrances() -> None:
    assert portions(SOUND, 7, 18) == {0: 0.5, 1: 0.5}
    assert portions(SOUND, 8, 6) == {0: 1.0}
    assert portions(SOUND, 9, 11) == pytest.approx({2: 1 / 3, 3: 2 / 3})
    assert portions(SOUND, 7, 18, floor=12) == {1: 1.0}
    assert portions(SOUND, 7, 18, floor=-1) == {}
    assert portions(SOUND, 99, 5) == {}


def test_who_answers_for_a_floor() -> None:
    assert owner_of(SOUND, 7, 9) == 0
    assert owner_of(SOUND, 7, 10) == 1
    assert owner_of(SOUND, 7, 30) is None
    assert owner_of(SOUND, 9, 4) is None
    assert owner_of(SOUND, 9, 4, "3单元") == 3
    assert owner_of(SOUND, 1, 1) is None


@given(st.data())
def test_divided_anyhow_each_floor_has_one_owner(data: st.DataObject) -> None:
    entrances, floors = ("A", "B", "C"), range(1, 9)
    owner = {
        cell: data.draw(st.integers(0, 2), label=str(cell)) for cell in product(entrances, floors)
    }
    micro_grids = tuple(
        MicroGrid(
            str(number),
            "",
            tuple(Part(1, (e,), Floors(f, f)) for (e, f), who in owner.items() if who == number),
        )
        for number in range(3)
    )
    check_micro_grids(micro_grids, {1: 8})
    assert all(owner_of(micro_grids, 1, f, e) == who for (e, f), who in owner.items())
    shares = portions(micro_grids, 1, 8)
    assert shares == pytest.approx(
        {n: list(owner.values()).count(n) / 24 for n in range(3) if n in owner.values()}
    )
    (entrance, floor), _ = data.draw(st.sampled_from(sorted(owner.items())))
    less = tuple(
        each._replace(parts=tuple(p for p in each.parts if p[1:] != ((entrance,), (floor, floor))))
        for each in micro_grids
    )
    if any(entrance in (part.entrances or ()) for each in less for part in each.parts):
        with pytest.raises(InputError, match=f"entrance {entrance}, floor {floor}: nobody"):
            check_micro_grids(less, {1: 8})
