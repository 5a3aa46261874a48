"""From what was typed to places in order, over an index that doesn't change meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from layers.gazetteer.alignment import NEARLY_ALIKE, align
from layers.gazetteer.arrays import (
    HANZI,
    LETTER,
    NUMBER,
    Bools,
    Floats32,
    Ints8,
    Ints32,
    Ints64,
    Names,
    Symbols,
    UnitArrays,
)
from layers.gazetteer.features import (
    CHARACTER_AT,
    CHARACTER_BITS,
    FIRST_AT,
    NUMBER_AT,
    NUMBER_BITS,
    SOUND_AT,
    count_features,
    likely_names,
)
from layers.gazetteer.names import Name, UnitTable, make_names, sound_costs
from layers.gazetteer.places import Place, Places
from layers.gazetteer.ranking import Candidate, kilometres, ranked
from layers.gazetteer.sounds import blurred, readings, sound_number
from layers.gazetteer.units import cut, is_letter, is_number
from layers.gazetteer.wording import Question, Wording

# So many names, at most, are aligned for each way to understand a query.
_MOST_ALIGNED = 1_200
_INSERTED = {HANZI: 1.0, LETTER: 0.5, NUMBER: 1.2}
_DOUBLED = 0.3
_OTHER_ORDER = 0.15
_MOST_WORDS = 5
# How much it says that a name has a character of the same sound, beside the character itself.
_BY_SOUND = 0.6
_POOL = 120
_MOST_SOUNDS = 1_024
# Of one index.
_MOST_PLACES = 1 << 32

# A place and what it is called: texts, and what each is worse than the usual one.
type Called = tuple[Place, list[tuple[str, float]]]


@dataclass(frozen=True)
class Index:
    """Names and their places, at one moment.

    Attributes:
        common: how many names have each feature.
    """

    names: Names
    places: Places
    table: UnitTable
    units: UnitArrays
    common: Ints64 = field(repr=False)
    _sounds: dict[str, Floats32] = field(default_factory=dict, repr=False)

    def sounds(self, character: str) -> Floats32:
        """What it costs to take a character for each unit; kept, since it is typed on."""
        found = self._sounds.get(character)
        if found is None:
            if len(self._sounds) >= _MOST_SOUNDS:
                self._sounds.clear()
            found = self._sounds[character] = sound_costs(self.units, self.table, character)
        return found


def make_index(called: Iterable[Called]) -> Index:
    """An index of places and what each of them is called."""
    table = UnitTable()
    places: list[Place] = []
    given: list[Name] = []
    for place, texts in called:
        given += [Name(text, len(places), extra) for text, extra in texts]
        places.append(place)
    names = make_names(table, given)
    return Index(names, Places.of(places), table, table.arrays(), count_features(names))


@dataclass(frozen=True)
class Found:
    """A place and the part of it that was named besides: 2单元."""

    place: Place
    cost: float
    inner: str = ""


def search(
    indexes: Sequence[Index],
    question: Question,
    *,
    layers: frozenset[str],
    limit: int,
    near: tuple[float, float] | None = None,
) -> list[Found]:
    """The places that fit best in several indexes of different places, best first.

    Args:
        layers: whose places may be found.
        limit: how many.
        near: lon, lat of the middle of the map.
    """
    best: dict[int, tuple[Candidate, Found]] = {}
    for wording in question.wordings:
        typed = _Typed.of(wording.text)
        for part, index in enumerate(indexes):
            if not len(typed.kinds) or not len(index.names.place):
                continue
            for number, cost in _fitting(index, wording, typed, layers):
                own = part * _MOST_PLACES + number
                if own not in best or cost < best[own][0].cost:
                    found = Found(index.places[number], cost, wording.inner)
                    best[own] = _candidate(own, found, typed, near), found
    chosen = ranked((candidate for candidate, _ in best.values()), limit, question.hint)
    return [best[each.number][1] for each in chosen]


def _fitting(
    index: Index, wording: Wording, typed: _Typed, layers: frozenset[str]
) -> Iterator[tuple[int, float]]:
    """Numbers of places that may be found, and what one of their names costs."""
    rows, costs = _costs(index, wording, typed)
    for number, cost in zip(index.names.place[rows].tolist(), costs.tolist(), strict=True):
        if index.places.layer_of(number) in layers:
            yield number, cost


def _candidate(
    number: int, found: Found, typed: _Typed, near: tuple[float, float] | None
) -> Candidate:
    place = found.place
    distance = kilometres(near, (place.lon, place.lat)) if near else None
    weight = float(typed.insert.sum())
    return Candidate(
        number, place.kind, place.label, place.lon, place.lat, found.cost, weight, distance
    )


def _costs(index: Index, wording: Wording, typed: _Typed) -> tuple[Ints64, Floats32]:
    """The names that fit one wording best, and what each costs."""
    rows = _likely(index, typed)
    costs = _align(index, typed, rows)
    words = wording.words
    if 1 < len(words) <= _MOST_WORDS:
        # Word by word, in whatever order they were said.
        apart = sum(_align(index, _Typed.of(word), rows) for word in words)
        costs = np.minimum(costs, apart + np.float32(_OTHER_ORDER))
    costs = costs + index.names.extra[rows] + np.float32(wording.extra)
    if len(rows) > _POOL:
        # The worst of the pool, and its namesakes.
        worst = np.partition(costs, _POOL)[_POOL] + np.float32(1e-4)
        rows, costs = rows[costs <= worst], costs[costs <= worst]
    return rows, costs


def _likely(index: Index, typed: _Typed) -> Ints64:
    """The rows that share most of the query's features, rare ones counting more."""
    total = max(len(index.names.place), 1)
    rarity = np.log1p(total / (1.0 + index.common[typed.bits]))
    weight = (rarity * typed.share).astype(np.float32)
    rows: Ints64 = likely_names(index.names, typed.bits, typed.group, weight, _MOST_ALIGNED)
    return rows


def _align(index: Index, typed: _Typed, rows: Ints64) -> Floats32:
    sounds = np.empty((len(typed.kinds), len(index.units.kind)), np.float32)
    for place, unit in enumerate(typed.units):
        if typed.kinds[place] == HANZI:
            sounds[place] = index.sounds(unit)
    symbols = Symbols(typed.kinds, typed.values, typed.insert, typed.breaks, sounds)
    costs: Floats32 = align(rows, index.names, index.units, symbols, NEARLY_ALIKE)
    return costs


@dataclass(frozen=True)
class _Typed:
    """A wording as typed that don't depend on an index yet, and the features that it asks for."""

    units: tuple[str, ...]
    kinds: Ints8
    values: Ints64
    insert: Floats32
    breaks: Bools
    bits: Ints32
    group: Ints32
    share: Floats32

    @staticmethod
    @lru_cache(maxsize=512)
    def of(text: str) -> _Typed:
        words = [cut(word) for word in text.split()]
        units = tuple(unit for word in words for unit in word)
        breaks = np.zeros(len(units) + 1, np.bool_)
        breaks[np.cumsum([len(word) for word in words], dtype=np.int64)] = True
        kinds = [LETTER if is_letter(u) else NUMBER if is_number(u) else HANZI for u in units]
        values = [
            ord(unit) - ord("a") if kind == LETTER else int(unit) if kind == NUMBER else 0
            for unit, kind in zip(units, kinds, strict=True)
        ]
        return _Typed(
            units,
            np.array(kinds, np.int8),
            np.array(values, np.int64),
            _insert_costs(units, kinds),
            breaks,
            *_features(units, breaks),
        )


def _insert_costs(units: tuple[str, ...], kinds: list[int]) -> Floats32:
    costs = [_INSERTED[kind] for kind in kinds]
    for place in range(1, len(units)):
        if units[place] == units[place - 1]:
            costs[place] = min(costs[place], _DOUBLED)
    return np.array(costs, np.float32)


def _features(units: tuple[str, ...], breaks: Bools) -> tuple[Ints32, Ints32, Floats32]:
    """Numbers of the features that a fitting name has; the symbol of each; how much each says."""
    found: list[tuple[int, int, float]] = []
    for place, unit in enumerate(units):
        if is_number(unit):
            found.append((NUMBER_AT + int(unit) % NUMBER_BITS, place, 1.0))
        elif not is_letter(unit):
            found.append((CHARACTER_AT + ord(unit) % CHARACTER_BITS, place, 1.0))
            sounds = {sound_number(blurred(reading[0])) for reading in readings(unit)}
            found += [(SOUND_AT + sound, place, _BY_SOUND) for sound in sorted(sounds)]
        elif place and is_letter(units[place - 1]) and not breaks[place]:
            pair = (ord(units[place - 1]) - ord("a")) * 26 + ord(unit) - ord("a")
            found.append((pair, place, 1.0))
        else:
            found.append((FIRST_AT + ord(unit) - ord("a"), place, 1.0))
    bits, group, share = zip(*found, strict=True) if found else ((), (), ())
    return np.array(bits, np.int32), np.array(group, np.int32), np.array(share, np.float32)
