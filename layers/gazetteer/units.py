"""What names are made of: a unit is a character, a Latin letter or a whole number.

A name and what somebody types of it are cut alike, so that 三幢 is 3幢, １２号 is 12号 and 3栋 is
3幢.
"""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"〇": 0}
_STEPS = {"十": 10, "百": 100, "千": 1000}
_NUMERALS = "".join(_DIGITS) + "".join(_STEPS)
_UNIT = re.compile(rf"\d+|[{_NUMERALS}]+|[a-z]|[^\W\d_]")
# What is written one way or another for the same thing, after a number.
_ALIKE = (
    (re.compile(r"(?<=[\d" + _NUMERALS + r"])(?:栋|座|号楼|號樓|棟)"), "幢"),
    (re.compile(r"十十+"), "十"),
    (re.compile(r"(?<=[\d" + _NUMERALS + r"])(?:門|门)(?=$|[\d\s])"), "单元"),
)
MOST_DIGITS = 18
# What is typed beyond this is not read.
MOST_TYPED = 200


def normalised(text: str) -> str:
    """The text in the one way of writing that names are compared in."""
    text = unicodedata.normalize("NFKC", text).lower()
    for pattern, same in _ALIKE:
        text = pattern.sub(same, text)
    return text


def cut(text: str) -> list[str]:
    """The units of a text; whole numbers in digits without leading zeros. All else is left out."""
    return [_plain(unit) for unit in _UNIT.findall(normalised(text))]


def is_number(unit: str) -> bool:
    """Whether a unit is a whole number."""
    return unit[0].isdecimal() and unit.isascii()


def is_letter(unit: str) -> bool:
    """Whether a unit is a Latin letter."""
    return len(unit) == 1 and unit.isascii() and unit.isalpha()


def _plain(unit: str) -> str:
    if unit[0] in _NUMERALS:
        return str(_value(unit))
    if unit[0].isdecimal():
        return str(int(unit[-MOST_DIGITS:]))
    return unit


def _value(numerals: str) -> int:
    """十二 is 12, 二十 is 20, 一二三 is 123."""
    if not any(each in _STEPS for each in numerals):
        return int("".join(str(_DIGITS[each]) for each in numerals[-MOST_DIGITS:]))
    total = digit = 0
    for each in numerals:
        if each in _STEPS:
            total += (digit or 1) * _STEPS[each]
            digit = 0
        else:
            digit = _DIGITS[each]
    return total + digit


def spoken(number: int) -> str:
    """A number in Chinese numerals, as it is said: 12 is 十二; from 10,000 on digit by digit."""
    names = "零一二三四五六七八九"
    if number >= 10_000:
        return "".join(names[int(digit)] for digit in str(number))
    text, zero = "", False
    for step, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // step % 10
        if digit:
            text += ("零" if zero and text else "") + names[digit] + name
        zero = zero or not digit
        zero = zero and not digit
    text = text or "零"
    return text.removeprefix("一") if text.startswith("一十") else text
