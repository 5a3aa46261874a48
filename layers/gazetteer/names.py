"""Names as arrays: what the kernels of `alignment` read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from layers.gazetteer.arrays import (
    HANZI,
    LETTER,
    NUMBER,
    Bools,
    Floats32,
    Ints32,
    Names,
    UnitArrays,
    frozen,
)
from layers.gazetteer.features import features_of
from layers.gazetteer.sounds import blurred, readings, sound_number
from layers.gazetteer.units import cut, is_letter, is_number

# What it costs to type a character of the same sound, or of nearly the same, or any other.
_SAME_SOUND, _NEAR_SOUND, _WRONG = np.float32(0.4), np.float32(0.5), np.float32(1.0)
_WRONG_KIND = np.float32(1.1)
_MOST_READINGS = 4


class UnitTable:
    """Gives each unit a number that it keeps. Grows; not for several threads at once.

    Args:
        units, syllables: those known from before, by their numbers.
        arrays: what was made of them.
    """

    def __init__(
        self,
        units: Iterable[str] = (),
        syllables: Iterable[str] = (),
        arrays: UnitArrays | None = None,
    ) -> None:
        self._numbers = {unit: number for number, unit in enumerate(units)}
        self._syllables = {syllable: number for number, syllable in enumerate(syllables)}
        self._arrays = arrays

    @property
    def units(self) -> list[str]:
        """All units, by their numbers."""
        return list(self._numbers)

    @property
    def syllables(self) -> list[str]:
        """All syllables, by their numbers."""
        return list(self._syllables)

    def numbers_of(self, text: str) -> list[int]:
        """The numbers of a text's units; new ones are added."""
        known = self._numbers
        return [known.setdefault(unit, len(known)) for unit in cut(text)]

    def find(self, unit: str) -> int | None:
        """A unit's number, if it occurs in any name."""
        return self._numbers.get(unit)

    def syllable(self, syllable: str) -> int:
        """A syllable's number, or -1 where no name has it."""
        return self._syllables.get(syllable, -1)

    def arrays(self) -> UnitArrays:
        """All units as they are now."""
        if self._arrays is None or len(self._arrays.kind) != len(self._numbers):
            self._arrays = self._make()
        return self._arrays

    def _make(self) -> UnitArrays:
        units = list(self._numbers)
        of_each = [readings(unit) for unit in units]
        of_all = [reading for each in of_each for reading in each]
        letters = [letter for reading in of_all for letter in "".join(reading)]
        first = [k == 0 for reading in of_all for syllable in reading for k in range(len(syllable))]
        kinds = [LETTER if is_letter(u) else NUMBER if is_number(u) else HANZI for u in units]
        made = UnitArrays(
            np.array(kinds, np.int8),
            np.array([int(u) if is_number(u) else ord(u) for u in units], np.int64),
            _starts(map(len, of_each)),
            _starts(len("".join(reading)) for reading in of_all),
            np.array([sound_number(blurred(reading[0])) for reading in of_all], np.int32),
            np.array([ord(letter) - ord("a") for letter in letters], np.int8),
            np.array(first, np.bool_),
            self._padded([[reading[0] for reading in each] for each in of_each]),
            self._padded([[blurred(reading[0]) for reading in each] for each in of_each]),
        )
        return frozen(made)

    def _number(self, syllable: str) -> int:
        return self._syllables.setdefault(syllable, len(self._syllables))

    def _padded(self, of_each: list[list[str]]) -> Ints32:
        table = np.full((len(of_each), _MOST_READINGS), -1, np.int32)
        for row, syllables in enumerate(of_each):
            for column, syllable in enumerate(syllables[:_MOST_READINGS]):
                table[row, column] = self._number(syllable)
        return table


def _starts(lengths: Iterable[int]) -> Ints32:
    return np.concatenate([[0], np.cumsum(np.fromiter(lengths, np.int64))]).astype(np.int32)


def sound_costs(units: UnitArrays, table: UnitTable, character: str) -> Floats32:
    """What it costs to take a typed character for each unit."""
    is_hanzi = units.kind == HANZI
    costs = np.where(is_hanzi, _WRONG, _WRONG_KIND)
    for syllables, said, cost in (
        (units.sound, {blurred(each[0]) for each in readings(character)}, _NEAR_SOUND),
        (units.syllable, {each[0] for each in readings(character)}, _SAME_SOUND),
    ):
        known = [number for number in map(table.syllable, said) if number >= 0]
        costs[is_hanzi & np.isin(syllables, known).any(axis=1)] = cost
    own = table.find(character)
    if own is not None and own < len(costs):
        costs[own] = 0
    return costs


@dataclass(frozen=True)
class Name:
    """A name as it is given.

    Attributes:
        place: number of the place.
        extra: what is added to the cost.
    """

    text: str
    place: int
    extra: float = 0.0


def make_names(table: UnitTable, given: Sequence[Name]) -> Names:
    """The names as arrays; their units get numbers."""
    numbers = [table.numbers_of(name.text) for name in given]
    start = _starts(map(len, numbers)).astype(np.int64)
    flat = np.fromiter((number for each in numbers for number in each), np.int32, int(start[-1]))
    features = features_of(start, flat, table.arrays())
    return frozen(
        Names(
            start,
            flat,
            features,
            np.array([name.place for name in given], np.int32),
            np.array([name.extra for name in given], np.float32),
            np.ones(len(given), np.bool_),
        )
    )


def without(names: Names, gone: Bools) -> Names:
    """The names but for those of some places: (places) whether each is gone."""
    return names._replace(alive=frozen((names.alive & ~gone[names.place],))[0])
