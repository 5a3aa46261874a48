"""Whole numbers as people and clients write them: in paths, parameters and members of JSON."""

from __future__ import annotations

_MOST_DIGITS = 20
_FIRST_BEYOND = 2**63


def whole_number(text: str) -> int | None:
    """The number that ASCII digits write; None for any other text.

    One of more than 20 digits comes as some number above 2**63: no limit is higher, and reading all
    its digits takes Python long.
    """
    if not (text.isascii() and text.isdecimal()):
        return None
    return int(text.lstrip("0")[:_MOST_DIGITS] or "0")


def row_id(text: str) -> int | None:
    """The number of a row, which fits PostgreSQL's bigint; None where it can be none."""
    number = whole_number(text)
    return None if number is None or number >= _FIRST_BEYOND else number
