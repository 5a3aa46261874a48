"""From what was typed to places in order, over an index that doesn't change meanwhile."""

from __future__ import annotations

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
    likely_names,
)
from layers.gazetteer.names import UnitTable, sound_costs
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


@dataclass(frozen=True, slots=True)
class Place:
    """A place that has names.

    Attributes:
        layer: whose rows tell who may know of it.
        row: the feature's id there; None where it was made of several.
        id: what it is called in answers.
        label, detail: for people.
    """

    layer: str
    row: int | None
    id: str
    kind: str
    label: str
    detail: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Index:
    """Everything that can be found, at one moment."""

    names: Names
    places: list[Place]
    table: UnitTable
    units: UnitArrays
    common: Ints64 = field(repr=False)
    _sounds: dict[str, Floats32] = field(default_factory=dict, repr=False)

    def sounds(self, character: str) -> Floats32:
        """What it costs to take a character for each unit; made once."""
        found = self._sounds.get(character)
        if found is None:
            found = self._sounds[character] = sound_costs(self.units, self.table, character)
        return found


@dataclass(frozen=True)
class Found:
    """A place and the part of it that was named besides: 2单元."""

    place: Place
    cost: float
    inner: str = ""


def search(
    index: Index,
    question: Question,
    *,
    layers: frozenset[str],
    limit: int,
    near: tuple[float, float] | None = None,
) -> list[Found]:
    """The places that fit best, best first.

    Args:
        layers: whose places may be found.
        limit: how many.
        near: lon, lat of the middle of the map.
    """
    best: dict[int, Candidate] = {}
    inner: dict[int, str] = {}
    for wording in question.wordings:
        typed = _Typed.of(wording.text)
        if not len(typed.kinds) or not len(index.names.place):
            continue
        rows, costs = _costs(index, wording, typed)
        weight = float(typed.insert.sum())
        for row, cost in zip(rows.tolist(), costs.tolist(), strict=True):
            number = int(index.names.place[row])
            place = index.places[number]
            if place.layer not in layers or (number in best and best[number].cost <= cost):
                continue
            distance = kilometres(near, (place.lon, place.lat)) if near else None
            best[number] = Candidate(
                number, place.kind, place.label, place.lon, place.lat, cost, weight, distance
            )
            inner[number] = wording.inner
    chosen = ranked(best.values(), limit, question.hint)
    return [Found(index.places[c.number], c.cost, inner[c.number]) for c in chosen]


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
