"""How units are said: pinyin without tones, several readings where a character has several."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from layers.gazetteer.units import is_letter, is_number, spoken

# The first readings of a character are the usual ones; a dictionary's last are in no town.
_MOST_READINGS = 3
# Without tones.
_PLAIN = {"style": 0}
# One reading: its syllables.
type Reading = tuple[str, ...]

_HEADS = "bpmfdtnlgkhjqxrzcsyw"
_RESTS = (
    "a", "ai", "an", "ao", "e", "ei", "en", "er", "i", "ia", "ian", "iao", "ie", "in", "ion",
    "iu", "o", "on", "ou", "u", "ua", "uai", "uan", "ue", "ui", "un", "uo", "v", "ve", "van", "vn",
)  # fmt: skip
# Ends and beginnings that many speakers don't tell apart.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@cache
def readings(unit: str) -> tuple[Reading, ...]:
    """How a unit may be said; nothing where nobody knows."""
    if is_letter(unit):
        return ((unit,),)
    if is_number(unit):
        numerals = spoken(int(unit)) if len(unit) <= 5 else ""
        return (tuple(_syllables(each)[0] for each in numerals),) if numerals else ()
    return tuple((each,) for each in _syllables(unit)[:_MOST_READINGS])


@cache
def blurred(syllable: str) -> str:
    """The syllable as those say it who tell neither zh from z nor -ng from -n."""
    for sound, same in _ALIKE:
        syllable = syllable.replace(sound, same)
    return syllable


@cache
def sound_number(syllable: str) -> int:
    """A number below 840 for each blurred syllable, its own."""
    head = len(syllable) - len(syllable.lstrip(_HEADS))
    first = _HEADS.index(syllable[0]) + 1 if head else 0
    rest = syllable[min(head, 1) :]
    return first * 40 + (_RESTS.index(rest) if rest in _RESTS else len(_RESTS))


@cache
def _syllables(character: str) -> list[str]:
    found = _dictionary().pinyin(character, heteronym=True, errors="ignore", **_PLAIN)
    plain = [each for each in found[0] if each.isascii() and each.isalpha()] if found else []
    # What is written ü is typed v or u.
    return list(dict.fromkeys([*plain, *(each.replace("v", "u") for each in plain)]))


@cache
def _dictionary() -> Any:
    """The dictionary takes half a second to load: only who looks for a place waits for it."""
    return import_module("pypinyin")
