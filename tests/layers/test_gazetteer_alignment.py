"""The kernels against plain references: what names cost, and which of them are looked at."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.gazetteer.alignment import NEARLY_ALIKE, align
from layers.gazetteer.arrays import HANZI, LETTER, NUMBER, Symbols
from layers.gazetteer.names import Name, UnitTable, make_names, sound_costs, without
from layers.gazetteer.places import Place, Places
from layers.gazetteer.search import Index, make_index, search
from layers.gazetteer.sounds import readings
from layers.gazetteer.units import cut, is_letter, is_number
from layers.gazetteer.wording import understand

NAMES = [
    "大成社区",
    "大士社区",
    "大成路",
    "大成十二路",
    "大成社区12号",
    "朝阳路与大成路交叉口",
    "舟墟湖村",
]
TYPED = [
    "大成社区", "dcsq", "dachengshequ", "dacheng", "大成sq", "大城社区", "大社区", "大大成社区",
    "大成 12", "大成12路", "dcsel", "zxhc", "chaoyanglu", "zhaoyang", "大成社区120号", "x",
    "社区大成", "大社成区", "dachnegshequ", "舟湖墟",
]  # fmt: skip


def _symbols(typed: str, table: UnitTable) -> tuple[Symbols, list[str]]:
    words = [cut(word) for word in typed.split()]
    units = [unit for word in words for unit in word]
    kinds = [LETTER if is_letter(u) else NUMBER if is_number(u) else HANZI for u in units]
    values = [ord(u) - 97 if k == LETTER else int(u) if k == NUMBER else 0
              for u, k in zip(units, kinds, strict=True)]  # fmt: skip
    insert = [{HANZI: 1.0, LETTER: 0.5, NUMBER: 1.2}[kind] for kind in kinds]
    breaks = np.zeros(len(units) + 1, bool)
    breaks[np.cumsum([len(word) for word in words], dtype=int)] = True
    arrays = table.arrays()
    sounds = np.full((len(units), len(arrays.kind)), 9, np.float32)
    for row, (unit, kind) in enumerate(zip(units, kinds, strict=True)):
        if kind == HANZI:
            sounds[row] = sound_costs(arrays, table, unit)
    symbols = Symbols(
        np.array(kinds, np.int8), np.array(values), np.array(insert, np.float32), breaks, sounds
    )
    return symbols, units


def _plain_cost(table: UnitTable, name: str, typed: str) -> float:  # noqa: C901, PLR0915 - a rule each
    """The cheapest way through, tried out: a unit is left out, or takes none to all symbols."""
    symbols, typed_units = _symbols(typed, table)
    units, m = cut(name), len(typed_units)

    def number(a: int, b: int) -> float:
        one, other = str(a), str(b)
        if a == b:
            return 0
        if other.startswith(one) and a > 0:
            return 0.5
        if one[:-1] == other or (len(one) == 1 and b == 0):
            return 0.5 if one[-1] == other[-1] else 0.9
        wrong = sum(x != y for x, y in zip(one, other, strict=False))
        return 0.9 if len(one) == len(other) and wrong == 1 and a > 99 else 1.5

    def spell(reading: tuple[str, ...], i: int, j: int) -> float:
        """Symbols i to j as the letters of a reading."""
        letters = "".join(reading)
        first = {sum(map(len, reading[:k])) for k in range(len(reading))}
        if any(symbols.kinds[k] != LETTER for k in range(i, j)):
            return 1e3

        @cache
        def to(k: int, at: int) -> float:
            if k == 0:
                return 0 if at == i else 1e3
            ways = [to(k - 1, at) + (0.7 if k - 1 in first else 0.02)]
            if at > i:
                typed_letter, there = typed_units[at - 1], letters[k - 1]
                nearly = NEARLY_ALIKE[ord(typed_letter) - 97, ord(there) - 97]
                wrong = 0 if typed_letter == there else 0.3 if nearly else (
                    0.8 if k - 1 in first else 0.45
                )  # fmt: skip
                ways += [to(k - 1, at - 1) + wrong, to(k, at - 1) + float(symbols.insert[at - 1])]
                if at - i > 1 and k > 1:
                    pair = typed_units[at - 2] + typed_letter
                    ways += [to(k - 2, at - 2) + 0.5] * (pair == there + letters[k - 2])
            return min(ways)

        return to(len(letters), j)

    def one_unit(unit: str, i: int, j: int) -> float:
        """Symbols i to j taken for one unit."""
        ways = [spell(reading, i, j) for reading in readings(unit)]
        if j == i + 1 and symbols.kinds[i] == HANZI:
            known = table.find(unit)
            assert known is not None
            ways.append(float(symbols.sounds[i, known]))
        if j == i + 1 and symbols.kinds[i] == NUMBER:
            there = int(unit) if is_number(unit) else None
            ways.append(1.2 if there is None else number(int(typed_units[i]), there))
        return min(ways, default=1e3)

    def left_out(i: int, further: bool) -> float:
        if i == 0:
            return 0.015 if further else 0.10
        if i == m:
            return 0.015 if further else 0.05
        if symbols.breaks[i]:
            return 0.02 if further else 0.08
        return 0.06 if further else 0.30

    @cache
    def matched(place: int, i: int) -> float:
        """Up to `place` units and i symbols are read, and the last unit took some."""
        before = matched(place, i - 1) + float(symbols.insert[i - 1]) if i else 1e3
        if place == 0:
            return 0 if i == 0 else before
        taken = [
            min(matched(place - 1, k), skipped(place - 1, k)) + one_unit(units[place - 1], k, i)
            for k in range(i + 1)
        ]
        return min([before, *taken, swapped(place, i)])

    def swapped(place: int, i: int) -> float:
        """The last two characters taken for the last two units, crosswise."""
        if place < 2 or i < 2 or symbols.kinds[i - 1] != HANZI or symbols.kinds[i - 2] != HANZI:
            return 1e3
        this, last = (table.find(units[place - back]) for back in (1, 2))
        assert this is not None
        assert last is not None
        cost = float(symbols.sounds[i - 2, this] + symbols.sounds[i - 1, last]) + 0.5
        return min(matched(place - 2, i - 2), skipped(place - 2, i - 2)) + cost

    @cache
    def skipped(place: int, i: int) -> float:
        if place == 0:
            return 1e3
        return min(
            matched(place - 1, i) + left_out(i, False), skipped(place - 1, i) + left_out(i, True)
        )

    return min(matched(len(units), m), skipped(len(units), m))


@pytest.mark.parametrize("typed", TYPED)
def test_costs_are_those_of_the_plain_reference(typed: str) -> None:
    table = UnitTable()
    names = make_names(table, [Name(text, at) for at, text in enumerate(NAMES)])
    symbols, _ = _symbols(typed, table)
    rows = np.arange(len(NAMES))
    costs = align(rows, names, table.arrays(), symbols, NEARLY_ALIKE)
    expected = [_plain_cost(table, name, typed) for name in NAMES]
    assert costs == pytest.approx(expected, abs=1e-4)


@settings(max_examples=60)
@given(
    st.text("大成社区路12dcsqhe ", min_size=1, max_size=7).filter(lambda text: cut(text) != []),
    st.text("大成社区路十二12号", min_size=1, max_size=6).filter(lambda text: cut(text) != []),
)
def test_costs_of_anything_are_those_of_the_plain_reference(typed: str, name: str) -> None:
    table = UnitTable()
    names = make_names(table, [Name(name, 0)])
    symbols, _ = _symbols(typed, table)
    costs = align(np.arange(1), names, table.arrays(), symbols, NEARLY_ALIKE)
    assert costs[0] == pytest.approx(_plain_cost(table, name, typed), abs=1e-4)


def _index(texts: list[str], gone: Sequence[int] = ()) -> Index:
    called = [
        (Place("x", at, f"x:{at}", "premises", text, "", 120.0, 29 + at), [(text, 0.0)])
        for at, text in enumerate(texts)
    ]
    index = make_index(called)
    return replace(index, names=without(index.names, index.places.among("x", gone)))


def _found(indexes: Index | list[Index], typed: str) -> list[str]:
    parts = indexes if isinstance(indexes, list) else [indexes]
    found = search(parts, understand(typed), layers=frozenset("x"), limit=3)
    return [each.place.label for each in found]


def test_of_many_names_the_right_one_is_among_those_looked_at() -> None:
    chance = random.Random(1)
    characters = "大成云黄江北金山钟村楼陈石壁塔新店甲乙丙丁戊己庚辛面馆水果服装药房五金"
    texts = sorted({"".join(chance.choices(characters, k=6)) for _ in range(20_000)})
    index = _index(texts)
    for wanted in chance.sample(texts, 40):
        assert wanted in _found(index, wanted)
        assert wanted in _found(index, "".join(readings(each)[0][0] for each in wanted))
        assert wanted in _found(index, wanted[:2] + wanted[3:])


def test_many_alike_still_give_some() -> None:
    assert _found(_index(["大成店"] * 5_000), "大成店") == ["大成店"] * 3


def test_names_that_are_gone_are_not_found() -> None:
    assert _found(_index(["大成路", "大成街"], [0]), "大成路") == ["大成街"]


def test_what_lies_over_the_names_is_searched_with_them() -> None:
    base, fresh = _index(["大成路", "钟村", "大士路"], [1]), _index(["大成街", "钟村路"])
    assert _found([base, fresh], "大成路") == ["大成路", "大士路", "大成街"]
    assert _found([base, fresh], "钟村") == ["钟村路"]


def test_places_come_out_of_their_arrays_as_they_went_in() -> None:
    places = [
        Place("streets", None, "street:1:大成路", "street", "大成路", "", 120.1, 29.2),
        Place("premises", 2**40, "premises:7", "premises", "大成\n店", "3幢\t1", 120.2, 29.1),
        Place("premises", 0, "premises:0", "premises", "", "", -0.5, 0.0),
    ]
    kept = Places.of(places)
    assert list(kept) == places
    assert kept.among("premises", [0, 5]).tolist() == [False, False, True]
    assert [kept.layer_of(number) for number in range(3)] == ["streets", "premises", "premises"]
    assert list(Places.of([])) == []


def test_nothing_is_found_in_nothing() -> None:
    assert _found(_index([]), "大成") == []
    assert _found(_index(["大成"]), "!?。") == []
