"""By what names are chosen to be aligned at all: bit sets, so that 100,000 are looked at in 1 ms.

Features are pairs of letters that follow each other in full or abbreviated pinyin, first letters of
syllables, sounds, numbers and characters.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from layers.gazetteer.arrays import (
    HANZI,
    NUMBER,
    Bools,
    Floats32,
    Ints32,
    Ints64,
    Names,
    UnitArrays,
    Words,
)

SOUND_BITS, NUMBER_BITS = 840, 256  # see `sounds.sound_number`
# Pairs come first: 26 times the first letter and the second.
FIRST_AT = 26 * 26
SOUND_AT = FIRST_AT + 26
NUMBER_AT = SOUND_AT + SOUND_BITS
CHARACTER_AT, CHARACTER_BITS = NUMBER_AT + NUMBER_BITS, 512
WORDS = (CHARACTER_AT + CHARACTER_BITS + 63) // 64
# Of a feature's weight, and the lengths that are told apart.
_STEPS, _LONGEST = 8, 32

_jit = njit(cache=True, nogil=True)


@_jit
def _set(features: Words, row: int, bit: int) -> None:
    features[bit >> 6, row] |= np.uint64(1) << np.uint64(bit & 63)


@_jit
def _add_unit(features: Words, row: int, unit: int, arrays: UnitArrays) -> None:
    if arrays.kind[unit] == NUMBER:
        _set(features, row, NUMBER_AT + arrays.value[unit] % NUMBER_BITS)
    elif arrays.kind[unit] == HANZI:
        _set(features, row, CHARACTER_AT + arrays.value[unit] % CHARACTER_BITS)
    for reading in range(arrays.reading[unit], arrays.reading[unit + 1]):
        _set(features, row, SOUND_AT + arrays.reading_sound[reading])
        begin, end = arrays.reading_start[reading], arrays.reading_start[reading + 1]
        for k in range(begin, end):
            if arrays.first[k]:
                _set(features, row, FIRST_AT + arrays.spelt[k])
            if k + 1 < end:
                _set(features, row, arrays.spelt[k] * 26 + arrays.spelt[k + 1])


@_jit
def _add_meeting(features: Words, row: int, unit: int, follower: int, arrays: UnitArrays) -> None:
    """First letter, second (of zh, ch, sh) and last of a syllable with the first of the next."""
    for after in range(arrays.reading[follower], arrays.reading[follower + 1]):
        head = arrays.spelt[arrays.reading_start[after]]
        for reading in range(arrays.reading[unit], arrays.reading[unit + 1]):
            begin, end = arrays.reading_start[reading], arrays.reading_start[reading + 1]
            _set(features, row, arrays.spelt[begin] * 26 + head)
            _set(features, row, arrays.spelt[end - 1] * 26 + head)
            if end - begin > 1:
                _set(features, row, arrays.spelt[begin + 1] * 26 + head)


@_jit
def features_of(start: Ints64, units: Ints32, arrays: UnitArrays) -> Words:
    """(WORDS, names) the bit set of each name."""
    features = np.zeros((WORDS, len(start) - 1), np.uint64)
    for row in range(len(start) - 1):
        for place in range(start[row], start[row + 1]):
            _add_unit(features, row, units[place], arrays)
            if place + 1 < start[row + 1]:
                _add_meeting(features, row, units[place], units[place + 1], arrays)
    return features


@_jit
def count_features(names: Names) -> Ints64:
    """(WORDS * 64) how many names have each feature."""
    counts = np.zeros(WORDS * 64, np.int64)
    for word in range(WORDS):
        for row in range(len(names.alive)):
            left = names.features[word, row] if names.alive[row] else np.uint64(0)
            bit = word * 64
            while left:
                counts[bit] += left & np.uint64(1)
                left >>= np.uint64(1)
                bit += 1
    return counts


@_jit
def _shared_weight(names: Names, bits: Ints32, group: Ints32, weight: Floats32) -> Floats32:
    """Of each name what its features weigh that are asked for: of each group the heaviest."""
    total = np.zeros(len(names.alive), np.float32)
    best = np.zeros(len(names.alive), np.float32)
    for k in range(len(bits)):
        shift, has = np.uint64(bits[k] & 63), names.features[bits[k] >> 6]
        for row in range(len(best)):
            there = np.float32((has[row] >> shift) & np.uint64(1)) * weight[k]
            best[row] = max(best[row], there)
        if k + 1 == len(bits) or group[k + 1] != group[k]:
            for row in range(len(best)):
                total[row] += best[row]
                best[row] = 0
    return total


@_jit
def _scores(names: Names, shared: Floats32) -> Ints32:
    """What is shared, in steps; of equal ones the shorter name has more. 0 where nothing is."""
    scores = np.zeros(len(names.alive), np.int32)
    for row in range(len(scores)):
        steps = int(shared[row] * _STEPS)
        if names.alive[row] and steps:
            length = min(names.start[row + 1] - names.start[row], _LONGEST - 1)
            scores[row] = steps * _LONGEST + _LONGEST - 1 - length
    return scores


@_jit
def _dense_scores(names: Names, shared: Floats32) -> Ints32:
    """What is shared for each unit: long names have a rare feature by chance, short ones don't."""
    scores = np.zeros(len(names.alive), np.int32)
    for row in range(len(scores)):
        if names.alive[row]:
            length = names.start[row + 1] - names.start[row] + 1
            scores[row] = int(shared[row] * _STEPS * _LONGEST / length)
    return scores


@_jit
def _best(scores: Ints32, most: int) -> Bools:
    """Which rows have the highest scores, none of them 0: `most` or somewhat fewer."""
    top = scores.max() if len(scores) else 0
    held = np.zeros(top + 1, np.int64)
    for score in scores:
        held[score] += 1
    least, count = top + 1, 0
    while least > 1 and (count == 0 or count + held[least - 1] <= most):
        least -= 1
        count += held[least]
    best = scores >= least
    if count > most:  # more than that have the one highest score
        best[np.flatnonzero(best)[most:]] = False
    return best


@_jit
def likely_names(names: Names, bits: Ints32, group: Ints32, weight: Floats32, most: int) -> Ints64:
    """At most `most` names that have most of the query's features; of equal ones the shortest.

    A quarter of them are those that have most for their length: they hold a short name against
    the many long ones that share what was typed wrong.

    Args:
        bits: numbers of features; of those of one group, the heaviest counts.
        group: of each of `bits`, ascending.
        weight: of each of `bits`.
    """
    shared = _shared_weight(names, bits, group, weight)
    dense = most // 4
    best = _best(_scores(names, shared), most - dense)
    return np.flatnonzero(best | _best(_dense_scores(names, shared), dense)).astype(np.int64)
