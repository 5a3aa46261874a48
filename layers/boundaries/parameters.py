"""The parameters of a step, read from JSON; what is wrong is said by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from grids.arcs.model import Coords, Node
from grids.arcs.runs import Run
from grids.codes import LONGEST_CODE, LONGEST_NAME
from spatial.errors import InputError
from spatial.numerals import row_id

_MOST_VERTICES = 20_000
_MOST_UNITS = 10_000


class Parameters:
    """The members of a JSON object, each read once; `finish` refuses what nobody asked for."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = dict(members)

    def has(self, name: str) -> bool:
        """Whether it is there and not null."""
        return self._members.get(name) is not None

    def mentions(self, name: str) -> bool:
        """Whether it is there, null or not."""
        return name in self._members

    def number(self, name: str) -> int:
        """A whole number that is no less than 0."""
        value = self._members.pop(name, None)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
            raise _wrong(name, "a whole number")
        return value

    def metres(self, name: str) -> float:
        """A length."""
        value = self._members.pop(name, None)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
            raise _wrong(name, "a number of metres")
        return float(value)

    def text(self, name: str) -> str:
        """A text that isn't empty."""
        value = self._members.pop(name, None)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_NAME:
            raise _wrong(name, f"a text of at most {LONGEST_NAME} characters")
        if not value.isprintable():
            raise _wrong(name, "a text on one line")
        return value.strip()

    def long_text(self, name: str) -> str:
        """A text of any length, on any number of lines."""
        value = self._members.pop(name, None)
        if not isinstance(value, str):
            raise _wrong(name, "a text")
        return value

    def truth(self, name: str, *, default: bool) -> bool:
        """true or false."""
        value = self._members.pop(name, default)
        if not isinstance(value, bool):
            raise _wrong(name, "true or false")
        return value

    def object(self, name: str) -> dict[str, Any]:
        """An object."""
        value = self._members.pop(name, None)
        if not isinstance(value, dict):
            raise _wrong(name, "an object")
        return value

    def any(self, name: str) -> Any:
        """Whatever it is, for somebody else to read."""
        return self._members.pop(name, None)

    def optional_text(self, name: str) -> str | None:
        """A text, or None where it is null or missing."""
        if self.has(name):
            return self.text(name)
        self._members.pop(name, None)
        return None

    def place(self, name: str) -> Node:
        """Longitude and latitude."""
        value = self._members.pop(name, None)
        if not _is_place(value):
            raise _wrong(name, "[longitude, latitude]")
        return float(value[0]), float(value[1])

    def line(self, name: str) -> Coords:
        """(n, 2) longitudes and latitudes."""
        value = self._members.pop(name, None)
        if not isinstance(value, list) or len(value) > _MOST_VERTICES:
            raise _wrong(name, f"a list of at most {_MOST_VERTICES} places")
        if not all(map(_is_place, value)):
            raise _wrong(name, "a list of [longitude, latitude]")
        return np.array(value, dtype=np.float64).reshape(-1, 2)

    def run(self) -> Run:
        """`arc`, `first` and `last`."""
        return Run(self.number("arc"), self.number("first"), self.number("last"))

    def units(self, name: str) -> tuple[int, ...]:
        """Ids of units."""
        value = self._members.pop(name, None)
        is_list = isinstance(value, list) and 0 < len(value) <= _MOST_UNITS
        if not is_list or not all(type(each) is int and 0 < each < 2**63 for each in value):
            raise _wrong(name, "a list of units' ids")
        return tuple(dict.fromkeys(value))

    def codes(self, name: str) -> dict[int, str]:
        """Unit → code."""
        value = self._members.pop(name, None)
        if not isinstance(value, dict) or not 0 < len(value) <= _MOST_UNITS:
            raise _wrong(name, "an object of unit ids and codes")
        codes = {row_id(key): check_code(code) for key, code in value.items()}
        units = {unit: code for unit, code in codes.items() if unit is not None}
        if len(units) != len(value):
            raise _wrong(name, "an object of unit ids and codes")
        return units

    def finish(self) -> None:
        """Refuse members that the step doesn't know.

        Raises:
            InputError: names them.
        """
        if self._members:
            names = ", ".join(sorted(self._members))
            raise InputError(f"unknown parameters: {names[:100]} / 未知参数")


def check_code(code: object) -> str:
    """A code as it may be: letters, digits, hyphens.

    Raises:
        InputError: it is something else.
    """
    if (
        not isinstance(code, str)
        or not 1 <= len(code) <= LONGEST_CODE
        or not all(letter.isalnum() or letter in "-_." for letter in code)
    ):
        raise InputError(
            f"{str(code)[:50]!r} is no code: 1 to {LONGEST_CODE} letters, digits, - _ ."
            " / 编码不合规则"
        )
    return code


def _is_place(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(each, int | float) and not isinstance(each, bool) for each in value)
        and math.isfinite(value[0])
        and math.isfinite(value[1])
        and abs(value[0]) <= 180
        and abs(value[1]) <= 90
    )


def _wrong(name: str, wanted: str) -> InputError:
    return InputError(f"{name} has to be {wanted} / 参数 {name} 不对")
