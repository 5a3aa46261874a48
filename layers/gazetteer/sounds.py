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
def _syllables(character: str) -> list[str]:
    found = _dictionary().pinyin(character, heteronym=True, errors="ignore", **_PLAIN)
    plain = [each for each in found[0] if each.isascii() and each.isalpha()] if found else []
    # What is written ü is typed v or u.
    return list(dict.fromkeys([*plain, *(each.replace("v", "u") for each in plain)]))


@cache
def _dictionary() -> Any:
    """The dictionary takes half a second to load: only who looks for a place waits for it."""
    return import_module("pypinyin")
