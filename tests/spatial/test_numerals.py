"""Numbers as clients write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.numerals import row_id, whole_number


@given(st.integers(0, 10**40))
def test_a_number_is_read_or_known_to_be_beyond_all_limits(number: int) -> None:
    read = whole_number(str(number))
    assert read is not None
    assert read == number or min(read, number) >= 2**63
    assert row_id(str(number)) == (number if number < 2**63 else None)
    assert whole_number(f"000{number}") == read


@pytest.mark.parametrize("text", ["", " 1", "1 ", "+1", "-1", "1.0", "1_0", "１", "²", "٣", "0x1"])
def test_any_other_text_is_none(text: str) -> None:
    assert whole_number(text) is None
    assert row_id(text) is None


def test_thousands_of_digits_are_a_number() -> None:
    assert whole_number("9" * 100_000) == int("9" * 20)
