"""How well names fit what was typed: a kernel over arrays, a thousand names in a millisecond.

A name is a row of units, a query a row of symbols: characters, Latin letters, whole numbers. The
cost of a name is that of the cheapest way to read the symbols along its units. A letter may be the
first of a syllable whose rest is left out, so that `dachengshequ`, `dcsq` and `dachsq` are all read
along 大成社区 by one rule, and a character may be typed as another one of the same sound.

The costs are in units of one wrong character.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from layers.gazetteer.arrays import (
    HANZI,
    LETTER,
    NUMBER,
    Bools,
    Floats32,
    Ints64,
    Names,
    Symbols,
    UnitArrays,
)

_FAR = np.float32(1e3)
# Units of the name that are left out, the first one and each further one: before the first symbol,
# after the last, between two words of the query, and within a word.
_BEFORE, _BEFORE_MORE = np.float32(0.10), np.float32(0.015)
_AFTER, _AFTER_MORE = np.float32(0.05), np.float32(0.015)
_BETWEEN, _BETWEEN_MORE = np.float32(0.08), np.float32(0.02)
_WITHIN, _WITHIN_MORE = np.float32(0.30), np.float32(0.06)
# Letters: the rest of a syllable left out, its first letter left out, a wrong one.
_REST, _FIRST = np.float32(0.02), np.float32(0.7)
_WRONG_FIRST, _WRONG_REST, _NEARLY = np.float32(0.8), np.float32(0.45), np.float32(0.3)
# Two neighbours typed in each other's place.
_SWAPPED = np.float32(0.5)
# Numbers: none there, still being typed or its last digit twice, one digit wrong, another one.
_NO_NUMBER, _BEGUN, _DIGIT, _OTHER = (np.float32(cost) for cost in (1.2, 0.5, 0.9, 1.5))


def _nearly_alike() -> Bools:
    """(26, 26) letters that speakers and typists take for each other."""
    table = np.zeros((26, 26), dtype=np.bool_)
    for one, other in map(
        tuple, ["ln", "fh", "rl", "uv", "iy", "zj", "cq", "sx", "mn", "bp", "dt", "gk"]
    ):
        row, column = ord(one) - ord("a"), ord(other) - ord("a")
        table[row, column] = table[column, row] = True
    return table


NEARLY_ALIKE = _nearly_alike()
_jit = njit(cache=True, nogil=True)


@_jit
def _number_cost(typed: int, there: int) -> np.float32:
    if typed == there:
        return np.float32(0)
    begun = there
    while begun > typed:
        begun //= 10
    if begun == typed and typed > 0:
        return _BEGUN
    if typed // 10 == there:
        return _BEGUN if typed % 10 == there % 10 else _DIGIT
    wrong = 0
    a, b = typed, there
    while a > 0 and b > 0:
        wrong += a % 10 != b % 10
        a //= 10
        b //= 10
    return _DIGIT if a == b and wrong == 1 and typed > 99 else _OTHER


@_jit
def _letter_cost(typed: int, there: int, is_first: bool, alike: Bools) -> np.float32:
    if typed == there:
        return np.float32(0)
    if alike[typed, there]:
        return _NEARLY
    return _WRONG_FIRST if is_first else _WRONG_REST


@_jit
def _skip_unit(matched: Floats32, skipped: Floats32, now: Floats32, symbols: Symbols) -> None:
    """Leave a unit out at every place of the query; `now` is the cheapest way to before it."""
    m = len(symbols.kinds)
    for i in range(m + 1):
        now[i] = min(matched[i], skipped[i])
        opened, more = _WITHIN, _WITHIN_MORE
        if i == 0:
            opened, more = _BEFORE, _BEFORE_MORE
        elif i == m:
            opened, more = _AFTER, _AFTER_MORE
        elif symbols.breaks[i]:
            opened, more = _BETWEEN, _BETWEEN_MORE
        skipped[i] = min(matched[i] + opened, skipped[i] + more)


@_jit
def _take_symbol(
    now: Floats32, matched: Floats32, unit: int, symbols: Symbols, units: UnitArrays
) -> None:
    """Take each character and number of the query for a unit."""
    matched[:] = _FAR
    for i in range(len(symbols.kinds)):
        if symbols.kinds[i] == HANZI:
            matched[i + 1] = now[i] + symbols.sounds[i, unit]
        elif symbols.kinds[i] == NUMBER:
            cost = _NO_NUMBER
            if units.kind[unit] == NUMBER:
                cost = _number_cost(symbols.values[i], units.value[unit])
            matched[i + 1] = now[i] + cost


@_jit
def _take_swapped(
    earlier: Floats32, matched: Floats32, last: int, unit: int, symbols: Symbols
) -> None:
    """Take two characters for this unit and the last one; `earlier` is what led to before both."""
    for i in range(1, len(symbols.kinds)):
        if symbols.kinds[i - 1] == HANZI and symbols.kinds[i] == HANZI:
            cost = symbols.sounds[i - 1, unit] + symbols.sounds[i, last] + _SWAPPED
            matched[i + 1] = min(matched[i + 1], earlier[i - 1] + cost)


@_jit
def _take_letters(
    now: Floats32, matched: Floats32, reading: int, symbols: Symbols, units: UnitArrays,
    alike: Bools, work: Floats32,
) -> None:  # fmt: skip
    """Take letters of the query for one reading of a unit, where that is cheaper."""
    m = len(symbols.kinds)
    begin = units.reading_start[reading]
    earlier, before, here = work[0], work[1], work[2]
    before[:] = now
    for k in range(begin, units.reading_start[reading + 1]):
        left_out = _FIRST if units.first[k] else _REST
        for i in range(m + 1):
            cost = before[i] + left_out
            if i and symbols.kinds[i - 1] == LETTER:
                typed = symbols.values[i - 1]
                wrong = _letter_cost(typed, units.spelt[k], units.first[k], alike)
                cost = min(cost, before[i - 1] + wrong, here[i - 1] + symbols.insert[i - 1])
                if i > 1 and k > begin and symbols.kinds[i - 2] == LETTER:
                    is_swapped = symbols.values[i - 2] == units.spelt[k]
                    if is_swapped and typed == units.spelt[k - 1]:
                        cost = min(cost, earlier[i - 2] + _SWAPPED)
            here[i] = cost
        earlier, before, here = before, here, earlier
    for i in range(m + 1):
        matched[i] = min(matched[i], before[i])


@_jit
def align(
    rows: Ints64, names: Names, units: UnitArrays, symbols: Symbols, alike: Bools
) -> Floats32:
    """The cost of each of `rows` of the names; `alike` are NEARLY_ALIKE."""
    m = len(symbols.kinds)
    costs = np.empty(len(rows), np.float32)
    matched, skipped = np.empty(m + 1, np.float32), np.empty(m + 1, np.float32)
    now, earlier = np.empty(m + 1, np.float32), np.empty(m + 1, np.float32)
    work = np.empty((3, m + 1), np.float32)
    has_letters = (symbols.kinds == LETTER).any()
    for at in range(len(rows)):
        matched[0] = 0
        for i in range(m):
            matched[i + 1] = matched[i] + symbols.insert[i]
        skipped[:] = _FAR
        begin = names.start[rows[at]]
        for place in range(begin, names.start[rows[at] + 1]):
            unit = names.units[place]
            now, earlier = earlier, now
            _skip_unit(matched, skipped, now, symbols)
            _take_symbol(now, matched, unit, symbols, units)
            if place > begin:
                _take_swapped(earlier, matched, names.units[place - 1], unit, symbols)
            if has_letters:
                for reading in range(units.reading[unit], units.reading[unit + 1]):
                    _take_letters(now, matched, reading, symbols, units, alike, work)
            for i in range(m):
                matched[i + 1] = min(matched[i + 1], matched[i] + symbols.insert[i])
        costs[at] = min(matched[m], skipped[m])
    return costs
