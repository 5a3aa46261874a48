"""Names, their units and what was typed, as arrays that kernels read.

Those of names, units and places may be mapped from shared memory, so that all of them are
read-only: machine code is made once for read-only arrays, and not once more for others.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Floats32 = NDArray[np.float32]
type Ints8 = NDArray[np.int8]
type Ints16 = NDArray[np.int16]
type Ints32 = NDArray[np.int32]
type Ints64 = NDArray[np.int64]
type Words = NDArray[np.uint64]
type Bools = NDArray[np.bool_]

# Kinds of units.
HANZI, LETTER, NUMBER = 0, 1, 2


class UnitArrays(NamedTuple):
    """The units that occur, by their numbers.

    Attributes:
        kind: HANZI, LETTER or NUMBER.
        value: of a number; of a character its code.
        reading: (units + 1) where each unit's readings begin.
        reading_start: (readings + 1) where each reading's letters begin.
        reading_sound: of each reading the `sound_number` of its first syllable.
        spelt: letters, 0 to 25.
        first: whether a letter begins a syllable.
        syllable, sound: (units, n) the syllables of each unit and those blurred; -1 for none.
    """

    kind: Ints8
    value: Ints64
    reading: Ints32
    reading_start: Ints32
    reading_sound: Ints32
    spelt: Ints8
    first: Bools
    syllable: Ints32
    sound: Ints32


class Names(NamedTuple):
    """Names of places: several may be of one place.

    Attributes:
        start: (names + 1) where each name's units begin.
        units: numbers of units, one name after the other.
        features: (WORDS, names) bit sets.
        place: which place each is a name of.
        extra: what is added to the cost, where a name isn't the usual one.
        alive: whether the name still holds.
    """

    start: Ints64
    units: Ints32
    features: Words
    place: Ints32
    extra: Floats32
    alive: Bools


class Symbols(NamedTuple):
    """What was typed.

    Attributes:
        kinds: HANZI, LETTER or NUMBER.
        values: a letter's 0 to 25, a number's own.
        insert: what a symbol costs that a name hasn't.
        breaks: (symbols + 1) whether a word ends before each.
        sounds: (symbols, units) what it costs to take a character for a unit.
    """

    kinds: Ints8
    values: Ints64
    insert: Floats32
    breaks: Bools
    sounds: Floats32


def frozen[Arrays: tuple[NDArray[Any], ...]](arrays: Arrays) -> Arrays:
    """The arrays, which nobody changes from now on."""
    for array in arrays:
        array.flags.writeable = False
    return arrays
